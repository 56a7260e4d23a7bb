"""What a job will take, with its uncertainty: simulated runs, untrusted work replaced.

Before anybody has judged, two things are unknown: what share of those who come guess, and how
long a row takes. Both are drawn anew for every run; the spread of the runs is the uncertainty.

Two real runs on the reference platform guide the share of guessers: 175 of 447 judgments (39 %)
were untrusted in a job of this very kind, which cost 76 % more than estimated, and 1,302 of 2,669
(49 %) in another, where 113 of 168 contributors failed. The laws below were chosen so that all
three figures lie within what they predict for those jobs (tests/core/test_forecast.py): a guess
about open crowds, not a measurement. After a pilot its quiz results narrow them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from math import inf, log
from random import Random

import numpy as np
from numpy.typing import NDArray

from overread.core.judging import Rules, RunOut
from overread.core.removal import RemovalRule, Tally, passes, stays

# The share of those who guess: a beta law with mean 0.5, nine times of ten from 0.19 to 0.81.
GUESSERS = (3.0, 3.0)
# A guesser's chance on a test question; a careful contributor's mean, and how alike they are.
GUESS, CAREFUL, ALIKE = 0.5, 0.83, 10.0
# The chance to stop by oneself after a page.
GIVES_UP = 0.03
# What a row takes a reader before any was timed: nine times of ten within these seconds.
QUICKEST_SECONDS, SLOWEST_SECONDS = 10.0, 30.0
RUNS, LIVES, MOST_PAGES = 400, 250, 200
MANY = 500
LOW, HIGH = 5, 95
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Range:
    """Nine runs of ten lie between `low` and `high`."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Floats) -> "Range":
        low, middle, high = np.percentile(values, [LOW, 50, HIGH])
        return cls(float(low), float(middle), float(high))

    def times(self, factor: float) -> "Range":
        return Range(self.low * factor, self.middle * factor, self.high * factor)


@dataclass(frozen=True)
class Seen:
    """What a pilot showed: how many took the quiz and passed, and the seconds for a row."""

    quizzes: int = 0
    passed: int = 0
    seconds: float | None = None


@dataclass(frozen=True)
class Forecast:
    """`judgments` counts all that are made, test answers and untrusted ones too; `pages` are
    those to be paid: of the quiz where it was passed, and of work. `untrusted` is a share of all
    judgments, those in failed quizzes too. `plain` is what the reference
    platform's formula says: pages of work, if nobody were removed.
    """

    judgments: Range
    untrusted: Range
    pages: Range
    contributors: Range
    hours: Range
    plain: int


class Per(StrEnum):
    """What a price is for."""

    PAGE = "page"
    HOUR = "hour"


@dataclass(frozen=True)
class Price:
    """`fee` is a platform's share on top, 0.2 for 20 %."""

    amount: float
    per: Per = Per.PAGE
    fee: float = 0.0

    def cost(self, expected: Forecast) -> Range:
        taken = expected.pages if self.per == Per.PAGE else expected.hours
        return taken.times(self.amount * (1 + self.fee))

    def plain(self, expected: Forecast) -> float | None:
        """What the reference platform's formula says, by the page."""
        if self.per != Per.PAGE:
            return None
        return expected.plain * self.amount * (1 + self.fee)


@dataclass(frozen=True)
class Course:
    """What happens to a contributor, in the settings' own terms. `kinds` counts test questions
    by kind; none where quiz and hidden test questions are off.
    """

    rows: int
    units_per_page: int
    hidden: int
    practice: int
    quiz: int
    retakes: int
    rule: RemovalRule
    minimum: float
    most_judgments: int | None
    run_out: RunOut
    kinds: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, rules: Rules, rows: int, kinds: Mapping[str, int]) -> "Course":
        tests_are_on = rules.tests_are_on(sum(kinds.values()))
        return cls(
            rows,
            rules.units_per_page,
            rules.test_questions_per_page if tests_are_on else 0,
            rules.practice_length if tests_are_on else 0,
            rules.quiz_length if tests_are_on else 0,
            rules.quiz_retakes,
            rules.removal_rule,
            rules.minimum_accuracy,
            rules.maximum_judgments,
            rules.when_tests_run_out,
            tuple(sorted(kinds.items())) if tests_are_on else (),
        )

    @property
    def work(self) -> int:
        """Rows of work on a page."""
        return self.units_per_page - self.hidden


@dataclass
class Life:
    """What one contributor leaves: rows that count, judgments that don't, all judgments, pages."""

    trusted: int = 0
    judgments: int = 0
    pages: int = 0
    passed: bool = False
    tally: Tally = field(default_factory=Tally)

    @property
    def untrusted(self) -> int:
        return 0 if self.trusted else self.judgments


