"""When a unit has enough judgments (dynamic judgments), and what that is likely to save."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import comb, exp, fsum, log
from random import Random

from overread.core.aggregation import Opinion, agree, confidences
from overread.core.removal import Tested
from overread.core.simulation import Answers, Crowd, Kind, read, unit_random

# What a judgment without an answer to a question says ("cannot be judged", not asked).
NO_ANSWER = ""
# A contributor's accuracy before any test answer is taken for a beta law of these two.
PRIOR_RIGHT, PRIOR_WRONG = 4.0, 1.0
# Below this many contributors agreement says little: see docs/decisions/0003-stopping.md.
SMALL_PANEL = 10
UNTESTED = Tested()
_ROUNDING = 1e-9


class StoppingRule(StrEnum):
    """NONE asks for the minimum and no more; the others ask on, up to the maximum.

    CONFIDENCE and MATCHING are the reference platform's. POSTERIOR stops where a model of the
    contributors expects next to nothing from the judgments that are left.
    """

    NONE = "none"
    CONFIDENCE = "confidence"
    MATCHING = "matching"
    POSTERIOR = "posterior"


@dataclass(frozen=True)
class Stopping:
    """When to stop asking. Without `questions`, every question that is offered must be settled.

    threshold: the confidence to reach; or, for POSTERIOR, 1 - the share of units like this one
    that all judgments left, up to the maximum, may still be expected to put right. A posterior
    of `threshold` is always enough for that. matches: identical answers to reach.
    """

    rule: StoppingRule = StoppingRule.NONE
    minimum: int = 3
    maximum: int = 3
    threshold: float = 0.9
    matches: int = 2
    questions: tuple[str, ...] = ()


# Chosen on two real crowds and on simulation: docs/decisions/0003-stopping.md.
DEFAULT = Stopping(StoppingRule.POSTERIOR, minimum=2, maximum=7, threshold=0.998)


@dataclass(frozen=True)
class Vote:
    """A counted judgment: answers by question, and its contributor's test answers so far."""

    answers: Mapping[str, Sequence[str]]
    tested: Tested = UNTESTED


Answer = tuple[str, ...]
Offered = Mapping[str, Sequence[str]]


def wanted(stopping: Stopping, votes: Sequence[Vote], offered: Offered) -> int:
    """How many judgments a unit needs, given those that count so far.

    offered: the values that each question offers, by its name.
    """
    counted = len(votes)
    if stopping.rule == StoppingRule.NONE or counted < stopping.minimum:
        return stopping.minimum
    if counted >= stopping.maximum:
        return stopping.maximum
    asked = stopping.questions or tuple(offered)
    enough = all(_settled(stopping, votes, name, offered[name]) for name in asked)
    return counted if enough else counted + 1


def _settled(stopping: Stopping, votes: Sequence[Vote], name: str, offered: Sequence[str]) -> bool:
    given = [(_answer(vote, name), vote.tested) for vote in votes]
    if stopping.rule == StoppingRule.MATCHING:
        answers = [answer for answer, _ in given]
        return max(map(answers.count, answers)) >= stopping.matches
    if stopping.rule == StoppingRule.CONFIDENCE:
        opinions = [Opinion(answer, tested.trust) for answer, tested in given]
        return max(confidences(opinions, offered).values()) >= stopping.threshold - _ROUNDING
    best = max(posterior(given, [(value,) for value in offered]).values())
    gain = _gain(best, stopping.maximum - len(votes))
    return gain <= 1 - stopping.threshold + _ROUNDING


def _answer(vote: Vote, name: str) -> Answer:
    """Several choices are one answer, whatever the order that they were ticked in."""
    return tuple(sorted(vote.answers.get(name, ()))) or (NO_ANSWER,)


def _gain(best: float, left: int) -> float:
    """How much likelier the answer gets to be right, on average, by `left` more judgments.

    The value of all the information that can still be had: with `best` the posterior of the
    top answer and each new judgment right with the prior's accuracy p, the sum over x votes
    against it of max(0, (1 - best) P(x | it is wrong) - best P(x | it is right)). It is never
    more than 1 - best, and 0 once what is left can't outvote what is there.
    """
    right = PRIOR_RIGHT / (PRIOR_RIGHT + PRIOR_WRONG)
    return fsum(
        comb(left, against)
        * max(
            0.0,
            (1 - best) * right**against * (1 - right) ** (left - against)
            - best * (1 - right) ** against * right ** (left - against),
        )
        for against in range(left + 1)
    )


