"""The files that a DICOMDIR lists (PS3.10 8.6, PS3.3 F.3)."""

import io
from typing import NoReturn

from overread.core.problems import Message
from overread.imaging.decoded import COPY_AGAIN, ImageError
from overread.imaging.dicom.reading import DIRECTORY, not_installed

FileId = list[str]
_IMAGE, _NOT_IN_USE = "IMAGE", 0x0000


def listed_files(data: bytes) -> list[FileId]:
    """The pictures' paths, each as its folders and its name. Raises ImageError.

    Records are read in the order in which they stand: offsets, which may be wrong or lead in a
    circle, only say who belongs to whom.
    """
    try:
        return _listed(data)
    except (ImageError, MemoryError):
        raise
    except ImportError as error:
        raise not_installed() from error
    except Exception:  # a broken file fails in every way there is
        _refuse_broken()


def _listed(data: bytes) -> list[FileId]:
    from pydicom import config, dcmread

    config.settings.reading_validation_mode = config.IGNORE
    dataset = dcmread(io.BytesIO(data), specific_tags=["DirectoryRecordSequence"])
    if str(dataset.file_meta.get("MediaStorageSOPClassUID", "")) != DIRECTORY:
        _refuse_broken()
    found = []
    for record in dataset.DirectoryRecordSequence:
        is_used = record.get("RecordInUseFlag") != _NOT_IN_USE
        if is_used and record.get("DirectoryRecordType") == _IMAGE:
            name = record.get("ReferencedFileID") or []
            found.append([name] if isinstance(name, str) else [str(part) for part in name])
    return [parts for parts in found if parts]


def _refuse_broken() -> NoReturn:
    """Without pydicom's own words, which may quote the file."""
    problem = Message("The DICOMDIR is broken or cut short, so the files it lists are not known.")
    raise ImageError.because(problem, COPY_AGAIN) from None
