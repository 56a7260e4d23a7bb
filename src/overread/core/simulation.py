"""A simulated crowd: readers whose errors share the difficulty of the image.

Measured on a real lay crowd at this very task (115 rows, one or two trusted judgments each):
.783 right alone, sensitivity .855, specificity .698, .885 right when two agree. Independent
errors of the same size would make two who agree right at .93, so a unit's chance of being read
right is drawn once, from a beta law, and so is the mistake that it invites: both are shared by
all who read it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Kind(StrEnum):
    DILIGENT = "diligent"
    SPAMMER = "spammer"


@dataclass(frozen=True)
class Answers:
    """What can be answered: `settled` answers decide, `unsure` ones don't.

    `cannot` is the truth of an image that can't be judged.
    """

    settled: Sequence[str]
    unsure: Sequence[str]
    positive: str
    cannot: str


@dataclass(frozen=True)
class Difficulty:
    """A unit's chance of being read right, and what is answered otherwise."""

    chance: float
    mistakes: Sequence[str]


@dataclass(frozen=True)
class Crowd:
    """How a crowd reads. Shares are 0 to 1; `concentration` is alpha + beta of the beta law.

    `unsure` is the part of the units whose invited mistake is an "unsure". `clear` is the
    chance on a test question: owners make them of clear images, and the real crowd's figures
    are those of contributors who had kept at least .7 on theirs.
    """

    on_positive: float = 0.855
    on_negative: float = 0.698
    concentration: float = 4.4
    unsure: float = 0.28
    clear: float = 0.92
    gives_up: float = 0.03
    cannot_judge: float = 0.004

    def difficulty(self, rng: Random, answers: Answers, truth: str, *, tested: bool) -> Difficulty:
        """Draw a unit's difficulty from `rng`, a generator of the unit's own."""
        if truth == answers.cannot:
            return Difficulty(self.clear, answers.settled)
        mean = self.on_positive if truth == answers.positive else self.on_negative
        chance = rng.betavariate(mean * self.concentration, (1 - mean) * self.concentration)
        wrong = [value for value in answers.settled if value != truth]
        invites_unsure = bool(answers.unsure) and rng.random() < self.unsure
        mistake = rng.choice(answers.unsure if invites_unsure else wrong)
        return Difficulty(self.clear if tested else chance, (mistake,))


@dataclass(frozen=True)
class IndependentCrowd(Crowd):
    """Every reader is right with the same chance on every unit, test question or not."""

    accuracy: float = 0.85

    def difficulty(self, rng: Random, answers: Answers, truth: str, *, tested: bool) -> Difficulty:
        return Difficulty(self.accuracy, [value for value in answers.settled if value != truth])


def unit_random(seed: int, unit: int) -> Random:
    """The generator of a unit's difficulty, the same whoever reads it."""
    return Random(f"unit {seed} {unit}")


def read(rng: Random, kind: Kind, difficulty: Difficulty, answers: Answers, truth: str) -> str:
    """One reader's answer; a spammer picks at random without looking."""
    if kind == Kind.SPAMMER:
        return rng.choice([*answers.settled, *answers.unsure])
    return truth if rng.random() < difficulty.chance else rng.choice(list(difficulty.mistakes))


@dataclass(frozen=True)
class Score:
    """Labels held against a truth. Shares are 0 to 1, or None where there is nothing to divide."""

    right: int
    of: int
    sensitivity: float | None
    specificity: float | None

    @property
    def accuracy(self) -> float | None:
        return self.right / self.of if self.of else None


def score(pairs: Sequence[tuple[str | None, str]], positive: str) -> Score:
    """Hold (label, truth) pairs against each other; a label of None is not right."""
    ill = [label == truth for label, truth in pairs if truth == positive]
    well = [label == truth for label, truth in pairs if truth != positive]
    return Score(
        right=sum(ill) + sum(well),
        of=len(pairs),
        sensitivity=sum(ill) / len(ill) if ill else None,
        specificity=sum(well) / len(well) if well else None,
    )
