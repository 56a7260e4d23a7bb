"""What de-identification does with a file's attributes, group by group, without their values."""

import io
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

from pydicom import Dataset, config, dcmread
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.tag import BaseTag

from overread.imaging.dicom.attributes import GREYS, PIXELS, SPACING


class Group(StrEnum):
    """Attributes that are treated alike; docs/reference/dicom.md lists them with what is done."""

    PICTURE = "picture"
    READERS = "readers"
    AGE = "age"
    KEYS = "keys"
    ACCESSION = "accession"
    PERSONS = "persons"
    DATES = "dates"
    UIDS = "uids"
    CONTENT = "content"
    OVERLAYS = "overlays"
    PRIVATE = "private"
    OTHERS = "others"


_NAMED = {
    Group.PICTURE: (*PIXELS, *GREYS, *SPACING),
    Group.READERS: (
        "Modality",
        "PatientAge",
        "PatientSex",
        "ViewPosition",
        "BodyPartExamined",
        "Laterality",
        "ImageLaterality",
    ),
    Group.AGE: ("PatientBirthDate", "StudyDate"),
    Group.KEYS: ("PatientID", "IssuerOfPatientID", "StudyInstanceUID"),
    Group.ACCESSION: ("AccessionNumber",),
}
_BY_TAG = {
    tag_for_keyword(keyword): group for group, keywords in _NAMED.items() for keyword in keywords
}
_BY_KIND = {
    "PN": Group.PERSONS,
    "DA": Group.DATES,
    "TM": Group.DATES,
    "DT": Group.DATES,
    "UI": Group.UIDS,
    "SQ": Group.CONTENT,
}
_CURVES, _OVERLAYS, _GROUPS_OF_EACH = 0x5000, 0x6000, 0x20


def account_of(data: bytes) -> dict[str, int]:
    """How many attributes of each group a file has; those inside sequences count with them.

    Nothing where a file can only be read in part: what is not read is not kept either.
    """
    config.settings.reading_validation_mode = config.IGNORE
    try:
        dataset = dcmread(io.BytesIO(data), force=True)
    except Exception:  # pydicom fails on a broken file in every way there is
        return {}
    return dict(Counter(group.value for group in _groups(dataset)))


def _groups(dataset: Dataset) -> Iterator[Group]:
    yield from map(_group, dataset.file_meta.keys())
    yield from map(_group, dataset.keys())


def _group(tag: BaseTag) -> Group:
    if tag.is_private:
        return Group.PRIVATE
    if any(first <= tag.group < first + _GROUPS_OF_EACH for first in (_CURVES, _OVERLAYS)):
        return Group.OVERLAYS
    return _BY_TAG.get(tag) or _BY_KIND.get(_kind(tag), Group.OTHERS)


def _kind(tag: BaseTag) -> str:
    try:
        return dictionary_VR(tag)
    except KeyError:
        return ""
