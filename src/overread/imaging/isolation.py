"""Foreign files are read in processes of their own, so that none can hang or kill this one."""

import atexit
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import FileIO
from queue import LifoQueue
from time import monotonic
from typing import Any, TypeVar

import msgspec

from overread.core.problems import Message, Problem
from overread.imaging.decoded import ImageError
from overread.imaging.preparing import Prepared
from overread.imaging.text import Box
from overread.imaging.wire import (
    Account,
    Answer,
    BlackOut,
    Export,
    Prepare,
    ReadDirectory,
    Request,
    answers,
    receive,
    send,
)

Result = TypeVar("Result")
# -P: a file in the working folder is never imported.
WORKER = ("-P", "-m", "overread.imaging.worker")
_PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LD_LIBRARY_PATH")
# One thread each: the pool is what runs in parallel.
_FIXED = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    # glibc keeps the room of one picture for the next, rather than give it back and fault it in.
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(256 * 2**20),
}
_SAVE_ANEW = Message("Save the picture anew in the program that it came from, or leave it out.")


@dataclass(frozen=True)
class Limits:
    """What one file may use: bytes of address space, seconds of CPU, seconds on the clock."""

    memory: int = 3 * 2**30
    cpu: int = 60
    seconds: float = 180.0


class Pool:
    """So many workers, started when they are first needed and replaced when they die.

    Any thread may ask; one that finds no worker free waits for one.
    """

    def __init__(self, size: int, limits: Limits = Limits()) -> None:
        self._limits = limits
        self._free: LifoQueue[_Worker | None] = LifoQueue()
        for _ in range(size):
            self._free.put(None)

    def prepare(self, data: bytes, frame: int = 0) -> Prepared:
        """As preparing.prepare. Raises ImageError, also where the file broke its reader."""
        return _given(self._ask(Prepare(data, frame)).prepared)

    def export(
        self, data: bytes, media_type: str, greys: Mapping[str, Any], *, synthetic: bool
    ) -> bytes:
        """As preparing.exported. Raises ImageError."""
        return _given(self._ask(Export(data, media_type, dict(greys), synthetic)).exported)

    def listed_files(self, data: bytes) -> list[list[str]]:
        """As dicom.listed_files. Raises ImageError."""
        return _given(self._ask(ReadDirectory(data)).listed)

    def black_out(
        self, data: bytes, media_type: str, greys: Mapping[str, Any], boxes: Sequence[Box]
    ) -> Prepared:
        """As preparing.blacked_out. Raises ImageError."""
        request = BlackOut(data, media_type, dict(greys), list(boxes))
        return _given(self._ask(request).prepared)

    def account(self, data: bytes) -> dict[str, int]:
        """As dicom.account.account_of, of a file that could be read. Raises ImageError."""
        return _given(self._ask(Account(data)).account)

    def close(self) -> None:
        """End the workers that are free."""
        free = [self._free.get() for _ in range(self._free.qsize())]
        for worker in free:
            if worker is not None:
                worker.end()
            self._free.put(None)

    def _ask(self, request: Request) -> Answer:
        worker = self._free.get()
        alive = None
        try:
            if worker is not None and not worker.is_alive:
                worker.end()
                worker = None
            worker = worker or _Worker(self._limits)
            answer = worker.ask(request)
            alive = worker
        finally:
            if alive is None and worker is not None:
                worker.end()
            self._free.put(alive)
        if answer.refused is not None:
            raise _refusal(answer.refused)
        return answer


class _Worker:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, *WORKER, str(limits.memory), str(limits.cpu)],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={**kept, **_FIXED},
        )
        asked, answers = self._process.stdin, self._process.stdout
        assert isinstance(asked, FileIO)
        assert isinstance(answers, FileIO)
        for pipe in (asked, answers):
            os.set_blocking(pipe.fileno(), False)
        self._asked, self._answers = asked, answers

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: Request) -> Answer:
        """Raises ImageError where the worker dies of it or takes too long."""
        until = monotonic() + self._limits.seconds
        try:
            send(self._asked, request, until)
            return answers.decode(receive(self._answers, until))
        except (OSError, EOFError, msgspec.MsgspecError):
            raise _died() from None

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._asked, self._answers):
            with suppress(OSError):  # what was still to be written has no reader
                pipe.close()


def _given(result: Result | None) -> Result:
    """A worker that sends neither a result nor a refusal is not what it was."""
    if result is None:
        raise _died()
    return result


def _refusal(document: dict[str, Any]) -> ImageError:
    try:
        return ImageError(Problem.from_document(document))
    except Exception:  # no refusal that a sound worker would send
        return _died()


def _died() -> ImageError:
    return ImageError.because(
        Message("Reading the picture took too long or broke the program that read it."), _SAVE_ANEW
    )


def pool() -> Pool:
    """This process's pool, with a worker for each processor."""
    return _pool_of(os.getpid())


@cache
def _pool_of(pid: int) -> Pool:
    made = Pool(os.cpu_count() or 1)
    atexit.register(made.close)
    return made
