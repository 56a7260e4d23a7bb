"""Appen's numbers: worked examples from its documents, and laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.core.aggregation import Agreed, Opinion, agree, average, confidences

ANSWERS = ("healthy", "pneumonia", "unsure")
opinions = st.lists(
    st.builds(
        Opinion,
        st.sampled_from(ANSWERS).map(lambda value: (value,)),
        st.one_of(st.none(), st.floats(0, 1)),
    )
)


def test_the_published_example_of_eight_answers_comes_out() -> None:
    """Beef, chicken and veggie gathered 4.4703, 1.8571 and 0.9231 of trust."""
    trust = {"beef": (1.0, 0.8, 0.9, 0.9, 0.8703), "chicken": (0.9, 0.9571), "veggie": (0.9231,)}
    given_ = [Opinion((meat,), one) for meat, own in trust.items() for one in own]
    shares = confidences(given_, ("beef", "chicken", "veggie"))
    assert [round(share, 4) for share in shares.values()] == [0.6166, 0.2561, 0.1273]


def test_trust_that_adds_up_to_nothing_gives_confidence_zero() -> None:
    assert agree([Opinion(("healthy",), 0.0)], ANSWERS) == Agreed("healthy", 0.0)


def test_a_contributor_without_test_answers_weighs_one() -> None:
    shares = confidences([Opinion(("healthy",), None), Opinion(("unsure",), 1.0)], ANSWERS)
    assert shares == {"healthy": 0.5, "pneumonia": 0.0, "unsure": 0.5}


def test_among_equals_the_answer_offered_first_stands_and_is_marked_as_tied() -> None:
    tie = [Opinion(("pneumonia",), 0.8), Opinion(("healthy",), 0.8)]
    assert agree(tie, ANSWERS) == Agreed("healthy", 0.5, tied=True)


def test_several_answers_of_one_judgment_each_carry_its_trust() -> None:
    shares = confidences([Opinion(("a", "b"), 0.9), Opinion(("b",), 0.6)], ("a", "b", "c"))
    assert shares == pytest.approx({"a": 0.6, "b": 1.0, "c": 0.0})


def test_a_question_that_nobody_was_asked_has_no_answer() -> None:
    assert agree([Opinion((), 0.9)], ANSWERS) is None
    assert average([]) is None


def test_a_rating_has_its_mean_and_variance() -> None:
    found = average([Opinion(("1",), 0.9), Opinion(("3",), 0.5)])
    assert found is not None
    assert (found.mean, found.variance) == (2.0, 1.0)


@given(opinions, st.randoms(use_true_random=False))
def test_the_order_of_judgments_changes_nothing(given_: list[Opinion], rng) -> None:  # type: ignore[no-untyped-def]
    shuffled = rng.sample(given_, len(given_))
    first, second = agree(given_, ANSWERS), agree(shuffled, ANSWERS)
    assert (first is None) == (second is None)
    if first and second:
        assert (first.answer, first.tied) == (second.answer, second.tied)
        assert first.confidence == pytest.approx(second.confidence)


@given(opinions)
def test_shares_of_single_answers_add_up_to_one_or_nothing(given_: list[Opinion]) -> None:
    total = sum(confidences(given_, ANSWERS).values())
    assert total == pytest.approx(1) or total == 0


@given(opinions)
def test_everybody_twice_is_the_same(given_: list[Opinion]) -> None:
    once, twice = agree(given_, ANSWERS), agree(given_ * 2, ANSWERS)
    assert (once and once.answer) == (twice and twice.answer)
