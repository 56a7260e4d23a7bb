"""Intervals cover, posteriors are as sure as they should be, the guard guards."""

import numpy as np
import pytest

from overread.core.aggregation import DawidSkene, Fit, Judgments, Majority
from overread.core.aggregation.auto import Auto, collapse
from overread.core.aggregation.doubt import NO_DOUBT, doubt
from overread.core.aggregation.information import information
from overread.core.aggregation.intervals import beta_quantile, share
from overread.core.aggregation.uncertainty import (
    believed_accuracy,
    calibration_error,
    label_accuracy,
    prevalence,
    recall,
    recalls,
    value_of_expert,
    value_of_judgment,
)
from tests.core.aggregation.crowds import simulate


def test_beta_quantiles_are_right() -> None:
    """Closed forms: beta(1, 1) is uniform, beta(a, 1) has quantile q^(1/a); and a symmetric one."""
    assert beta_quantile(0.3, 1, 1) == pytest.approx(0.3)
    assert beta_quantile(0.975, 7, 1) == pytest.approx(0.975 ** (1 / 7))
    assert beta_quantile(0.5, 1234.5, 1234.5) == pytest.approx(0.5)


def test_nine_of_ten_has_jeffreys_interval() -> None:
    """Brown, Cai and DasGupta 2001 tabulate 0.619 to 0.989."""
    found = share(9, 10)
    assert (found.low, found.high) == (
        pytest.approx(0.619, abs=5e-4),
        pytest.approx(0.989, abs=5e-4),
    )
    assert share(10, 10).high == 1.0


def test_intervals_of_contributors_and_prevalence_cover() -> None:
    """Readers whose truth nobody knows: 93 to 97 % of the intervals hold the true figure."""
    hits, hit_prevalence = [], []
    for seed in range(25):
        crowd = simulate(tasks=400, workers=10, per_task=6, prevalence=(0.35, 0.65), seed=seed)
        fit = DawidSkene().fit_to(crowd.judgments)
        rates = recall(crowd.judgments, fit)
        true = np.stack([crowd.confusion[:, k, k] for k in range(2)], axis=1)
        hits.append((rates.low <= true) & (true <= rates.high))
        one = prevalence(fit)[0]
        hit_prevalence.append(one.low <= 0.35 <= one.high)
    assert 0.92 <= np.mean(hits) <= 0.98
    assert np.mean(hit_prevalence) >= 0.88


