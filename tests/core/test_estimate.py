"""What a job will take: the arithmetic of the estimate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.core.estimate import Measured, estimate, per_row
from overread.core.judging import Rules, RunOut
from overread.core.stopping import Stopping, StoppingRule

TESTS = 20


def test_a_row_gets_the_same_number_of_judgments_unless_they_are_dynamic() -> None:
    most = Stopping(StoppingRule.NONE, 3, 7)
    assert per_row(Rules(stopping=most)) == (3, 3)
    assert per_row(Rules(stopping=Stopping(StoppingRule.MATCHING, 3, 7))) == (3, 7)


def test_pages_hold_work_beside_the_hidden_test_questions() -> None:
    found = estimate(Rules(), rows=40, least=120, most=120, test_questions=TESTS)
    # 15 test questions are left after the quiz, one on each page of four rows.
    assert (found.pages, found.each, found.contributors) == (30, 40, 3)
    without = estimate(Rules(), rows=40, least=120, most=120, test_questions=0)
    assert (without.pages, without.each, without.contributors) == (24, None, 3)


def test_contributors_stop_where_test_questions_or_their_share_run_out() -> None:
    few = estimate(Rules(), rows=100, least=300, most=300, test_questions=8)
    assert (few.each, few.contributors) == (12, 25)
    on = estimate(
        Rules(when_tests_run_out=RunOut.REPEAT), rows=100, least=300, most=300, test_questions=8
    )
    assert on.each is None
    limited = Rules(when_tests_run_out=RunOut.REPEAT, maximum_judgments=17)
    # 5 in the quiz, then two pages of four rows and one row beside the last test question.
    assert estimate(limited, rows=100, least=300, most=300, test_questions=8).each == 9


def test_rows_that_come_again_may_take_all_of_their_share() -> None:
    rules, again = Rules(), Rules(repeat_share=0.1)
    plain, more = (
        estimate(one, rows=40, least=120, most=120, test_questions=TESTS) for one in (rules, again)
    )
    assert (plain.pages, more.pages) == (30, 33)
    assert more.longest_hours > plain.longest_hours
    assert more.shortest_hours == plain.shortest_hours


def test_nobody_judges_where_the_quiz_takes_every_test_question() -> None:
    rules = Rules(quiz_length=8)
    assert estimate(rules, rows=10, least=30, most=30, test_questions=8).each == 0


def test_measured_seconds_take_the_place_of_the_assumption() -> None:
    rules = Rules()
    assumed = estimate(rules, rows=10, least=30, most=30, test_questions=0)
    assert (assumed.shortest_hours, assumed.longest_hours) == pytest.approx((1 / 12, 1 / 4))
    timed = estimate(
        rules, rows=10, least=30, most=30, test_questions=0, measured=Measured(12.0, 50)
    )
    assert timed.shortest_hours == timed.longest_hours == pytest.approx(0.1)


def test_untrusted_work_is_asked_again() -> None:
    found = estimate(
        Rules(), rows=10, least=30, most=30, test_questions=0, measured=Measured(12.0, 50, 0.25)
    )
    assert (found.most, found.pages) == (30, 8)
    assert found.longest_hours == pytest.approx(40 * 12 / 3600)


@given(
    rows=st.integers(0, 5_000),
    least=st.integers(1, 9),
    more=st.integers(0, 9),
    tests=st.integers(0, 200),
    page=st.integers(2, 20),
    untrusted=st.floats(0, 1),
)
def test_an_estimate_is_never_less_than_the_work(
    rows: int, least: int, more: int, tests: int, page: int, untrusted: float
) -> None:
    stopping = Stopping(StoppingRule.POSTERIOR, least, least + more)
    rules = Rules(judgments_per_unit=least, units_per_page=page, stopping=stopping)
    found = estimate(
        rules,
        rows=rows,
        least=rows * least,
        most=rows * (least + more),
        test_questions=tests,
        measured=Measured(untrusted=untrusted),
    )
    assert 0 <= found.shortest_hours <= found.longest_hours
    assert found.pages * page >= found.most
    assert found.contributors >= (least + more if rows else 0)
    if found.each:
        assert found.contributors * found.each >= found.most
