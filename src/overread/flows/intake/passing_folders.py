"""Folders beside the uploads that are there only while a process needs them.

Each is held locked: the system lets go of it with the process, so that one which was left by a
process that was killed is seen to be nobody's. A process's number would not say so: in a container
the same numbers come again.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from django.conf import settings

# What comes by a browser's form, what archives send, and tables out of archives.
INCOMING, FETCHED, UNPACKED = ".incoming-", ".fetched-", ".unpacked-"


def uploads() -> Path:
    """Where there is room for files of uploads."""
    found = Path(settings.UPLOADS)
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


@contextmanager
def passing_folder(kind: str) -> Iterator[Path]:
    """A new one; what was not moved elsewhere is gone afterwards."""
    with ExitStack() as held:
        with locked(uploads(), waiting=True):  # lest it be cleared before it is held
            made = Path(tempfile.mkdtemp(prefix=kind, dir=uploads()))
            held.enter_context(locked(made))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)


def clear_left() -> None:
    """What processes left that were killed: patients are in it."""
    with locked(uploads(), waiting=True):
        for kind in (INCOMING, FETCHED, UNPACKED):
            for folder in uploads().glob(f"{kind}*"):
                _clear(folder)


def _clear(folder: Path) -> None:
    with suppress(FileNotFoundError), locked(folder) as is_left:
        if is_left:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def locked(folder: Path, *, waiting: bool = False) -> Iterator[bool]:
    """Whether this process alone holds `folder` now."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | (0 if waiting else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(opened)
