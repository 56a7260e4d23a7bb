"""Trust and taint as the reference platform computed them, on its own figures.

The worked figures are of a full report with golden rows: 168 contributors, ten test questions.
Those four full reports that are public here are older and hold neither `_golden` nor `_missed`:
of them the values of `_trust` can be checked, not their way there.
"""

import csv
from collections import defaultdict
from fractions import Fraction

import pytest

from overread.core.removal import RemovalRule, Tally, passes, stays
from tests.shared_data import shared_data

MINIMUM = 0.7
# The most that a trust of these reports needs is 431 (in the relation extraction job).
MOST_ANSWERED = 500
REPORTS = (
    "person-video-binary-choice.csv",
    "person-video-sparse-multiple-choice.csv",
    "person-video-ternary-choice.csv",
    "relex-multiple-choice.csv",
)


def tally(seen: int, missed: int, forgiven: int = 0) -> Tally:
    return Tally.from_document({"": [seen, missed, forgiven]})


@pytest.mark.parametrize(
    ("seen", "missed", "forgiven", "trust", "written"),
    [
        (20, 3, 0, 0.85, "0.85"),
        (10, 0, 0, 1.0, "1"),
        (9, 1, 0, 0.8889, "0.8889"),
        (10, 3, 0, 0.7, "0.7"),
        (10, 3, 1, 0.8, "0.8"),
        (7, 2, 2, 1.0, "1"),
        (3, 1, 0, 0.6667, "0.6667"),
    ],
)
def test_trust_is_the_share_that_is_neither_missed_nor_unforgiven(
    seen: int, missed: int, forgiven: int, trust: float, written: str
) -> None:
    found = tally(seen, missed, forgiven).trust
    assert found == trust
    assert f"{found:g}" == written


def test_the_lowest_untainted_trust_is_the_minimum_itself() -> None:
    assert stays(RemovalRule.ACCURACY, tally(10, 3), MINIMUM)
    assert passes(RemovalRule.ACCURACY, tally(10, 3), MINIMUM)
    assert not stays(RemovalRule.ACCURACY, tally(1000, 301), MINIMUM)


def test_a_forgiven_miss_may_bring_a_tainted_contributor_back() -> None:
    assert not stays(RemovalRule.ACCURACY, tally(9, 3), MINIMUM)
    assert stays(RemovalRule.ACCURACY, tally(9, 3, 1), MINIMUM)


@pytest.mark.parametrize("name", REPORTS)
def test_in_real_reports_everybody_has_one_trust_that_this_formula_gives(name: str) -> None:
    by_contributor = defaultdict(set)
    with shared_data("appen_reports", name).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            by_contributor[row["_worker_id"]].add(float(row["_trust"]))
            assert row["_tainted"] == "false"
    assert all(len(values) == 1 for values in by_contributor.values())
    for trust in {value for values in by_contributor.values() for value in values}:
        assert trust >= MINIMUM
        right = Fraction(trust).limit_denominator(MOST_ANSWERED)
        assert tally(right.denominator, right.denominator - right.numerator).trust == trust
