"""Sources that lie elsewhere: fetched into an upload's folder, they are paths from then on."""

import errno
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec
from django.conf import settings

from overread.core.problems import Message, Problem, Refused
from overread.flows.intake.drafts import Progress
from overread.flows.intake.journal import folder_of
from overread.flows.intake.passing_folders import FETCHED, clear_left, passing_folder
from overread.flows.intake.storing import refuse_closed
from overread.flows.unfinished import refuse_unfinished
from overread.store.models import Intake, Job

# Beside the files of a source, hidden: what of it could not be had.
_MISSING = ".missing"


class Remote(Protocol):
    """A source that lies elsewhere."""

    @property
    def name(self) -> str:
        """What its folder is called; rows and reports show it."""

    def fetch(self, folder: Path, progress: Progress) -> list[Problem]:
        """Its files into a folder of their own; what could not be had. Raises Refused."""


Given = Path | Remote


@dataclass(frozen=True)
class Fetched:
    """All sources as paths; those that were fetched lie in `folder`."""

    folder: Path
    paths: Sequence[Path]

    def hand_over(self, intake: Intake) -> list[Path]:
        """From now on the files are the intake's, which clears them away when it has ended."""
        own = folder_of(intake.pk)
        own.mkdir(mode=0o700, exist_ok=True)
        for child in self.folder.iterdir():
            # Of a fetch that was killed right behind this, and is done again.
            shutil.rmtree(own / child.name, ignore_errors=True)
            child.rename(own / child.name)
        return [_moved(path, self.folder, own) for path in self.paths]


@contextmanager
def fetched(job: Job, given: Sequence[Given], progress: Progress) -> Iterator[Fetched]:
    """What is not handed over to an intake is gone afterwards.

    Raises Refused, before anything is fetched where the job takes none.
    """
    refuse_closed(job)
    refuse_unfinished(job)
    with _own_folder() as made:
        paths: list[Path] = []
        for number, one in enumerate(given):
            if isinstance(one, Path):
                paths.append(one)
                continue
            folder = made / str(number) / one.name
            folder.mkdir(parents=True)
            missing = [problem.document() for problem in one.fetch(folder, progress)]
            (folder.parent / _MISSING).write_bytes(msgspec.json.encode(missing))
            paths.append(folder)
        yield Fetched(made, paths)


def missing_of(path: Path) -> list[Problem] | None:
    """What could not be fetched of a source; None of one that was not fetched."""
    is_ours = path.is_absolute() and path.is_relative_to(settings.UPLOADS)
    listed = path.parent / _MISSING  # where no file of an upload's own can lie
    if not is_ours or not listed.is_file():
        return None
    return list(map(Problem.from_document, msgspec.json.decode(listed.read_bytes())))


def has_files(folder: Path) -> bool:
    return any(folder.iterdir())


def _moved(path: Path, folder: Path, own: Path) -> Path:
    return own / path.relative_to(folder) if path.is_relative_to(folder) else path


@contextmanager
def _own_folder() -> Iterator[Path]:
    """Raises Refused where the disk is full."""
    clear_left()
    try:
        with passing_folder(FETCHED) as made:
            yield made
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Refused.because(
            Message("There is no room left on the disk."),
            Message("Make room there, or fetch less at once."),
        ) from error
