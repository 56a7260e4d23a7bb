"""What was handed over, opened: tables, and the files of images."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.conf import settings

from overread.core.problems import Message, Refused
from overread.flows.intake.drafts import Options
from overread.formats.image_files import Entry, ImageFiles
from overread.formats.sources import is_table_name, tell_apart
from overread.formats.tables import TableReader, open_table

# What the folder of an unpacked table is called: then the process, which may have died.
UNPACKED = ".unpacked-"


@dataclass(frozen=True)
class Sources:
    tables: Sequence[TableReader]
    files: ImageFiles


@contextmanager
def opened(paths: Sequence[Path], options: Options) -> Iterator[Sources]:
    """Tables and images told apart; where no table is given, one among the images counts: out of
    an archive, it is unpacked beside the uploads.

    Raises Refused.
    """
    told = tell_apart(paths)
    with ExitStack() as stack:
        tables = [open_table(path) for path in told.tables]
        if tables and options.labels_from_folders:
            raise Refused.because(
                Message("Labels can't come from folders where a table lists the rows."),
                Message("Leave the table out, or give it a column with the labels instead."),
                source=tables[0].name,
            )
        files = stack.enter_context(ImageFiles.open(told.images))
        if not tables and not options.labels_from_folders:
            tables = [
                _unpacked(entry, files, stack.enter_context(_room()))
                for entry in _tables_among(files)
            ]
        yield Sources(tables, files)


@contextmanager
def _room() -> Iterator[Path]:
    """A folder that is gone afterwards, where there is room for uploads."""
    uploads = Path(settings.UPLOADS)
    uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=f"{UNPACKED}{os.getpid()}-", dir=uploads) as folder:
        yield Path(folder)


def _tables_among(files: ImageFiles) -> list[Entry]:
    found = [entry for entry in files.others() if is_table_name(entry.name)]
    if len(found) > 1:
        raise Refused.because(
            Message(
                "There are several tables: {names}.",
                names=", ".join(entry.name for entry in found[:5]),
            ),
            Message("Give the one that lists the images as a source of its own."),
            source=PurePosixPath(found[0].name).parts[0],
        )
    return found


def _unpacked(entry: Entry, files: ImageFiles, folder: Path) -> TableReader:
    path = folder / f"table{PurePosixPath(entry.name).suffix}"
    path.write_bytes(files.read(entry))
    return open_table(path, name=entry.name)
