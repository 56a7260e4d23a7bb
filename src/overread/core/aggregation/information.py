"""How well a fit of Dawid and Skene's model knows its parameters, all of them together.

The observed information is that of judgments whose true classes are known, less what is lost by
not knowing them (Louis 1982, JRSS B 44:226-233): summed over tasks, the covariance of the score
over the true class. What is lost ties contributors to each other and to the prevalence, so that
intervals from each one's own information alone are too narrow.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from overread.core.aggregation.confusion import as_table
from overread.core.aggregation.fit import Fit
from overread.core.aggregation.judgments import Floats, Integers, Judgments, nothing_known, parts
from overread.core.aggregation.sums import Local

# With more parameters, or more multiplications, contributors are tied to the prevalence alone.
MOST_PARAMETERS = 1000
MOST_WORK = 2e10
CELLS = 4_000_000
# No more than so much of what known classes would tell is believed to be lost.
LEAST_LEFT = 1e-3


@dataclass(frozen=True)
class Information:
    """expected, hits: (workers, classes) tasks of each class and how many were found.

    own: (workers, classes, classes) covariance of a contributor's recalls; shares: (classes,
    classes) that of the prevalence; errors: what parameters may be off by, all of them together;
    labels: (tasks,) those that the fit knew.
    """

    expected: Floats
    hits: Floats
    own: Floats
    shares: Floats
    errors: "Errors"
    labels: Integers


class Errors(Protocol):
    """Of the recalls, (workers, classes), and of the log odds of all classes but the first."""

    def draw(self, rng: np.random.Generator) -> tuple[Floats, Floats]: ...


@dataclass(frozen=True)
class Tied:
    """Of one covariance; recalls: (workers, classes) their places in it, free: the log odds'."""

    root: Floats
    recalls: Integers
    free: Integers

    def draw(self, rng: np.random.Generator) -> tuple[Floats, Floats]:
        drawn = self.root @ rng.standard_normal(len(self.root))
        return drawn[self.recalls], drawn[self.free]


@dataclass(frozen=True)
class TiedToPrevalence:
    """Contributors' own, given the prevalence; reach: what an error of it does to them."""

    own: Floats
    reach: Floats
    left: Floats

    def draw(self, rng: np.random.Generator) -> tuple[Floats, Floats]:
        odds = self.left @ rng.standard_normal(len(self.left))
        drawn = np.einsum("wkj,wj->wk", self.own, rng.standard_normal(self.own.shape[:2]))
        return drawn - self.reach @ odds, odds


def inside(right: Floats, of: Floats) -> Floats:
    """A share away from 0 and 1, as half a hit and half a miss more give it."""
    return np.asarray((right + 0.5) / (of + 1))


def information(
    judgments: Judgments, fit: Fit, known: Integers | None = None
) -> Information | None:
    """None of a fit without matrices; known: (tasks,) the labels that it knew."""
    if fit.counts is None or fit.confusion is None or fit.prevalence is None:
        return None
    expected = fit.counts.sum(axis=2)
    hits = np.diagonal(fit.counts, axis1=1, axis2=2)
    recall = inside(hits, expected)
    workers, classes = recall.shape
    size = classes * (workers + 1)
    is_joint = size <= MOST_PARAMETERS and judgments.tasks * size**2 <= MOST_WORK
    lost: _Lost = _Joint(recall) if is_joint else _Apart(recall)
    labels = nothing_known(judgments.tasks) if known is None else known
    count = 1 + judgments.tasks * size // CELLS if is_joint else None
    for tasks, part in parts(judgments, count):
        local = Local(part, labels[tasks], threads=1, of=len(judgments))
        posterior = local.posterior(as_table(fit.confusion), fit.prevalence)
        posterior[(part.per_task == 0) & (labels[tasks] < 0)] = 0.0
        lost.add(part, posterior)
    known_classes = expected / (recall * (1 - recall))
    rho = inside(lost.totals, np.full(classes, lost.totals.sum()))
    odds = lost.totals.sum() * (np.diag(rho) - np.outer(rho, rho))
    own, left, errors = lost.covariance(known_classes, odds[1:, 1:])
    jacobian = (np.diag(rho) - np.outer(rho, rho))[:, 1:]
    return Information(expected, hits, own, jacobian @ left @ jacobian.T, errors, labels)


