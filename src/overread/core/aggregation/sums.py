"""Passes over all judgments: the sums that an M step needs, and the posteriors at the end.

What is summed is kept in whole numbers, a posterior rounded to 2**-32 and a log-likelihood to
2**-36 (of a block, or of a task where nothing is compiled). Whole numbers add up to the same in
any order, so any number of threads, partitions or machines gives the same bytes.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial, reduce
from itertools import pairwise
from math import log
from operator import add
from typing import Any, Protocol

import numpy as np

from overread.core.aggregation.confusion import SHARE
from overread.core.aggregation.judgments import Floats, Integers, Judgments, compiled_loops, parts

LIKELIHOOD = 2.0**36
LOW = 2**24 - 1
SMALLEST = -600.0  # floats end at exp(-708)
# Below this many judgments a thread costs more than it saves.
WORTH_A_THREAD = 2_000_000


@dataclass(frozen=True)
class Sums:
    """counts: (workers * classes, classes) posteriors summed by worker * classes + label and true
    class; totals: (classes,) summed over tasks; likelihood: by how much the judgments are likelier
    than if every task were of the first class, as a logarithm."""

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

    def log_likelihood(self, chances: Floats, prior: Floats) -> float:
        """Of the judgments under the parameters of the E step that made the sums."""
        if loops := compiled_loops(50 * self.counts.size):
            first = loops.evidence(_others(chances.shape[1]), self.counts, chances)
        else:
            first = (self.counts.sum(axis=1) / SHARE * np.log(chances[:, 0])).sum()
        tasks = self.prevalence.sum() * np.log(prior[0])
        return float(self.likelihood / LIKELIHOOD + first + tasks)


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
    """Judgments in this process, with the labels that are known (-1: unknown).

    of: how many judgments there are with those elsewhere, so that all parts are summed alike.
    """

    judgments: Judgments
    known: Integers
    threads: int | None = None
    of: int | None = None

    @property
    def workers(self) -> int:
        return self.judgments.workers

    @property
    def classes(self) -> int:
        return self.judgments.classes

    @property
    def _loops(self) -> Any:
        return compiled_loops(self.of or len(self.judgments))

    def begin(self) -> Sums:
        if loops := self._loops:
            return self._in_threads(loops.begin, self.known)
        return _gather(self.judgments, _quanta(shares(self.judgments, self.known)))

    def expect(self, chances: Floats, prior: Floats) -> Sums:
        if loops := self._loops:
            return self._in_threads(loops.expect, self.known, *self._ratios(chances, prior))
        one = self.judgments
        posterior, evidence = _normed(_joint(one, chances, prior), self.known)
        sums = _gather(one, _quanta(posterior))
        rounded = np.rint(evidence * LIKELIHOOD).astype(np.int64)
        return Sums(
            sums.counts, sums.totals, _together((rounded >> 24).sum(), (rounded & LOW).sum())
        )

    def posterior(self, chances: Floats, prior: Floats) -> Floats:
        """(tasks, classes) P(true class | judgments); the known labels are certain."""
        one = self.judgments
        if not (loops := self._loops):
            return _normed(_joint(one, chances, prior), self.known)[0]
        out = np.empty((one.tasks, one.classes))
        given = (*self._arrays, *self._ratios(chances, prior), out)
        list(_map(partial(loops.posterior, *given), _shares_of(one, self.threads)))
        is_known = self.known >= 0
        out[is_known] = np.eye(one.classes)[self.known[is_known]]
        return out

    @property
    def _arrays(self) -> tuple[Any, ...]:
        one = self.judgments
        return one.starts, one.place, one.codes, one.tasks, one.shift, _others(one.classes)

    def _ratios(self, chances: Floats, prior: Floats) -> tuple[bool, Floats, Floats]:
        """Of prior and chances to those of the first class; logarithms where a product over the
        judgments of one task could leave the range of floats."""
        odds, ratios = prior[1:] / prior[0], np.empty((len(chances), self.classes - 1))
        least = self._loops.ratios(_others(self.classes), chances, ratios)
        if self.judgments.most * log(least) + log(prior.min()) < SMALLEST:
            return True, np.log(odds), np.log(ratios)
        return False, odds, ratios

    def _in_threads(self, run: Callable[..., Any], *given: Any) -> Sums:
        one, k = self.judgments, self.classes

        def work(first: int, end: int) -> tuple[Integers, Integers, int]:
            counted = np.zeros((one.workers * k, k - 1), dtype=np.int64)
            totals = np.zeros(k, dtype=np.int64)
            likelihood = run(*self._arrays, *given, counted, totals, first, end) or (0, 0)
            return counted, totals, _together(*likelihood)

        made = list(_map(work, _shares_of(one, self.threads)))
        counted, totals, likelihood = (reduce(add, column) for column in zip(*made, strict=True))
        counts = np.empty((one.workers * k, k), dtype=np.int64)
        self._loops.whole(counted, one.per_code, counts)
        return Sums(counts, totals, likelihood)


def _together(high: int, low: int) -> int:
    """A sum that may be too large for 64 bits."""
    return (int(high) << 24) + int(low)


def _quanta(posterior: Floats) -> Floats:
    """Whole numbers that add up to SHARE, where there is a posterior."""
    left = np.where(posterior.sum(axis=1) > 0, SHARE, 0.0)
    quanta = np.empty_like(posterior)
    for k in range(1, posterior.shape[1]):
        quanta[:, k] = np.minimum(np.floor(posterior[:, k] * SHARE + 0.5), left)
        left -= quanta[:, k]
    quanta[:, 0] = left
    return quanta


def shares(judgments: Judgments, known: Integers) -> Floats:
    """(tasks, classes) share of the votes, 0 without any; the known labels certain."""
    found = np.empty((judgments.tasks, judgments.classes))
    for tasks, part in parts(judgments):
        found[tasks] = part.votes / np.maximum(part.per_task, 1)[:, None]
    is_known = known >= 0
    found[is_known] = np.eye(judgments.classes)[known[is_known]]
    return found


def _others(classes: int) -> tuple[int, ...]:
    """What tells the compiler how many classes there are beside the first."""
    return (0,) * (classes - 1)


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _shares_of(one: Judgments, threads: int | None) -> list[tuple[int, int]]:
    """Ranges of blocks with about as many judgments each, one a thread."""
    blocks = len(one.starts) - 1
    wanted = threads or min(cores(), 1 + len(one) // WORTH_A_THREAD)
    if wanted == 1:
        return [(0, blocks)]
    cuts = np.searchsorted(one.starts, np.linspace(0, len(one), wanted + 1)[1:-1])
    edges = sorted({0, blocks, *map(int, cuts)})
    return list(pairwise(edges)) or [(0, 0)]


def _map(work: Callable[..., Any], ranges: list[tuple[int, int]]) -> Iterable[Any]:
    if len(ranges) == 1:
        return [work(*ranges[0])]
    with ThreadPoolExecutor(len(ranges)) as pool:
        return list(pool.map(lambda one: work(*one), ranges))


def _joint(one: Judgments, chances: Floats, prior: Floats) -> Floats:
    """(tasks, classes) log P(judgments, true class), above that of the first class."""
    logs = np.log(chances / chances[:, :1])
    odds = np.log(prior / prior[0])
    task, codes = one.task, one.codes
    return np.stack(
        [
            np.bincount(task, weights=logs[codes, k], minlength=one.tasks) + odds[k]
            for k in range(one.classes)
        ],
        axis=1,
    )


def _normed(joint: Floats, known: Integers) -> tuple[Floats, Floats]:
    """Posteriors (tasks, classes) and each task's log-likelihood."""
    top = joint.max(axis=1, keepdims=True)
    likely = np.exp(joint - top)
    total = likely.sum(axis=1, keepdims=True)
    posterior, evidence = likely / total, (np.log(total) + top)[:, 0]
    is_known = known >= 0
    # Not by way of the posterior, which may be too small for a float.
    evidence[is_known] = joint[is_known, known[is_known]]
    posterior[is_known] = np.eye(joint.shape[1])[known[is_known]]
    return posterior, evidence


def _gather(one: Judgments, quanta: Floats) -> Sums:
    """Sums of whole numbers below 2**53 are exact in floats too."""
    size = one.workers * one.classes
    task, codes = one.task, one.codes
    counts = np.stack(
        [np.bincount(codes, quanta[task, k], minlength=size) for k in range(one.classes)], axis=1
    )
    return Sums(counts.astype(np.int64), quanta.astype(np.int64).sum(axis=0), 0)
