"""What every method returns."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overread.core.aggregation.judgments import UNKNOWN, Floats, Integers

ROUNDING = 1e-9
AT_ONCE = 2**18


@dataclass(frozen=True)
class Fit:
    """A consensus on every task.

    posterior: (tasks, classes) the probability of each class; for majority and Appen's
    confidence a share of votes or trust, which is none. All 0 on a task without a judgment.
    confusion: (workers, classes, classes) P(label | true class) by worker, true class and label,
    where the method has one. counts: the same, in judgments expected. prevalence: (classes,).
    log_likelihood: of the judgments; history: what the fit climbed, one value an iteration.
    settled: (tasks,) for methods whose answer isn't the likeliest class: the answers.
    by_votes: how much of the posterior is the share of votes.
    notes: what else the method has to say, by name.
    """

    method: str
    posterior: Floats
    confusion: Floats | None = None
    counts: Floats | None = None
    prevalence: Floats | None = None
    log_likelihood: float | None = None
    history: tuple[float, ...] = ()
    converged: bool = True
    settled: Integers | None = None
    by_votes: float = 0.0
    notes: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def answer(self) -> Integers:
        """(tasks,) the class with the most, among equals the lowest number; UNKNOWN if none."""
        if self.settled is not None:
            return self.settled
        return top(self.posterior)

    @property
    def tied(self) -> Any:
        """(tasks,) whether another class has as much."""
        best = self.posterior.max(axis=1, keepdims=True, initial=0)
        return ((self.posterior > best - ROUNDING) & (best > 0)).sum(axis=1) > 1

    @property
    def probability(self) -> Floats:
        """(tasks,) of the answer; 0 without one."""
        if not self.posterior.size:
            return np.zeros(len(self.posterior))
        chosen = self.posterior[np.arange(len(self.posterior)), np.maximum(self.answer, 0)]
        return np.where(self.answer == UNKNOWN, 0.0, chosen)

    def parts(self) -> Iterator[tuple[slice, "Fit"]]:
        """The same of some tasks at a time: what is worked out of millions would be large."""
        for first in range(0, len(self.posterior), AT_ONCE):
            tasks = slice(first, first + AT_ONCE)
            yield tasks, self.of(tasks)

    def of(self, tasks: slice | NDArray[np.bool_]) -> "Fit":
        settled = None if self.settled is None else self.settled[tasks]
        return replace(self, posterior=self.posterior[tasks], settled=settled)

    @property
    def iterations(self) -> int:
        return len(self.history)


def top(shares: Floats) -> Integers:
    """(tasks,) the class with the highest share; within rounding of it the lowest number."""
    if not shares.size:
        return np.full(len(shares), UNKNOWN, dtype=np.int64)
    best = shares.max(axis=1, keepdims=True)
    chosen = np.argmax(shares > best - ROUNDING, axis=1).astype(np.int64)
    return np.where(best[:, 0] > 0, chosen, UNKNOWN)
