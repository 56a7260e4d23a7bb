"""A row on its way from a source to a unit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from overread.core.golden import Golden
from overread.core.problems import Problem

Progress = Callable[[int, int], None]
Report = Callable[[Problem], None]


@dataclass(frozen=True)
class Options:
    """What the owner says of an intake.

    `all_or_nothing` refuses all of it for one problem. `group` puts file names that a known
    pattern gives to one patient together. `roles` says what each column is, in place of a guess;
    `meanings` what a label cell means, by its normal form, "" for no label. `confirmed`: said
    with a preview before the eyes.
    """

    labels_from_folders: bool = False
    all_or_nothing: bool = False
    group: bool = True
    roles: Mapping[str, str] | None = None
    meanings: Mapping[str, str] = field(default_factory=dict)
    confirmed: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture that was read: by its pixels, and by its row in the store once it is kept.

    `cells` and `patient` are what its DICOM file says of it, without identifiers; `folder` is
    where its file lay, as UnitImage has it; `suspected` says why text on it may name somebody, as
    Image.suspected does. `attributes` counts those of its DICOM file by
    imaging.dicom.account.Group, where it is only looked at.
    """

    fingerprint: str
    image: int | None = None
    cells: Mapping[str, str] = field(default_factory=dict)
    patient: str = ""
    folder: str = ""
    suspected: str = ""
    attributes: Mapping[str, int] = field(default_factory=dict)


# Bytes of a file, and which of its pictures.
Keep = Callable[[bytes, int], Picture]


@dataclass
class Draft:
    """`number` is the unit's, `row` the place in `source`; `problem` says why it will be held."""

    number: int
    source: str
    row: int
    cells: Mapping[str, str]
    reference: str
    given: dict[str, str] = field(default_factory=dict)
    golden: Golden | None = None
    picture: Picture | None = None
    problem: Problem | None = None
