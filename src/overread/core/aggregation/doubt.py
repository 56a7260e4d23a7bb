"""What a fit's probabilities owe to parameters that it doesn't know.

A probability worked out with the likeliest parameters is surer than it may be, since the same
judgments chose these. Parameters drawn from what the judgments leave open (`information`, normal
on the scale of log odds) make the probabilities that others as good would give.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from overread.core.aggregation.confusion import FLOOR, as_table, normalized
from overread.core.aggregation.fit import Fit
from overread.core.aggregation.information import Information, inside
from overread.core.aggregation.judgments import Floats, Judgments, parts
from overread.core.aggregation.sums import Local

# Fewer where judgments are many, which leave little open, and each draw is a pass over them all.
LEAST_PAIRS, MOST_PAIRS = 4, 32
MOST_WORK = 30_000_000
FURTHEST = 20.0


@dataclass(frozen=True)
class Doubt:
    """shift: of the mean probability of the answers, over what the fit says; variance: of that
    mean; vague: shift of the mean of p (1 - p)."""

    shift: float = 0.0
    variance: float = 0.0
    vague: float = 0.0


NO_DOUBT = Doubt()


def doubt(judgments: Judgments, fit: Fit, known: Information, rng: np.random.Generator) -> Doubt:
    """Of the fit's answers, by pairs of opposite draws."""
    if fit.confusion is None or fit.prevalence is None:
        return NO_DOUBT
    before = _sure(judgments, fit, known, fit.confusion, fit.prevalence)
    pairs = min(max(MOST_WORK // max(len(judgments), 1), LEAST_PAIRS), MOST_PAIRS)
    others = _parameters(fit, known, rng, pairs)
    drawn = np.array([_sure(judgments, fit, known, *one) for one in others])
    model = 1 - fit.by_votes
    shift, vague = model * (drawn.mean(axis=0) - before)
    return Doubt(float(shift), float(model**2 * drawn[:, 0].var(ddof=1)), float(vague))


def _parameters(
    fit: Fit, known: Information, rng: np.random.Generator, pairs: int
) -> Iterator[tuple[Floats, Floats]]:
    """Confusion, (workers, classes, classes), and prevalence, as they might be too."""
    assert fit.confusion is not None
    assert fit.prevalence is not None
    recall = np.clip(np.diagonal(fit.confusion, axis1=1, axis2=2), FLOOR, 1 - FLOOR)
    scale = inside(known.hits, known.expected)
    slope = scale * (1 - scale)
    for _ in range(pairs):
        recalls, odds = known.errors.draw(rng)
        for sign in (1, -1):
            moved = _moved(recall, sign * recalls / slope)
            rest = (1 - moved) / (1 - recall)
            confusion = fit.confusion * rest[:, :, None]
            places = np.arange(recall.shape[1])
            confusion[:, places, places] = moved
            shift = np.exp(np.clip(sign * odds, -FURTHEST, FURTHEST))
            prevalence = fit.prevalence * np.concatenate(([1.0], shift))
            yield normalized(confusion), normalized(prevalence)


def _moved(share: Floats, by: Floats) -> Floats:
    """A share whose log odds are moved."""
    return np.asarray(1 / (1 + (1 - share) / share * np.exp(-np.clip(by, -FURTHEST, FURTHEST))))


def _sure(
    judgments: Judgments, fit: Fit, known: Information, confusion: Floats, prevalence: Floats
) -> Floats:
    """Means over tasks with an answer, of its probability p and of p (1 - p)."""
    tasks, sure, vague = 0, 0.0, 0.0
    for some, part in parts(judgments):
        local = Local(part, known.labels[some], threads=1, of=len(judgments))
        posterior = local.posterior(as_table(confusion), prevalence)
        answer = fit.of(some).answer
        at = np.flatnonzero(answer >= 0)
        p = posterior[at, answer[at]]
        tasks, sure, vague = tasks + len(at), sure + p.sum(), vague + (p * (1 - p)).sum()
    return np.array([sure, vague]) / max(tasks, 1)
