"""What an intake has read, on disk, until it is in the job: who goes on begins where it ended.

A line for each item of the sources, in the words of the store. Whoever reads or stores holds the
file locked, so that one process is at an intake at a time, and one that died is seen to be gone.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import IO

import msgspec
from django.conf import settings

from overread.core.problems import Problem
from overread.store.models import Intake

FLUSH_SECONDS = 1.0
_NAME = "journal"


class Shown(msgspec.Struct, array_like=True, frozen=True):
    """A picture of a row; `folder` is where its file lay, as UnitImage has it."""

    image: int
    fingerprint: str
    folder: str = ""


class Line(msgspec.Struct, array_like=True, omit_defaults=True, frozen=True):
    """A row, ready to be stored; with the number 0 what became none, or a remark.

    `data` is a JSON object; `problem` says in JSON why the row is held or left out.
    """

    number: int = 0
    data: str = "{}"
    given: dict[str, str] = {}
    problem: str = ""
    patient: str = ""
    pictures: tuple[Shown, ...] = ()
    # Accepted answers and reasons of a test question.
    golden: tuple[dict[str, list[str]], dict[str, str]] | None = None
    study: str = ""

    @classmethod
    def of(cls, problem: Problem) -> "Line":
        return cls(problem=encoded(problem.document()))

    def told(self) -> Problem | None:
        return Problem.from_document(msgspec.json.decode(self.problem)) if self.problem else None


def encoded(document: object) -> str:
    return msgspec.json.encode(document).decode()


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Line).decode


class Journal:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._flush_at = 0.0

    def add(self, line: Line) -> None:
        self._file.write(_encode(line) + b"\n")
        if line.pictures or monotonic() > self._flush_at:
            self._file.flush()
            self._flush_at = monotonic() + FLUSH_SECONDS

    def complete(self) -> None:
        """All of it is there, and stays there."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def lines(self) -> Iterator[Line]:
        """What is there; a line that was broken off is taken away, and what comes after it."""
        self._file.seek(0)
        end = 0
        for raw in self._file:
            line = _whole(raw)
            if line is None:
                break
            end += len(raw)
            yield line
        self._file.seek(end)
        self._file.truncate()

    def after(self, position: int, count: int) -> tuple[Sequence[Line], int]:
        """Up to `count` lines from a position on, and the position behind them."""
        self._file.seek(position)
        raws = [raw for raw in (self._file.readline() for _ in range(count)) if raw]
        return [_decode(raw) for raw in raws], position + sum(map(len, raws))


def _whole(raw: bytes) -> Line | None:
    try:
        return _decode(raw) if raw.endswith(b"\n") else None
    except msgspec.MsgspecError:
        return None


def folder_of(intake: int) -> Path:
    """Where an upload lies until it has ended: its files, and its journal."""
    return Path(settings.UPLOADS) / str(intake)


@contextmanager
def journal_of(intake: Intake) -> Iterator[Journal]:
    """Waits until nobody else is at it."""
    with journal_in(folder_of(intake.pk)) as journal:
        yield journal


@contextmanager
def journal_in(folder: Path) -> Iterator[Journal]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _opened(folder) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield Journal(file)


def is_read_now(intake: Intake) -> bool:
    """Whether a process is at it."""
    if not (folder_of(intake.pk) / _NAME).exists():
        return False
    with _opened(folder_of(intake.pk)) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _opened(folder: Path) -> IO[bytes]:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    return open(os.open(folder / _NAME, flags, 0o600), "r+b")
