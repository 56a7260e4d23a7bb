"""Names of files and patients in texts that others read: found, and left out."""

import re
from collections.abc import Collection, Iterator

from overread.core.golden import is_golden_column

# A shorter name is hardly told from an ordinary word.
LEAST_LETTERS = 4
# Columns that name a person: attributes of DICOM that identify one, directly or by a look-up
# (PS3.15 table E.1-1), by keyword and by tag, and what lists of patients call the same.
IDENTIFYING = frozenset((
    "patientname", "00100010", "patientid", "00100020", "issuerofpatientid", "00100021",
    "patientbirthdate", "00100030", "patientbirthtime", "00100032", "otherpatientids", "00101000",
    "otherpatientnames", "00101001", "patientbirthname", "00101005", "patientaddress", "00101040",
    "patientmotherbirthname", "00101060", "medicalrecordlocator", "00101090",
    "patienttelephonenumbers", "00102154", "responsibleperson", "00102297",
    "accessionnumber", "00080050", "studyid", "00200010", "studyinstanceuid", "0020000d",
    "seriesinstanceuid", "0020000e", "sopinstanceuid", "00080018",
    "referringphysicianname", "00080090", "performingphysicianname", "00081050",
    "nameofphysiciansreadingstudy", "00081060", "operatorsname", "00081070",
    "institutionname", "00080080", "institutionaddress", "00080081",
    "patient", "patientkey", "subjectid", "mrn", "dob", "dateofbirth", "birthdate",
))  # fmt: skip


def is_identifying(column: str) -> bool:
    """Whether a column, by what it is called, names a patient, a study or who looked after them."""
    return re.sub(r"[\W_]", "", column).lower() in IDENTIFYING


def tells_too_much(column: str) -> bool:
    """Whether nobody who judges may see a column, whatever the table's roles are."""
    return is_golden_column(column) or is_identifying(column)


def named_in(text: str, names: Collection[str]) -> set[str]:
    """The names that a text holds as words of their own; not those that are part of another."""
    found = {name for name in names if _holds(text, name)}
    return {name for name in found if not any(name != other and name in other for other in found)}


def without(text: str, names: Collection[str], instead: str) -> str:
    """The text with `instead` in the place of each name; longer names go first."""
    held = (name for name in names if _holds(text, name))
    for name in sorted(held, key=len, reverse=True):
        text = re.sub(_word(name), lambda _: instead, text)
    return text


def without_addresses(text: str, instead: str) -> str:
    """The text without addresses of other machines."""
    return re.sub(r"(?:\b[a-z][a-z0-9+.-]*:)?//[^\s<>()\"']+", lambda _: instead, text, flags=re.I)


def file_names(name: str) -> Iterator[str]:
    """A file's name, and the same without its ending."""
    yield name
    stem, dot, _ = name.rpartition(".")
    if dot and not stem.isalpha():
        yield stem


def person_names(cell: str) -> Iterator[str]:
    """A cell that names a person, and the same as people write it: DICOM has "Doe^Jane"."""
    yield cell
    parts = [part.strip() for part in cell.split("^") if part.strip()]
    if len(parts) > 1:
        yield from (" ".join(parts), " ".join([*parts[1:], parts[0]]), ", ".join(parts), parts[0])


def _holds(text: str, name: str) -> bool:
    is_name = len(name) >= LEAST_LETTERS and name in text
    return is_name and re.search(_word(name), text) is not None


def _word(name: str) -> str:
    return rf"(?<!\w){re.escape(name)}(?!\w)"
