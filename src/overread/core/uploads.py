"""An upload of many files as one stream of bytes: what comes in which order, under which name."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from unicodedata import normalize

from overread.core.problems import Message, Refused

MOST_FILES, MOST_BYTES = 100_000, 64 * 2**30
# A file of so many bytes lies by itself; smaller ones together, up to so many.
ALONE, TOGETHER = 8 * 2**20, 64 * 2**20
_LONGEST_PART, _DEEPEST = 120, 12
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\u200b-\u200f\u202a-\u202e]')


@dataclass(frozen=True)
class Offered:
    """A file that a browser means to send: its path there, bytes, and when it was changed last.

    `is_table`: the owner gave it as one, whatever it is called.
    """

    path: str
    size: int
    modified: int = 0
    is_table: bool = False


@dataclass(frozen=True)
class Segment:
    """Neighbouring files that are written into one; `start` is its place in the stream."""

    start: int
    size: int
    files: Sequence[Offered]


def checked(files: Sequence[Offered]) -> int:
    """The bytes of all together. Raises Refused where there are none, or too many."""
    if not files:
        raise Refused.because(
            Message("No file was chosen."), Message("Choose a table, images, or both.")
        )
    if len(files) > MOST_FILES:
        raise Refused.because(
            Message("There are more than {n} files.", n=MOST_FILES),
            Message("Put them into a zip and upload that."),
        )
    length = sum(one.size for one in files)
    if length > MOST_BYTES or min(one.size for one in files) < 0:
        raise Refused.because(
            Message("The files have more than {n} GB.", n=MOST_BYTES // 2**30),
            Message("Upload them in parts."),
        )
    return length


def segments(files: Sequence[Offered]) -> list[Segment]:
    """The stream cut into files to write: large ones can be moved where they belong, and few
    have to be made durable however many small ones there are.
    """
    made: list[Segment] = []
    start, size, together = 0, 0, list[Offered]()
    for one in files:
        if together and (one.size >= ALONE or size >= TOGETHER or together[-1].size >= ALONE):
            made.append(Segment(start, size, tuple(together)))
            start, size, together = start + size, 0, []
        together.append(one)
        size += one.size
    return [*made, Segment(start, size, tuple(together))] if together else made


def safe_path(path: str) -> PurePosixPath:
    """A path that stays below any folder and that any file system takes: names as they are read,
    without what leads elsewhere or can't be seen.
    """
    parts = list(_parts(path))[-_DEEPEST:]
    return PurePosixPath(*parts) if parts else PurePosixPath("file")


def _parts(path: str) -> Iterator[str]:
    for part in re.split(r"[/\\]", normalize("NFC", path)):
        name = _FORBIDDEN.sub("", part.encode("utf-8", "ignore").decode()).strip()
        if name.strip("."):
            yield _shortened(name.rstrip("."))


def _shortened(name: str) -> str:
    """At most so many bytes, with the ending kept: it says what the file is."""
    if len(name.encode()) <= _LONGEST_PART:
        return name
    ending = PurePosixPath(name).suffix[:20]
    room = _LONGEST_PART - len(ending.encode())
    return name.encode()[:room].decode("utf-8", "ignore") + ending
