"""How good the labels of a fit are, in the figures that a report or a page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from overread.core.aggregation.agreement import COEFFICIENTS, Patterns, agreement
from overread.core.aggregation.doubt import NO_DOUBT, doubt
from overread.core.aggregation.fit import Fit
from overread.core.aggregation.information import Information
from overread.core.aggregation.intervals import Interval, share
from overread.core.aggregation.judgments import Judgments
from overread.core.aggregation.uncertainty import believed_accuracy, prevalence

# Bootstraps start from it, so that the same judgments have the same intervals.
SEED = 1979


@dataclass(frozen=True)
class Figures:
    """prevalence: by class; expected: the labels' accuracy as the method believes it; measured:
    on known labels held out of the fit and of the choice of the method, None without a trial;
    agreement: by coefficient.
    """

    prevalence: Sequence[Interval]
    expected: Interval
    measured: Interval | None
    agreement: Mapping[str, Interval]


def figures(judgments: Judgments, fit: Fit, known: Information | None) -> Figures:
    """known: `information` of the fit, where it has any."""
    rng = np.random.default_rng(SEED)
    tested = fit.notes.get("tested")
    return Figures(
        prevalence(fit, known),
        believed_accuracy(fit, doubt(judgments, fit, known, rng) if known else NO_DOUBT),
        share(fit.notes["right"], tested) if tested else None,
        agreements(judgments, rng),
    )


def agreements(judgments: Judgments | Patterns, rng: np.random.Generator) -> dict[str, Interval]:
    """Every coefficient with its bootstrap interval over tasks."""
    patterns = Patterns.over(judgments) if isinstance(judgments, Judgments) else judgments
    return {
        title: agreement(patterns, coefficient, rng) for title, coefficient in COEFFICIENTS.items()
    }
