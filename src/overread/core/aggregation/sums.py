"""Passes over all judgments: the sums that an M step needs, and the posteriors at the end.

What is summed is kept in whole numbers, a posterior rounded to 2**-32 and a log-likelihood to
2**-24. Whole numbers add up to the same in any order, so any number of threads, partitions or
machines gives the same bytes.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from math import log
from typing import Any, Protocol

import numpy as np

from overread.core.aggregation.confusion import SHARE
from overread.core.aggregation.judgments import Floats, Integers, Judgments, compiled_loops

LIKELIHOOD = 2.0**24
SMALLEST = -600.0  # floats end at exp(-708)
# Below this many judgments a thread costs more than it saves.
WORTH_A_THREAD = 200_000


@dataclass(frozen=True)
class Sums:
    """counts: (workers * classes, classes) posteriors summed by worker * classes + label and true
    class; totals: (classes,) summed over tasks; likelihood: log-likelihood of the judgments."""

    counts: Integers
    totals: Integers
    likelihood: int

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.counts + other.counts,
            self.totals + other.totals,
            self.likelihood + other.likelihood,
        )

    @property
    def expected(self) -> Floats:
        return self.counts / SHARE

    @property
    def prevalence(self) -> Floats:
        return self.totals / SHARE

    @property
    def log_likelihood(self) -> float:
        return self.likelihood / LIKELIHOOD


def add_up(parts: Iterable[Sums]) -> Sums:
    return reduce(Sums.__add__, parts)


class Source(Protocol):
    """Judgments somewhere: in this process, or spread over others."""

    @property
    def workers(self) -> int: ...
    @property
    def classes(self) -> int: ...
    def begin(self) -> Sums:
        """The sums with shares of votes in the posteriors' place."""

    def expect(self, chances: Floats, prior: Floats) -> Sums:
        """An E step. chances: (workers * classes, classes), P(label | true class)."""


class Placed(Source, Protocol):
    """A source that can also say the posteriors at the end."""

    def posterior(self, chances: Floats, prior: Floats) -> Floats: ...


Place = Callable[[Judgments, Integers], Placed]


@dataclass(frozen=True)
class Local:
    """Judgments in this process, with the labels that are known (-1: unknown)."""

    judgments: Judgments
    known: Integers
    threads: int | None = None

    @property
    def workers(self) -> int:
        return self.judgments.workers

    @property
    def classes(self) -> int:
        return self.judgments.classes

    def begin(self) -> Sums:
        if loops := compiled_loops(len(self.judgments)):
            return self._in_threads(loops.passes(self.classes).begin, (self.known,), None)
        return _gather(self.judgments, _quanta(shares(self.judgments, self.known)))

    def expect(self, chances: Floats, prior: Floats) -> Sums:
        if loops := compiled_loops(len(self.judgments)):
            kit = loops.passes(self.classes, self._may_vanish(chances, prior))
            return self._in_threads(kit.expect, (self.known, prior), chances)
        return self._expect(chances, prior)

    def _may_vanish(self, chances: Floats, prior: Floats) -> bool:
        """Whether a product over the judgments of one task can leave the range of floats."""
        most = int(self.judgments.per_task.max(initial=0))
        return most * log(chances.min()) + log(prior.min()) < SMALLEST

    def posterior(self, chances: Floats, prior: Floats) -> Floats:
        """(tasks, classes) P(true class | judgments); the known labels are certain."""
        one = self.judgments
        if loops := compiled_loops(len(one)):
            out = np.empty((one.tasks, one.classes))
            kit = loops.passes(one.classes)
            arrays = (one.starts, one.place, one.codes, one.tasks, one.shift)
            run = lambda first, end: kit.posterior(*arrays, prior, chances, out, first, end)  # noqa: E731
            list(_map(run, _shares_of(one, self.threads)))
        else:
            out, _ = _bayes(one, chances, prior)
        out[self.known >= 0] = np.eye(one.classes)[self.known[self.known >= 0]]
        return out

    def _expect(self, chances: Floats, prior: Floats) -> Sums:
        """The same without the compiler."""
        one = self.judgments
        joint = _joint(one, chances, prior)
        posterior, evidence = _normed(joint)
        is_known = self.known >= 0
        labels = self.known[is_known]
        # Not by way of the posterior, which may be too small for a float.
        evidence[is_known] = joint[is_known, labels]
        posterior[is_known] = np.eye(one.classes)[labels]
        sums = _gather(one, _quanta(posterior))
        likelihood = int(np.rint(evidence * LIKELIHOOD).astype(np.int64).sum())
        return Sums(sums.counts, sums.totals, likelihood)

    def _in_threads(
        self, run: Callable[..., Any], given: tuple[Any, ...], chances: Floats | None
    ) -> Sums:
        one, k = self.judgments, self.classes

        def work(first: int, end: int) -> Sums:
            counted = 1 if k == 2 else k
            table = np.zeros((one.workers * k, k + counted), dtype=np.int64)
            totals = np.zeros(k, dtype=np.int64)
            tables: tuple[Any, ...] = (table,)
            if chances is not None:
                floats = table.view(np.float64)
                floats[:, :k] = chances
                tables = (floats, table)
            arrays = (one.starts, one.place, one.codes, one.tasks, one.shift)
            likelihood = run(*arrays, *given, *tables, totals, first, end) or 0
            return Sums(table[:, k:], totals, int(likelihood))

        sums = add_up(_map(work, _shares_of(one, self.threads)))
        if k != 2:
            return sums
        rest = one.per_code * int(SHARE) - sums.counts[:, 0]
        return Sums(np.column_stack([sums.counts[:, 0], rest]), sums.totals, sums.likelihood)


