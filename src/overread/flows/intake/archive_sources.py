"""Pictures of an archive as sources: what matches a question, a list, or what was pushed here."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.conf import settings

from overread.core.problems import Message, Problem, Refused
from overread.flows.intake.accessions import Accession, Place, read_accessions
from overread.flows.intake.drafts import Progress
from overread.pacs.archive import MODALITY, WITHOUT_PICTURE, Archive, ArchiveError, Study
from overread.pacs.configuration import RECEIVED
from overread.pacs.spool import SUFFIX, Spool

# After so many studies in a row that can't be had, the others are not tried.
_FAILURES = 3
Open = Callable[[], Archive]
_Take = Callable[[], Problem | None]


@dataclass(frozen=True)
class Matching:
    """The pictures of all studies that match."""

    name: str
    open: Open
    keys: Mapping[str, str]

    def fetch(self, folder: Path, progress: Progress) -> list[Problem]:
        keys = dict(self.keys)
        modality, place, spool = keys.pop(MODALITY, ""), Place(self.name), _passing(folder)
        with self.open() as archive:
            studies = archive.studies(keys)
            if not studies:
                raise Refused(
                    place.wrong(
                        Message("The archive has no study that matches."),
                        Message("Check what was asked for, or ask for less."),
                    )
                )
            takes = [
                (place, partial(_fetch, archive, study, spool, place, modality))
                for study in studies
            ]
            return list(_each(takes, progress))


@dataclass(frozen=True)
class Listed:
    """The pictures of studies whose accession numbers a table lists.

    Each row's files have a folder of their own, so that what is wrong with one leads to its row.
    """

    name: str
    open: Open
    table: Path

    def fetch(self, folder: Path, progress: Progress) -> list[Problem]:
        numbers, problems = read_accessions(self.table)
        with self.open() as archive:
            takes = [(one.place, partial(_fetch_listed, archive, one, folder)) for one in numbers]
            problems += _each(takes, progress)
        return sorted(problems, key=lambda problem: problem.row or 0)


@dataclass(frozen=True)
class Received:
    """What the receiver has kept so far."""

    name: str = RECEIVED

    def fetch(self, folder: Path, progress: Progress) -> list[Problem]:
        """As it is now, whatever comes or is cleared away meanwhile."""
        for path in received().files():
            with suppress(FileNotFoundError):
                os.link(path, folder / path.name)
        if not any(folder.iterdir()):
            raise Refused.because(
                Message("Nothing was received."),
                Message("Run overread pacs receive, and have the archive send pictures to it."),
                source=RECEIVED,
            )
        return []


def let_go_of_received(folder: Path) -> None:
    """What of an intake's files was received waits no longer; what came again meanwhile does."""
    for path in folder.glob(f"*/{RECEIVED}/*{SUFFIX}"):
        waiting = received().folder / path.name
        with suppress(FileNotFoundError):
            if waiting.samefile(path):
                waiting.unlink()


def received() -> Spool:
    """Where the receiver puts what is pushed."""
    return Spool(Path(settings.HOME) / RECEIVED, _key())


def _passing(folder: Path) -> Spool:
    return Spool(folder, _key(), durable=False)


def _key() -> bytes:
    return f"{settings.SECRET_KEY} DICOM file".encode()


def _each(takes: Sequence[tuple[Place, _Take]], progress: Progress) -> Iterator[Problem]:
    """What could not be had. Raises ArchiveError where the archive fails again and again."""
    failures = 0
    for done, (place, take) in enumerate(takes):
        progress(done, len(takes))
        try:
            problem = take()
            failures = 0
        except ArchiveError as refused:
            failures += 1
            if failures == min(_FAILURES, len(takes)):
                raise
            problem = place.wrong(refused.problem.problem, refused.problem.advice)
        if problem is not None:
            yield problem
    progress(len(takes), len(takes))


def _fetch_listed(archive: Archive, one: Accession, folder: Path) -> Problem | None:
    """An archive may match more than it was asked for."""
    found = archive.studies({"AccessionNumber": one.number})
    studies = [study for study in found if study.accession == one.number]
    if len(studies) == 1:
        return _fetch(archive, studies[0], _passing(folder / f"row-{one.place.row}"), one.place)
    if not studies:
        return one.place.wrong(
            Message("The archive knows no study with this accession number."),
            Message("Correct it, or leave the row out."),
        )
    return one.place.wrong(
        Message("The archive has {n} studies with this accession number.", n=len(studies)),
        Message("Fetch the right one by its StudyInstanceUID."),
    )


def _fetch(
    archive: Archive, study: Study, spool: Spool, place: Place, modality: str = ""
) -> Problem | None:
    before = len(spool.files())
    missing = 0
    for series in archive.series(study):
        if series.modality not in WITHOUT_PICTURE and modality in ("", series.modality):
            missing += archive.fetch(series, spool)
    if missing:
        return place.wrong(
            Message("{n} pictures of the study were not sent.", n=missing),
            Message("Ask who keeps the archive, or get the study in another way."),
        )
    if len(spool.files()) == before:
        return place.wrong(
            Message("The study holds no picture, or none of what was asked for."),
            Message("Leave it out."),
        )
    return None
