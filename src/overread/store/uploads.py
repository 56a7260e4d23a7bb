"""Uploads that come in parts: bytes that were acknowledged are on the disk, through any crash."""

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Protocol, Self

import msgspec
from django.conf import settings

from overread.core.uploads import Offered, segments

_ROOM, _LIST, _LOCK = ".unfinished", "files.json", ".lock"
_NAME = re.compile(r"[0-9a-f]{32}")
_COPIED = 2**20


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Misplaced(Exception):
    """Bytes for another place than the end of what is there. `offset` is where to go on."""

    def __init__(self, offset: int) -> None:
        super().__init__(str(offset))
        self.offset = offset


class Busy(Exception):
    """Another request writes into this upload, or finishes it."""


class Unfinished:
    """An upload in a folder of its own: the list of its files, and segments of their bytes.

    How much is there is what the segments hold, so nothing else can say otherwise.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name.rsplit("-", 1)[-1]
        read = (folder / _LIST).read_bytes()
        self.files = msgspec.json.decode(read, type=list[Offered])
        self._segments = segments(self.files)
        self.length = sum(one.size for one in self.files)

    @classmethod
    def begin(cls, owner: str, files: Sequence[Offered]) -> Self:
        """A new upload; the same one where the same owner has begun the same files before."""
        listed = msgspec.json.encode(files)
        folder = _room() / f"{owner}-{sha256(listed).hexdigest()[:32]}"
        if not (folder / _LIST).exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            made = folder / f".{_LIST}-{os.getpid()}"
            with made.open("wb") as file:
                _write(file, listed)
            made.replace(folder / _LIST)
            _sync_folder(folder)
        return cls(folder)

    @classmethod
    def find(cls, owner: str, name: str) -> Self | None:
        folder = _room() / f"{owner}-{name}"
        return cls(folder) if _NAME.fullmatch(name) and (folder / _LIST).exists() else None

    @classmethod
    def all_of(cls, owner: str) -> list[Self]:
        """The latest first."""
        found = [path.parent for path in _room().glob(f"{owner}-*/{_LIST}")]
        return [cls(folder) for folder in sorted(found, key=_touched, reverse=True)]

    @property
    def offset(self) -> int:
        """How many bytes are there, on the disk."""
        done = 0
        for number, segment in enumerate(self._segments):
            path = self._path(number)
            size = min(path.stat().st_size, segment.size) if path.exists() else 0
            done += size
            if size < segment.size:
                if size:
                    _sync(path)  # written just before a crash of the server, not made durable
                break
        return done

    def append(self, offset: int, stream: Readable, size: int) -> int:
        """Write so many bytes at the end; returns the new end once it is durable.

        Raises Misplaced where `offset` is not the end, ValueError where they are too many, Busy,
        and EOFError where the stream breaks off: what came of it is kept.
        """
        with self._alone():
            end = self.offset
            if offset != end:
                raise Misplaced(end)
            if size > self.length - end:
                raise ValueError("more bytes than the files have")
            for number, segment in enumerate(self._segments):
                there = end - segment.start
                if size and 0 <= there < segment.size:
                    some = min(size, segment.size - there)
                    self._write_into(number, there, stream, some)
                    end, size = end + some, size - some
            return end

    def _write_into(self, number: int, there: int, stream: Readable, size: int) -> None:
        path = self._path(number)
        is_new = not path.exists()
        with open(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "r+b") as file:
            file.truncate(there)
            file.seek(there)
            try:
                _copy(stream, file, size)
            finally:
                file.flush()
                os.fsync(file.fileno())
        if is_new:
            _sync_folder(self.folder)

    def unpack(self, place: Callable[[Offered], Path]) -> None:
        """Each file to its place, and the upload is gone. Raises Misplaced while bytes lack."""
        with self._alone():
            if self.offset < self.length:
                raise Misplaced(self.offset)
            for number, segment in enumerate(self._segments):
                path = self._path(number)
                path.touch(0o600)  # of empty files nothing came
                if len(segment.files) == 1:
                    path.replace(place(segment.files[0]))
                    continue
                with path.open("rb") as together:
                    for one in segment.files:
                        with place(one).open("xb") as file:
                            _copy(together, file, one.size)
                path.unlink()
            shutil.rmtree(self.folder)

    def cancel(self) -> None:
        with self._alone():
            shutil.rmtree(self.folder)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Raises Busy, also where the upload was finished or canceled meanwhile."""
        lock = -1
        try:
            lock = os.open(self.folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            (self.folder / _LIST).stat()
        except (FileNotFoundError, BlockingIOError):
            if lock >= 0:
                os.close(lock)
            raise Busy from None
        try:
            yield
        finally:
            os.close(lock)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06d}"


def remove_untouched(seconds: float, now: float) -> None:
    """Uploads that nobody went on with for so long. Those being written are left alone."""
    for folder in _room().glob("*"):
        if now - _touched(folder) > seconds:
            _remove(folder)


def cancel_all(owner: str) -> int:
    """Uploads of whoever is called so, or begins so; those being written are left alone."""
    return sum(map(_remove, sorted(_room().glob(f"{owner}-*"))))


def _remove(folder: Path) -> bool:
    if not (folder / _LIST).exists():
        shutil.rmtree(folder, ignore_errors=True)
        return True
    try:
        Unfinished(folder).cancel()
    except Busy:
        return False
    return True


def free_bytes() -> int:
    """What the disk of uploads still takes."""
    uploads = Path(settings.UPLOADS)
    uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
    return shutil.disk_usage(uploads).free


def _room() -> Path:
    return Path(settings.UPLOADS) / _ROOM


def _touched(folder: Path) -> float:
    """When something in it was written last."""
    times = [folder.stat().st_mtime]
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            times.append(path.stat().st_mtime)
    return max(times)


def _copy(source: Readable, target: IO[bytes], size: int) -> None:
    while size:
        data = source.read(min(size, _COPIED))
        if not data:
            raise EOFError
        target.write(data)
        size -= len(data)


def _write(file: IO[bytes], data: bytes) -> None:
    file.write(data)
    file.flush()
    os.fsync(file.fileno())


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