class _Lost:
    """What is lost of the information."""

    def __init__(self, recall: Floats) -> None:
        self.recall = recall
        self.workers, self.classes = recall.shape
        self.totals = np.zeros(self.classes)

    def add(self, part: Judgments, posterior: Floats) -> None:
        self.totals += posterior.sum(axis=0)
        task, worker, label = part.task, part.worker, part.label
        a = self.recall[worker]
        score = np.where(label[:, None] == np.arange(self.classes), 1 / a, -1 / (1 - a))
        self.gather(task, worker, score, posterior)

    def gather(self, task: Integers, worker: Integers, score: Floats, posterior: Floats) -> None:
        """score: (judgments, classes) of each one's recall of a class, were it the true one."""
        raise NotImplementedError

    def covariance(self, known: Floats, odds: Floats) -> tuple[Floats, Floats, Errors]:
        raise NotImplementedError

    def _vague(self, posterior: Floats, k: int, other: int) -> Floats:
        both = posterior[:, k] if k == other else 0.0
        return np.asarray(both - posterior[:, k] * posterior[:, other])


class _Joint(_Lost):
    """All parameters with all: class by class the recalls, then the log odds of the class."""

    def __init__(self, recall: Floats) -> None:
        super().__init__(recall)
        self.size = self.workers + 1
        self.lost = np.zeros((self.classes * self.size,) * 2)

    def gather(self, task: Integers, worker: Integers, score: Floats, posterior: Floats) -> None:
        tasks = len(posterior)
        rows = []
        for k in range(self.classes):
            cells = np.bincount(task * self.size + worker, score[:, k], tasks * self.size)
            row = cells.reshape(tasks, self.size)
            row[:, -1] = 1.0
            rows.append(row)
        for k, row in enumerate(rows):
            for other, column in enumerate(rows):
                vague = self._vague(posterior, k, other)[:, None]
                self.lost[self._at(k), self._at(other)] += row.T @ (vague * column)

    def _at(self, k: int) -> slice:
        return slice(k * self.size, (k + 1) * self.size)

    def covariance(self, known: Floats, odds: Floats) -> tuple[Floats, Floats, Errors]:
        place = np.arange(self.classes * self.size).reshape(self.classes, self.size)
        recalls, free = place[:, :-1], place[1:, -1]
        full = np.zeros(self.lost.shape)
        full[recalls, recalls] = known.T
        full[np.ix_(free, free)] = odds
        kept = np.setdiff1d(place, place[:1, -1])
        found = np.zeros(self.lost.shape)
        among = np.ix_(kept, kept)
        found[among] = _inverse(full[among], self.lost[among])
        own = found[recalls.T[:, :, None], recalls.T[:, None, :]]
        root = np.zeros(self.lost.shape)
        root[among] = _root(found[among])
        return own, found[np.ix_(free, free)], Tied(root, recalls.T, free)


class _Apart(_Lost):
    """Each contributor's own recalls, and with them the prevalence: for crowds of any size."""

    def __init__(self, recall: Floats) -> None:
        super().__init__(recall)
        shape = (self.workers, self.classes, self.classes)
        self.own, self.border = np.zeros(shape), np.zeros(shape)
        self.corner = np.zeros(shape[1:])

    def gather(self, task: Integers, worker: Integers, score: Floats, posterior: Floats) -> None:
        for k in range(self.classes):
            for other in range(self.classes):
                vague = self._vague(posterior, k, other)
                self.corner[k, other] += vague.sum()
                lost = score[:, k] * vague[task]
                self.border[:, k, other] += self._by_worker(worker, lost)
                self.own[:, k, other] += self._by_worker(worker, lost * score[:, other])

    def _by_worker(self, worker: Integers, values: Floats) -> Floats:
        return np.asarray(np.bincount(worker, values, self.workers), dtype=np.float64)

    def covariance(self, known: Floats, odds: Floats) -> tuple[Floats, Floats, Errors]:
        full = np.zeros(self.own.shape)
        full[:, np.arange(self.classes), np.arange(self.classes)] = known
        own = _inverse(full, self.own)
        border = -self.border[:, :, 1:]
        reach = own @ border
        left = _inverse(odds, self.corner[1:, 1:] + (border.transpose(0, 2, 1) @ reach).sum(axis=0))
        errors = TiedToPrevalence(_root(own), reach, _root(left))
        return own + reach @ left @ reach.transpose(0, 2, 1), left, errors


def _inverse(full: Floats, lost: Floats) -> Floats:
    """Of (..., n, n) full less lost, no direction of which keeps less than LEAST_LEFT."""
    scale = np.sqrt(np.maximum(np.diagonal(full, axis1=-2, axis2=-1), 1e-12))
    both = scale[..., :, None] * scale[..., None, :]
    values, vectors = np.linalg.eigh((full - lost) / both)
    kept = vectors / np.maximum(values, LEAST_LEFT)[..., None, :]
    return np.asarray(kept @ np.swapaxes(vectors, -1, -2) / both)


def _root(covariance: Floats) -> Floats:
    """By which independent errors become errors with that covariance."""
    return np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