def posterior(
    given: Iterable[tuple[Answer, Tested]],
    offered: Iterable[Answer],
    prior: Mapping[Answer, float] | None = None,
) -> dict[Answer, float]:
    """The chance of each answer to be the true one, by naive Bayes.

    P(c | answers) is prior(c) times, for each contributor, p where c was answered and
    (1 - p) / (K - 1) where one of the other answers was: Dawid and Skene (1979) with one
    accuracy p in the place of a matrix of errors, which for two answers weighs a vote by
    log(p / (1 - p)) (Nitzan and Paroush 1982). p is taken from test questions alone, shrunk
    by a beta prior as in Raykar et al. (2010). A vote never speaks against its own answer:
    p is at least 1 / K.
    """
    given = list(given)
    answers = list(dict.fromkeys([*offered, *(answer for answer, _ in given)]))
    if len(answers) == 1:
        return {answers[0]: 1.0}
    weights: dict[Answer, list[float]] = {answer: [] for answer in answers}
    for answer, tested in given:
        right = max(accuracy(tested), 1 / len(answers))
        weights[answer].append(log(right) - log((1 - right) / (len(answers) - 1)))
    # fsum: the order of the judgments changes nothing, not even in the last digit.
    logs = {
        answer: fsum(own) + (log(prior[answer]) if prior else 0.0)
        for answer, own in weights.items()
    }
    top = max(logs.values())
    likely = {answer: exp(value - top) for answer, value in logs.items()}
    total = fsum(likely.values())
    return {answer: value / total for answer, value in likely.items()}


def accuracy(tested: Tested) -> float:
    """A contributor's accuracy on test questions, shrunk towards the prior's mean."""
    return (tested.right + PRIOR_RIGHT) / (tested.seen + PRIOR_RIGHT + PRIOR_WRONG)


@dataclass(frozen=True)
class Expected:
    """What simulation expects: the share of the maximum that is asked, and how often it is right.

    Test questions are on top of it. The accuracies are of the answer with the most confidence.
    """

    share: float
    accuracy: float
    accuracy_at_maximum: float


def expected_saving(
    stopping: Stopping,
    crowd: Crowd,
    answers: Answers,
    *,
    units: int = 300,
    readers: int = 20,
    test_answers: int = 10,
    prevalence: float = 0.5,
    seed: int = 0,
) -> Expected:
    """Judge a simulated job twice, with the rule and up to its maximum, by the same readers."""
    rng = Random(f"saving {seed}")
    values = (*answers.settled, *answers.unsure)
    others = [value for value in answers.settled if value != answers.positive]
    panel = [_reader(rng, crowd, answers, test_answers) for _ in range(readers)]
    asked, right, right_at_maximum = 0, 0, 0
    for unit in range(units):
        truth = answers.positive if rng.random() < prevalence else rng.choice(others)
        difficulty = crowd.difficulty(unit_random(seed, unit), answers, truth, tested=False)
        # Readers may come twice where the panel is smaller than the maximum.
        votes = [
            Vote({"": (read(rng, Kind.DILIGENT, difficulty, answers, truth),)}, rng.choice(panel))
            for _ in range(stopping.maximum)
        ]
        enough = _enough(stopping, votes, {"": values})
        asked += enough
        right += _label(votes[:enough], values) == truth
        right_at_maximum += _label(votes, values) == truth
    return Expected(asked / (units * stopping.maximum), right / units, right_at_maximum / units)


def _reader(rng: Random, crowd: Crowd, answers: Answers, count: int) -> Tested:
    truth = answers.positive
    difficulty = crowd.difficulty(rng, answers, truth, tested=True)
    missed = sum(
        read(rng, Kind.DILIGENT, difficulty, answers, truth) != truth for _ in range(count)
    )
    return Tested(count, missed)


def _enough(stopping: Stopping, votes: Sequence[Vote], offered: Offered) -> int:
    """How many of the votes, in their order, are asked for."""
    counted = 0
    while (more := wanted(stopping, votes[:counted], offered)) > counted:
        counted = more
    return counted


def _label(votes: Sequence[Vote], values: Sequence[str]) -> str | None:
    agreed = agree([Opinion(vote.answers[""], vote.tested.trust) for vote in votes], values)
    return agreed.answer if agreed else None


class Unfit(StrEnum):
    """Why dynamic judgments are not to be used; the words for it are chosen where it is shown."""

    NOTHING_TO_SAVE = "nothing to save"
    SMALL_PANEL = "small panel"
    NO_TEST_QUESTIONS = "no test questions"


def unfit(stopping: Stopping, *, contributors: int, tests_are_on: bool) -> list[Unfit]:
    """What speaks against this rule in this job.

    A handful of experts who agree early may share an error, and their disagreement is what one
    wants to know. Without test questions nobody's accuracy is known.
    """
    if stopping.rule == StoppingRule.NONE:
        return []
    reasons = {
        Unfit.NOTHING_TO_SAVE: stopping.minimum >= stopping.maximum,
        Unfit.SMALL_PANEL: contributors < SMALL_PANEL,
        Unfit.NO_TEST_QUESTIONS: not tests_are_on and stopping.rule == StoppingRule.POSTERIOR,
    }
    return [reason for reason, holds in reasons.items() if holds]
