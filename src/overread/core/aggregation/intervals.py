"""Intervals for shares: beta quantiles with numpy alone."""

from dataclasses import dataclass
from math import isnan, lgamma

import numpy as np
from numpy.typing import ArrayLike

from overread.core.aggregation.judgments import Floats

LEVEL = 0.95
_TINY = 1e-300
_TERMS = 300
_HALVINGS = 34


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval at `level`."""

    estimate: float
    low: float
    high: float
    level: float = LEVEL

    @property
    def is_defined(self) -> bool:
        return not isnan(self.estimate)


def undefined(level: float = LEVEL) -> Interval:
    nothing = float("nan")
    return Interval(nothing, nothing, nothing, level)


def share(right: float, of: float, level: float = LEVEL) -> Interval:
    """Jeffreys' interval for a share: beta(right + 1/2, wrong + 1/2); (Brown, Cai, DasGupta 2001,
    Statistical Science 16:101-133), closed at 0 and 1 where nothing or everything is right."""
    low, high = bounds(np.array([right]), np.array([of - right]), level)
    return Interval(right / of if of else float("nan"), float(low[0]), float(high[0]), level)


def bounds(right: Floats, wrong: Floats, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Jeffreys' bounds for arrays of counts, which need not be whole."""
    a, b = right + 0.5, wrong + 0.5
    low = np.where(right <= 1e-9, 0.0, beta_quantile((1 - level) / 2, a, b))
    high = np.where(wrong <= 1e-9, 1.0, beta_quantile((1 + level) / 2, a, b))
    return low, high


def beta_quantile(q: float, a: ArrayLike, b: ArrayLike) -> Floats:
    """The q-quantile of beta(a, b), by halving."""
    one, other = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    scale = _lgamma(one + other) - _lgamma(one) - _lgamma(other)
    low, high = np.zeros(one.shape), np.ones(one.shape)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = _beta_cdf(middle, one, other, scale) < q
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)


def _beta_cdf(x: Floats, a: Floats, b: Floats, scale: Floats) -> Floats:
    """The regularised incomplete beta function, by its continued fraction (DLMF 8.17.22)."""
    mirrored = x > (a + 1) / (a + b + 2)
    p, q = np.where(mirrored, b, a), np.where(mirrored, a, b)
    z = np.clip(np.where(mirrored, 1 - x, x), 1e-300, 1 - 1e-16)
    front = np.exp(scale + p * np.log(z) + q * np.log1p(-z))
    value = front * _fraction(z, p, q) / p
    return np.asarray(np.where(mirrored, 1 - value, value))


def _fraction(x: Floats, a: Floats, b: Floats) -> Floats:
    """Lentz's method for the continued fraction."""
    c, d = np.ones_like(x), 1 - (a + b) * x / (a + 1)
    d = 1 / np.where(np.abs(d) < _TINY, _TINY, d)
    total = d.copy()
    for m in range(1, _TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + term * d)
            c = _away(1 + term / c)
            total = total * d * c
        if np.all(np.abs(d * c - 1) < 1e-12):
            break
    return total


def _away(value: Floats) -> Floats:
    """Not 0."""
    return np.where(np.abs(value) < _TINY, _TINY, value)


def _lgamma(values: Floats) -> Floats:
    flat = np.fromiter((lgamma(one) for one in np.ravel(values)), dtype=float)
    return flat.reshape(np.shape(values))
