"""Chance-corrected agreement, with bootstrap intervals over tasks.

Every coefficient is computed from how often each pattern of votes occurs, so that a bootstrap
draws counts of patterns and never walks the tasks. Tasks with one judgment say nothing about
agreement and are left out.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from overread.core.aggregation.intervals import LEVEL, Interval, undefined
from overread.core.aggregation.judgments import Floats, Integers, Judgments, parts

DRAWS = 1000
AT_ONCE = 4_000_000
Coefficient = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class Patterns:
    """votes: (patterns, classes) judgments by class; counts: (patterns,) tasks with them."""

    votes: Integers
    counts: Integers

    @classmethod
    def of(cls, votes: Integers) -> "Patterns":
        return cls.together([(votes, np.ones(len(votes), dtype=np.int64))])

    @classmethod
    def over(cls, judgments: Judgments) -> "Patterns":
        """Part by part: the votes on all tasks at once would be large."""
        found = (cls.of(part.votes) for _, part in parts(judgments))
        return cls.together([(one.votes, one.counts) for one in found])

    @classmethod
    def together(cls, found: Sequence[tuple[Integers, Integers]]) -> "Patterns":
        votes = np.concatenate([one for one, _ in found])
        counts = np.concatenate([count for _, count in found])
        several = votes.sum(axis=1) > 1
        unique, place = np.unique(votes[several], axis=0, return_inverse=True)
        summed = np.bincount(place.reshape(-1), counts[several], len(unique)).astype(np.int64)
        return cls(unique.reshape(-1, votes.shape[1]), summed)


def percent(votes: Floats, counts: Floats) -> Floats:
    """Share of pairs of judgments of a task that agree, averaged over tasks.

    votes: (patterns, classes); counts: (..., patterns). Returns (...,).
    """
    return _mean(_agreeing(votes), counts)


def fleiss(votes: Floats, counts: Floats) -> Floats:
    """Fleiss' kappa: (P - Pe) / (1 - Pe), Pe the chance that two judgments drawn from all agree
    (Fleiss 1971, Psychological Bulletin 76:378-382); numbers of judgments may differ."""
    total = counts @ votes
    shares = total / np.maximum(total.sum(axis=-1, keepdims=True), 1)
    return _corrected(percent(votes, counts), (shares**2).sum(axis=-1))


def gwet(votes: Floats, counts: Floats) -> Floats:
    """Gwet's AC1: Pe = sum of p(1 - p) / (K - 1) (Gwet 2008, Br J Math Stat Psychol 61:29-48).

    It stays steady where one class is rare, where kappa falls although people agree.
    """
    per_task = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
    shares = (counts @ per_task) / np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    classes = max(votes.shape[1] - 1, 1)
    return _corrected(percent(votes, counts), (shares * (1 - shares)).sum(axis=-1) / classes)


def krippendorff(level: str = "nominal", values: ArrayLike | None = None) -> Coefficient:
    """Krippendorff's alpha: 1 - Do / De, with missing judgments (Krippendorff 2019, ch. 12).

    level: nominal, ordinal (classes in their order) or interval (`values`, (classes,)).
    """
    if level == "nominal":
        return _nominal_alpha

    def alpha(votes: Floats, counts: Floats) -> Floats:
        drawn = np.atleast_2d(counts)
        found = np.array([_alpha(votes, one, level, values) for one in drawn])
        return found.reshape(counts.shape[:-1])

    return alpha


def _nominal_alpha(votes: Floats, counts: Floats) -> Floats:
    """Without the table of pairs: only how many pairs are of one class matters."""
    judged = votes.sum(axis=1)
    same = (votes * (votes - 1)).sum(axis=1) / np.maximum(judged - 1, 1)
    marginal = counts @ votes
    total = marginal.sum(axis=-1)
    expected = (total**2 - (marginal**2).sum(axis=-1)) / np.maximum(total - 1, 1)
    return _ratio(expected - (total - counts @ same), expected)


def _alpha(votes: Floats, counts: Floats, level: str, values: ArrayLike | None) -> Floats:
    weighed = votes * (counts / np.maximum(votes.sum(axis=1) - 1, 1))[:, None]
    together = weighed.T @ votes - np.diag(weighed.sum(axis=0))
    marginal = together.sum(axis=-1)
    distance = _distance(level, marginal, values)
    observed = (together * distance).sum()
    expected = (np.outer(marginal, marginal) * distance).sum() / max(marginal.sum() - 1, 1)
    return _ratio(expected - observed, expected)


def _distance(level: str, marginal: Floats, values: ArrayLike | None) -> Floats:
    """(classes, classes) squared differences."""
    if level == "interval":
        points = np.arange(len(marginal)) if values is None else np.asarray(values, dtype=float)
    elif level == "ordinal":
        points = np.cumsum(marginal) - marginal / 2
    else:
        raise ValueError(f"level is nominal, ordinal or interval, not {level}")
    apart: Floats = np.subtract.outer(points, points) ** 2.0
    return apart


def _agreeing(votes: Floats) -> Floats:
    judged = votes.sum(axis=1)
    same = (votes * (votes - 1)).sum(axis=1)
    out = np.zeros(len(votes))
    np.divide(same, judged * (judged - 1), out=out, where=judged > 1)
    return out


def _mean(each: Floats, counts: Floats) -> Floats:
    return _ratio(counts @ each, counts.sum(axis=-1))


def _corrected(observed: Floats, by_chance: Floats) -> Floats:
    return _ratio(observed - by_chance, 1 - by_chance)


def _ratio(above: Floats, below: Floats) -> Floats:
    """NaN where it isn't defined: without pairs, or where one class alone was used."""
    above, below = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    out = np.full(above.shape, np.nan)
    np.divide(above, below, out=out, where=np.abs(below) > 1e-12)
    return out