def forecast(
    rules: Rules,
    *,
    rows: int,
    least: int,
    most: int,
    kinds: Mapping[str, int],
    seen: Seen | None = None,
    seed: int = 1,
) -> Forecast | None:
    """What `rows` will take that need from `least` to `most` trusted judgments.

    `kinds` counts the test questions in use by kind. None where there is nothing to do, or
    nobody could ever do it.
    """
    course, seen = Course.of(rules, rows, kinds), seen or Seen()
    careful, guessing = (_lives(course, guesses, seed) for guesses in (False, True))
    if not rows or not careful[:, 0].any():
        return None
    rng = np.random.default_rng([seed, rows, least, most])
    shares = _shares_of_guessers(rng, careful, guessing, seen, tests=bool(course.quiz))
    needed = rng.uniform(least, most, RUNS)
    runs = np.array(
        [
            _run(rng, careful, guessing, share, goal)
            for share, goal in zip(shares, needed, strict=True)
        ]
    )
    lost, judgments, pages, people = runs.T[1:]
    seconds = _seconds(rng, seen)
    if rules.repeat_share:  # nobody knows who comes back after the hours
        again = 1 + rng.uniform(0, rules.repeat_share, RUNS)
        lost, judgments, pages = lost * again, judgments * again, pages * again
    return Forecast(
        judgments=Range.of(judgments),
        untrusted=Range.of(lost / judgments),
        pages=Range.of(pages),
        contributors=Range.of(people),
        hours=Range.of(judgments * seconds / 3600),
        plain=-(-most // course.work),
    )


def _run(
    rng: np.random.Generator, careful: Floats, guessing: Floats, share: float, goal: float
) -> Floats:
    """Contributors come until the goal is reached; of the last one only what is needed counts.

    Beyond MANY of them a part of the goal stands for all of it: they differ little then.
    """
    mean = (1 - share) * careful[:, 0].mean() + share * guessing[:, 0].mean()
    parts = max(1.0, goal / max(mean, 0.5) / MANY)
    goal /= parts
    total, people = np.zeros(4), 0
    while total[0] < goal:
        count = int((goal - total[0]) / max(mean, 0.5)) + 2
        guess = rng.random(count) < share
        drawn = rng.integers(0, LIVES, count)
        came = np.where(guess[:, None], guessing[drawn, :4], careful[drawn, :4])
        reached = total[0] + came[:, 0].cumsum()
        enough = int(np.searchsorted(reached, goal))
        if enough < count:
            surplus = (reached[enough] - goal) / max(came[enough, 0], 1)
            came[enough] *= 1 - surplus
            came, count = came[: enough + 1], enough + 1
        total += came.sum(axis=0)
        people += count
    return np.asarray(np.array([*total, people]) * parts)


def _shares_of_guessers(
    rng: np.random.Generator, careful: Floats, guessing: Floats, seen: Seen, *, tests: bool
) -> Floats:
    """A share for every run; after a pilot those that explain who passed its quiz."""
    if not tests:
        return np.zeros(RUNS)
    shares = rng.beta(*GUESSERS, RUNS)
    if not seen.quizzes:
        return np.asarray(shares)
    rate = (1 - shares) * careful[:, 4].mean() + shares * guessing[:, 4].mean()
    rate = np.clip(rate, 1e-3, 1 - 1e-3)
    weight = seen.passed * np.log(rate) + (seen.quizzes - seen.passed) * np.log(1 - rate)
    weight = np.exp(weight - weight.max())
    return np.asarray(rng.choice(shares, RUNS, p=weight / weight.sum()))


def _seconds(rng: np.random.Generator, seen: Seen) -> Floats:
    if seen.seconds is not None:
        return np.full(RUNS, seen.seconds)
    middle = (log(QUICKEST_SECONDS) + log(SLOWEST_SECONDS)) / 2
    spread = (log(SLOWEST_SECONDS) - log(QUICKEST_SECONDS)) / 2 / 1.645
    return np.asarray(rng.lognormal(middle, spread, RUNS))


@lru_cache(maxsize=64)
def _lives(course: Course, guesses: bool, seed: int) -> Floats:
    """Many contributors of one sort: trusted, lost, judgments, pages, passed."""
    rng = Random(f"{seed} {guesses}")
    lives = [_life(course, guesses, rng) for _ in range(LIVES)]
    found = [(one.trusted, one.untrusted, one.judgments, one.pages, one.passed) for one in lives]
    return np.array(found, dtype=float)


def _life(course: Course, guesses: bool, rng: Random) -> Life:
    right = GUESS if guesses else rng.betavariate(CAREFUL * ALIKE, (1 - CAREFUL) * ALIKE)
    tests = [kind for kind, count in course.kinds for _ in range(count)]
    rng.shuffle(tests)
    life = Life(judgments=min(course.practice, len(tests)))
    del tests[: course.practice]
    if not _enters(course, life, tests, right, rng):
        return life
    _works(course, life, tests, right, rng)
    return life


def _enters(course: Course, life: Life, tests: list[str], right: float, rng: Random) -> bool:
    """Whether a contributor gets through the quiz, if need be at another try."""
    for _ in range(1 + course.retakes):
        if course.quiz and len(tests) < course.quiz:
            return False
        life.tally = Tally()
        _answer(life, tests, course.quiz, right, rng)
        if not course.quiz or passes(course.rule, life.tally, course.minimum):
            life.passed = True
            life.pages += -(-course.quiz // course.units_per_page)
            return True
    return False


def _works(course: Course, life: Life, tests: list[str], right: float, rng: Random) -> None:
    """Page after page, until something ends it."""
    limit = inf if course.most_judgments is None else course.most_judgments
    every = [kind for kind, count in course.kinds for _ in range(count)]
    done = 0
    for _ in range(MOST_PAGES):
        if len(tests) < course.hidden:
            if course.run_out == RunOut.STOP:
                break
            repeats = course.run_out == RunOut.REPEAT
            tests += rng.sample(every, course.hidden) if repeats else []
        hidden = min(course.hidden, len(tests))
        rows = min(
            course.units_per_page - hidden, course.rows - done, limit - life.judgments - hidden
        )
        if rows <= 0:
            break
        _answer(life, tests, hidden, right, rng)
        life.judgments += int(rows)
        life.pages += 1
        done += int(rows)
        if not stays(course.rule, life.tally, course.minimum):
            return
        if rng.random() < GIVES_UP:
            break
    life.trusted = done


def _answer(life: Life, tests: list[str], count: int, right: float, rng: Random) -> None:
    for _ in range(count):
        life.tally = life.tally.add(tests.pop(), missed=rng.random() >= right)
    life.judgments += count
