"""The models: the published table, laws, recovery of simulated contributors."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overread.core.aggregation import (
    NO_PRIOR,
    BadJudgments,
    DawidSkene,
    Fit,
    Judgments,
    Majority,
    OneCoin,
)
from overread.core.aggregation import judgments as module
from overread.core.aggregation.judgments import known_labels
from overread.core.aggregation.sums import Local, add_up
from tests.core.aggregation.crowds import dawid_and_skene, judgments, simulate

SIZES = {"tasks": 8, "workers": 5, "classes": 3}
METHODS = (Majority(), OneCoin(), DawidSkene())
few = settings(max_examples=15, deadline=None)


def test_the_table_of_1979_gives_the_estimates_of_the_paper() -> None:
    """Tables 2 and 3: prevalence, error rates, and the patients that the votes leave open."""
    fitted = DawidSkene(NO_PRIOR, iterations=1000, tolerance=1e-12).fit_to(dawid_and_skene()[0])
    assert fitted.prevalence is not None
    assert fitted.confusion is not None
    assert fitted.prevalence == pytest.approx([0.40, 0.42, 0.11, 0.07], abs=0.005)
    first = [[0.89, 0.11, 0, 0], [0.07, 0.88, 0.05, 0], [0, 0.34, 0.66, 0], [0, 0, 0.56, 0.44]]
    assert fitted.confusion[0] == pytest.approx(np.array(first), abs=0.006)
    assert fitted.probability.min() > 0.5
    assert (fitted.probability > 0.9).sum() >= 42


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
class TestLaws:
    @given(judgments(), st.randoms(use_true_random=False))
    @few
    def test_the_order_of_rows_changes_no_byte(
        self, method: Any, rows: tuple[Any, ...], random: Any
    ) -> None:
        order = random.sample(range(len(rows[0])), len(rows[0]))
        shuffled = [column[order] for column in rows]
        same(fit(method, rows), fit(method, shuffled), exactly=True)

    @given(judgments(), st.permutations(range(5)))
    @few
    def test_renaming_contributors_changes_nothing(
        self, method: Any, rows: tuple[Any, ...], names: list[int]
    ) -> None:
        task, worker, label = rows
        same(fit(method, rows), fit(method, (task, np.array(names)[worker], label)))

    @given(judgments(), st.permutations(range(8)))
    @few
    def test_renaming_tasks_renames_the_answers(
        self, method: Any, rows: tuple[Any, ...], names: list[int]
    ) -> None:
        task, worker, label = rows
        renamed = fit(method, (np.array(names)[task], worker, label))
        assert renamed.posterior[names] == pytest.approx(fit(method, rows).posterior, abs=1e-6)

    @given(judgments(), st.permutations(range(3)))
    @few
    def test_swapping_labels_swaps_the_posteriors(
        self, method: Any, rows: tuple[Any, ...], names: list[int]
    ) -> None:
        task, worker, label = rows
        swapped = fit(method, (task, worker, np.array(names)[label]))
        assert swapped.posterior[:, names] == pytest.approx(fit(method, rows).posterior, abs=1e-6)

    @given(judgments())
    @few
    def test_posteriors_add_up_to_one_and_known_labels_stand(
        self, method: Any, rows: tuple[Any, ...]
    ) -> None:
        known = np.array([2, -1, -1, -1, -1, -1, -1, -1])
        fitted = method.fit_to(Judgments.of(*rows, **SIZES), known)
        judged = np.isin(np.arange(8), rows[0]) | (known >= 0)
        assert fitted.posterior.sum(axis=1) == pytest.approx(judged.astype(float))
        assert fitted.answer[0] == 2
        assert (fitted.answer[~judged] == -1).all()


@given(judgments())
@few
def test_the_fit_only_climbs(rows: tuple[Any, ...]) -> None:
    history = DawidSkene(NO_PRIOR, iterations=30, tolerance=0).fit(*rows).history
    assert (np.diff(history) > -1e-5).all()


@given(judgments(), st.integers(1, 7))
@few
def test_partitions_add_up_to_the_same_sums(rows: tuple[Any, ...], cut: int) -> None:
    one = Judgments.of(*rows, **SIZES)
    unknown = known_labels(None, one)
    chances, prior = np.full((15, 3), 0.25), np.array([0.2, 0.3, 0.5])
    chances[::2, 0] = 0.6
    parts = []
    for part in (rows[0] < cut, rows[0] >= cut):
        there = np.unique(rows[0][part])
        task = np.searchsorted(there, rows[0][part])
        sizes = SIZES | {"tasks": len(there)}
        split = Judgments.of(task, rows[1][part], rows[2][part], **sizes)
        parts.append(Local(split, np.full(len(there), -1)).expect(chances, prior))
    whole, summed = Local(one, unknown).expect(chances, prior), add_up(parts)
    assert (whole.counts == summed.counts).all()
    expected = summed.log_likelihood(chances, prior)
    assert whole.log_likelihood(chances, prior) == pytest.approx(expected, abs=1e-9)


def test_compiled_loops_on_any_number_of_threads_do_what_numpy_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crowd = simulate(tasks=9000, workers=50, prevalence=(0.3, 0.7))
    known = np.where(np.arange(9000) % 10, -1, crowd.truth)
    by_numpy = DawidSkene().fit_to(crowd.judgments, known)
    monkeypatch.setattr(module, "WORTH_COMPILING", 0)
    assert (crowd.judgments.codes == simulate_again(crowd).codes).all()
    fits = [
        DawidSkene().fit_to(crowd.judgments, known, place=partial(Local, threads=n))
        for n in (1, 2, 3)
    ]
    assert fits[0].log_likelihood == pytest.approx(by_numpy.log_likelihood, rel=1e-12)
    for one in fits:
        assert (one.posterior == fits[0].posterior).all()
        assert one.posterior == pytest.approx(by_numpy.posterior, abs=1e-12)


def simulate_again(crowd: Any) -> Judgments:
    """The same judgments in another order."""
    order = np.random.default_rng(1).permutation(len(crowd.task))
    columns = (crowd.task[order], crowd.worker[order], crowd.label[order])
    return Judgments.of(*columns, tasks=9000, workers=50, classes=2)


def test_simulated_contributors_are_recovered() -> None:
    crowd = simulate(tasks=4000, workers=8, per_task=6, prevalence=(0.2, 0.3, 0.5))
    fitted = DawidSkene().fit_to(crowd.judgments)
    assert fitted.confusion is not None
    assert np.abs(fitted.confusion - crowd.confusion).max() < 0.06
    assert fitted.prevalence == pytest.approx([0.2, 0.3, 0.5], abs=0.03)
    votes = Majority().fit_to(crowd.judgments)
    assert (fitted.answer == crowd.truth).mean() > (votes.answer == crowd.truth).mean()


def test_hundreds_of_judgments_on_one_task_do_not_underflow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = np.arange(3000)
    label = (worker % 3 > 0).astype(int)
    for least in (0, 1_000_000):
        monkeypatch.setattr(module, "WORTH_COMPILING", least)
        fitted = DawidSkene(iterations=3).fit(np.zeros(3000, int), worker, label)
        assert np.isfinite(fitted.posterior).all()
        assert fitted.answer[0] == 1


def test_expertise_counts_before_anybody_has_judged_much() -> None:
    rows = ([0, 0, 0], [0, 1, 2], [1, 0, 0])
    fitted = OneCoin().fit(*rows, expected=[0.99, 0.55, 0.55])
    assert fitted.answer[0] == 1


def test_one_class_no_judgment_and_one_contributor_have_a_stated_answer() -> None:
    assert DawidSkene().fit([0, 1], [0, 0], [0, 0]).answer.tolist() == [0, 0]
    assert DawidSkene().fit([], [], []).answer.tolist() == []
    alone = DawidSkene().fit([0, 1, 2, 3], [0] * 4, [0, 1, 1, 0])
    assert alone.answer.tolist() == [0, 1, 1, 0]


def test_among_equal_votes_the_first_label_stands_and_is_marked_as_tied() -> None:
    fitted = Majority().fit([0, 0], [0, 1], [1, 0])
    assert (fitted.answer.tolist(), fitted.tied.tolist()) == ([0], [True])


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        (([0], [0, 1], [0]), "length"),
        (([0.5], [0], [0]), "integers"),
        (([0], [-1], [0]), "worker is negative at position 0"),
        (([[0]], [0], [0]), "dimensions"),
        (([0], [0], [float("nan")]), "integers"),
    ],
)
def test_arrays_that_are_no_judgments_are_refused_with_the_reason(
    arrays: tuple[Any, ...], reason: str
) -> None:
    with pytest.raises(BadJudgments, match=reason):
        DawidSkene().fit(*arrays)


def fit(method: Any, rows: Any) -> Fit:
    return method.fit_to(Judgments.of(*rows, **SIZES))


def same(one: Fit, other: Fit, *, exactly: bool = False) -> None:
    assert one.posterior == pytest.approx(other.posterior, abs=0 if exactly else 1e-6)


@pytest.mark.parametrize("is_compiled", [False, True])
def test_a_known_label_that_everybody_misses_keeps_the_likelihood_finite(
    is_compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2000 votes of 0.999 against 0.001 leave the known class far below the least float."""
    if not is_compiled:
        monkeypatch.setattr("overread.core.aggregation.sums.compiled_loops", lambda _: None)
    else:
        loops = pytest.importorskip("overread.core.aggregation._compiled")
        monkeypatch.setattr("overread.core.aggregation.sums.compiled_loops", lambda _: loops)
    votes = 2000
    one = Judgments.of(*(np.zeros(votes, dtype=np.int64),) * 3, tasks=1, workers=1, classes=2)
    chances = np.array([[0.999, 0.001], [0.001, 0.999]])
    prior = np.array([0.5, 0.5])
    sums = Local(one, np.array([1])).expect(chances, prior)
    assert sums.log_likelihood(chances, prior) == pytest.approx(votes * np.log(0.001) + np.log(0.5))
