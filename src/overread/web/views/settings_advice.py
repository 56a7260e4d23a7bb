"""What the settings will do: how sure the quiz can be, and what dynamic judgments save."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from overread.core.removal import RemovalRule, always_one_answer_passes, quiz_certainty
from overread.core.simulation import Crowd
from overread.core.stopping import (
    SMALL_PANEL,
    Expected,
    Stopping,
    StoppingRule,
    Unfit,
    expected_saving,
    unfit,
)
from overread.flows.settings import Settings
from overread.flows.simulation import answers_of
from overread.store.queries.design import design_of
from overread.store.queries.standing import Standing


@dataclass(frozen=True)
class Certainty:
    """Chances to pass the quiz by one rule: by a reader's true accuracy, and without looking."""

    rule: RemovalRule
    words: str
    chosen: bool
    chances: list[float]
    always_the_same: float | None


def certainties(settings: Settings, balance: Mapping[str, int]) -> list[Certainty]:
    """For every rule; `balance` counts the test questions by accepted answer."""
    words = {
        RemovalRule.BOTH: _("sensitivity and specificity"),
        RemovalRule.ACCURACY: _("running percentage"),
        RemovalRule.SEQUENTIAL: _("only when sure"),
    }
    length, least = settings.quiz_length, settings.minimum_accuracy
    shares = {answer: float(count) for answer, count in balance.items()}
    return [
        Certainty(
            rule,
            said,
            rule == settings.removal_rule,
            list(quiz_certainty(length, least, rule, shares or None).values()),
            always_one_answer_passes(shares, least, rule, length) if shares else None,
        )
        for rule, said in words.items()
    ]


@dataclass(frozen=True)
class Saving:
    """What simulation expects of dynamic judgments; `per_row` judgments a row."""

    expected: Expected
    per_row: float
    maximum: int
    crowd: Crowd


def saving(found: Standing, settings: Settings, balance: Mapping[str, int]) -> Saving | None:
    """None where every row gets the same number of judgments."""
    stopping, crowd = stopping_of(settings), Crowd()
    if stopping.rule == StoppingRule.NONE:
        return None
    answers = answers_of(design_of(found.job))
    tests = sum(balance.values())
    expected = expected_saving(
        stopping,
        crowd,
        answers,
        readers=found.contributors or SMALL_PANEL,
        test_answers=settings.quiz_length if found.tests_are_on else 0,
        prevalence=balance.get(answers.positive, 0) / tests if tests else 0.5,
    )
    return Saving(expected, expected.share * stopping.maximum, stopping.maximum, crowd)


def warnings(found: Standing, settings: Settings) -> list[str]:
    """What speaks against dynamic judgments here. Before anybody is invited none are too few."""
    words = {
        Unfit.NOTHING_TO_SAVE: _("The maximum is no more than what every row gets anyway."),
        Unfit.SMALL_PANEL: _(
            "Don't use it with so few contributors: a handful who agree early may share an error, "
            "and where experts disagree is what you want to know."
        ),
        Unfit.NO_TEST_QUESTIONS: _(
            "Without test questions nobody's accuracy is known, and this rule weighs by it."
        ),
    }
    contributors = found.contributors or SMALL_PANEL
    reasons = unfit(
        stopping_of(settings), contributors=contributors, tests_are_on=found.tests_are_on
    )
    return [words[one] for one in reasons]


def stopping_of(settings: Settings) -> Stopping:
    return Stopping(
        StoppingRule(settings.stopping_rule),
        minimum=settings.judgments_per_unit,
        maximum=settings.maximum_judgments_per_unit or settings.judgments_per_unit,
        threshold=settings.stopping_threshold,
        matches=settings.stopping_matches,
    )
