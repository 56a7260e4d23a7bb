"""Which marks of several readers mean the same finding."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overread.core.aggregation.judgments import Floats, Integers

# Likeness is compared to so many digits, so that equal ones are equal on any machine.
DIGITS = 9


def match(likeness: ArrayLike, reader: ArrayLike, same: float) -> list[Integers]:
    """Groups of numbers, each reader at most once in a group.

    The most alike join first, as long as the mean likeness between the groups they join is at
    least `same` (average linkage with a constraint); among equals the first. likeness: (n, n),
    symmetric; reader: (n,). What isn't alike at all is never compared.
    """
    alike, by = np.round(np.asarray(likeness, dtype=float), DIGITS), np.asarray(reader)
    found = [group for part in _connected(alike > 0) for group in _linked(alike, by, part, same)]
    return sorted(found, key=lambda group: int(group[0]))


def _connected(near: NDArray[np.bool_]) -> list[Integers]:
    left, found = np.ones(len(near), dtype=bool), []
    for first in range(len(near)):
        if not left[first]:
            continue
        part, edge = np.zeros(len(near), dtype=bool), np.array([first])
        while len(edge):
            part[edge] = True
            edge = np.flatnonzero(near[edge].any(axis=0) & ~part)
        left &= ~part
        found.append(np.flatnonzero(part))
    return found


def _linked(alike: Floats, by: Integers, part: Integers, same: float) -> list[Integers]:
    """Of what is connected. A row keeps its best partner, so that joining two looks at few rows."""
    groups = {at: [int(one)] for at, one in enumerate(part)}
    readers = [{int(by[one])} for one in part]
    mean = np.triu(alike[np.ix_(part, part)], 1)
    mean = mean + mean.T
    mean[by[part][:, None] == by[part][None]] = -1.0
    best = mean.argmax(axis=1)
    while True:
        height = mean[np.arange(len(part)), best]
        one = int(height.argmax())
        other = int(best[one])
        if height[one] < same or one == other:
            return [np.array(sorted(group)) for group in groups.values()]
        one, other = sorted((one, other))
        sizes = len(groups[one]), len(groups[other])
        joined = (sizes[0] * mean[one] + sizes[1] * mean[other]) / sum(sizes)
        groups[one] += groups.pop(other)
        readers[one] |= readers[other]
        shared = [at for at in range(len(part)) if readers[at] & readers[one]]
        joined[shared] = -1.0
        joined[(mean[one] < 0) | (mean[other] < 0)] = -1.0
        mean[one], mean[:, one] = joined, joined
        mean[other], mean[:, other] = -1.0, -1.0
        stale = np.isin(best, (one, other)) | (joined > height)
        stale[one] = True
        best[stale] = mean[stale].argmax(axis=1)
