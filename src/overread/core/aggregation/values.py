"""Answers that are no single class: ratings and sets of choices."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overread.core.aggregation.judgments import BadJudgments, Floats, Judgments
from overread.core.aggregation.method import Method


@dataclass(frozen=True)
class Ratings:
    """(tasks,) each; NaN without a judgment. variance: of the population, as the platform's."""

    mean: Floats
    variance: Floats
    weighted_mean: Floats
    judgments: Floats


def ratings(
    task: ArrayLike,
    value: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    tasks: int | None = None,
) -> Ratings:
    """Mean, variance and trust-weighted mean; weight: (judgments,), 1 where it isn't given.

    Raises BadJudgments for a value that is no finite number.
    """
    place, given = np.asarray(task, dtype=np.int64), np.asarray(value, dtype=float)
    if not np.isfinite(given).all():
        raise BadJudgments(f"value {int(np.argmin(np.isfinite(given)))} is no finite number")
    trust = np.ones(len(given)) if weight is None else np.asarray(weight, dtype=float)
    size = tasks if tasks is not None else int(place.max(initial=-1)) + 1
    made = np.bincount(place, minlength=size).astype(float)
    mean = _over(np.bincount(place, given, size), made)
    variance = _over(np.bincount(place, (given - mean[place]) ** 2, size), made)
    heavy = np.bincount(place, trust, size)
    return Ratings(mean, variance, _over(np.bincount(place, given * trust, size), heavy), made)


def _over(above: NDArray[Any], below: NDArray[Any]) -> Floats:
    out = np.full(len(above), np.nan)
    np.divide(above, below, out=out, where=below > 0)
    return out


def sets(
    task: ArrayLike, worker: ArrayLike, chosen: ArrayLike, method: Method, *, known: Any = None
) -> Floats:
    """(tasks, choices) the probability that each choice belongs to a task's set.

    Each choice is a question of yes or no of its own, fitted by `method`; a task's set is what
    has more than one half. chosen: (judgments, choices) ticked or not; known: (tasks, choices)
    1, 0 or -1.
    """
    ticked = np.asarray(chosen, dtype=np.int64)
    columns = []
    for choice in range(ticked.shape[1]):
        judgments = Judgments.of(task, worker, ticked[:, choice], classes=2)
        labels = None if known is None else np.asarray(known)[:, choice]
        columns.append(method.fit_to(judgments, labels).posterior[:, 1])
    return np.stack(columns, axis=1)
