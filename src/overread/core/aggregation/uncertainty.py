"""How sure a fit is: of contributors, of the whole, and where one more look helps most."""

from dataclasses import dataclass

import numpy as np

from overread.core.aggregation.doubt import NO_DOUBT, Doubt
from overread.core.aggregation.fit import Fit
from overread.core.aggregation.information import Information, information, inside
from overread.core.aggregation.intervals import LEVEL, Interval, bounds, share, undefined
from overread.core.aggregation.judgments import Floats, Integers, Judgments, parts

_EDGE = 1e-6
_TINY = 1e-12


@dataclass(frozen=True)
class Rates:
    """(workers, ...) shares with bounds; NaN where a contributor met no such task."""

    estimate: Floats
    low: Floats
    high: Floats


def recall(judgments: Judgments, fit: Fit, known: Integers | None = None) -> Rates:
    """(workers, classes) how often a contributor finds each class: sensitivity and specificity.

    The true class is itself only probable, so that tasks are worth less than their number: as
    many as would give the same variance. Bounds are Jeffreys' with that many.
    """
    found = information(judgments, fit, known)
    return recalls(found) if found else recall_by_votes(judgments, fit)


def recalls(known: Information) -> Rates:
    variance = np.diagonal(known.own, axis1=1, axis2=2)
    return _bounded(known.hits, known.expected, variance)


def accuracies(known: Information) -> Rates:
    """(workers,) how often a contributor's label is the true one."""
    made = known.expected.sum(axis=1)
    weight = known.expected / np.maximum(made, _EDGE)[:, None]
    variance = np.einsum("wk,wkj,wj->w", weight, known.own, weight)
    return _bounded(known.hits.sum(axis=1), made, variance)


def accuracy(judgments: Judgments, fit: Fit, known: Integers | None = None) -> Rates:
    """(workers,) how often a contributor's label is the true one, by the fit; as in `recall`."""
    found = information(judgments, fit, known)
    return accuracies(found) if found else accuracy_by_votes(judgments, fit)


def accuracy_by_votes(judgments: Judgments, fit: Fit) -> Rates:
    """The same from the shares in the posterior's place, each contributor alone."""
    vague, right = np.zeros(judgments.workers), np.zeros(judgments.workers)
    for tasks, part in parts(judgments):
        p = fit.posterior[tasks][part.task, part.label]
        vague += np.bincount(part.worker, p * (1 - p), judgments.workers)
        right += np.bincount(part.worker, p, judgments.workers)
    made = judgments.per_worker.astype(np.float64)
    a = inside(right, made)
    # Each judgment is a hit or a miss with p: its score is 1/a or -1/(1 - a).
    return _bounded(right, made, _variance(made, a, vague / (a * (1 - a)) ** 2))


def recall_by_votes(judgments: Judgments, fit: Fit) -> Rates:
    """The same from the shares in the posterior's place, each contributor alone."""
    workers, classes = judgments.workers, judgments.classes
    expected, hits, lost_hits, lost_misses = np.zeros((4, workers, classes))
    for tasks, part in parts(judgments):
        posterior, task, worker, label = fit.posterior[tasks], part.task, part.worker, part.label
        for k in range(classes):
            p = posterior[task, k]
            hit, vague = label == k, p * (1 - p)
            expected[:, k] += np.bincount(worker, p, workers)
            hits[:, k] += np.bincount(worker, p * hit, workers)
            lost_hits[:, k] += np.bincount(worker, vague * hit, workers)
            lost_misses[:, k] += np.bincount(worker, vague * ~hit, workers)
    a = inside(hits, expected)
    lost = lost_hits / a**2 + lost_misses / (1 - a) ** 2
    return _bounded(hits, expected, _variance(expected, a, lost))


def _variance(of: Floats, a: Floats, lost: Floats) -> Floats:
    return np.asarray(1 / np.maximum(of / (a * (1 - a)) - lost, _EDGE))


def _bounded(right: Floats, of: Floats, variance: Floats) -> Rates:
    a = inside(right, of)
    worth = np.clip(a * (1 - a) / np.maximum(variance, _TINY), 0.0, of)
    estimate = np.divide(right, of, out=np.full(of.shape, np.nan), where=of > _EDGE)
    filled = np.nan_to_num(estimate, nan=0.5)
    low, high = bounds(filled * worth, (1 - filled) * worth)
    return Rates(estimate, low, high)


def prevalence(fit: Fit, known: Information | None = None) -> list[Interval]:
    """Of each class among tasks like these; its interval is as wide as the true classes are vague,
    and with `known` as the contributors are."""
    tasks, right, vague = np.zeros((3, fit.posterior.shape[1]))
    for _, part in fit.parts():
        tasks += (part.posterior.sum(axis=1) > 0).sum()
        right += part.posterior.sum(axis=0)
        vague += (part.posterior * (1 - part.posterior)).sum(axis=0)
    if known is not None and fit.prevalence is not None:
        right = tasks * fit.prevalence
    a = inside(right, tasks)
    variance = _variance(tasks, a, vague / (a * (1 - a)) ** 2)
    if known is not None:
        variance = np.diagonal(known.shares)
    rates = _bounded(right, tasks, variance)
    rows = zip(rates.estimate, rates.low, rates.high, strict=True)
    return [Interval(float(e), float(low), float(high)) for e, low, high in rows]


def label_accuracy(fit: Fit, truth: Integers, level: float = LEVEL) -> Interval:
    """From tasks whose true label an expert gave: truth (tasks,), -1 where nobody did.

    The tasks must be a random sample, and their labels must not have been used in the fit.
    """
    read = truth >= 0
    return share(float((fit.answer[read] == truth[read]).sum()), float(read.sum()), level)


def believed_accuracy(fit: Fit, doubt: Doubt = NO_DOUBT) -> Interval:
    """What the fit itself expects of the labels of these tasks: the mean probability of answers.

    Each answer is right with its probability, and the probabilities are as good as what the fit
    knows of its parameters (`doubt`); the bounds are Jeffreys' for as many tasks as have that
    variance. It is as good as the model is; only an expert-read sample can tell.
    """
    tasks, right, vague = 0, 0.0, 0.0
    for _, part in fit.parts():
        sure = part.probability[part.answer >= 0]
        tasks += len(sure)
        right += float(sure.sum())
        vague += float((sure * (1 - sure)).sum())
    if not tasks:
        return undefined()
    mean = min(max(right / tasks + doubt.shift, 0.0), 1.0)
    variance = max(vague / tasks + doubt.vague, 0.0) / tasks + doubt.variance
    a = (mean * tasks + 0.5) / (tasks + 1)
    worth = min(a * (1 - a) / max(variance, _TINY), tasks**2)
    low, high = bounds(np.array([mean * worth]), np.array([(1 - mean) * worth]))
    return Interval(mean, min(float(low[0]), mean), max(float(high[0]), mean))


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
