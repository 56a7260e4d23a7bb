"""Agreement, against other implementations, worked examples and laws."""

import tracemalloc
from typing import Any

import krippendorff as others
import numpy as np
import pytest
from hypothesis import given, settings
from statsmodels.stats import inter_rater

from overread.core.aggregation import Judgments
from overread.core.aggregation.agreement import (
    COEFFICIENTS,
    Patterns,
    agreement,
    by_group,
    cohen,
    fleiss,
    gwet,
    krippendorff,
    percent,
    with_the_rest,
)
from tests.core.aggregation.crowds import dawid_and_skene, judgments, simulate

few = settings(max_examples=30, deadline=None)


def estimate(votes: Any, coefficient: Any) -> float:
    patterns = Patterns.of(np.asarray(votes))
    return float(coefficient(patterns.votes.astype(float), patterns.counts.astype(float)))


@given(judgments(classes=4))
@few
@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_alpha_is_that_of_another_implementation(level: str, rows: tuple[Any, ...]) -> None:
    votes = Judgments.of(*rows, classes=4).votes
    values = np.array([0.0, 1.0, 2.0, 5.0])
    ours = estimate(votes, krippendorff(level, values))
    if len(np.unique(rows[2])) < 2 or np.isnan(ours):
        return
    if (votes[votes.sum(axis=1) > 1].sum(axis=0) > 0).sum() < 2:
        return
    theirs = others.alpha(value_counts=votes, value_domain=values, level_of_measurement=level)
    assert ours == pytest.approx(theirs, abs=1e-9)


def test_kappas_are_those_of_another_implementation() -> None:
    crowd = simulate(tasks=60, workers=5, per_task=5, prevalence=(0.2, 0.3, 0.5))
    votes = crowd.judgments.votes
    assert estimate(votes, fleiss) == pytest.approx(inter_rater.fleiss_kappa(votes))
    by_reader = np.empty((60, 5), dtype=int)
    by_reader[crowd.task, crowd.worker] = crowd.label
    table, _ = inter_rater.to_table(by_reader[:, [0, 3]], bins=3)
    theirs = inter_rater.cohens_kappa(table, return_results=False)
    assert cohen(crowd.judgments, 0, 3) == pytest.approx(theirs)


def test_gwets_ac1_stays_where_kappa_falls() -> None:
    """118 of 125 cases agreed upon as negative, 5 disagreed upon, 2 ... (Gwet 2002, table 1)."""
    votes = np.array([[2, 0]] * 118 + [[1, 1]] * 7)
    assert estimate(votes, percent) == pytest.approx(0.944)
    assert estimate(votes, fleiss) < 0
    share = 7 / 250
    by_chance = 2 * share * (1 - share)
    assert estimate(votes, gwet) == pytest.approx((0.944 - by_chance) / (1 - by_chance))


@given(judgments())
@few
@pytest.mark.parametrize("name", list(COEFFICIENTS))
def test_everybody_agreeing_is_one_and_order_is_nothing(name: str, rows: tuple[Any, ...]) -> None:
    task, worker, label = rows
    same = Judgments.of(task, worker, task % 3, classes=3)
    found = estimate(same.votes, COEFFICIENTS[name])
    assert np.isnan(found) or found == pytest.approx(1)
    backwards = Judgments.of(task[::-1], worker[::-1], label[::-1]).votes
    there = estimate(Judgments.of(*rows).votes, COEFFICIENTS[name])
    assert estimate(backwards, COEFFICIENTS[name]) == pytest.approx(there, nan_ok=True)


def test_the_interval_holds_the_estimate_and_is_the_same_again() -> None:
    table = dawid_and_skene()[0]
    first, second = (agreement(table, fleiss, np.random.default_rng(1)) for _ in range(2))
    assert first == second
    assert first.low < first.estimate < first.high


def test_bootstrap_intervals_cover_the_true_agreement() -> None:
    """Two readers at 80 % on balanced classes: 68 % raw agreement."""
    covered = 0
    for seed in range(100):
        crowd = simulate(tasks=150, workers=2, per_task=2, accuracy=(0.8, 0.8), seed=seed)
        found = agreement(crowd.judgments, percent, np.random.default_rng(seed), draws=300)
        covered += found.low <= 0.68 <= found.high
    assert covered >= 88


def test_without_two_judgments_on_a_task_nothing_is_said() -> None:
    alone = Judgments.of([0, 1], [0, 1], [0, 1])
    assert np.isnan(agreement(alone, fleiss, np.random.default_rng(1)).estimate)
    assert np.isnan(with_the_rest(alone)[0]).all()


def test_a_contributor_is_compared_with_the_rest() -> None:
    same, kappa = with_the_rest(Judgments.of([0, 0, 0, 1, 1], [0, 1, 2, 0, 1], [1, 1, 0, 0, 0]))
    assert same.tolist() == [0.75, 0.75, 0.0]
    assert kappa[0] > kappa[2] == 0


def test_subgroups_have_agreement_of_their_own() -> None:
    crowd = Judgments.of([0, 0, 1, 1, 2, 2], [0, 1] * 3, [0, 0, 1, 1, 0, 1])
    found = by_group(crowd, [0, 0, 1], percent, np.random.default_rng(1))
    assert (found[0].estimate, found[1].estimate) == (1.0, 0.0)


def test_many_classes_take_little_memory() -> None:
    rng = np.random.default_rng(3)
    tasks = np.repeat(np.arange(3000), 2)
    made = Judgments.of(tasks, np.tile([0, 1], 3000), rng.integers(0, 500, 6000))
    tracemalloc.start()
    found = agreement(made, krippendorff(), rng)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.low <= found.estimate <= found.high
    assert peak < 200e6  # a table of pairs for each draw would be 2 GB
