"""One thread that writes: what many ask for at a time becomes one durable transaction."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from overread.store.hot.tables import Tables

R = TypeVar("R")
Operation = Callable[[Tables], Any]

MOST_AT_ONCE = 64
# Where several ask at a time, so long is waited for more of them: a commit costs as much for one.
GATHER_SECONDS = 0.002
MOST_WAITING = 2_000


class Unavailable(Exception):
    """The store could not take it (a full disk, a lock, too much at once). Nothing was stored."""


class Database(Protocol):
    """A connection of the writer's own."""

    tables: Tables

    def transaction(self) -> AbstractContextManager[None]:
        """A write transaction, durable when it ends; undone where it raises."""

    def is_trouble(self, error: Exception) -> bool:
        """Whether an error is the store's, not the operation's."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class _Waiting:
    operation: Operation
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Any]"


@dataclass(frozen=True)
class _Done:
    waiting: _Waiting
    result: Any = None
    error: Exception | None = None


class Writer:
    """Runs operations in order. A process has one, and starts it with the first operation."""

    def __init__(self, connect: Callable[[], Database]) -> None:
        self._connect = connect
        self._waiting: deque[_Waiting] = deque()
        self._called = threading.Condition()
        self._thread: threading.Thread | None = None

    async def run(self, operation: Callable[[Tables], R]) -> R:
        """Carry out an operation together with others; it is durable when this returns.

        Raises what the operation raises, and Unavailable where the store can't take it.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(operation, loop, loop.create_future())
        with self._called:
            if len(self._waiting) >= MOST_WAITING:
                raise Unavailable("too many at once")
            self._waiting.append(waiting)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
                self._thread.start()
            self._called.notify()
        result: R = await waiting.future
        return result

    def _work(self) -> None:
        database: Database | None = None
        batch: list[_Waiting] = []
        while True:
            batch = self._next(alone=len(batch) < 2)
            try:
                database = database or self._connect()
                done = _together(database, batch)
            except Exception as error:  # whatever it is, nobody must wait for ever
                done = [_Done(one, error=_unavailable(error)) for one in batch]
            if database and any(isinstance(one.error, Unavailable) for one in done):
                with suppress(Exception):  # it may be broken: a new one next time
                    database.close()
                database = None
            _deliver(done)

    def _next(self, *, alone: bool) -> list[_Waiting]:
        with self._called:
            while not self._waiting:
                self._called.wait()
        if not alone:
            time.sleep(GATHER_SECONDS)
        with self._called:
            count = min(len(self._waiting), MOST_AT_ONCE)
            return [self._waiting.popleft() for _ in range(count)]


def _together(database: Database, batch: list[_Waiting]) -> list[_Done]:
    """One transaction for all; where one fails, each in its own, so that only that one does."""
    try:
        with database.transaction():
            return [_Done(one, one.operation(database.tables)) for one in batch]
    except Exception as error:
        if database.is_trouble(error):  # it would keep each of them waiting once more
            return [_Done(one, error=_unavailable(error)) for one in batch]
        if len(batch) == 1:
            return [_Done(batch[0], error=error)]
    return [done for one in batch for done in _together(database, [one])]


def _unavailable(error: Exception) -> Unavailable:
    unavailable = Unavailable(str(error))
    unavailable.__cause__ = error
    return unavailable


def _deliver(done: Iterable[_Done]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Done]] = {}
    for one in done:
        by_loop.setdefault(one.waiting.loop, []).append(one)
    for loop, ones in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_tell, ones)


def _tell(done: Iterable[_Done]) -> None:
    for one in done:
        future = one.waiting.future
        if future.done():  # the one who asked is gone
            continue
        if one.error is not None:
            future.set_exception(one.error)
        else:
            future.set_result(one.result)
