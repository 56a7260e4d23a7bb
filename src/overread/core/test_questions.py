"""What makes a good set of test questions, when one is in doubt, and what an edit changes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from overread.core.design import Choosing, Design
from overread.core.golden import accepted_values
from overread.core.judging import Removal, Rules
from overread.core.problems import Message, Refused
from overread.core.removal import RemovalRule, Tally, Tested, passes, stays
from overread.core.states import ParticipationState

# One test question for every nineteen rows of work: one in twenty, 5 %.
ROWS_PER_TEST = 19
# Where labelled rows are more than one in so many, the owner chooses which of them stay work.
LEFT_TO_JUDGE = 2
# An answer with less than half of its even share makes it pay to guess the other ones.
LEAST_OF_EVEN_SHARE = 0.5
# So many answers are needed, and one more than half of them wrong beyond doubt, to hold one.
ENOUGH_ANSWERS = 10
MOST = 0.5
# Fewer answers make nobody doubt a test question that most miss.
DOUBTFUL_FROM = 4
# Why one is on hold that nobody has put there.
MISSED_BY_MOST = "missed by most"
ROUNDING = 1e-6

Accepted = Mapping[str, Sequence[str]]


def all_may_be_tests(offered: int, work: int) -> bool:
    """Whether enough rows stay work when every labelled one (`offered`) of `work` leaves it."""
    return LEFT_TO_JUDGE * offered <= work


@dataclass(frozen=True)
class TestQuestion:
    """What the rules below look at; `hidden` ones are in no quiz."""

    __test__ = False

    accepted: Accepted
    hidden: bool = False


class Concern(StrEnum):
    """What is wrong with a set of test questions; the words are chosen where it is shown."""

    TOO_FEW = "too few"
    TOO_FEW_FOR_QUIZ = "too few for the quiz"
    TOO_FEW_FOR_A_PAGE = "too few for the quiz and a page"
    TOO_FEW_FOR_THE_WORK = "too few for the work"
    UNBALANCED = "unbalanced"
    UNSURE = "unsure"


def balance(enabled: Sequence[TestQuestion], question: str) -> dict[str, int]:
    """How many test questions accept each answer, by answer."""
    return dict(Counter(value for one in enabled for value in one.accepted.get(question, ())))


def kind_of(accepted: Accepted, question: str) -> str:
    """What a test question tests, as the rules of removal count it: its first accepted answer."""
    return next(iter(accepted.get(question, ())), "")


def quiz_kinds(enabled: Sequence[TestQuestion], question: str) -> dict[str, int]:
    """How many test questions of each kind a quiz draws from."""
    found = Counter(kind_of(one.accepted, question) for one in enabled if not one.hidden)
    return {kind: count for kind, count in found.items() if kind}


def concerns(
    rules: Rules, enabled: Sequence[TestQuestion], *, work: int, question: Choosing
) -> list[Concern]:
    """What speaks against this set, for a job with `work` rows to judge."""
    if not rules.tests_are_on(len(enabled)):
        return [Concern.TOO_FEW]
    in_quiz = sum(not one.hidden for one in enabled)
    needed = rules.quiz_length + rules.test_questions_per_page
    short = in_quiz < rules.quiz_length
    unsettled = {choice.value for choice in question.choices if not choice.settles}
    found = {
        Concern.TOO_FEW_FOR_QUIZ: short,
        Concern.TOO_FEW_FOR_A_PAGE: not short and len(enabled) < needed,
        Concern.TOO_FEW_FOR_THE_WORK: len(enabled) * ROWS_PER_TEST < work,
        Concern.UNBALANCED: is_unbalanced(enabled, question),
        Concern.UNSURE: bool(unsettled & balance(enabled, question.name).keys()),
    }
    return [concern for concern, holds in found.items() if holds]


def is_unbalanced(enabled: Sequence[TestQuestion], question: Choosing) -> bool:
    """Whether an answer that settles a unit is accepted far more seldom than the others."""
    settling = [choice.value for choice in question.choices if choice.settles]
    counts = balance(enabled, question.name)
    even = sum(counts.get(value, 0) for value in settling) / len(settling)
    return any(counts.get(value, 0) < LEAST_OF_EVEN_SHARE * even for value in settling)


def is_doubtful(answers: int, missed: int) -> bool:
    """Whether the owner should look at it: more than half missed it, if only by chance."""
    return answers >= DOUBTFUL_FROM and missed > MOST * answers


def is_missed_by_most(answers: int, missed: int) -> bool:
    """Whether a test question is surely missed by more than half of those who answer it.

    The lower confidence bound of its miss rate is above one half: the same sequential test that
    removes a contributor (core.removal), at the same 95 %, with the question in the place of the
    contributor and one half in that of the minimum accuracy. It stays right however often it is
    asked, so it may be asked after every answer.
    """
    if answers < ENOUGH_ANSWERS:
        return False
    return not stays(RemovalRule.SEQUENTIAL, Tally({"": Tested(answers, missed)}), MOST)


def after_edit(
    state: ParticipationState, removed_for: str, rules: Rules, tally: Tally
) -> ParticipationState:
    """Where a contributor stands once the test answers are scored anew.

    Who was removed for accuracy, or failed the quiz, on a question that was wrong comes back.
    Nobody is removed by an edit: what counts for that is the next page.
    """
    removed = state == ParticipationState.REMOVED and removed_for == Removal.ACCURACY
    if removed and stays(rules.removal_rule, tally, rules.minimum_accuracy):
        return ParticipationState.WORKING
    failed = state == ParticipationState.FAILED_QUIZ
    if failed and passes(rules.removal_rule, tally, rules.minimum_accuracy):
        return ParticipationState.WORKING
    return state


@dataclass(frozen=True)
class Place:
    """A box on the image at which a reason points, as shares of its width and height."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        lies_inside = self.x >= 0 and self.y >= 0 and self.x + self.width <= 1 + ROUNDING
        if not (lies_inside and self.y + self.height <= 1 + ROUNDING):
            raise ValueError("a place lies inside the image")
        if not (self.width > 0 and self.height > 0):
            raise ValueError("a place has a width and a height")


@dataclass(frozen=True)
class Content:
    """What a test question accepts, and what it says on a miss, by question."""

    accepted: Accepted
    reasons: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Sequence[Place]] = field(default_factory=dict)

    def keeping_kinds_of(self, before: Self) -> Self:
        """The same, with what was accepted first still first where it is still accepted.

        Another answer that is accepted too makes no other kind of test question (`kind_of`):
        who has answered it was counted under this one.
        """
        accepted = {
            name: sorted(values, key=lambda value: value != kind_of(before.accepted, name))
            for name, values in self.accepted.items()
        }
        return replace(self, accepted=accepted)

    def checked(self, design: Design) -> Self:
        """The same without what is empty. Raises Refused where nothing, or something that is
        not offered, is accepted.
        """
        accepted = {name: list(values) for name, values in self.accepted.items() if values}
        offered = {one.name: accepted_values(one) for one in design.questions}
        wrong = [
            value
            for name, values in accepted.items()
            for value in values
            if value not in offered.get(name, ())
        ]
        if wrong or design.main_question.name not in accepted:
            raise Refused.because(
                Message("A test question needs at least one accepted answer that is offered."),
                Message("Tick what the image shows."),
            )
        return type(self)(
            accepted,
            {name: text.strip() for name, text in self.reasons.items() if text.strip()},
            {name: list(places) for name, places in self.places.items() if places},
        )
