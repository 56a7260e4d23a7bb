"""Several things at once, with their results in order, and never many of them in memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
# Items without work that may wait behind one that is being worked on.
IDLE = 1_000


def ahead(
    items: Iterable[tuple[Item, Callable[[], object] | None]], at_once: int
) -> Iterator[Item]:
    """The items in their order, each when its work is done; twice `at_once` are begun or done."""
    with ThreadPoolExecutor(at_once) as threads:
        waiting: deque[tuple[Item, Future[object] | None]] = deque()
        begun = 0
        try:
            for item, work in items:
                waiting.append((item, threads.submit(work) if work else None))
                begun += work is not None
                while waiting and (
                    waiting[0][1] is None or begun > 2 * at_once or len(waiting) > IDLE
                ):
                    done, future = waiting.popleft()
                    if future is not None:
                        future.result()
                        begun -= 1
                    yield done
            for done, future in waiting:
                if future is not None:
                    future.result()
                yield done
        finally:
            for _, future in waiting:
                if future is not None:
                    future.cancel()
