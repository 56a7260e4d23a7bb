"""Probabilities that mean what they say, learnt from known labels that were held out."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from overread.core.aggregation.judgments import Floats, Integers

TEMPERATURES = (0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0)
DOUBTS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
_TINY = 1e-12


@dataclass(frozen=True)
class Calibration:
    """q(k) = (1 - doubt) p(k)^(1 / temperature) / sum + doubt / K.

    The temperature takes back confidence from shared errors (Guo et al. 2017, ICML), the doubt
    stands for what a unanimous crowd still gets wrong. The likeliest class stays the likeliest.
    """

    temperature: float = 1.0
    doubt: float = 0.0

    def __call__(self, posterior: Floats) -> Floats:
        """(tasks, classes); a task without a judgment stays at 0."""
        judged = posterior.sum(axis=1, keepdims=True) > 0
        sharp = np.where(judged, np.maximum(posterior, _TINY) ** (1 / self.temperature), 0.0)
        total = np.where(judged, sharp.sum(axis=1, keepdims=True), 1.0)
        mixed = (1 - self.doubt) * sharp / total + self.doubt / max(posterior.shape[1], 1)
        return np.asarray(np.where(judged, mixed, 0.0))


AS_IT_IS = Calibration()


def calibrate(posterior: Floats, truth: Integers) -> Calibration:
    """The one under which the truth of held-out tasks, (tasks,), is likeliest."""
    choices = [Calibration(*pair) for pair in product(TEMPERATURES, DOUBTS)]
    return min(choices, key=lambda one: _loss(one(posterior), truth))


def _loss(posterior: Floats, truth: Integers) -> float:
    return float(-np.log(np.maximum(posterior[np.arange(len(truth)), truth], _TINY)).sum())
