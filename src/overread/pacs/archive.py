"""What an archive is asked, whatever it speaks: which studies, which series, and their pictures."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

from overread.core.problems import Message, Refused
from overread.pacs.spool import Spool

# The study's attributes that an archive can be asked for (PS3.4 C.6.2.1.2, PS3.18 10.6.1.2.3).
STUDY_KEYS = (
    "AccessionNumber",
    "ModalitiesInStudy",
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "ReferringPhysicianName",
    "StudyDate",
    "StudyDescription",
    "StudyID",
    "StudyInstanceUID",
    "StudyTime",
)
# Of what is found, only series of this modality are fetched.
MODALITY = "Modality"
# Series of these hold no picture (PS3.3 C.7.3.1.1.1): reports, presentation states and key objects;
# waveforms and sound; plans, doses and structures; what was measured or marked.
WITHOUT_PICTURE = frozenset(
    {
        *("SR", "PR", "KO", "DOC", "PLAN", "ANN", "ASMT"),
        *("AU", "ECG", "HD", "EPS", "EEG", "EMG", "EOG", "RESP"),
        *("RTDOSE", "RTPLAN", "RTSTRUCT", "RTRECORD", "RTINTENT", "RTRAD", "RTSEGANN"),
        *("REG", "SEG", "FID", "RWV", "TEXTUREMAP"),
    }
)
_UID = re.compile(r"[0-9.]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Limits:
    """Answers to one question, bytes of a file, and bytes of all that is fetched at once."""

    answers: int = 10_000
    file: int = 256 * 2**20
    total: int = 64 * 2**30


@dataclass(frozen=True)
class Study:
    uid: str
    accession: str = ""


@dataclass(frozen=True)
class Series:
    study: str
    uid: str
    modality: str = ""


class ArchiveError(Refused):
    """The archive can't be asked, or doesn't give what it was asked for."""


class Archive(Protocol):
    """Used as a context, in which it may hold connections open. Every verb raises ArchiveError."""

    def echo(self) -> None:
        """Nothing, where it answers."""

    def studies(self, keys: Mapping[str, str]) -> list[Study]:
        """Those that match all of `keys`; at most `Limits.answers`."""

    def series(self, study: Study) -> list[Series]: ...

    def fetch(self, series: Series, spool: Spool) -> int:
        """Its pictures into `spool`; returns how many were not sent."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...


LIMITS = Limits()


def is_uid(value: object) -> bool:
    """An archive's own words become part of addresses: nothing else may stand in them."""
    return isinstance(value, str) and _UID.fullmatch(value) is not None


def too_many_answers(limits: Limits) -> ArchiveError:
    return ArchiveError.because(
        Message("More than {limit} studies match.", limit=limits.answers),
        Message("Ask for less at once, such as one month with StudyDate=20240101-20240131."),
    )


def too_large() -> ArchiveError:
    return ArchiveError.because(
        Message("The archive sends more than is fetched at once."), Message("Ask for less at once.")
    )
