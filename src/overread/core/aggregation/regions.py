"""Outlines that several readers drew: one region by vote, or by STAPLE."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overread.core.aggregation.judgments import BadJudgments, Floats

Mask = NDArray[np.bool_]
ROUNDING = 1e-9


def mask(polygon: ArrayLike, height: int, width: int) -> Mask:
    """(height, width) which pixels' centres lie within; even-odd rule, no winding.

    polygon: (corners, 2) x, y in pixels, at least three. Raises BadJudgments.
    """
    corners = np.asarray(polygon, dtype=float)
    if corners.ndim != 2 or corners.shape[1:] != (2,) or len(corners) < 3:
        raise BadJudgments("a polygon needs at least three corners of x and y")
    x0, y0 = corners.T[:, :, None]
    x1, y1 = np.roll(corners, -1, axis=0).T[:, :, None]
    y = np.arange(height) + 0.5
    edge, row = np.nonzero((y0 > y) != (y1 > y))
    (left, top, right, bottom), level = (one[edge, 0] for one in (x0, y0, x1, y1)), y[row]
    crossing = left + (level - top) * (right - left) / (bottom - top)
    # A pixel lies within where an odd number of edges cross its row to the right of it.
    before = np.clip(np.ceil(crossing - 0.5), 0, width).astype(np.int64)
    ends = np.zeros((height, width + 1), dtype=np.int64)
    np.add.at(ends, (row, before), 1)
    return np.asarray(ends[:, :0:-1].cumsum(axis=1)[:, ::-1] % 2 == 1)


def vote(masks: ArrayLike, weight: ArrayLike | None = None) -> Mask:
    """(readers, ...) to (...): more than half of the readers, or of their weight."""
    stack = np.asarray(masks, dtype=bool)
    heavy = np.ones(len(stack)) if weight is None else np.asarray(weight, dtype=float)
    return np.asarray(np.tensordot(heavy, stack, axes=1) > heavy.sum() / 2 + ROUNDING)


@dataclass(frozen=True)
class Staple:
    """probability: (...) of each pixel; sensitivity, specificity: (readers,)."""

    probability: Floats
    sensitivity: Floats
    specificity: Floats

    @property
    def region(self) -> Mask:
        return np.asarray(self.probability > 0.5)


def staple(masks: ArrayLike, *, iterations: int = 100, tolerance: float = 1e-7) -> Staple:
    """Simultaneous truth and performance level estimation (Warfield, Zou, Wells 2004, IEEE TMI
    23:903-921), without its spatial prior.

    EM over pixels with a sensitivity and a specificity for each reader, the prior the mean share
    marked. masks: (readers, ...). Pixels alike to all readers are counted, not walked.
    """
    stack = np.asarray(masks, dtype=bool)
    flat = stack.reshape(len(stack), -1)
    pattern, place, counts = np.unique(flat, axis=1, return_inverse=True, return_counts=True)
    marked, count = pattern.astype(float), counts.astype(float)
    prior = min(max(float(flat.mean()), 1e-6), 1 - 1e-6)
    sensitivity = np.full(len(stack), 0.99)
    specificity = np.full(len(stack), 0.99)
    for _ in range(iterations):
        inside = _inside(marked, sensitivity, specificity, prior)
        rest = count * (1 - inside)
        before = np.concatenate([sensitivity, specificity])
        sensitivity = _rate(marked @ (count * inside), (count * inside).sum())
        specificity = _rate((1 - marked) @ rest, rest.sum())
        if np.abs(np.concatenate([sensitivity, specificity]) - before).max() < tolerance:
            break
    inside = _inside(marked, sensitivity, specificity, prior)
    probability = inside[place.reshape(-1)].reshape(stack.shape[1:])
    return Staple(probability, sensitivity, specificity)


def _rate(hits: Floats, of: float) -> Floats:
    return np.clip(hits / max(of, 1e-9), 1e-6, 1 - 1e-6)


def _inside(marked: Floats, sensitivity: Floats, specificity: Floats, prior: float) -> Floats:
    odds = np.log(prior / (1 - prior))
    odds = odds + np.log(sensitivity / (1 - specificity)) @ marked
    odds = odds + np.log((1 - sensitivity) / specificity) @ (1 - marked)
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -700, 700))))


def overlap(one: ArrayLike, other: ArrayLike) -> float:
    """Intersection over union of two masks; 1 where both are empty."""
    a, b = np.asarray(one, dtype=bool), np.asarray(other, dtype=bool)
    union = float((a | b).sum())
    return float((a & b).sum()) / union if union else 1.0
