"""What the pool and its workers say to each other: typed, so that a worker that a hostile file has
taken over can send nothing but a picture, names of files or a refusal."""

import select
from io import FileIO
from time import monotonic
from typing import Any

import msgspec

from overread.imaging.preparing import Prepared
from overread.imaging.text import Box

# Bytes of one message: the largest picture that is read, uncompressed, and its renditions.
LONGEST = 2**30
_HEAD = 8


class Prepare(msgspec.Struct, frozen=True, tag=True):
    """`preparing.prepare`."""

    data: bytes
    frame: int = 0


class Export(msgspec.Struct, frozen=True, tag=True):
    """`preparing.exported`."""

    data: bytes
    media_type: str
    greys: dict[str, Any]
    synthetic: bool


class ReadDirectory(msgspec.Struct, frozen=True, tag=True):
    """`dicom.listed_files`."""

    data: bytes


class BlackOut(msgspec.Struct, frozen=True, tag=True):
    """`preparing.blacked_out`."""

    data: bytes
    media_type: str
    greys: dict[str, Any]
    boxes: list[Box]


class Account(msgspec.Struct, frozen=True, tag=True):
    """`dicom.account.account_of`."""

    data: bytes


class Answer(msgspec.Struct, frozen=True):
    """What came of it: exactly one is set. `refused` is a core.problems.Problem."""

    prepared: Prepared | None = None
    exported: bytes | None = None
    account: dict[str, int] | None = None
    listed: list[list[str]] | None = None
    refused: dict[str, Any] | None = None


Request = Prepare | Export | BlackOut | Account | ReadDirectory
requests = msgspec.msgpack.Decoder(Request)
answers = msgspec.msgpack.Decoder(Answer)


def send(pipe: FileIO, message: Request | Answer, until: float | None = None) -> None:
    """Raises TimeoutError where it is not taken `until` then, by the monotonic clock."""
    data = msgspec.msgpack.encode(message)
    for part in (len(data).to_bytes(_HEAD, "little"), data):
        left = memoryview(part)
        while left:
            _wait(pipe, select.POLLOUT, until)
            left = left[pipe.write(left) :]


def receive(pipe: FileIO, until: float | None = None) -> bytearray:
    """The next message's bytes. Raises EOFError where there is none, or no whole one, and
    TimeoutError.
    """
    length = int.from_bytes(_exactly(pipe, _HEAD, until), "little")
    if length > LONGEST:
        raise EOFError
    return _exactly(pipe, length, until)


def _exactly(pipe: FileIO, length: int, until: float | None) -> bytearray:
    data = bytearray(length)
    left = memoryview(data)
    while left:
        _wait(pipe, select.POLLIN, until)
        count = pipe.readinto(left)
        if not count:
            raise EOFError
        left = left[count:]
    return data


def _wait(pipe: FileIO, event: int, until: float | None) -> None:
    """Where time is limited the pipe must not block."""
    if until is None:
        return
    watch = select.poll()
    watch.register(pipe, event)
    if not watch.poll(max(until - monotonic(), 0) * 1000):
        raise TimeoutError
