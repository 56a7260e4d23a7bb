"""Several things at once, with their results in order, and never much of them in memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from threading import Condition
from typing import TypeVar

Item = TypeVar("Item")
# What is done for an item, where something is; it gives the bytes that the item then holds.
Work = Callable[[], int]
# Items that may wait for one before them, and the bytes that are enough for fewer.
WAITING, HELD = 256, 32 * 2**20


def ahead(items: Iterable[tuple[Item, Work | None]], at_once: int) -> Iterator[Item]:
    """The items in their order, each when its work is done.

    Work goes on while the caller is busy with an item, as far as there is room.
    """
    waiting: deque[tuple[Item, Future[int] | None]] = deque()
    room = _Room()
    with ThreadPoolExecutor(at_once) as threads:
        try:
            places = count()
            for item, work in items:
                future = threads.submit(room.fill, next(places), work) if work else None
                waiting.append((item, future))
                while waiting and (waiting[0][1] is None or len(waiting) >= WAITING):
                    yield room.empty(*waiting.popleft())
            while waiting:
                yield room.empty(*waiting.popleft())
        finally:
            for _, future in waiting:
                if future is not None:
                    future.cancel()
            room.open()


class _Room:
    """For the bytes of what is done and not yet taken; what is taken next has room in any case."""

    def __init__(self) -> None:
        self._held = self._next = 0
        self._most: float = HELD
        self._changed = Condition()

    def fill(self, place: int, work: Work) -> int:
        """Do the work of the item at this place once there is room."""
        with self._changed:
            self._changed.wait_for(lambda: self._held < self._most or place == self._next)
        size = work()
        with self._changed:
            self._held += size
        return size

    def empty(self, item: Item, future: "Future[int] | None") -> Item:
        """Take the next item."""
        if future is None:
            return item
        size = future.result()
        with self._changed:
            self._held -= size
            self._next += 1
            self._changed.notify_all()
        return item

    def open(self) -> None:
        """Whoever waits need not any more."""
        with self._changed:
            self._most = float("inf")
            self._changed.notify_all()
