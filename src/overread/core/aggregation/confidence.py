"""From judgments to consensus, as the reference platform computes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, pvariance

METHOD = "trust-weighted confidence"
METHOD_VERSION = 1
UNCHECKED_TRUST = 1.0


@dataclass(frozen=True)
class Opinion:
    """One contributor's values for one question, with the trust that weighs them.

    `trust` is None for a contributor without any test answer; it then weighs 1.
    """

    values: Sequence[str]
    trust: float | None

    @property
    def weight(self) -> float:
        return UNCHECKED_TRUST if self.trust is None else self.trust


@dataclass(frozen=True)
class Agreed:
    """The answer with the highest confidence; `tied` when another one has as much."""

    answer: str
    confidence: float
    tied: bool = False


@dataclass(frozen=True)
class Averaged:
    mean: float
    variance: float


@dataclass(frozen=True)
class Shared:
    """Every answer whose confidence is above a threshold, the highest first."""

    answers: Sequence[str]
    confidences: Sequence[float]


@dataclass(frozen=True)
class Collected:
    """Everything that was said, each thing once, in the order of the judgments."""

    values: Sequence[str]


def confidences(opinions: Iterable[Opinion], offered: Sequence[str]) -> dict[str, float]:
    """conf(a) = sum of trust of those who answered a / sum of trust of all who answered.

    Returns every value in `offered`, in that order; all 0 when the trust adds up to 0.
    With several answers per judgment the shares need not add up to 1.
    """
    weights = dict.fromkeys(offered, 0.0)
    total = 0.0
    for opinion in opinions:
        if not opinion.values:
            continue
        total += opinion.weight
        for value in opinion.values:
            weights[value] = weights.get(value, 0.0) + opinion.weight
    return {value: weight / total if total else 0.0 for value, weight in weights.items()}


def agree(opinions: Sequence[Opinion], offered: Sequence[str]) -> Agreed | None:
    """The top answer; among equals the one offered first, marked as tied. None without answers."""
    answered = [opinion for opinion in opinions if opinion.values]
    if not answered:
        return None
    shares = confidences(answered, offered)
    given = {value for opinion in answered for value in opinion.values}
    best = max(shares[value] for value in given)
    top = [value for value in shares if value in given and abs(shares[value] - best) < 1e-9]
    return Agreed(top[0], shares[top[0]], tied=len(top) > 1)


def average(opinions: Sequence[Opinion]) -> Averaged | None:
    """The plain mean of a rating and its (population) variance; None without answers."""
    numbers = [float(value) for opinion in opinions for value in opinion.values]
    return Averaged(fmean(numbers), pvariance(numbers)) if numbers else None


def above(opinions: Sequence[Opinion], offered: Sequence[str], threshold: float) -> Shared | None:
    """The answers above the threshold; None without answers."""
    if not any(opinion.values for opinion in opinions):
        return None
    shares = confidences(opinions, offered)
    kept = [value for value in shares if shares[value] > threshold]
    kept.sort(key=lambda value: -shares[value])
    return Shared(kept, [shares[value] for value in kept])


def collect(opinions: Sequence[Opinion]) -> Collected | None:
    values = dict.fromkeys(value for opinion in opinions for value in opinion.values)
    return Collected(list(values)) if values else None
