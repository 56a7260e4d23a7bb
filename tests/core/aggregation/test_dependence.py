"""Errors that contributors share weaken what a model makes of their number."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from overread.core.aggregation import Auto, DawidSkene, Judgments
from overread.core.aggregation.auto import label_with
from overread.core.aggregation.dependence import shared_errors, weakened
from overread.core.aggregation.judgments import Integers, nothing_known
from overread.core.aggregation.uncertainty import calibration_error
from tests.core.aggregation.crowds import judgments, simulate


def hard_crowd(spread: float) -> tuple[Judgments, Integers]:
    """1,000 tasks, 15 judgments each; tasks differ in difficulty by `spread` on the logit scale."""
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 2, 1000)
    worker = np.argsort(rng.random((1000, 30)), axis=1)[:, :15].ravel()
    task = np.repeat(np.arange(1000), 15)
    ease = rng.uniform(0.8, 2.4, 30)[worker] + spread * rng.standard_normal(1000)[task]
    right = rng.random(len(task)) < 1 / (1 + np.exp(-ease))
    return Judgments.of(task, worker, np.where(right, truth[task], 1 - truth[task])), truth


def test_independent_errors_are_found_independent() -> None:
    crowd = simulate(tasks=2000, workers=30, per_task=8).judgments
    shared = shared_errors(crowd, DawidSkene().fit_to(crowd), nothing_known(2000))
    assert shared < 0.02


def test_harder_tasks_show_as_shared_errors_without_a_known_label() -> None:
    found = []
    for spread in (0.0, 0.7, 1.5):
        crowd, _ = hard_crowd(spread)
        found.append(shared_errors(crowd, DawidSkene().fit_to(crowd), nothing_known(1000)))
    assert found[0] < 0.02 < found[1] < found[2]


def test_weakened_probabilities_of_hard_tasks_are_nearer_to_the_truth() -> None:
    crowd, truth = hard_crowd(1.2)
    raw = DawidSkene().fit_to(crowd)
    auto = label_with(DawidSkene(), crowd, nothing_known(1000))
    errors = [
        calibration_error(fit.probability, (fit.answer == truth).astype(float))
        for fit in (raw, auto)
    ]
    assert errors[1] < errors[0] / 2


def test_twenty_judgments_that_share_all_errors_are_worth_one() -> None:
    """By hand: odds of 9 to 1 from each of two judgments are 81 to 1, or 9 to 1 as one."""
    posterior = np.array([[81.0, 1.0], [81.0, 1.0], [0.0, 0.0]]) / 82
    found = weakened(posterior, np.array([2, 1, 2]), np.array([0.5, 0.5]), 1.0)
    assert found[0] == pytest.approx([0.9, 0.1])
    assert found[1] == pytest.approx(posterior[1])
    assert found[2].tolist() == [0.0, 0.0]


@given(judgments())
def test_probabilities_stay_probabilities_and_known_labels_certain(rows: tuple[Any, ...]) -> None:
    crowd = Judgments.of(*rows, classes=3)
    known = np.where(np.arange(crowd.tasks) % 3 == 0, 1, -1)
    fit = Auto().fit_to(crowd, known)
    judged = (crowd.per_task > 0) | (known >= 0)
    assert fit.posterior[judged].sum(axis=1) == pytest.approx(np.ones(int(judged.sum())))
    assert (fit.posterior[~judged] == 0).all()
    assert (fit.answer[known >= 0] == 1).all()
    assert 0 <= fit.notes.get("shared errors", 0) <= 1