def _quanta(posterior: Floats) -> Floats:
    """Whole numbers; those of two classes add up to SHARE, where there is a posterior."""
    quanta = np.floor(posterior * SHARE + 0.5)
    if quanta.shape[1] == 2:
        quanta[:, 1] = np.where(posterior.sum(axis=1) > 0, SHARE - quanta[:, 0], 0)
    return quanta


def shares(judgments: Judgments, known: Integers) -> Floats:
    """(tasks, classes) share of the votes, 0 without any; the known labels certain."""
    votes = judgments.votes.astype(np.float64)
    votes /= np.maximum(judgments.per_task, 1)[:, None]
    is_known = known >= 0
    votes[is_known] = np.eye(judgments.classes)[known[is_known]]
    return votes


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _shares_of(one: Judgments, threads: int | None) -> list[tuple[int, int]]:
    """Ranges of blocks with about as many judgments each, one a thread."""
    blocks = len(one.starts) - 1
    wanted = threads or min(cores(), 1 + len(one) // WORTH_A_THREAD)
    cuts = np.searchsorted(one.starts, np.linspace(0, len(one), wanted + 1)[1:-1])
    edges = sorted({0, blocks, *map(int, cuts)})
    return list(pairwise(edges)) or [(0, 0)]


def _map(work: Callable[..., Any], ranges: list[tuple[int, int]]) -> Iterable[Any]:
    if len(ranges) == 1:
        return [work(*ranges[0])]
    with ThreadPoolExecutor(len(ranges)) as pool:
        return list(pool.map(lambda one: work(*one), ranges))


def _bayes(one: Judgments, chances: Floats, prior: Floats) -> tuple[Floats, Floats]:
    """Posteriors (tasks, classes) and each task's log-likelihood."""
    return _normed(_joint(one, chances, prior))


def _joint(one: Judgments, chances: Floats, prior: Floats) -> Floats:
    """(tasks, classes) log P(judgments, true class)."""
    logs = np.log(chances)
    task, codes = one.task, one.codes
    return np.stack(
        [
            np.bincount(task, weights=logs[codes, k], minlength=one.tasks) + np.log(prior[k])
            for k in range(one.classes)
        ],
        axis=1,
    )


def _normed(joint: Floats) -> tuple[Floats, Floats]:
    top = joint.max(axis=1, keepdims=True)
    likely = np.exp(joint - top)
    total = likely.sum(axis=1, keepdims=True)
    return likely / total, (np.log(total) + top)[:, 0]


def _gather(one: Judgments, quanta: Floats) -> Sums:
    """Sums of whole numbers below 2**53 are exact in floats too."""
    size = one.workers * one.classes
    task, codes = one.task, one.codes
    counts = np.stack(
        [np.bincount(codes, quanta[task, k], minlength=size) for k in range(one.classes)], axis=1
    )
    return Sums(counts.astype(np.int64), quanta.astype(np.int64).sum(axis=0), 0)
