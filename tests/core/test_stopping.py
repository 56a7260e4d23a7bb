"""When a unit has enough judgments."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.core.removal import Tested
from overread.core.simulation import Answers, Crowd, IndependentCrowd
from overread.core.stopping import (
    DEFAULT,
    Stopping,
    StoppingRule,
    Unfit,
    Vote,
    accuracy,
    expected_saving,
    posterior,
    unfit,
    wanted,
)

OFFERED = {"finding": ("healthy", "pneumonia", "unsure"), "where": ("left", "right")}
ONE = {"finding": OFFERED["finding"]}
CHEST = Answers(("healthy", "pneumonia"), ("unsure",), "pneumonia", "cannot be judged")
CONFIDENCE, MATCHING = StoppingRule.CONFIDENCE, StoppingRule.MATCHING
GOOD, FAIR = Tested(20, 0), Tested(10, 3)


@st.composite
def records(draw: st.DrawFn) -> Tested:
    seen = draw(st.integers(0, 30))
    return Tested(seen, draw(st.integers(0, seen)))


values = st.lists(st.sampled_from(OFFERED["finding"]), max_size=2, unique=True)
answers = st.fixed_dictionaries({}, optional={"finding": values, "where": st.just(("left",))})
votes = st.builds(Vote, answers, records())
ballots = st.lists(votes, max_size=9)
settings = st.builds(
    Stopping,
    rule=st.sampled_from(StoppingRule),
    minimum=st.integers(1, 4),
    maximum=st.integers(4, 8),
    threshold=st.floats(0.5, 1),
    matches=st.integers(1, 5),
)


def said(*given_: str, by: Tested = FAIR) -> list[Vote]:
    return [Vote({"finding": (answer,)} if answer else {}, by) for answer in given_]


def test_without_a_rule_a_unit_wants_its_fixed_number() -> None:
    assert [wanted(Stopping(), said(*["healthy"] * n), ONE) for n in range(5)] == [3] * 5


def test_matching_judgments_stop_at_so_many_identical_answers() -> None:
    rule = Stopping(MATCHING, minimum=2, maximum=5, matches=2)
    assert wanted(rule, said("healthy"), ONE) == 2
    assert wanted(rule, said("healthy", "healthy"), ONE) == 2
    assert wanted(rule, said("healthy", "pneumonia"), ONE) == 3
    assert wanted(rule, said("healthy", "pneumonia", "unsure"), ONE) == 4
    assert wanted(rule, said("healthy", "pneumonia", "unsure", "pneumonia"), ONE) == 4


def test_a_confidence_stops_at_the_trusted_share() -> None:
    rule = Stopping(CONFIDENCE, minimum=2, maximum=5, threshold=0.7)
    split = [*said("healthy", by=GOOD), *said("pneumonia", by=FAIR)]
    assert wanted(rule, split, ONE) == 3
    assert wanted(rule, [*split, *said("healthy", by=GOOD)], ONE) == 3


def test_trust_that_adds_up_to_nothing_is_no_confidence() -> None:
    rule = Stopping(CONFIDENCE, minimum=2, maximum=5, threshold=0.7)
    assert wanted(rule, said("healthy", "healthy", by=Tested(3, 3)), ONE) == 3


def test_a_posterior_trusts_two_good_contributors_before_two_unknown_ones() -> None:
    rule = Stopping(StoppingRule.POSTERIOR, minimum=2, maximum=7, threshold=0.99)
    assert wanted(rule, said("pneumonia", "pneumonia", by=Tested(40, 0)), ONE) == 2
    assert wanted(rule, said("pneumonia", "pneumonia", by=Tested()), ONE) == 3


def test_a_posterior_stops_when_what_is_left_changes_nothing() -> None:
    """Three of five agree: the other two can't outvote them."""
    rule = Stopping(StoppingRule.POSTERIOR, minimum=2, maximum=5, threshold=1.0)
    assert wanted(rule, said(*["healthy"] * 3, by=Tested()), ONE) == 3
    assert wanted(replace(rule, maximum=9), said(*["healthy"] * 3, by=Tested()), ONE) == 4


def test_every_question_must_be_settled_unless_some_are_chosen() -> None:
    rule = Stopping(MATCHING, minimum=2, maximum=5, matches=2)
    torn = [Vote({"finding": ("pneumonia",), "where": (side,)}) for side in ("left", "right")]
    assert wanted(rule, torn, OFFERED) == 3
    assert wanted(replace(rule, questions=("finding",)), torn, OFFERED) == 2


@pytest.mark.parametrize("rule", [CONFIDENCE, MATCHING, StoppingRule.POSTERIOR])
def test_what_cannot_be_judged_is_an_answer_of_its_own(rule: StoppingRule) -> None:
    setting = Stopping(rule, minimum=2, maximum=5, threshold=0.9)
    assert wanted(setting, said("", "", by=GOOD), ONE) == 2
    assert wanted(setting, said("", "healthy", by=GOOD), ONE) == 3


