"""Work on many things at once comes out in order, and never holds much."""

import threading
from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overread.flows.intake.ahead import HELD, WAITING, Work, ahead


@settings(max_examples=30)
@given(st.lists(st.none() | st.integers(0, HELD), max_size=120), st.integers(1, 4))
def test_items_come_in_their_order_each_with_its_work_done(
    sizes: list[int | None], at_once: int
) -> None:
    done: set[int] = set()

    def work(number: int, size: int) -> int:
        done.add(number)
        return size

    def items() -> Iterator[tuple[int, Work | None]]:
        for number, size in enumerate(sizes):
            yield number, None if size is None else partial(work, number, size)

    for expected, number in enumerate(ahead(items(), at_once)):
        assert number == expected
        assert sizes[number] is None or number in done


@pytest.mark.parametrize(("size", "most"), [(0, WAITING), (HELD, 1 + 3), (HELD // 8, 8 + 3)])
def test_no_more_is_begun_than_fits(size: int, most: int) -> None:
    """Little is taken out, so that all that fits is begun and no more."""
    begun: list[int] = []

    def work() -> int:
        begun.append(size)
        return size

    items = ((number, work) for number in range(10_000))
    for taken, _ in zip(range(20), ahead(items, 3), strict=False):
        assert len(begun) <= taken + 1 + most


def test_work_goes_on_while_the_caller_is_busy() -> None:
    done = [threading.Event() for _ in range(WAITING)]

    def work(number: int) -> int:
        done[number].set()
        return 0

    items = ((number, partial(work, number)) for number in range(WAITING))
    found = ahead(items, 2)
    next(found)
    assert all(one.wait(10) for one in done)


def test_a_row_behind_a_slow_one_waits_and_what_fails_is_raised() -> None:
    gate = threading.Event()

    def slow() -> int:
        gate.wait(10)
        return 0

    def wrong() -> int:
        raise KeyError("a fault of the program")

    found = ahead(iter([("slow", slow), ("none", None), ("wrong", wrong)]), 2)
    gate.set()
    assert [next(found), next(found)] == ["slow", "none"]
    with pytest.raises(KeyError):
        next(found)
