"""Dawid and Skene's model where classes have an order."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from overread.core.aggregation import confusion
from overread.core.aggregation.confusion import Prior, normalized
from overread.core.aggregation.dawid_skene import DawidSkene
from overread.core.aggregation.fit import Fit
from overread.core.aggregation.judgments import UNKNOWN, Floats, Judgments
from overread.core.aggregation.sums import Local, Place

NEAR = 0.4


def near_misses(counts: Floats, prior: Prior, expected: Floats | None) -> Floats:
    """M step with a prior in which an error by one step is likelier than one by two.

    pi(w, k, l) = (n(w, k, l) + s q(k, l)) / (n(w, k, .) + s), and q the pool's errors on top of
    pseudo-judgments that fall by NEAR with each step away from k.
    """
    classes = counts.shape[-1]
    steps = np.abs(np.subtract.outer(np.arange(classes), np.arange(classes)))
    near = normalized(NEAR**steps)
    pooled = normalized(counts.sum(axis=0) + prior.base * near)
    return normalized(counts + prior.strength * confusion.believed(pooled, expected))


@dataclass(frozen=True)
class Ordinal(DawidSkene):
    """For ratings and levels, classes numbered in their order.

    The model and its fit are Dawid and Skene's, with `near_misses` in the place of errors that
    may fall anywhere; the answer is the posterior's median, which errs by the fewest steps.
    """

    name = "ordinal"
    m_step = staticmethod(near_misses)

    def fit_to(
        self,
        judgments: Judgments,
        known: ArrayLike | None = None,
        expected: ArrayLike | None = None,
        place: Place = Local,
    ) -> Fit:
        fitted = super().fit_to(judgments, known, expected, place)
        if not judgments.classes:
            return fitted
        median = (fitted.posterior.cumsum(axis=1) < 0.5 - 1e-9).sum(axis=1)
        judged = fitted.posterior.sum(axis=1) > 0
        return replace(fitted, settled=np.where(judged, median, UNKNOWN))