COEFFICIENTS: dict[str, Coefficient] = {
    "percent agreement": percent,
    "Fleiss' kappa": fleiss,
    "Gwet's AC1": gwet,
    "Krippendorff's alpha": krippendorff(),
}


def agreement(
    judgments: Judgments | Patterns,
    coefficient: Coefficient,
    rng: np.random.Generator,
    *,
    draws: int = DRAWS,
    level: float = LEVEL,
) -> Interval:
    """A coefficient with its percentile bootstrap over tasks.

    NaN where nothing can be said: no task has two judgments, or all chose one class.
    """
    patterns = Patterns.over(judgments) if isinstance(judgments, Judgments) else judgments
    return bootstrapped(patterns, coefficient, _drawn(patterns, rng, draws), level=level)


def bootstrapped(
    patterns: Patterns, coefficient: Coefficient, drawn: Iterator[Floats], *, level: float = LEVEL
) -> Interval:
    """The same with the percentiles of what was drawn: (some draws, patterns) counts at a time."""
    if not len(patterns.counts):
        return undefined(level)
    floats = patterns.votes.astype(float)
    estimate = float(coefficient(floats, patterns.counts.astype(float)))
    found = np.concatenate([coefficient(floats, counts) for counts in drawn])
    found = found[~np.isnan(found)]
    if np.isnan(estimate) or not len(found):
        return undefined(level)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Interval(estimate, float(low), float(high), level)


def _drawn(patterns: Patterns, rng: np.random.Generator, draws: int) -> Iterator[Floats]:
    """(some draws, patterns) counts of a bootstrap, so many at a time that memory stays small."""
    tasks = int(patterns.counts.sum())
    at_once = max(1, AT_ONCE // max(patterns.votes.shape))
    for start in range(0, draws, at_once):
        size = min(at_once, draws - start)
        yield rng.multinomial(tasks, patterns.counts / tasks, size=size).astype(float)


def by_group(
    judgments: Judgments, group: ArrayLike, coefficient: Coefficient, rng: np.random.Generator
) -> dict[int, Interval]:
    """The coefficient in each subgroup of tasks; group: (tasks,) numbers."""
    of = np.asarray(group)
    votes = judgments.votes
    return {
        int(one): agreement(Patterns.of(votes[of == one]), coefficient, rng)
        for one in np.unique(of)
    }


def cohen(judgments: Judgments, one: int, other: int) -> float:
    """Cohen's kappa of two contributors on the tasks that both judged, first answers.

    Cohen 1960, Educ Psychol Meas 20:37-46. NaN without such tasks.
    """
    first, second = _labels_of(judgments, one), _labels_of(judgments, other)
    both = [(first[task], second[task]) for task in first.keys() & second.keys()]
    if not both:
        return float("nan")
    table = np.zeros((judgments.classes, judgments.classes))
    np.add.at(table, tuple(np.array(both).T), 1 / len(both))
    observed, by_chance = np.trace(table), table.sum(axis=0) @ table.sum(axis=1)
    return float(_corrected(observed, by_chance))


def _labels_of(judgments: Judgments, worker: int) -> dict[int, int]:
    own = judgments.worker == worker
    pairs = zip(judgments.task[own].tolist(), judgments.label[own].tolist(), strict=True)
    return dict(reversed(list(pairs)))


def with_the_rest(judgments: Judgments) -> tuple[Floats, Floats]:
    """(workers,) share of others' judgments of the same tasks that a contributor agrees with, and
    the same corrected for chance (kappa against the rest); NaN for who never met anybody."""
    workers, classes = judgments.workers, judgments.classes
    number, agreed = np.zeros(workers), np.zeros(workers)
    own, rest = np.zeros((workers, classes)), np.zeros((workers, classes))
    for _, part in parts(judgments):
        task, label = part.task, part.label
        met = part.per_task[task] > 1
        task, label, worker = task[met], label[met], part.worker[met]
        others = (part.per_task[task] - 1).astype(np.float64)
        number += np.bincount(worker, minlength=workers)
        agreed += np.bincount(worker, (part.votes[task, label] - 1) / others, workers)
        for k in range(classes):
            said = label == k
            own[:, k] += np.bincount(worker, said, workers)
            rest[:, k] += np.bincount(worker, (part.votes[task, k] - said) / others, workers)
    observed = _ratio(agreed, number)
    scale = np.maximum(number, 1)[:, None]
    by_chance = (own / scale * (rest / scale)).sum(axis=1)
    return observed, _corrected(observed, by_chance)
