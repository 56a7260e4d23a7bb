"""Boxes that several readers drew on one image: how far they overlap, and where they lie together.

A box is (left, top, right, bottom).
"""

import numpy as np
from numpy.typing import ArrayLike

from overread.core.aggregation.judgments import BadJudgments, Floats

SAME = 0.4


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


def weighted_mean(places: Floats, weight: Floats) -> Floats:
    """(readers, ...) to (...); all weigh the same where none has a weight."""
    heavy = weight if weight.sum() > 0 else None
    return np.asarray(np.average(places, axis=0, weights=heavy))


def middle(places: Floats, weight: Floats) -> Floats:
    """(readers, ...) to (...) the median of each coordinate, whatever the weight."""
    return np.asarray(np.median(places, axis=0))


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
