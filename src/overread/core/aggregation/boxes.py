"""Boxes that several readers drew on one image: which mean the same finding, and where it is.

A box is (left, top, right, bottom). Readers may miss a finding or see one more: boxes are matched
first, and a finding stands when enough readers have it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from overread.core.aggregation.judgments import BadJudgments, Floats, Integers

SAME = 0.4
HALF = 0.5


@dataclass(frozen=True)
class Finding:
    """A box with the readers who drew it; support: their share of all readers' weight."""

    box: tuple[float, float, float, float]
    readers: tuple[int, ...]
    support: float


def overlap(boxes: ArrayLike, others: ArrayLike) -> Floats:
    """(boxes, others) intersection over union; 0 where neither has an area."""
    a, b = _boxes(boxes)[:, None], _boxes(others)[None]
    low, high = np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:])
    shared = np.clip(high - low, 0, None).prod(axis=-1)
    union = (a[..., 2:] - a[..., :2]).prod(axis=-1) + (b[..., 2:] - b[..., :2]).prod(axis=-1)
    union = union - shared
    out = np.zeros(shared.shape)
    np.divide(shared, union, out=out, where=union > 0)
    return out


def match(boxes: ArrayLike, reader: ArrayLike, same: float = SAME) -> list[Integers]:
    """Groups of box numbers that mean one finding, each reader at most once in a group.

    The pairs of boxes of different readers that overlap most join first, as long as the average
    overlap of the groups they join is at least `same` (average linkage with a constraint).
    """
    corners, by = _boxes(boxes), np.asarray(reader)
    order = np.lexsort((*corners.T[::-1], by))
    between = overlap(corners, corners)
    groups = [[int(one)] for one in order]
    while (pair := _closest(groups, between, by, same)) is not None:
        first, second = pair
        groups[first] += groups.pop(second)
    return [np.array(sorted(group)) for group in groups]


def _closest(
    groups: list[list[int]], between: Floats, by: Integers, same: float
) -> tuple[int, int] | None:
    best, found = same, None
    for second in range(len(groups)):
        for first in range(second):
            if set(by[groups[first]]) & set(by[groups[second]]):
                continue
            mean = float(between[np.ix_(groups[first], groups[second])].mean())
            if mean > best + 1e-12 or (found is None and mean >= same):
                best, found = mean, (first, second)
    return found


def fuse(
    boxes: ArrayLike,
    reader: ArrayLike,
    *,
    readers: int,
    weight: ArrayLike | None = None,
    least: float = HALF,
    same: float = SAME,
) -> list[Finding]:
    """Weighted-box fusion: corners are the weighted mean of those who drew it.

    Solovyev, Wang, Gabruseva 2021, Image and Vision Computing 107:104117; a reader's weight
    (trust, 1 without) stands in the place of a detector's score. readers: how many looked, those
    who drew nothing too; a finding stands with at least `least` of their weight.
    """
    return _findings(boxes, reader, readers, weight, least, same, _weighted_mean)


def median(
    boxes: ArrayLike,
    reader: ArrayLike,
    *,
    readers: int,
    weight: ArrayLike | None = None,
    least: float = HALF,
    same: float = SAME,
) -> list[Finding]:
    """The median of each corner: one reader far off moves it little. Else as `fuse`."""
    return _findings(boxes, reader, readers, weight, least, same, _median)


def _weighted_mean(corners: Floats, weight: Floats) -> Floats:
    return np.asarray(np.average(corners, axis=0, weights=weight))


def _median(corners: Floats, weight: Floats) -> Floats:
    return np.asarray(np.median(corners, axis=0))


def _findings(
    boxes: ArrayLike,
    reader: ArrayLike,
    readers: int,
    weight: ArrayLike | None,
    least: float,
    same: float,
    where: Callable[[Floats, Floats], Floats],
) -> list[Finding]:
    corners, by = _boxes(boxes), np.asarray(reader, dtype=np.int64)
    if len(by) and (by.min() < 0 or by.max() >= readers):
        raise BadJudgments(f"reader goes up to {by.max()}, past the {readers} announced")
    weights = np.ones(readers) if weight is None else np.asarray(weight, dtype=float)
    total = weights.sum()
    found = []
    for group in match(corners, by, same):
        own = weights[by[group]]
        support = float(own.sum() / total) if total > 0 else 0.0
        if support >= least - 1e-9 and support > 0:
            box = where(corners[group], own)
            left, top, right, bottom = box.tolist()
            who = tuple(sorted(by[group].tolist()))
            found.append(Finding((left, top, right, bottom), who, support))
    return sorted(found, key=lambda one: (-one.support, one.box))


def agreement(boxes: ArrayLike, reader: ArrayLike, *, readers: int) -> float:
    """Mean over pairs of readers of the summed overlap of matched boxes over all their findings.

    1: all drew the same; a box that the other lacks counts 0; two who drew nothing agree.
    """
    corners, by = _boxes(boxes), np.asarray(reader)
    pairs = [(a, b) for b in range(readers) for a in range(b)]
    return float(np.mean([_pair(corners, by, *pair) for pair in pairs])) if pairs else float("nan")


def _pair(corners: Floats, by: Integers, one: int, other: int) -> float:
    own = np.flatnonzero((by == one) | (by == other))
    if not len(own):
        return 1.0
    groups = match(corners[own], by[own], same=1e-9)
    shared = sum(
        float(overlap(corners[own][group[:1]], corners[own][group[1:]])[0, 0])
        for group in groups
        if len(group) == 2
    )
    return shared / len(groups)


def _boxes(boxes: ArrayLike) -> Floats:
    """(n, 4) floats. Raises BadJudgments for other shapes, NaN, or a right before the left."""
    corners = np.asarray(boxes, dtype=float)
    if corners.size == 0:
        return np.zeros((0, 4))
    if corners.ndim != 2 or corners.shape[1] != 4 or not np.isfinite(corners).all():
        raise BadJudgments("boxes need four finite numbers each: left, top, right, bottom")
    if (corners[:, 2:] < corners[:, :2]).any():
        wrong = int(np.argmax((corners[:, 2:] < corners[:, :2]).any(axis=1)))
        raise BadJudgments(f"box {wrong} ends before it starts")
    return corners
