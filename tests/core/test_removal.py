"""Who stays: lena's test answers, her mix of answers, and how sure one can be of either."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.core.removal import (
    AnswerBounds,
    RemovalRule,
    Stray,
    Tally,
    Tested,
    always_one_answer_passes,
    passes,
    quiz_certainty,
    stays,
    strays,
)

ACCURACY, BOTH, SEQUENTIAL = RemovalRule
MINIMUM = 0.7


@st.composite
def records(draw: st.DrawFn) -> Tested:
    seen = draw(st.integers(1, 60))
    missed = draw(st.integers(0, seen))
    return Tested(seen, missed, draw(st.integers(0, missed)))


tallies = st.dictionaries(st.sampled_from(["healthy", "pneumonia", "unsure"]), records()).map(Tally)


def tally(healthy: tuple[int, int], pneumonia: tuple[int, int]) -> Tally:
    return Tally({"healthy": Tested(*healthy), "pneumonia": Tested(*pneumonia)})


def test_trust_is_what_the_reference_platform_computes() -> None:
    assert Tally().trust is None
    assert tally((10, 2), (10, 1)).trust == 0.85
    assert Tally({"healthy": Tested(3, 1)}).trust == 0.6667
    assert Tally({"healthy": Tested(10, 3, 2)}).trust == 0.9


def test_a_tally_grows_answer_by_answer() -> None:
    grown = Tally().add("healthy", missed=True).add("healthy", missed=False)
    grown = grown.add("pneumonia", missed=True, forgiven=True)
    assert (grown.seen, grown.missed, grown.forgiven) == (3, 2, 1)
    assert grown.kinds == {"healthy": Tested(2, 1), "pneumonia": Tested(1, 1, 1)}


@given(tallies)
def test_a_tally_comes_back_from_its_document(counted: Tally) -> None:
    assert Tally.from_document(json.loads(json.dumps(counted.to_document()))) == counted


@pytest.mark.parametrize("rule", RemovalRule)
def test_nobody_is_judged_without_test_answers(rule: RemovalRule) -> None:
    assert stays(rule, Tally(), MINIMUM)
    assert passes(rule, Tally(), MINIMUM)


def test_the_running_percentage_goes_by_all_answers_together() -> None:
    assert stays(ACCURACY, tally((10, 0), (10, 6)), MINIMUM)
    assert not stays(ACCURACY, tally((10, 0), (10, 7)), MINIMUM)


def test_both_sensitivity_and_specificity_must_reach_the_minimum() -> None:
    always_pneumonia = tally((3, 3), (9, 0))
    assert stays(ACCURACY, always_pneumonia, MINIMUM)
    assert not stays(BOTH, always_pneumonia, MINIMUM)
    assert not stays(BOTH, tally((9, 0), (3, 1)), MINIMUM)
    assert stays(BOTH, tally((9, 0), (4, 1)), MINIMUM)


def test_in_work_one_unlucky_answer_of_a_kind_removes_nobody_but_it_fails_a_quiz() -> None:
    unlucky = tally((2, 1), (8, 0))
    assert stays(BOTH, unlucky, MINIMUM)
    assert not passes(BOTH, unlucky, MINIMUM)
    assert passes(ACCURACY, unlucky, MINIMUM)


def test_the_sequential_test_takes_four_straight_misses_and_not_three() -> None:
    assert stays(SEQUENTIAL, tally((3, 3), (0, 0)), MINIMUM)
    assert not stays(SEQUENTIAL, tally((2, 2), (2, 2)), MINIMUM)
    assert stays(SEQUENTIAL, Tally({"healthy": Tested(4, 4, 4)}), MINIMUM)


def removed_within(answers: int, accuracy: float, minimum: float) -> float:
    """The exact chance that somebody of this accuracy is removed at any of so many looks."""
    left, removed = {0: 1.0}, 0.0
    for seen in range(1, answers + 1):
        following: Counter[int] = Counter()
        for right, chance in left.items():
            for now, share in ((right + 1, accuracy), (right, 1 - accuracy)):
                if stays(SEQUENTIAL, Tally({"": Tested(seen, seen - now)}), minimum):
                    following[now] += chance * share
                else:
                    removed += chance * share
        left = dict(following)
    return removed


@pytest.mark.parametrize("minimum", [0.5, 0.7, 0.9])
def test_however_often_one_looks_the_just_good_enough_are_removed_in_at_most_one_of_twenty(
    minimum: float,
) -> None:
    assert removed_within(200, minimum, minimum) <= 0.05


def test_the_sequential_test_finds_those_who_guess() -> None:
    assert removed_within(40, 0.5, MINIMUM) > 0.5
    assert removed_within(100, 0.5, MINIMUM) > 0.9


@given(tallies, st.floats(0, 1))
def test_a_further_miss_never_brings_anybody_back(counted: Tally, minimum: float) -> None:
    worse = counted.add("healthy", missed=True)
    for rule in (ACCURACY, SEQUENTIAL):
        assert stays(rule, counted, minimum) or not stays(rule, worse, minimum)


@given(tallies, st.floats(0, 1))
def test_whoever_has_both_has_the_percentage(counted: Tally, minimum: float) -> None:
    assert stays(ACCURACY, counted, minimum) or not stays(BOTH, counted, minimum)
    assert stays(BOTH, counted, minimum) or not passes(BOTH, counted, minimum)


@given(st.floats(0, 1))
def test_a_perfect_record_stays_whatever_the_minimum(minimum: float) -> None:
    assert all(stays(rule, tally((5, 0), (5, 0)), minimum) for rule in RemovalRule)


# -- How sure a quiz can be


def test_ten_questions_at_seventy_percent_let_one_guesser_in_six_through() -> None:
    certainty = quiz_certainty(10, MINIMUM)
    assert certainty[0.5] == pytest.approx(176 / 1024)
    assert certainty[0.7] == pytest.approx(0.6496, abs=1e-4)
    assert certainty[0.9] == pytest.approx(0.9872, abs=1e-4)


def test_always_pneumonia_passes_where_test_questions_follow_the_prevalence() -> None:
    collection = {"pneumonia": 4265, "healthy": 1575}
    assert always_one_answer_passes(collection, MINIMUM, ACCURACY, 10) == pytest.approx(
        0.73, abs=0.005
    )
    balanced = {"pneumonia": 1, "healthy": 1}
    assert always_one_answer_passes(balanced, MINIMUM, ACCURACY, 10) == pytest.approx(176 / 1024)
    assert always_one_answer_passes(collection, MINIMUM, BOTH, 10) == pytest.approx(
        (4265 / 5840) ** 10
    )


@pytest.mark.parametrize("rule", RemovalRule)
def test_a_quiz_is_passed_more_surely_the_better_one_is(rule: RemovalRule) -> None:
    chances = list(quiz_certainty(8, MINIMUM, rule, {"pneumonia": 0.5, "healthy": 0.5}).values())
    assert chances == sorted(chances)
    assert all(0 <= chance <= 1 for chance in chances)


def test_a_quiz_that_asks_both_kinds_is_harder_and_a_quiz_of_nothing_is_passed() -> None:
    shares = {"pneumonia": 0.5, "healthy": 0.5}
    both = quiz_certainty(10, MINIMUM, BOTH, shares)
    assert all(both[p] < chance for p, chance in quiz_certainty(10, MINIMUM).items())
    assert set(quiz_certainty(0, MINIMUM, BOTH, shares).values()) == {1.0}


# -- The mix of answers

BOUNDS = AnswerBounds({"pneumonia": (0.2, 0.8)}, from_=20)


def test_an_answer_strays_when_chance_does_not_explain_it() -> None:
    assert strays({"pneumonia": 20}, BOUNDS) is None
    assert strays({"pneumonia": 40}, BOUNDS) == Stray("pneumonia", 1.0)
    assert strays({"healthy": 40}, BOUNDS) == Stray("pneumonia", 0.0)
    assert strays({"pneumonia": 34, "healthy": 6}, BOUNDS) is None


def test_nobody_strays_before_enough_judgments_or_without_bounds() -> None:
    certain = AnswerBounds({"pneumonia": (0.0, 0.01)}, from_=20)
    assert strays({"pneumonia": 19}, certain) is None
    assert strays({"pneumonia": 20}, certain) == Stray("pneumonia", 1.0)
    assert strays({"pneumonia": 1000}, AnswerBounds()) is None


@given(st.integers(0, 400), st.integers(0, 400))
def test_a_share_within_its_bounds_never_strays(pneumonia: int, healthy: int) -> None:
    found = strays({"pneumonia": pneumonia, "healthy": healthy}, BOUNDS)
    if found is not None:
        assert not 0.2 <= found.share <= 0.8


def test_bounds_come_back_from_their_document_and_odd_ones_are_refused() -> None:
    assert AnswerBounds.from_document(json.loads(json.dumps(BOUNDS.to_document()))) == BOUNDS
    assert AnswerBounds.from_document({}) == AnswerBounds()
    with pytest.raises(ValueError, match="pneumonia"):
        AnswerBounds({"pneumonia": (0.8, 0.2)})
    with pytest.raises(ValueError, match="bounds look like"):
        AnswerBounds.from_document({"from": "20"})


def test_a_hundred_thousand_answers_are_looked_at_as_well() -> None:
    assert strays({"pneumonia": 80_100, "healthy": 19_900}, BOUNDS) is None
    assert strays({"pneumonia": 85_000, "healthy": 15_000}, BOUNDS) is not None
