"""What a table's columns mean: which one names the image, the label, the patient."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from posixpath import basename
from urllib.parse import unquote, urlsplit

from overread.core.problems import Message, Refused

IMAGE_NAME = re.compile(
    r"\.(jpe?g|png|tiff?|webp|bmp|(?:dcm|dicom)(#[1-9]\d{0,5})?)$", re.IGNORECASE
)
# An address as most are, whose path is told in a fraction of the time.
_PLAIN_ADDRESS = re.compile(r"https?://[a-z0-9.:-]+/[A-Za-z0-9._~/ +-]*")
# What the key of a patient whom a DICOM file names begins with.
DICOM_PATIENT = "dicom:"
# The pictures of a row, in the order in which they are shown; the first is what is judged.
FRONTAL, LATERAL, PRIOR = "frontal", "lateral", "prior"
PICTURES = (FRONTAL, LATERAL, PRIOR)
_CALLED = {
    LATERAL: frozenset({"lateral", "lat"}),
    PRIOR: frozenset({"prior", "previous", "earlier"}),
}
# What such a column's name may say besides.
_BESIDES = frozenset(
    {"image", "images", "hosted", "view", "film", "exam", "study", "scan", "xray", "x", "ray"}
    | {"file", "filename", "name", "path", "url", "address"}
)
LABEL_COLUMNS = ("label", "class", "target", "diagnosis", "finding", "category")
# Why a row with a picture that was there before is held.
REPEATED = "This is the same picture as in row {row}."
# Why a row is held whose picture may name somebody.
TEXT_SAID = "The file says that text is burned into its picture."
TEXT_SEEN = "Text seems to stand on the picture, which may name somebody."
PATIENT_COLUMNS = ("patient", "patient_id", "patientid", "patient_key", "subject", "subject_id")
STUDY_COLUMNS = ("study", "study_id", "studyid", "studyinstanceuid", "accession", "accessionnumber")
AGE_COLUMNS = ("age", "age_band", "age_years", "age_months", "patientage", "patient_age")
SEX_COLUMNS = ("sex", "gender", "patientsex", "patient_sex")
VIEW_COLUMNS = ("view", "view_position", "viewposition", "projection")
Cells = Mapping[str, str]


@dataclass(frozen=True)
class Columns:
    """The column that plays each role; None where the table has none.

    `image` names the picture that is judged, `lateral` and `prior` those that are shown beside it.
    """

    image: str | None
    label: str | None
    patient: str | None
    lateral: str | None = None
    prior: str | None = None
    study: str | None = None
    age: str | None = None
    sex: str | None = None
    view: str | None = None

    def roles(self) -> dict[str, str]:
        """The role of each column that has one."""
        return {column: role for role, column in asdict(self).items() if column}

    @property
    def pictures(self) -> dict[str, str]:
        """The column of each picture of a row, in the order in which they are shown."""
        columns = zip(PICTURES, (self.image, self.lateral, self.prior), strict=True)
        return {role: column for role, column in columns if column is not None}


ROLES = tuple(one.name for one in fields(Columns))


def assigned(names: Sequence[str], roles: Mapping[str, str]) -> Columns:
    """The roles as the owner gives them, by column. Raises Refused."""
    chosen: dict[str, str | None] = dict.fromkeys(ROLES)
    place = {name: number for number, name in enumerate(names)}
    for column, role in sorted(roles.items(), key=lambda one: place.get(one[0], -1)):
        if column not in names or role not in chosen:
            raise Refused.because(
                Message("The column “{column}” can't be “{role}”.", column=column, role=role),
                Message("Choose a role of the list for a column that the table has."),
            )
        if other := chosen[role]:
            raise Refused.because(
                Message("“{one}” and “{other}” have the same role.", one=other, other=column),
                Message("Give it to one of the two columns."),
            )
        chosen[role] = column
    return Columns(**chosen)


def file_name(reference: str) -> str:
    """The last part of an address or a path, as a person would read it."""
    return unquote(basename(path_of(reference).replace("\\", "/")))


def path_of(reference: str) -> str:
    """The path in an address; a path is one already."""
    _scheme, mark, rest = reference.partition("://")
    if not mark:
        return reference
    if _PLAIN_ADDRESS.fullmatch(reference):
        return rest[rest.find("/") :]
    try:
        return urlsplit(reference).path
    except ValueError:  # such as a bracket in the host that is never closed
        return rest


def picture_in(reference: str) -> tuple[str, int]:
    """The file that a reference means, and which of its pictures: scan.dcm#2; 0 names none."""
    found = IMAGE_NAME.search(reference)
    if found is None or found[2] is None:
        return reference, 0
    return reference[: found.start(2)], int(found[2][1:])


def normal_label(cell: str) -> str:
    """A label cell as it is compared: `0.0` reads as `0`, `Normal ` as `normal`."""
    text = cell.strip().lower()
    return text[:-2] if text.endswith(".0") and re.fullmatch(r"-?\d+\.0", text) else text


