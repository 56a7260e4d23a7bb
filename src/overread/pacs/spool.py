"""A folder of received DICOM files: each there as a whole or not at all, and once."""

import hmac
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

# Beginning with a point, so that nobody takes them for files that are there.
_UNFINISHED = ".part-"
SUFFIX = ".dcm"


class Spool:
    """Files named by a keyed hash of their SOP Instance UID: a name that says nothing.

    What is not `durable` is there only for the one who fetches it.
    """

    def __init__(self, folder: Path, key: bytes, *, durable: bool = True) -> None:
        self.folder = folder
        self.key = key
        self._durable = durable

    @contextmanager
    def new(self, uid: str) -> Iterator[IO[bytes]]:
        """A file to write an instance into; safe on the disk when the context ends without error.

        An instance that comes again takes the place of the earlier one. Raises OSError.
        """
        self.prepare()
        made, unfinished = tempfile.mkstemp(prefix=_UNFINISHED, dir=self.folder)
        try:
            with os.fdopen(made, "wb") as out:
                yield out
                if self._durable:
                    out.flush()
                    os.fsync(out.fileno())
            os.replace(unfinished, self._place(uid))
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        if self._durable:
            _make_names_durable(self.folder)

    def prepare(self) -> None:
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _make_names_durable(self.folder.parent)

    def files(self) -> list[Path]:
        """What is there, A to Z."""
        return sorted(self.folder.glob(f"*{SUFFIX}"))

    def size(self) -> int:
        """Bytes."""
        return sum(_size(path) for path in self.folder.glob("*"))

    def clear_unfinished(self) -> None:
        """What a writer left that was killed. Only where no other one is at work."""
        for path in self.folder.glob(f"{_UNFINISHED}*"):
            path.unlink(missing_ok=True)

    def discard_before(self, instant: float) -> int:
        """Delete what came before `instant`, in seconds since 1970; returns how many."""
        old = [path for path in self.files() if 0 < _changed(path) < instant]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _place(self, uid: str) -> Path:
        name = hmac.new(self.key, uid.encode("utf-8", "replace"), "sha256").hexdigest()[:32]
        return self.folder / f"{name}{SUFFIX}"


class Room:
    """Whether so many more bytes may wait in a spool, of which others take some out meanwhile."""

    def __init__(self, spool: Spool, most: int) -> None:
        self._spool = spool
        self._most = most
        self._used = spool.size()

    def __call__(self, size: int) -> bool:
        if self._used + size > self._most:
            self._used = self._spool.size()
        if self._used + size > self._most:
            return False
        self._used += size
        return True


def _make_names_durable(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # taken in and deleted meanwhile
        return 0


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0
