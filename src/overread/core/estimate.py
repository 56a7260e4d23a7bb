"""What a job will take: judgments, pages, people and time."""

from collections.abc import Iterator
from dataclasses import dataclass

from overread.core.judging import Rules, RunOut
from overread.core.stopping import StoppingRule

# What one row takes a reader before any was timed: an assumption, said as such where it shows.
QUICKEST_SECONDS, SLOWEST_SECONDS = 10.0, 30.0
# However few are trusted, an estimate stays a number.
UNTRUSTED_AT_MOST = 0.9


@dataclass(frozen=True)
class Measured:
    """What the judgments so far say.

    `seconds` a row takes: the median of the latest `judgments`. `untrusted` is the share of the
    work that does not count and is asked again.
    """

    seconds: float | None = None
    judgments: int = 0
    untrusted: float = 0.0


@dataclass(frozen=True)
class Estimate:
    """`least` and `most` judgments differ where dynamic judgments decide.

    Pages, people and the longest time go by `most`, pages and time with all rows that may come
    again to their reader; `each` is the most rows that one contributor
    can judge, None where nothing stops them.
    """

    rows: int
    least: int
    most: int
    pages: int
    contributors: int
    each: int | None
    shortest_hours: float
    longest_hours: float
    measured: Measured


def per_row(rules: Rules) -> tuple[int, int]:
    """The fewest and the most judgments that a row gets."""
    least = rules.judgments_per_unit
    is_dynamic = rules.stopping.rule != StoppingRule.NONE
    return least, rules.stopping.maximum if is_dynamic else least


def estimate(
    rules: Rules,
    *,
    rows: int,
    least: int,
    most: int,
    test_questions: int,
    measured: Measured | None = None,
) -> Estimate:
    """What `rows` will take that still need from `least` to `most` judgments."""
    measured = measured or Measured()
    tests_are_on = rules.tests_are_on(test_questions)
    hidden = rules.test_questions_per_page if tests_are_on else 0
    entering = rules.quiz_length + rules.practice_length if tests_are_on else 0
    work = rules.units_per_page - hidden
    each = min(_limits(rules, test_questions, hidden, entering), default=None)
    each = None if each is None else min(each, rows)
    asked = round(most / (1 - min(measured.untrusted, UNTRUSTED_AT_MOST)))
    people = per_row(rules)[1] if rows else 0
    if each:
        people = max(people, -(-asked // each))

    def hours(judgments: int, seconds: float) -> float:
        shown = judgments + -(-judgments // work) * hidden + people * entering
        return shown * seconds / 3600

    shortest = round(asked * least / most) if most else 0
    longest = round(asked * (1 + rules.repeat_share))
    return Estimate(
        rows=rows,
        least=least,
        most=most,
        pages=-(-longest // work),
        contributors=people,
        each=each,
        shortest_hours=hours(shortest, measured.seconds or QUICKEST_SECONDS),
        longest_hours=hours(longest, measured.seconds or SLOWEST_SECONDS),
        measured=measured,
    )


def _limits(rules: Rules, test_questions: int, hidden: int, entering: int) -> Iterator[int]:
    """How many rows a contributor judges until something stops him or her."""
    work = rules.units_per_page - hidden
    if hidden and rules.when_tests_run_out == RunOut.STOP:
        yield max(0, test_questions - entering) // hidden * work
    if rules.maximum_judgments is not None:
        full, rest = divmod(max(0, rules.maximum_judgments - entering), rules.units_per_page)
        yield full * work + max(0, rest - hidden)
