"""The simulated crowd has the figures of the real one that it was set to."""

from random import Random

import pytest

from overread.core.simulation import (
    Answers,
    Crowd,
    IndependentCrowd,
    Kind,
    read,
    score,
    unit_random,
)

ANSWERS = Answers(("healthy", "pneumonia"), ("unsure",), "pneumonia", "cannot be judged")
UNITS = 20_000
PREVALENCE = 62 / 115


def pairs(crowd: Crowd) -> list[tuple[str, str, str]]:
    """Truth and two readers' answers for many units."""
    rng, found = Random(5), []
    for unit in range(UNITS):
        truth = "pneumonia" if rng.random() < PREVALENCE else "healthy"
        difficulty = crowd.difficulty(unit_random(1, unit), ANSWERS, truth, tested=False)
        first, second = (
            read(rng, Kind.DILIGENT, difficulty, ANSWERS, truth) for _reader in range(2)
        )
        found.append((truth, first, second))
    return found


def test_one_reader_and_two_who_agree_are_right_as_often_as_in_the_real_crowd() -> None:
    found = pairs(Crowd())
    single = score([(first, truth) for truth, first, _ in found], "pneumonia")
    agreed = [truth == first for truth, first, second in found if first == second]
    assert single.accuracy == pytest.approx(0.783, abs=0.01)
    assert single.sensitivity == pytest.approx(0.855, abs=0.01)
    assert single.specificity == pytest.approx(0.698, abs=0.015)
    assert sum(agreed) / len(agreed) == pytest.approx(0.885, abs=0.01)


def test_independent_errors_make_two_who_agree_better() -> None:
    found = pairs(IndependentCrowd(accuracy=0.85))
    agreed = [truth == first for truth, first, second in found if first == second]
    assert sum(truth == first for truth, first, _ in found) / UNITS == pytest.approx(0.85, abs=0.01)
    assert sum(agreed) / len(agreed) == pytest.approx(0.85**2 / (0.85**2 + 0.15**2), abs=0.01)


def test_a_spammer_is_right_by_chance_only() -> None:
    rng = Random(3)
    difficulty = Crowd().difficulty(unit_random(1, 1), ANSWERS, "healthy", tested=True)
    said = [read(rng, Kind.SPAMMER, difficulty, ANSWERS, "healthy") for _ in range(6000)]
    assert said.count("healthy") / len(said) == pytest.approx(1 / 3, abs=0.03)


def test_a_units_difficulty_is_the_same_whoever_reads_it() -> None:
    twice = [
        Crowd().difficulty(unit_random(1, 42), ANSWERS, "healthy", tested=False) for _ in range(2)
    ]
    assert twice[0] == twice[1]


def test_an_unreadable_image_is_mostly_seen_to_be_one() -> None:
    rng, truth = Random(3), ANSWERS.cannot
    difficulty = Crowd().difficulty(unit_random(1, 1), ANSWERS, truth, tested=False)
    said = [read(rng, Kind.DILIGENT, difficulty, ANSWERS, truth) for _ in range(2000)]
    assert said.count(truth) / len(said) == pytest.approx(Crowd().clear, abs=0.03)


def test_a_score_of_nothing_has_no_accuracy() -> None:
    assert score([], "pneumonia").accuracy is None
