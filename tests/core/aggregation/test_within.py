"""Agreement of contributors with themselves, against other implementations and laws."""

from typing import Any

import krippendorff as others
import numpy as np
import pytest
from hypothesis import given, settings

from overread.core.aggregation import Judgments
from overread.core.aggregation.within import Again, Within, within
from tests.core.aggregation.crowds import dawid_and_skene, judgments

few = settings(max_examples=40, deadline=None)


def readings(contributors: int, rows: int, chance: float, *, seed: int = 0) -> Again:
    """Two readings of a row by one contributor agree with a chance of `chance`; two classes."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 2, contributors * rows)
    second = np.where(rng.random(len(first)) < chance, first, 1 - first)
    task, worker = np.tile(np.arange(rows), contributors), np.repeat(np.arange(contributors), rows)
    labels = np.concatenate([first, second])
    return Again.of(np.tile(task, 2), np.tile(worker, 2), labels, classes=2)


@given(judgments())
@few
def test_alpha_is_that_of_another_implementation(rows: tuple[Any, ...]) -> None:
    again = Again.of(*rows, classes=3)
    ours = within(again, draws=10).alpha.estimate
    if (again.votes.sum(axis=0) > 0).sum() < 2:
        assert np.isnan(ours)
        return
    theirs = others.alpha(value_counts=again.votes, level_of_measurement="nominal")
    assert ours == pytest.approx(theirs, abs=1e-9)


@given(judgments())
@few
def test_neither_the_order_of_rows_nor_of_readings_matters(rows: tuple[Any, ...]) -> None:
    backwards = tuple(column[::-1] for column in rows)
    there, here = (within(Again.of(*one, classes=3), draws=10) for one in (rows, backwards))
    assert repr(there) == repr(here)


@given(judgments())
@few
def test_laid_out_judgments_say_the_same(rows: tuple[Any, ...]) -> None:
    laid = Again.over(Judgments.of(*rows, classes=3))
    given_ = Again.of(*rows, classes=3)
    assert sorted(laid.worker.tolist()) == sorted(given_.worker.tolist())
    assert repr(within(laid, draws=10)) == repr(within(given_, draws=10))


def test_only_readings_of_one_task_by_one_contributor_meet() -> None:
    task, worker, label = [0, 0, 0, 0, 1, 1], [7, 7, 7, 3, 7, 3], [1, 1, 0, 0, 1, 0]
    again = Again.of(task, worker, label, classes=2)
    found = within(again)
    assert (again.worker.tolist(), again.votes.tolist()) == ([7], [[1, 2]])
    assert (found.repeats, found.contributors) == (1, 1)
    assert found.percent.estimate == pytest.approx(1 / 3)


def test_the_reader_of_1979_who_read_three_times() -> None:
    """Their first reader alone saw the patients three times."""
    again = Again.over(dawid_and_skene()[0])
    assert set(again.worker.tolist()) == {0}
    assert (again.votes.sum(axis=1) == 3).all()
    found = within(again)
    assert found.repeats == 45
    assert found.alpha.low < found.alpha.estimate < found.alpha.high < 1


def test_five_of_five_is_no_certainty() -> None:
    found = within(readings(1, 5, chance=1))
    assert found.percent.estimate == found.percent.high == 1
    assert found.percent.low == pytest.approx(0.621, abs=1e-3)


def test_nothing_again_says_nothing() -> None:
    found = within(Again.of([0, 1], [0, 0], [0, 1], classes=2))
    assert (found.repeats, found.contributors) == (0, 0)
    assert np.isnan([found.percent.estimate, found.alpha.low]).all()


def test_each_contributor_has_figures_of_their_own() -> None:
    again = Again.of([0, 0, 1, 1, 0, 0], [4, 4, 4, 4, 2, 2], [0, 0, 1, 1, 0, 1], classes=2)
    own = {who: within(one) for who, one in again.by_worker().items()}
    assert {who: (one.repeats, one.percent.estimate) for who, one in own.items()} == {
        2: (1, 0.0),
        4: (2, 1.0),
    }


def test_intervals_cover_where_contributors_differ() -> None:
    """30 contributors, whose chances to agree with themselves lie from .6 to 1; .8 on average.

    A bootstrap of rows would cover less: it takes all rows for independent.
    """
    covered = 0
    for seed in range(100):
        chances = np.random.default_rng(seed).uniform(0.6, 1, 30)
        parts = [readings(1, 20, chance, seed=1000 * seed + n) for n, chance in enumerate(chances)]
        votes = np.concatenate([one.votes for one in parts])
        found: Within = within(Again(np.repeat(np.arange(30), 20), votes), draws=300)
        covered += found.percent.low <= 0.8 <= found.percent.high
    assert covered >= 88
