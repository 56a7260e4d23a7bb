"""What the pool and its workers say to each other: typed, so that a worker that a hostile file has
taken over can send nothing but a picture, names of files or a refusal."""

from typing import IO, Any

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


def send(stream: IO[bytes], message: Request | Answer) -> None:
    data = msgspec.msgpack.encode(message)
    stream.write(len(data).to_bytes(_HEAD, "little"))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes:
    """The next message's bytes. Raises EOFError where there is none, or no whole one."""
    length = int.from_bytes(_exactly(stream, _HEAD), "little")
    if length > LONGEST:
        raise EOFError
    return _exactly(stream, length)


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data
