"""How sure a fit is: of contributors, of the whole, and where one more look helps most."""

from dataclasses import dataclass

import numpy as np

from overread.core.aggregation.fit import Fit
from overread.core.aggregation.intervals import LEVEL, Interval, bounds, share, undefined
from overread.core.aggregation.judgments import Floats, Integers, Judgments, parts

_EDGE = 1e-6


@dataclass(frozen=True)
class Rates:
    """(workers, ...) shares with bounds; NaN where a contributor met no such task."""

    estimate: Floats
    low: Floats
    high: Floats


def recall(judgments: Judgments, fit: Fit, level: float = LEVEL) -> Rates:
    """(workers, classes) how often a contributor finds each class: sensitivity and specificity.

    The count of tasks is what they are worth, not their number: the true class is itself only
    probable, which by Louis's identity (1982, JRSS B 44:226-233) leaves the information
    n / (a(1 - a)) less the sum over judgments of p(1 - p) s^2, s = 1/a for a hit and 1/(1 - a)
    for a miss. Bounds are Jeffreys' with that many tasks.
    """
    workers, classes = judgments.workers, judgments.classes
    expected, hits, vague_hits, vague_misses = (np.zeros((workers, classes)) for _ in range(4))
    for tasks, part in parts(judgments):
        posterior, task, worker, label = fit.posterior[tasks], part.task, part.worker, part.label
        for k in range(classes):
            p = posterior[task, k]
            hit = label == k
            vague = p * (1 - p)
            expected[:, k] += np.bincount(worker, p, workers)
            hits[:, k] += np.bincount(worker, p * hit, workers)
            vague_hits[:, k] += np.bincount(worker, vague * hit, workers)
            vague_misses[:, k] += np.bincount(worker, vague * ~hit, workers)
    return _rates(expected, hits, vague_hits, vague_misses, level)


def accuracy(judgments: Judgments, fit: Fit, level: float = LEVEL) -> Rates:
    """(workers,) how often a contributor's label is the true one, by the fit; as in `recall`."""
    vague, right = np.zeros(judgments.workers), np.zeros(judgments.workers)
    for tasks, part in parts(judgments):
        p = fit.posterior[tasks][part.task, part.label]
        vague += np.bincount(part.worker, p * (1 - p), judgments.workers)
        right += np.bincount(part.worker, p, judgments.workers)
    made = judgments.per_worker.astype(np.float64)
    a = _inside(right, made)
    # Each judgment is a hit or a miss with p: its score is 1/a or -1/(1 - a).
    lost = vague / (a * (1 - a)) ** 2
    return _bounded(right, made, a, made / (a * (1 - a)) - lost, level)


def _rates(
    expected: Floats, hits: Floats, vague_hits: Floats, vague_misses: Floats, level: float
) -> Rates:
    a = _inside(hits, expected)
    information = expected / (a * (1 - a)) - vague_hits / a**2 - vague_misses / (1 - a) ** 2
    return _bounded(hits, expected, a, information, level)


def _inside(right: Floats, of: Floats) -> Floats:
    """A share away from 0 and 1, as half a hit and half a miss more give it."""
    return (right + 0.5) / (of + 1)


def _bounded(right: Floats, of: Floats, a: Floats, information: Floats, level: float) -> Rates:
    worth = np.clip(information * a * (1 - a), 0.0, of)
    estimate = np.divide(right, of, out=np.full(of.shape, np.nan), where=of > _EDGE)
    filled = np.nan_to_num(estimate, nan=0.5)
    low, high = bounds(filled * worth, (1 - filled) * worth, level)
    return Rates(estimate, low, high)


def prevalence(fit: Fit, level: float = LEVEL) -> list[Interval]:
    """Of each class among tasks like these, its interval as wide as the true classes are vague."""
    judged = fit.posterior[fit.posterior.sum(axis=1) > 0]
    tasks = np.full(fit.posterior.shape[1], float(len(judged)))
    right = judged.sum(axis=0)
    a = _inside(right, tasks)
    vague = (judged * (1 - judged)).sum(axis=0)
    information = tasks / (a * (1 - a)) - vague / (a * (1 - a)) ** 2
    rates = _bounded(right, tasks, a, information, level)
    rows = zip(rates.estimate, rates.low, rates.high, strict=True)
    return [Interval(float(e), float(low), float(high), level) for e, low, high in rows]


def label_accuracy(fit: Fit, truth: Integers, level: float = LEVEL) -> Interval:
    """From tasks whose true label an expert gave: truth (tasks,), -1 where nobody did.

    The tasks must be a random sample, and their labels must not have been used in the fit.
    """
    read = truth >= 0
    return share(float((fit.answer[read] == truth[read]).sum()), float(read.sum()), level)


def believed_accuracy(
    fit: Fit, rng: np.random.Generator, draws: int = 1000, level: float = LEVEL
) -> Interval:
    """What the fit itself expects: the mean probability of its answers, with a bootstrap over
    tasks. It is as good as the model is; only an expert-read sample can tell."""
    sure = fit.probability[fit.answer >= 0]
    if not len(sure):
        return undefined(level)
    width = 1000
    place = np.minimum((sure * width).astype(int), width - 1)
    counts = np.bincount(place, minlength=width)
    # Each bin's own mean: its middle would shift the bounds away from the estimate.
    each = np.bincount(place, sure, width) / np.maximum(counts, 1)
    means = rng.multinomial(len(sure), counts / len(sure), size=draws) @ each / len(sure)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(sure.mean()), float(low), float(high), level)


def value_of_expert(fit: Fit) -> Floats:
    """(tasks,) chance that an expert's look puts the label right: 1 - the answer's probability."""
    return 1.0 - fit.probability


def value_of_judgment(fit: Fit) -> Floats:
    """(tasks,) how much likelier the answer gets to be right by one more average judgment.

    sum over labels l of max over k of p(k) pi(l | k), less max p(k); pi the crowd's pooled
    confusion. Howard 1966, IEEE Trans SSC 2:22-26.
    """
    if fit.counts is None:
        return value_of_expert(fit)
    pooled = fit.counts.sum(axis=0) + np.eye(fit.counts.shape[1])
    pooled = pooled / pooled.sum(axis=1, keepdims=True)
    p = fit.posterior
    after = np.zeros(len(p))
    for label in range(pooled.shape[1]):
        after += (p * pooled[:, label]).max(axis=1)
    return np.asarray(np.maximum(after - p.max(axis=1, initial=0), 0.0))


def calibration_error(probability: Floats, right: Floats, bins: int = 10) -> float:
    """Expected calibration error: mean over tasks of |accuracy - probability| by bin of width
    1 / bins (Naeini et al. 2015, AAAI 29)."""
    place = np.minimum((probability * bins).astype(int), bins - 1)
    gap = np.bincount(place, right - probability, bins)
    return float(np.abs(gap).sum() / max(len(probability), 1))
