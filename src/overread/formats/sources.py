"""What an owner hands over, told apart: tables, and where images lie."""

import contextlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from overread.core.problems import Message
from overread.formats.archives import is_archive
from overread.formats.image_entries import SourceError
from overread.formats.image_files import IMAGE_SUFFIXES

TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".xlsx", ".ndjson", ".jsonl", ".json", ".parquet"})
CML_SUFFIXES = frozenset({".cml", ".html", ".htm", ".xml"})
_CML, _START = b"<cml:", 2**16  # bytes in which a form's first question stands
_TEXT = ".txt"  # a table where it is given, a remark where it lies among images
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"RIFF")
_DICOM_AT, _DICOM = 128, b"DICM"  # after the preamble, PS3.10 7.1
WORKBOOK = "xl/workbook.xml"


@dataclass(frozen=True)
class Sources:
    tables: tuple[Path, ...]
    images: tuple[Path, ...]
    forms: tuple[Path, ...] = ()


def tell_apart(paths: Sequence[Path]) -> Sources:
    """Tables, forms in CML, and everything that may hold images.

    Raises SourceError where one is not there.
    """
    tables: dict[Path, None] = {}
    images: dict[Path, None] = {}
    forms: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise SourceError.because(
                Message("It is not there."),
                Message("Check the path, and give the file or folder again."),
                source=path.name,
            )
        kind = forms if is_form(path) else tables if is_table(path) else images
        kind[path.resolve()] = None
    return Sources(tuple(tables), tuple(images), tuple(forms))


def is_form(path: Path) -> bool:
    """Whether it is a job's questions in CML: by its name, and by what is in it."""
    if path.is_dir() or path.suffix.lower() not in CML_SUFFIXES | {_TEXT}:
        return False
    with path.open("rb") as file:
        return path.suffix.lower() == ".cml" or _CML in file.read(_START)


def is_table(path: Path) -> bool:
    """By its name; by what is in it where the name does not say."""
    suffix = path.suffix.lower()
    if path.is_dir() or suffix in IMAGE_SUFFIXES:
        return False
    if suffix in TABLE_SUFFIXES or suffix == _TEXT:
        return True
    with path.open("rb") as file:
        start = file.read(_DICOM_AT + len(_DICOM))
    if start.startswith(_IMAGES) or start[_DICOM_AT:] == _DICOM:
        return False
    return not is_archive(path) or _is_workbook(path)


def _is_workbook(path: Path) -> bool:
    with contextlib.suppress(zipfile.BadZipFile, OSError), zipfile.ZipFile(path) as archive:
        return WORKBOOK in archive.namelist()
    return False


def is_table_name(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in TABLE_SUFFIXES
