"""Several things at once, with their results in order, and never much of them in memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

Item = TypeVar("Item")
# What is done for an item, where something is; it gives the bytes that the item then holds.
Work = Callable[[], int]
# Items that may wait for one before them, and the bytes that are enough for fewer.
WAITING, HELD = 64, 32 * 2**20


def ahead(items: Iterable[tuple[Item, Work | None]], at_once: int) -> Iterator[Item]:
    """The items in their order, each when its work is done."""
    waiting: deque[tuple[Item, Future[int] | None]] = deque()
    load = _Load(2 * at_once)
    with ThreadPoolExecutor(at_once) as threads:
        try:
            for item, work in items:
                waiting.append((item, load.begin(threads, work) if work else None))
                while waiting and (
                    waiting[0][1] is None or load.is_full or len(waiting) >= WAITING
                ):
                    yield load.end(*waiting.popleft())
            while waiting:
                yield load.end(*waiting.popleft())
        finally:
            for _, future in waiting:
                if future is not None:
                    future.cancel()


class _Load:
    """Counts what is begun and not done, and the bytes of what is done and not yet taken."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._begun = self._held = 0
        self._counting = Lock()

    @property
    def is_full(self) -> bool:
        return self._begun >= self._most or self._held >= HELD

    def begin(self, threads: ThreadPoolExecutor, work: Work) -> "Future[int]":
        with self._counting:
            self._begun += 1
        future = threads.submit(work)
        future.add_done_callback(self._done)
        return future

    def _done(self, future: "Future[int]") -> None:
        with self._counting:
            self._begun -= 1
            if not future.cancelled() and not future.exception():
                self._held += future.result()

    def end(self, item: Item, future: "Future[int] | None") -> Item:
        if future is not None:
            size = future.result()
            with self._counting:
                self._held -= size
        return item
