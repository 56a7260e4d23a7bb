"""What makes a good set of test questions, when one is in doubt, what is right."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.core.design import (
    Choice,
    Condition,
    Design,
    Instructions,
    Matching,
    OneChoice,
    SeveralChoices,
)
from overread.core.judging import Rules
from overread.core.removal import RemovalRule, Tally
from overread.core.states import ParticipationState
from overread.core.test_questions import (
    ENOUGH_ANSWERS,
    Concern,
    TestQuestion,
    after_edit,
    concerns,
    is_doubtful,
    is_missed_by_most,
)

FINDING = OneChoice(
    name="finding",
    label="?",
    tested=True,
    choices=(
        Choice("healthy", "Healthy"),
        Choice("pneumonia", "Pneumonia"),
        Choice("unsure", "Unsure", settles=False),
    ),
)
RULES = Rules()
State = ParticipationState


def a_set(healthy: int, pneumonia: int, unsure: int = 0, *, hidden: int = 0) -> list[TestQuestion]:
    answers = ["healthy"] * healthy + ["pneumonia"] * pneumonia + ["unsure"] * unsure
    return [
        TestQuestion({"finding": [answer]}, hidden=number < hidden)
        for number, answer in enumerate(answers)
    ]


@pytest.mark.parametrize(
    ("enabled", "work", "found"),
    [
        (a_set(5, 5), 190, []),
        (a_set(4, 3), 10, [Concern.TOO_FEW]),
        (a_set(5, 5), 191, [Concern.TOO_FEW_FOR_THE_WORK]),
        (a_set(7, 3), 10, []),
        (a_set(8, 2), 10, [Concern.UNBALANCED]),
        (a_set(10, 0), 10, [Concern.UNBALANCED]),
        (a_set(5, 5, 1), 10, [Concern.UNSURE]),
        (a_set(5, 5, hidden=6), 10, [Concern.TOO_FEW_FOR_QUIZ]),
        (a_set(5, 5, hidden=5), 10, []),
    ],
)
def test_a_set_that_is_none_says_why(
    enabled: Sequence[TestQuestion], work: int, found: list[Concern]
) -> None:
    assert concerns(RULES, enabled, work=work, question=FINDING) == found


def test_a_set_that_the_quiz_uses_up_leaves_no_page() -> None:
    rules = Rules(quiz_length=10)
    assert concerns(rules, a_set(5, 5), work=10, question=FINDING) == [Concern.TOO_FEW_FOR_A_PAGE]


# in doubt


@pytest.mark.parametrize(
    ("answers", "missed", "held"),
    [
        (9, 9, False),
        (10, 9, False),
        (10, 10, True),
        (11, 10, True),
        (20, 15, False),
        (20, 16, True),
    ],
)
def test_one_is_held_when_most_miss_it_beyond_chance(answers: int, missed: int, held: int) -> None:
    assert is_missed_by_most(answers, missed) == held


@given(st.integers(0, 300), st.data())
def test_more_misses_never_speak_for_a_test_question(answers: int, data: st.DataObject) -> None:
    missed = data.draw(st.integers(0, answers))
    if is_missed_by_most(answers, missed):
        assert answers >= ENOUGH_ANSWERS
        assert missed > answers / 2
        assert is_missed_by_most(answers + 1, missed + 1)


# after an edit


@pytest.mark.parametrize(
    ("state", "why", "missed", "then"),
    [
        (State.REMOVED, "accuracy", 3, State.WORKING),
        (State.REMOVED, "accuracy", 4, State.REMOVED),
        (State.REMOVED, "owner", 0, State.REMOVED),
        (State.REMOVED, "answers", 0, State.REMOVED),
        (State.FAILED_QUIZ, "", 3, State.WORKING),
        (State.FAILED_QUIZ, "", 4, State.FAILED_QUIZ),
        (State.WORKING, "", 10, State.WORKING),
        (State.MAXED_OUT, "", 10, State.MAXED_OUT),
        (State.QUIZ, "", 0, State.QUIZ),
    ],
)
def test_an_edit_brings_back_and_removes_nobody(
    state: State, why: str, missed: int, then: State
) -> None:
    rules = Rules(removal_rule=RemovalRule.ACCURACY)
    assert after_edit(state, why, rules, Tally.from_document({"": [10, missed, 0]})) == then


# what is right: the reference platform's three rules


@pytest.mark.parametrize(
    ("said", "any_", "strict", "exact"),
    [
        (["haze"], True, True, False),
        (["haze", "patch"], True, True, True),
        (["patch", "haze"], True, True, True),
        (["haze", "other"], True, False, False),
        (["haze", "patch", "other"], True, False, False),
        (["other"], False, False, False),
        ([], False, False, False),
    ],
)
def test_any_strict_and_exact(said: list[str], any_: bool, strict: bool, exact: bool) -> None:
    accepted = ["haze", "patch"]
    fits = [rule.fits(accepted, said) for rule in (Matching.ANY, Matching.STRICT, Matching.EXACT)]
    assert fits == [any_, strict, exact]


def design(matching: Matching) -> Design:
    signs = SeveralChoices(
        name="signs",
        label="?",
        tested=True,
        only_if=Condition("finding", ("pneumonia",)),
        choices=(Choice("haze", "Haze"), Choice("patch", "Patch"), Choice("other", "Other")),
        matching=matching,
    )
    return Design(instructions=Instructions(), nodes=(FINDING, signs))


def test_every_tested_question_has_to_be_right() -> None:
    accepted = {"finding": ["pneumonia"], "signs": ["haze"]}
    right = design(Matching.ANY).is_right
    assert right(accepted, {"finding": "pneumonia", "signs": ["haze", "other"]})
    assert not right(accepted, {"finding": "pneumonia", "signs": ["other"]})
    assert not right(accepted, {"finding": "healthy"})
    assert not right(accepted, {})


def test_a_question_that_was_not_asked_is_not_missed() -> None:
    accepted = {"finding": ["pneumonia", "unsure"], "signs": ["haze"]}
    assert design(Matching.EXACT).is_right(accepted, {"finding": "unsure"})


def test_the_rule_is_the_question_s_and_comes_back_from_its_document() -> None:
    exact = design(Matching.EXACT)
    assert Design.from_document(exact.document()) == exact
    assert "matching" not in design(Matching.ANY).document()["nodes"][1]
    accepted = {"finding": ["pneumonia"], "signs": ["haze"]}
    assert not exact.is_right(accepted, {"finding": "pneumonia", "signs": ["haze", "other"]})


@pytest.mark.parametrize(
    ("answers", "missed", "doubtful"),
    [(3, 3, False), (4, 2, False), (4, 3, True), (200, 101, True)],
)
def test_more_than_half_of_at_least_four_misses_make_one_doubtful(
    answers: int, missed: int, doubtful: bool
) -> None:
    assert is_doubtful(answers, missed) == doubtful


def test_exactly_rows_per_page_and_three_are_all_needed() -> None:
    rules = Rules(units_per_page=5)
    assert [rules.needs_all(count) for count in (7, 8, 9)] == [False, True, False]