@pytest.mark.parametrize(("most", "least"), [(0, 0.75), (1000, 0.9)], ids=["apart", "joint"])
def test_intervals_cover_where_few_readers_share_their_tasks(
    most: int, least: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three judgments a task by eight readers: what isn't known of one is not known of the others
    either, which matters most to the prevalence. Crowds too large for the joint information tie
    each contributor to the prevalence alone."""
    monkeypatch.setattr("overread.core.aggregation.information.MOST_PARAMETERS", most)
    hits, hit_prevalence = [], []
    for seed in range(20):
        crowd = simulate(tasks=600, workers=8, per_task=3, prevalence=(0.35, 0.65), seed=seed)
        fit = DawidSkene().fit_to(crowd.judgments)
        known = information(crowd.judgments, fit)
        assert known is not None
        rates = recalls(known)
        true = np.stack([crowd.confusion[:, k, k] for k in range(2)], axis=1)
        hits.append((rates.low <= true) & (true <= rates.high))
        one = prevalence(fit, known)[0]
        hit_prevalence.append(one.low <= 0.35 <= one.high)
    assert 0.93 <= np.mean(hits) <= 0.97
    assert np.mean(hit_prevalence) >= least


def test_simulated_posteriors_are_calibrated() -> None:
    crowd = simulate(tasks=4000, workers=40, per_task=4)
    fit = DawidSkene().fit_to(crowd.judgments)
    right = (fit.answer == crowd.truth).astype(float)
    assert calibration_error(fit.probability, right) < 0.03
    believed = believed_accuracy(fit)
    assert believed.low - 0.02 < right.mean() < believed.high + 0.02


@pytest.mark.parametrize("most", [0, 1000], ids=["apart", "joint"])
def test_a_fit_to_few_judgments_expects_of_its_labels_what_they_are_worth(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own probabilities are too sure, since the same judgments chose the parameters."""
    monkeypatch.setattr("overread.core.aggregation.information.MOST_PARAMETERS", most)
    plain, doubted, hits = [], [], []
    for seed in range(16):
        crowd = simulate(tasks=400, workers=12, per_task=3, prevalence=(0.35, 0.65), seed=seed)
        fit = DawidSkene().fit_to(crowd.judgments)
        known = information(crowd.judgments, fit)
        assert known is not None
        true = float((fit.answer == crowd.truth).mean())
        found = doubt(crowd.judgments, fit, known, np.random.default_rng(1))
        believed = believed_accuracy(fit, found)
        plain.append(believed_accuracy(fit).estimate - true)
        doubted.append(believed.estimate - true)
        hits.append(believed.low <= true <= believed.high)
    assert abs(np.mean(doubted)) < abs(np.mean(plain)) / 2
    assert np.mean(hits) >= 0.85


def test_a_fit_without_matrices_has_no_doubt_to_tell_of() -> None:
    crowd = simulate(tasks=50).judgments
    known = information(crowd, DawidSkene().fit_to(crowd))
    assert known is not None
    assert doubt(crowd, Majority().fit_to(crowd), known, np.random.default_rng(1)) == NO_DOUBT


def test_accuracy_from_an_expert_read_sample_has_an_interval() -> None:
    crowd = simulate(tasks=300)
    sample = np.where(np.arange(300) < 60, crowd.truth, -1)
    fit = Majority().fit_to(crowd.judgments)
    found = label_accuracy(fit, sample)
    assert found.low < found.estimate < found.high
    assert found.estimate == pytest.approx((fit.answer == crowd.truth)[:60].mean())


def test_a_task_that_divides_readers_is_worth_more_than_one_that_does_not() -> None:
    """By hand: at 50 to 50 a judgment of a crowd that is right on 80 % wins 30 points, at 90 to
    10 it can't change the answer, an expert wins what is missing to certainty."""
    counts = np.array([[[79.0, 20.0], [20.0, 79.0]]])
    fit = Fit("x", np.array([[0.5, 0.5], [0.9, 0.1], [0.3, 0.7]]), counts=counts)
    assert value_of_expert(fit) == pytest.approx([0.5, 0.1, 0.3])
    assert value_of_judgment(fit) == pytest.approx([0.3, 0.0, 0.1])


class TestTheGuard:
    def test_a_small_panel_gets_one_accuracy_each_and_a_crowd_gets_matrices(self) -> None:
        panel = Auto().fit_to(simulate(tasks=300, workers=5, per_task=5).judgments)
        crowd = Auto().fit_to(simulate(tasks=2000, workers=40, per_task=5).judgments)
        assert (panel.notes["chosen"], crowd.notes["chosen"]) == ("one-coin", "dawid-skene")
        assert "small panel" in panel.notes["reason"]

    @pytest.mark.parametrize("readers", [3, 5, 8])
    def test_on_panels_with_a_rare_class_it_stays_with_the_majority(self, readers: int) -> None:
        for seed in range(5):
            panel = simulate(
                tasks=500,
                workers=readers,
                per_task=readers,
                prevalence=(0.95, 0.05),
                accuracy=(0.8, 0.97),
                seed=seed,
            )
            votes, auto = Majority().fit_to(panel.judgments), Auto().fit_to(panel.judgments)
            lost = (votes.answer == panel.truth).mean() - (auto.answer == panel.truth).mean()
            assert lost <= 0.01

    def test_a_unanimous_vote_is_overruled_by_no_model(self) -> None:
        crowd = simulate(tasks=1000, workers=30, per_task=4, accuracy=(0.5, 0.8)).judgments
        votes, auto = Majority().fit_to(crowd), Auto().fit_to(crowd)
        unanimous = votes.probability == 1
        assert (votes.answer == auto.answer)[unanimous].all()

    def test_known_labels_can_change_its_mind(self) -> None:
        """Half of a small panel mixes two classes up; test questions show it."""
        rng = np.random.default_rng(3)
        truth = rng.integers(0, 3, 600)
        label = np.stack([truth] * 5, axis=1)
        for reader in range(3):
            fooled = (truth == 2) & (rng.random(600) < 0.8)
            label[fooled, reader] = 1
        judgments = Judgments.of(
            np.repeat(np.arange(600), 5), np.tile(np.arange(5), 600), label.ravel()
        )
        known = np.where(np.arange(600) < 150, truth, -1)
        fit = Auto().fit_to(judgments, known)
        assert fit.notes["chosen"] == "dawid-skene"
        assert "held out" in fit.notes["reason"]
        # What it says of itself holds for tasks that had no part in the choice.
        measured = fit.notes["right"] / fit.notes["tested"]
        assert measured == pytest.approx((fit.answer == truth)[150:].mean(), abs=0.05)
        assert measured <= fit.notes["trials"]["dawid-skene"]

    def test_few_known_labels_choose_nothing_but_measure(self) -> None:
        crowd = simulate(tasks=200, workers=12, per_task=5)
        known = np.where(np.arange(200) < 10, crowd.truth, -1)
        notes = Auto().fit_to(crowd.judgments, known).notes
        assert (notes["trials"], notes["tested"]) == ({}, 10)
        assert notes["right"] >= 8
        assert "calibration" not in notes

    def test_it_warns_where_a_fit_leaves_the_votes_in_one_direction(self) -> None:
        crowd = simulate(tasks=300, workers=5, per_task=5, prevalence=(0.9, 0.1)).judgments
        fit = Majority().fit_to(crowd)
        assert collapse(crowd, fit) == []
        moved = fit.answer.copy()
        moved[np.flatnonzero((fit.answer == 0) & ~fit.tied)[:30]] = 1
        warning = collapse(crowd, type(fit)("x", fit.posterior, settled=moved))
        assert "one direction" in warning[0]

    def test_known_labels_calibrate_the_probabilities_of_the_others(self) -> None:
        """Readers who share their errors: a tenth of the tasks looks like the other class."""
        crowd = simulate(tasks=3000, workers=40, per_task=5, accuracy=(0.85, 0.95))
        truth = np.where(np.random.default_rng(5).random(3000) < 0.1, 1 - crowd.truth, crowd.truth)
        known = np.where(np.arange(3000) < 300, truth, -1)
        fit, unaware = Auto().fit_to(crowd.judgments, known), Auto().fit_to(crowd.judgments)
        right = (fit.answer == truth)[300:].astype(float)
        assert calibration_error(unaware.probability[300:], right) > 0.03
        assert calibration_error(fit.probability[300:], right) < 0.03
        assert (fit.posterior[:300].max(axis=1) == 1).all()
        assert fit.posterior.sum(axis=1) == pytest.approx(np.ones(3000))


@pytest.mark.parametrize("sure", [1.0, 0.9999, 0.8001])
def test_what_a_fit_believes_lies_within_its_bounds(sure: float) -> None:
    fit = Fit("x", np.tile([sure, 1 - sure], (50, 1)))
    believed = believed_accuracy(fit)
    assert believed.low <= believed.estimate + 1e-12
    assert believed.high >= believed.estimate - 1e-12
