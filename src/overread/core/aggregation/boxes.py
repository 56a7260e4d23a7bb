"""Boxes that several readers drew on one image: which mean the same finding, and where it is.

A box is (left, top, right, bottom). Readers may miss a finding or see one more: boxes are matched
first, and a finding stands when enough readers have it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from overread.core.aggregation import matching
from overread.core.aggregation.judgments import BadJudgments, Floats, Integers

SAME = 0.4
HALF = 0.5


@dataclass(frozen=True)
class Box:
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
    """Groups of box numbers that mean one finding, each reader at most once in a group."""
    corners = _boxes(boxes)
    return matching.match(overlap(corners, corners), reader, same)


def fuse(
    boxes: ArrayLike,
    reader: ArrayLike,
    *,
    readers: int,
    weight: ArrayLike | None = None,
    least: float = HALF,
    same: float = SAME,
) -> list[Box]:
    """Weighted-box fusion: corners are the weighted mean of those who drew it.

    Solovyev, Wang, Gabruseva 2021, Image and Vision Computing 107:104117. A reader's weight
    (trust, 1 without) stands in the place of a detector's score, so that the paper's confidence,
    the mean score scaled by how many models found the box, is `support`. The paper gathers boxes
    in the order of their scores around the fused box; readers have no score for each box, so here
    the most alike join first, and nobody's two boxes make one. readers: how many looked, those
    who drew nothing too; a finding stands with at least `least` of their weight.
    """
    return _findings(boxes, reader, readers, weight, least, same, weighted_mean)


def median(
    boxes: ArrayLike,
    reader: ArrayLike,
    *,
    readers: int,
    weight: ArrayLike | None = None,
    least: float = HALF,
    same: float = SAME,
) -> list[Box]:
    """The median of each corner: one reader far off moves it little. Else as `fuse`."""
    return _findings(boxes, reader, readers, weight, least, same, middle)


def weighted_mean(places: Floats, weight: Floats) -> Floats:
    """(readers, ...) to (...); all weigh the same where none has a weight."""
    heavy = weight if weight.sum() > 0 else None
    return np.asarray(np.average(places, axis=0, weights=heavy))


def middle(places: Floats, weight: Floats) -> Floats:
    """(readers, ...) to (...) the median of each coordinate, whatever the weight."""
    return np.asarray(np.median(places, axis=0))


def _findings(
    boxes: ArrayLike,
    reader: ArrayLike,
    readers: int,
    weight: ArrayLike | None,
    least: float,
    same: float,
    where: Callable[[Floats, Floats], Floats],
) -> list[Box]:
    corners, by = _boxes(boxes), np.asarray(reader, dtype=np.int64)
    if len(by) and (by.min() < 0 or by.max() >= readers):
        raise BadJudgments(f"reader goes up to {by.max()}, past the {readers} announced")
    weights = np.ones(readers) if weight is None else np.asarray(weight, dtype=float)
    total = weights.sum()
    order = np.lexsort((by, *corners.T[::-1])) if len(by) else by
    found = []
    for group in match(corners[order], by[order], same):
        members = order[group]
        own = weights[by[members]]
        support = float(own.sum() / total) if total > 0 else 0.0
        if support >= least - 1e-9 and support > 0:
            left, top, right, bottom = where(corners[members], own).tolist()
            who = tuple(sorted(by[members].tolist()))
            found.append(Box((left, top, right, bottom), who, support))
    return sorted(found, key=lambda one: (-one.support, one.box))


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
