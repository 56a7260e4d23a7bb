"""Who gets what next, and who stays."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.core.judging import (
    Outcome,
    Plan,
    Removal,
    Rules,
    RunOut,
    Standing,
    after_submission,
    arrange,
    entry,
    may_retake,
    plan,
    wanted_tests,
)
from overread.core.removal import AnswerBounds, Tally, Tested
from overread.core.states import Mode, ParticipationState

RULES = Rules()
PRACTISING, QUIZ = ParticipationState.PRACTISING, ParticipationState.QUIZ
WORKING, REMOVED = ParticipationState.WORKING, ParticipationState.REMOVED


def page(
    state: ParticipationState, rules: Rules = RULES, *, on: bool = True, found: int, judged: int = 0
) -> Plan | Outcome:
    return plan(state, rules, tests_are_on=on, found=found, judged=judged)


def stand(
    state: ParticipationState, seen: int, missed: int, given: dict[str, int] | None = None
) -> Standing:
    tally = Tally({"healthy": Tested(seen, missed)})
    bounds = AnswerBounds({"healthy": (0.2, 0.8)}, 20)
    return after_submission(state, replace(RULES, answer_bounds=bounds), tally, given or {})


def test_quiz_and_hidden_tests_need_units_per_page_plus_three_questions() -> None:
    assert not RULES.tests_are_on(7)
    assert RULES.tests_are_on(8)
    assert entry(RULES, 7) == WORKING
    assert entry(RULES, 8) == QUIZ


def test_practice_comes_first_where_it_leaves_enough_for_the_quiz() -> None:
    rules = replace(RULES, practice_length=3)
    assert entry(rules, 9) == PRACTISING
    assert entry(rules, 8) == QUIZ
    assert page(PRACTISING, rules, found=3) == Plan(Mode.PRACTICE, 3, 0)
    assert stand(PRACTISING, 3, 3).state == QUIZ


def test_a_quiz_page_holds_only_test_questions() -> None:
    assert wanted_tests(QUIZ, RULES, tests_are_on=True) == 5
    assert page(QUIZ, found=5) == Plan(Mode.QUIZ, 5, 0)


def test_a_work_page_hides_one_test_question_among_four_units() -> None:
    assert page(WORKING, found=1) == Plan(Mode.WORK, 1, 4)


def test_a_contributor_who_has_seen_every_test_question_is_maxed_out() -> None:
    assert page(WORKING, found=0) == Outcome.MAXED_OUT


def test_or_goes_on_without_or_sees_them_again_where_the_owner_says_so() -> None:
    go_on = replace(RULES, when_tests_run_out=RunOut.GO_ON)
    repeat = replace(RULES, when_tests_run_out=RunOut.REPEAT)
    assert page(WORKING, go_on, found=0) == Plan(Mode.WORK, 0, 5)
    assert page(WORKING, repeat, found=0) == Plan(Mode.WORK, 1, 4)


def test_without_enough_test_questions_pages_hold_work_only() -> None:
    assert page(WORKING, on=False, found=0) == Plan(Mode.WORK, 0, 5)


def test_nobody_judges_more_than_the_maximum() -> None:
    rules = replace(RULES, maximum_judgments=12)
    assert page(WORKING, rules, found=1, judged=5) == Plan(Mode.WORK, 1, 4)
    assert page(WORKING, rules, found=1, judged=10) == Plan(Mode.WORK, 1, 1)
    assert page(WORKING, rules, found=1, judged=11) == Outcome.MAXED_OUT


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (ParticipationState.REMOVED, Outcome.REMOVED),
        (ParticipationState.FAILED_QUIZ, Outcome.FAILED_QUIZ),
        (ParticipationState.MAXED_OUT, Outcome.MAXED_OUT),
    ],
)
def test_whoever_is_out_gets_the_reason(state: ParticipationState, outcome: Outcome) -> None:
    assert page(state, found=5) == outcome


def test_four_of_five_pass_the_quiz_and_three_do_not() -> None:
    assert stand(QUIZ, 5, 1).state == WORKING
    assert stand(QUIZ, 5, 2).state == ParticipationState.FAILED_QUIZ


def test_a_failed_quiz_is_taken_again_where_allowed_with_fresh_questions() -> None:
    rules = replace(RULES, quiz_retakes=1)
    assert may_retake(rules, quizzes=1, unseen=5)
    assert not may_retake(rules, quizzes=2, unseen=5)
    assert not may_retake(rules, quizzes=1, unseen=4)
    assert not may_retake(RULES, quizzes=1, unseen=5)


def test_accuracy_of_exactly_the_minimum_stays() -> None:
    assert stand(WORKING, 10, 3) == Standing(WORKING)
    assert stand(WORKING, 10, 4) == Standing(REMOVED, Removal.ACCURACY)


def test_whoever_answers_nearly_always_the_same_is_removed_for_that() -> None:
    assert stand(WORKING, 10, 0, {"healthy": 100}) == Standing(REMOVED, Removal.ANSWERS)
    assert stand(WORKING, 10, 0, {"healthy": 19}) == Standing(WORKING)
    assert stand(WORKING, 10, 0, {"healthy": 60, "pneumonia": 40}) == Standing(WORKING)


@given(st.integers())
def test_a_page_keeps_everything_that_was_put_on_it(seed: int) -> None:
    assert sorted(arrange(Random(seed), ["t"], ["a", "b", "c"])) == ["a", "b", "c", "t"]


def test_a_test_question_stands_at_every_place_equally_often() -> None:
    rng = Random(7)
    places = [arrange(rng, ["t"], "abcd").index("t") for _ in range(5000)]
    assert all(900 < places.count(place) < 1100 for place in range(5))