class Recognition:
    """Guesses the roles of columns from rows that come one after the other, each by the first
    ENOUGH cells of its column that are filled.

    `given` maps a label cell to an answer.
    """

    ENOUGH = 20_000

    def __init__(self, columns: Sequence[str], given: Mapping[str, str]) -> None:
        self._given = given
        self._longest = max(map(len, given), default=0) + len(".0")
        self._filled = dict.fromkeys(columns, 0)
        self._images = dict.fromkeys(columns, 0)
        self._labels = dict.fromkeys(columns, 0)
        self._open = list(columns)

    def add(self, row: Cells) -> None:
        for column in self._open:
            cell = row.get(column, "").strip()
            if cell:
                self._filled[column] += 1
                self._images[column] += _names_image(cell)
                self._labels[column] += self._is_label(cell)
                if self._filled[column] == self.ENOUGH:
                    self._open = [one for one in self._open if one != column]

    def _is_label(self, cell: str) -> bool:
        return len(cell) <= self._longest and normal_label(cell) in self._given

    def columns(self) -> Columns:
        beside = {role: self._beside(role) for role in _CALLED}
        rest = [column for column in self._filled if column not in beside.values()]
        image = self._most(rest, self._images) or beside[LATERAL] or beside[PRIOR]
        others = [column for column in rest if column != image]
        label = _named(others, LABEL_COLUMNS) or self._most(others, self._labels)
        lateral, prior = (None if one == image else one for one in beside.values())
        return Columns(
            image,
            label,
            _named(others, PATIENT_COLUMNS),
            lateral,
            prior,
            study=_named(others, STUDY_COLUMNS),
            age=_named(others, AGE_COLUMNS),
            sex=_named(others, SEX_COLUMNS),
            view=_named(others, VIEW_COLUMNS),
        )

    def _beside(self, role: str) -> str | None:
        """The column of images that is called like this role."""
        called = [column for column in self._filled if _words(column) & _CALLED[role]]
        plain = [column for column in called if _words(column) <= _CALLED[role] | _BESIDES]
        return self._most(plain, self._images)

    def _most(self, columns: Iterable[str], fits: Mapping[str, int]) -> str | None:
        """The first column in which most of the filled cells fit."""
        return next((one for one in columns if fits[one] > self._filled[one] / 2), None)


def recognise(columns: Sequence[str], rows: Iterable[Cells], given: Mapping[str, str]) -> Columns:
    """The roles of columns, guessed from rows."""
    recognition = Recognition(columns, given)
    for row in rows:
        recognition.add(row)
    return recognition.columns()


def _names_image(cell: str) -> bool:
    if "." not in cell:
        return False
    is_plain = "%" not in cell and ("://" not in cell or _PLAIN_ADDRESS.fullmatch(cell))
    return bool(IMAGE_NAME.search(cell if is_plain else file_name(cell)))


def _words(column: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", column.lower()))


def _named(columns: Iterable[str], names: Sequence[str]) -> str | None:
    return next((column for column in columns if column.strip().lower() in names), None)


@dataclass(frozen=True)
class PatientRule:
    """A pattern over file names whose groups together name the patient."""

    name: str
    pattern: str

    def key(self, reference: str) -> str | None:
        """The patient's key; None where the name does not follow the pattern."""
        return self.key_of_stem(_stem(reference))

    def key_of_stem(self, stem: str) -> str | None:
        """The same for a file name without its ending."""
        found = re.match(self.pattern, stem, re.IGNORECASE)
        return "-".join(filter(None, found.groups())).lower() if found else None


def _stem(reference: str) -> str:
    return IMAGE_NAME.sub("", file_name(reference))


# Numbers are given per cause in the public collection of children's X-rays, so the cause is
# part of the key: the bare number would put 170 pairs of different children together.
_PERSON, _IM = r"(person\d+)_(virus|bacteria)_\d+$", r"((?:NORMAL2-)?IM-\d+)-\d+(?:-\d+)*$"
PATIENT_RULES = (
    PatientRule("person and cause, then image", _PERSON),
    PatientRule("number and study, then image", r"(img\d+)-(0101|im1002)-\d+$"),
    PatientRule("IM number, then image", _IM),
    PatientRule("patient number, then image", r"((?:patient|subject|pat|sub)[-_]?\d+)[-_].+$"),
    PatientRule("person and cause or IM number, then image", f"{_PERSON}|{_IM}"),
)


def suggest_patient_rule(references: Sequence[str]) -> PatientRule | None:
    """The rule that puts at least two images of one patient together; the widest one first."""
    best: tuple[int, PatientRule] | None = None
    stems = list(map(_stem, references))
    for rule in PATIENT_RULES:
        keys = [key for stem in stems if (key := rule.key_of_stem(stem))]
        together = len(keys) - len(set(keys))
        if together and (best is None or len(keys) > best[0]):
            best = (len(keys), rule)
    return best[1] if best else None
