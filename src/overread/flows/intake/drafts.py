"""A row on its way from a source to a unit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from overread.core.golden import Golden
from overread.core.intake import FRONTAL
from overread.core.problems import Problem
from overread.imaging.preparing import Prepared

Progress = Callable[[int, int], None]
Report = Callable[[Problem], None]


@dataclass(frozen=True)
class Options:
    """What the owner says of an intake.

    `all_or_nothing` refuses all of it for one problem. `group` puts file names that a known
    pattern gives to one patient together. `fetch` gets images from the addresses in the table
    that no file has. `roles` says what each column is, in place of a guess; `meanings` what a
    label cell means, by its normal form, "" for no label. `confirmed`: said with a preview before
    the eyes.
    """

    labels_from_folders: bool = False
    all_or_nothing: bool = False
    group: bool = True
    fetch: bool = False
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


@dataclass(frozen=True)
class Ready:
    """A picture that is decoded and drawn, and not kept yet; `frame` is its number in its file."""

    prepared: Prepared
    frame: int
    cells: Mapping[str, str]
    patient: str
    folder: str = ""
    attributes: Mapping[str, int] = field(default_factory=dict)

    @property
    def suspected(self) -> str:
        """As Image.suspected."""
        return "said" if self.prepared.says_text else "seen" if self.prepared.text else ""

    @property
    def fingerprint(self) -> str:
        return self.prepared.fingerprint

    @property
    def size(self) -> int:
        """Bytes, of everything that was drawn."""
        return sum(len(one.data) for one in self.prepared.drawn)


# Some pictures become as many, in their order.
Keep = Callable[[Sequence[Ready]], list[Picture]]


@dataclass
class Draft:
    """`number` is the unit's, `row` the place in `source`; `problem` says why it will be held.

    `reference` names the picture that is judged; `pictures` are those that were read, by role.
    """

    number: int
    source: str
    row: int
    cells: Mapping[str, str]
    reference: str
    given: dict[str, str] = field(default_factory=dict)
    golden: Golden | None = None
    pictures: dict[str, Picture] = field(default_factory=dict)
    problem: Problem | None = None

    @property
    def picture(self) -> Picture | None:
        """What is judged."""
        return self.pictures.get(FRONTAL)

    @property
    def patient(self) -> str:
        """Whom the pictures' own files name; "" where none does."""
        return next((one.patient for one in self.pictures.values() if one.patient), "")
