"""An upload in parts, from its list of files to the intake that reads them."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from pathlib import Path, PurePosixPath

from overread.core.problems import Message, Refused
from overread.core.uploads import Offered, checked, safe_path
from overread.flows.background import hand_over_upload
from overread.flows.intake.passing_folders import INCOMING, passing_folder
from overread.flows.intake.storing import refuse_closed
from overread.flows.unfinished import refuse_unfinished
from overread.formats.archives import has_archive_name
from overread.formats.sources import is_table_name
from overread.store.models import Intake, Job, User
from overread.store.uploads import Busy, Readable, Unfinished, free_bytes

TABLE, IMAGES, ARCHIVES = "table", "images", "archives"
# Left on the disk, whatever is uploaded.
SPARE_BYTES = 2**30
MOST_UNFINISHED = 3


class Places:
    """Where uploaded files lie below a folder: tables, images and archives apart.

    Rows match images by file name, so a name that comes again goes into a folder of its own:
    no folder then has all of them, and the rows are held rather than matched by chance.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tables: list[Path] = []
        self._archives: list[Path] = []
        self._repeated = 0

    @property
    def sources(self) -> list[Path]:
        """The tables, the folder of images where any came, then each archive."""
        loose = self.folder / IMAGES
        return [*self._tables, *([loose] if loose.exists() else []), *self._archives]

    def table(self, path: PurePosixPath) -> Path:
        self._tables.append(self._free(TABLE, PurePosixPath(path.name)))
        return self._tables[-1]

    def other(self, path: PurePosixPath) -> Path:
        """An archive by itself; an image under its path."""
        if not has_archive_name(path.name):
            return self._free(IMAGES, path)
        self._archives.append(self._free(ARCHIVES, PurePosixPath(path.name)))
        return self._archives[-1]

    def of(self, file: Offered) -> Path:
        """By its name; a table in a folder stays there, among the images that it may list."""
        path = safe_path(file.path)
        is_alone = len(path.parts) == 1 and is_table_name(path.name)
        return self.table(path) if file.is_table or is_alone else self.other(path)

    def _free(self, room: str, path: PurePosixPath) -> Path:
        """A place that is not taken, neither by a file nor by one where a folder has to be."""
        inside = self.folder / room
        if _is_taken(inside, path):
            self._repeated += 1
            inside /= f"again-{self._repeated}"
        found = inside / path
        found.parent.mkdir(parents=True, exist_ok=True)
        return found


def _is_taken(inside: Path, path: PurePosixPath) -> bool:
    above = [inside / one for one in path.parents if one.parts]
    return (inside / path).exists() or any(one.is_file() for one in above)


def incoming() -> AbstractContextManager[Path]:
    """An empty folder beside those of the uploads being read, until it becomes one of them."""
    return passing_folder(INCOMING)


def begin(job: Job, files: Sequence[Offered], *, actor: User) -> Unfinished:
    """A new upload, or the one that this owner broke off with the same files. Raises Refused."""
    refuse_closed(job)
    length = checked(files)
    upload = Unfinished.begin(_owner(job, actor), files)
    if length - upload.offset > free_bytes() - SPARE_BYTES:
        upload.cancel()
        raise Refused.because(
            Message("There is no room for these files on the server."),
            Message("Nothing was sent. Make room there, or upload fewer files."),
        )
    others = [one for one in unfinished(job, actor=actor) if one.name != upload.name]
    for older in others[MOST_UNFINISHED - 1 :]:
        with suppress(Busy):
            older.cancel()
    return upload


def unfinished(job: Job, *, actor: User) -> list[Unfinished]:
    """What this owner has begun for the job, the latest first."""
    return Unfinished.all_of(_owner(job, actor))


def find(job: Job, name: str, *, actor: User) -> Unfinished | None:
    return Unfinished.find(_owner(job, actor), name)


def append(upload: Unfinished, offset: int, stream: Readable, size: int) -> int:
    """Add bytes at the end; returns the new end once it is durable. Raises as Unfinished.append."""
    return upload.append(offset, stream, size)


def cancel(upload: Unfinished) -> None:
    """Raises Busy."""
    upload.cancel()


def finish(job: Job, upload: Unfinished, *, actor: User, at: datetime) -> Intake:
    """Have the files looked at. Raises Refused or, while bytes lack, Misplaced: it stays then."""
    refuse_closed(job)
    refuse_unfinished(job)
    with incoming() as folder:
        places = Places(folder)
        upload.unpack(places.of)
        return hand_over_upload(job, folder, sources=places.sources, actor=actor, at=at)


def _owner(job: Job, actor: User) -> str:
    return f"{job.pk}-{actor.pk}"