def test_several_choices_match_in_whatever_order_they_were_ticked() -> None:
    both = [Vote({"where": ticked}) for ticked in (("left", "right"), ("right", "left"))]
    rule = Stopping(MATCHING, minimum=2, maximum=3, matches=2)
    assert wanted(rule, both, {"where": OFFERED["where"]}) == 2


def test_two_answers_are_weighed_by_the_log_odds_of_those_who_gave_them() -> None:
    """Accuracies 4/5 and 24/25 against each other: odds of 24 to 4."""
    found = posterior([(("b",), GOOD), (("a",), Tested())], [("a",), ("b",)])
    assert found == pytest.approx({("a",): 4 / 28, ("b",): 24 / 28})
    weighed = posterior([(("b",), GOOD)], [("a",), ("b",)], {("a",): 0.96, ("b",): 0.04})
    assert weighed == pytest.approx({("a",): 0.5, ("b",): 0.5})


def test_accuracy_is_shrunk_and_forgiven_misses_are_right() -> None:
    assert accuracy(Tested()) == 0.8
    assert accuracy(Tested(5, 5)) == 0.4
    assert accuracy(Tested(5, 5, 5)) == 0.9


@given(settings, ballots)
def test_what_is_wanted_lies_between_minimum_and_maximum(
    stopping: Stopping, given_: list[Vote]
) -> None:
    assert stopping.minimum <= wanted(stopping, given_, OFFERED) <= stopping.maximum


@given(settings, ballots)
def test_judgments_are_asked_for_one_by_one_and_never_taken_back(
    stopping: Stopping, given_: list[Vote]
) -> None:
    found, counted = wanted(stopping, given_, OFFERED), len(given_)
    if stopping.rule != StoppingRule.NONE and counted <= stopping.maximum:
        assert max(counted, stopping.minimum) <= found <= max(counted + 1, stopping.minimum)


@given(settings, ballots, st.randoms(use_true_random=False))
def test_the_order_of_contributors_changes_nothing(  # type: ignore[no-untyped-def]
    stopping: Stopping, given_: list[Vote], rng
) -> None:
    shuffled = rng.sample(given_, len(given_))
    assert wanted(stopping, given_, OFFERED) == wanted(stopping, shuffled, OFFERED)


@given(settings, st.sampled_from(OFFERED["finding"]), st.lists(records(), min_size=2, max_size=9))
def test_once_satisfied_further_identical_answers_ask_for_no_more(
    stopping: Stopping, answer: str, panel: list[Tested]
) -> None:
    if stopping.rule == CONFIDENCE:
        # Trust of 0 leaves confidence 0, and thus unsatisfied, whoever agrees.
        panel = [one for one in panel if one.trust != 0]
    same = [Vote({"finding": (answer,)}, one) for one in panel]
    satisfied = False
    for count in range(stopping.minimum, min(len(same), stopping.maximum) + 1):
        now = wanted(stopping, same[:count], ONE) <= count
        assert now or not satisfied
        satisfied = now


@given(ballots)
def test_posteriors_add_up_to_one(given_: list[Vote]) -> None:
    told = [(tuple(vote.answers.get("finding", ())), vote.tested) for vote in given_]
    assert sum(posterior(told, [("healthy",), ("pneumonia",)]).values()) == pytest.approx(1)


# -- What it saves


def test_the_default_saves_judgments_and_hardly_costs_accuracy() -> None:
    """On simulated X-rays: under two thirds of seven judgments, within 1.5 points."""
    found = [expected_saving(DEFAULT, Crowd(), CHEST, units=500, seed=seed) for seed in range(4)]
    assert all(DEFAULT.minimum / DEFAULT.maximum < one.share < 0.67 for one in found)
    assert sum(one.accuracy - one.accuracy_at_maximum for one in found) / 4 > -0.015


def test_a_crowd_that_is_always_right_is_asked_less_than_one_that_guesses() -> None:
    sure = expected_saving(DEFAULT, IndependentCrowd(accuracy=1.0), CHEST)
    torn = expected_saving(DEFAULT, IndependentCrowd(accuracy=0.5), CHEST)
    assert sure.share < torn.share
    assert sure.accuracy == sure.accuracy_at_maximum == 1


def test_the_expected_saving_is_the_same_for_the_same_seed() -> None:
    first, again = (expected_saving(DEFAULT, Crowd(), CHEST, seed=3) for _ in range(2))
    assert first == again


def test_a_fixed_number_is_all_of_its_minimum() -> None:
    assert expected_saving(Stopping(), Crowd(), CHEST, units=10).share == 1


def test_small_panels_and_jobs_without_test_questions_are_advised_against() -> None:
    assert unfit(DEFAULT, contributors=40, tests_are_on=True) == []
    assert unfit(DEFAULT, contributors=8, tests_are_on=True) == [Unfit.SMALL_PANEL]
    assert unfit(DEFAULT, contributors=40, tests_are_on=False) == [Unfit.NO_TEST_QUESTIONS]
    fixed = replace(DEFAULT, minimum=3, maximum=3)
    assert unfit(fixed, contributors=40, tests_are_on=True) == [Unfit.NOTHING_TO_SAVE]
    assert unfit(Stopping(), contributors=2, tests_are_on=False) == []
