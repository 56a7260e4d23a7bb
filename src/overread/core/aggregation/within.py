"""How far contributors agree with themselves on tasks that they judged more than once.

The readings of a task by one contributor have no order here: any order of rows says the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from overread.core.aggregation.agreement import (
    DRAWS,
    Coefficient,
    Patterns,
    agreement,
    bootstrapped,
    krippendorff,
    percent,
)
from overread.core.aggregation.intervals import Interval, share, undefined
from overread.core.aggregation.judgments import Floats, Integers, Judgments, parts

# Bootstraps start from it, so that the same readings have the same intervals.
SEED = 1979


@dataclass(frozen=True)
class Again:
    """Tasks that a contributor judged more than once, a row for each contributor and task.

    worker: (rows,); votes: (rows, classes) how often he or she gave each label.
    """

    worker: Integers
    votes: Integers

    @classmethod
    def of(cls, task: ArrayLike, worker: ArrayLike, label: ArrayLike, classes: int) -> "Again":
        """From three integer arrays of one length."""
        tasks, workers, labels = (np.asarray(one, dtype=np.int64) for one in (task, worker, label))
        key = workers * (int(tasks.max(initial=0)) + 1) + tasks
        _, first, row, count = np.unique(
            key, return_index=True, return_inverse=True, return_counts=True
        )
        several = count > 1
        place = (np.cumsum(several) - 1)[row]
        cells = (place * classes + labels)[several[row]]
        rows = int(several.sum())
        votes = np.bincount(cells, minlength=rows * classes).reshape(rows, classes)
        return cls(workers[first[several]], votes)

    @classmethod
    def over(cls, judgments: Judgments) -> "Again":
        """Part by part: most tables hold no reading again, and a sort tells (21 ns a judgment)."""
        nothing = cls(np.zeros(0, np.int64), np.zeros((0, judgments.classes), np.int64))
        found = [nothing]
        for _, part in parts(judgments):
            task, worker = part.task, part.worker
            key = worker * max(part.tasks, 1) + task
            ordered = np.sort(key)
            twice = ordered[1:][ordered[1:] == ordered[:-1]]
            if len(twice):
                at = np.searchsorted(twice, key).clip(max=len(twice) - 1)
                kept = twice[at] == key
                label = part.label[kept]
                found.append(cls.of(task[kept], worker[kept], label, judgments.classes))
        return cls(
            np.concatenate([one.worker for one in found]),
            np.concatenate([one.votes for one in found]),
        )

    def __len__(self) -> int:
        return len(self.worker)

    @property
    def agreeing(self) -> float:
        """The share of pairs of readings of a task that agree; NaN without any."""
        return _value(percent, Patterns.of(self.votes))

    def by_worker(self) -> dict[int, "Again"]:
        """Each contributor's own."""
        order = np.argsort(self.worker, kind="stable")
        names, starts = np.unique(self.worker[order], return_index=True)
        rows = np.split(order, starts[1:]) if len(names) else []
        return {
            int(name): Again(self.worker[own], self.votes[own])
            for name, own in zip(names, rows, strict=True)
        }


@dataclass(frozen=True)
class Within:
    """repeats: tasks judged again; percent: share of pairs of readings of a task that agree;
    alpha: Krippendorff's, nominal, of readings of the same task by the same contributor.
    """

    repeats: int
    contributors: int
    percent: Interval
    alpha: Interval


def within(again: Again, *, draws: int = DRAWS) -> Within:
    """With intervals from a bootstrap of contributors, since the tasks of one are alike.

    Of one contributor alone the tasks are drawn, and the percentage has Jeffreys' interval: a
    bootstrap of 5 that agree out of 5 knows no doubt.
    """
    contributors = len(np.unique(again.worker))
    if contributors < 2:
        return _alone(again, contributors, draws)
    patterns, counts = _by_worker(again)
    found = (
        bootstrapped(patterns, coefficient, _drawn(counts, draws))
        for coefficient in (percent, krippendorff())
    )
    return Within(len(again), contributors, *found)


def _alone(again: Again, contributors: int, draws: int) -> Within:
    if not contributors:
        return Within(0, 0, undefined(), undefined())
    rng = np.random.default_rng(SEED)
    alpha = agreement(Patterns.of(again.votes), krippendorff(), rng, draws=draws)
    agreeing = share(again.agreeing * len(again), len(again))
    return Within(len(again), contributors, agreeing, alpha)


def _value(coefficient: Coefficient, patterns: Patterns) -> float:
    return float(coefficient(patterns.votes.astype(float), patterns.counts.astype(float)))


@dataclass(frozen=True)
class _Counts:
    """How many tasks of a contributor have a pattern, where there are any: three columns."""

    worker: Integers
    pattern: Integers
    tasks: Integers
    workers: int
    patterns: int


def _by_worker(again: Again) -> tuple[Patterns, _Counts]:
    votes, pattern, counts = np.unique(again.votes, axis=0, return_inverse=True, return_counts=True)
    names, worker = np.unique(again.worker, return_inverse=True)
    keys, tasks = np.unique(worker * len(votes) + pattern.reshape(-1), return_counts=True)
    columns = keys // len(votes), keys % len(votes), tasks
    return Patterns(votes, counts), _Counts(*columns, len(names), len(votes))


def _drawn(counts: _Counts, draws: int) -> Iterator[Floats]:
    """(1, patterns) counts of each bootstrap of contributors."""
    rng = np.random.default_rng(SEED)
    for _ in range(draws):
        times = np.bincount(rng.integers(0, counts.workers, counts.workers), None, counts.workers)
        weights = counts.tasks * times[counts.worker]
        yield np.bincount(counts.pattern, weights, counts.patterns)[None, :].astype(np.float64)
