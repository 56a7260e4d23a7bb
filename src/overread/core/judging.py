"""Who gets what next, what counts, and who stays: decided here, carried out by the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import TypeVar

from overread.core.removal import AnswerBounds, RemovalRule, Tally, passes, stays, strays
from overread.core.states import Mode, ParticipationState
from overread.core.stopping import Stopping

T = TypeVar("T")


class Outcome(StrEnum):
    """What a contributor who asks for a page gets to hear."""

    PAGE = "page"
    NOTHING_LEFT = "nothing left"
    MAXED_OUT = "maxed out"
    REMOVED = "removed"
    FAILED_QUIZ = "failed quiz"
    PAUSED = "paused"
    FINISHED = "finished"


class Order(StrEnum):
    """In which order units are handed out: one for all, or one of each contributor's own."""

    SHARED = "shared"
    PER_CONTRIBUTOR = "per contributor"


class RunOut(StrEnum):
    """What follows when a contributor has seen all test questions."""

    STOP = "stop"
    GO_ON = "go on"
    REPEAT = "repeat"


class Removal(StrEnum):
    """Why a contributor's judgments do not count."""

    ACCURACY = "accuracy"
    ANSWERS = "answers"
    OWNER = "owner"


@dataclass(frozen=True)
class Rules:
    """A job's settings that judging goes by. `minimum_accuracy` is a share, 0 to 1."""

    judgments_per_unit: int = 3
    units_per_page: int = 5
    test_questions_per_page: int = 1
    practice_length: int = 0
    quiz_length: int = 5
    quiz_retakes: int = 0
    removal_rule: RemovalRule = RemovalRule.ACCURACY
    minimum_accuracy: float = 0.7
    answer_bounds: AnswerBounds = field(default_factory=AnswerBounds)
    maximum_judgments: int | None = None
    order: Order = Order.SHARED
    when_tests_run_out: RunOut = RunOut.STOP
    repeat_share: float = 0.0
    repeat_hours: int = 168
    stopping: Stopping = field(default_factory=Stopping)

    def tests_are_on(self, test_questions: int) -> bool:
        """Quiz and hidden test questions need at least units per page + 3 test questions."""
        return test_questions >= self.units_per_page + 3

    def needs_all(self, test_questions: int) -> bool:
        """Whether one less would switch them off."""
        return self.tests_are_on(test_questions) and not self.tests_are_on(test_questions - 1)


@dataclass(frozen=True)
class Plan:
    """What the next page holds."""

    mode: Mode
    test_questions: int
    units: int


CLOSED = {
    ParticipationState.FAILED_QUIZ: Outcome.FAILED_QUIZ,
    ParticipationState.REMOVED: Outcome.REMOVED,
    ParticipationState.MAXED_OUT: Outcome.MAXED_OUT,
}
TAINTED = frozenset({ParticipationState.FAILED_QUIZ, ParticipationState.REMOVED})


def entry(rules: Rules, test_questions: int, *, for_quiz: int | None = None) -> ParticipationState:
    """Where a contributor who joins begins.

    `for_quiz` is how many of the test questions may be shown in practice and quiz.
    """
    if not rules.tests_are_on(test_questions) or for_quiz == 0:
        return ParticipationState.WORKING
    shown = test_questions if for_quiz is None else for_quiz
    spare = shown - rules.quiz_length - rules.test_questions_per_page
    practises = 0 < rules.practice_length <= spare
    return ParticipationState.PRACTISING if practises else ParticipationState.QUIZ


def wanted_tests(state: ParticipationState, rules: Rules, *, tests_are_on: bool) -> int:
    """How many test questions that a contributor has not seen the next page should hold."""
    if state == ParticipationState.PRACTISING:
        return rules.practice_length
    if state == ParticipationState.QUIZ:
        return rules.quiz_length
    return rules.test_questions_per_page if tests_are_on else 0


def plan(
    state: ParticipationState, rules: Rules, *, tests_are_on: bool, found: int, judged: int
) -> Plan | Outcome:
    """The next page for a contributor, or why there is none.

    `found` is how many of the `wanted_tests` there are that this contributor has not seen,
    `judged` how many judgments he or she has made.
    """
    if state in CLOSED:
        return CLOSED[state]
    if state == ParticipationState.PRACTISING:
        return Plan(Mode.PRACTICE, found, 0)
    if state == ParticipationState.QUIZ:
        return Plan(Mode.QUIZ, found, 0) if found else Outcome.FAILED_QUIZ
    hidden = wanted_tests(state, rules, tests_are_on=tests_are_on)
    if found < hidden:
        if rules.when_tests_run_out == RunOut.STOP:
            return Outcome.MAXED_OUT
        hidden = hidden if rules.when_tests_run_out == RunOut.REPEAT else found
    units = rules.units_per_page - hidden
    if rules.maximum_judgments is not None:
        units = min(units, rules.maximum_judgments - judged - hidden)
    return Plan(Mode.WORK, hidden, units) if units > 0 else Outcome.MAXED_OUT


def arrange(rng: Random, tests: Sequence[T], units: Sequence[T]) -> list[T]:
    """Put test questions among units so that no place says which is which."""
    page = [*tests, *units]
    rng.shuffle(page)
    return page


def to_repeat(rng: Random, units: Sequence[T], share: float, places: int) -> list[T]:
    """Of the units of an earlier page those that come again, in at most so many places.

    Each has the chance `share`: how many are expected is rounded up or down at random.
    """
    expected = share * len(units)
    count = int(expected) + (rng.random() < expected % 1)
    return rng.sample(units, min(count, places))


@dataclass(frozen=True)
class Standing:
    """Where a contributor stands; `why` is set for one who was just removed."""

    state: ParticipationState
    why: Removal | None = None


def after_submission(
    state: ParticipationState, rules: Rules, tally: Tally, given: Mapping[str, int]
) -> Standing:
    """Where a contributor stands once a page is judged.

    `tally` counts the test answers since the latest quiz began, `given` the answers to the
    main question on work.
    """
    if state == ParticipationState.PRACTISING:
        return Standing(ParticipationState.QUIZ)
    if state == ParticipationState.QUIZ:
        passed = passes(rules.removal_rule, tally, rules.minimum_accuracy)
        return Standing(ParticipationState.WORKING if passed else ParticipationState.FAILED_QUIZ)
    if state not in (ParticipationState.WORKING, ParticipationState.MAXED_OUT):
        return Standing(state)
    if not stays(rules.removal_rule, tally, rules.minimum_accuracy):
        return Standing(ParticipationState.REMOVED, Removal.ACCURACY)
    if strays(given, rules.answer_bounds) is not None:
        return Standing(ParticipationState.REMOVED, Removal.ANSWERS)
    return Standing(state)


def may_retake(rules: Rules, *, quizzes: int, unseen: int) -> bool:
    """Whether a failed quiz can be taken again: allowed, and with fresh questions."""
    return quizzes <= rules.quiz_retakes and unseen >= rules.quiz_length
