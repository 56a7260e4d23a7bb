"""The estimate's uncertainty: laws, and the two real runs that it has to allow for."""

from dataclasses import astuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overread.core.forecast import Forecast, Per, Price, Range, Seen, forecast
from overread.core.judging import Rules, RunOut

KINDS = {"healthy": 8, "pneumonia": 8}


def of(rules: Rules | None = None, *, rows: int = 100, each: int = 3, **more: object) -> Forecast:
    told = {"kinds": KINDS, **more}
    found = forecast(
        rules or Rules(),
        rows=rows,
        least=rows * each,
        most=rows * each,
        **told,  # type: ignore[arg-type]
    )
    assert found is not None
    return found


def ranges(found: Forecast) -> list[Range]:
    return [one for one in vars(found).values() if isinstance(one, Range)]


def test_the_same_question_has_the_same_answer() -> None:
    assert of() == of()


@settings(max_examples=10, deadline=None)
@given(rows=st.integers(1, 400), each=st.integers(1, 5), page=st.integers(2, 8))
def test_a_range_has_an_order_and_is_never_below_the_work(rows: int, each: int, page: int) -> None:
    found = of(Rules(units_per_page=page, quiz_length=4), rows=rows, each=each)
    for one in ranges(found):
        assert 0 <= one.low <= one.middle <= one.high
    assert found.judgments.low >= rows * each * 0.99
    assert found.untrusted.high <= 1


def test_without_test_questions_nobody_is_replaced() -> None:
    found = of(kinds={})
    assert found.untrusted == Range(0, 0, 0)
    assert found.pages.low == found.pages.high == pytest.approx(found.plain)


def test_the_real_run_of_this_very_kind_lies_within() -> None:
    # 115 rows, 2 judgments, 8 test questions in use: 39 % untrusted, 76 % above the formula.
    found = of(rows=115, each=2, kinds={"healthy": 4, "pneumonia": 4})
    assert found.pages.low < 1.76 * found.plain < found.pages.high
    assert found.untrusted.low < 175 / 447 < found.untrusted.high


def test_the_other_real_run_lies_within() -> None:
    # 10 judgments a row, ten test questions in the quiz, repeated later: 49 % untrusted.
    rules = Rules(units_per_page=6, quiz_length=10, when_tests_run_out=RunOut.REPEAT)
    found = of(rules, rows=51, each=10, kinds={"yes": 5, "no": 5})
    assert found.untrusted.low < 1302 / 2669 < found.untrusted.high


def test_a_pilots_quiz_narrows_it() -> None:
    before = of()
    well, badly = (of(seen=Seen(40, passed)) for passed in (34, 10))
    width = [one.contributors.high - one.contributors.low for one in (before, well)]
    assert width[1] < width[0]
    assert well.untrusted.middle < before.untrusted.middle < badly.untrusted.middle


def test_measured_seconds_take_the_place_of_the_assumption() -> None:
    assert of(seen=Seen(seconds=60)).hours.middle > 2 * of().hours.middle


def test_more_judgments_cost_more() -> None:
    assert of(each=5).pages.middle > of(each=3).pages.middle
    assert of(rows=200).hours.low > of(rows=100).hours.low


def test_rows_that_come_again_cost_from_nothing_to_their_share() -> None:
    plain, again = of(kinds={}), of(Rules(repeat_share=0.2), kinds={})
    assert plain.pages.low < again.pages.low < again.pages.high < 1.2 * plain.pages.high
    assert again.contributors == plain.contributors


def test_there_is_none_where_nobody_can_do_the_work() -> None:
    for rules, rows in ((Rules(quiz_length=16), 10), (Rules(), 0)):
        assert forecast(rules, rows=rows, least=30, most=30, kinds=KINDS) is None


def test_a_price_is_for_pages_or_hours_with_a_fee_on_top() -> None:
    found = of()
    by_page, by_hour = Price(0.1, Per.PAGE, 0.2), Price(30, Per.HOUR)
    assert by_page.cost(found).middle == pytest.approx(found.pages.middle * 0.12)
    assert by_page.plain(found) == pytest.approx(found.plain * 0.12)
    assert astuple(by_hour.cost(found)) == pytest.approx(astuple(found.hours.times(30)))
    assert by_hour.plain(found) is None
