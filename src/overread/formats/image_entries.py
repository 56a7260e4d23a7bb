"""One file among a source's, how much of it is read, and what is left aside."""

import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from overread.core.problems import Message, Problem, Refused

_JUNK = frozenset({"__macosx", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class Limits:
    """Bytes of one file, bytes of all, number of files, unpacked size over packed size.

    The ratio is asked only of files larger than `ratio_from`: small ones do no harm. What has to be
    unpacked lies in `room`, nameless, so that it ends with the process.
    """

    file: int = 256 * 2**20
    total: int = 64 * 2**30
    files: int = 1_000_000
    ratio: int = 200
    ratio_from: int = 2**20
    room: Path | None = None


class SourceError(Refused):
    """A source, or one file in it, can't be read."""


class Source(Protocol):
    """Files that can be read one by one."""

    entries: list["Entry"]
    problems: list[Problem]

    def read(self, entry: "Entry") -> bytes: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Span:
    """Where a file's bytes lie in the file of its archive."""

    offset: int
    size: int


@dataclass(frozen=True, eq=False)
class Entry:
    """One file. `name` is its path with the source's name in front; `size` in bytes."""

    name: str
    size: int
    source: Source = field(repr=False)
    inner: Path | zipfile.ZipInfo | Span = field(repr=False)


def is_junk(path: PurePosixPath) -> bool:
    """What operating systems leave beside the files: hidden files, thumbnails, forks."""
    return any(
        part.lower() in _JUNK or (part.startswith(".") and part != "..") for part in path.parts
    )


def bounded(entry: Entry, file: IO[bytes], limits: Limits) -> bytes:
    data = file.read(limits.file + 1)
    if len(data) > limits.file:
        raise SourceError.because(
            Message("It is larger than {limit} MB.", limit=limits.file // 2**20),
            Message("Save the image with fewer pixels."),
            source=entry.name,
        )
    return data


def too_many(name: str, limits: Limits) -> SourceError:
    return SourceError.because(
        Message("There are more than {limit} files.", limit=limits.files),
        Message("Give the images in parts."),
        source=name,
    )


def broken(entry: Entry, error: Exception) -> SourceError:
    return SourceError.because(
        Message("The file can't be read ({reason}).", reason=str(error)),
        Message("Copy the image again from where it came from."),
        source=entry.name,
    )
