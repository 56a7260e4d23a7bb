"""What was submitted for a page, checked against the design that the page showed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from overread.core.design import Design, Wrong, WrongAnswer
from overread.store.hot.documents import decode, encode
from overread.store.hot.rows import PageRow

# Different answers of a design that are remembered as checked, and how long at most.
CHECKED_KEPT, CHECKED_LENGTH = 4096, 500


@dataclass(frozen=True)
class Given:
    """What was submitted for one place of a page."""

    place: int
    answers: dict[str, Any] = field(default_factory=dict)
    cannot_be_judged: bool = False
    milliseconds: int = 0

    @cached_property
    def text(self) -> str:
        """The answers as they are stored."""
        return encode(self.answers)


@dataclass(frozen=True)
class PlaceProblem:
    """What is wrong at a place: a wrong answer, or None where the place itself is missing."""

    place: int
    wrong: WrongAnswer | None


class Refusal(Exception):
    """A submission that is not taken; nothing was written."""


class InvalidAnswers(Refusal):
    """Nothing was stored; every problem is listed."""

    def __init__(self, problems: Sequence[PlaceProblem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def without_dropped(page: PageRow, given: Sequence[Given]) -> Sequence[Given]:
    """A unit that was held while the page was out is not asked for any more."""
    listed = decode(page.units)
    return [
        one for one in given if not (0 <= one.place < len(listed) and listed[one.place] is None)
    ]


def check(page: PageRow, given: Sequence[Given], design: Design) -> None:
    """Check every answer against the design that the page showed."""
    places = page.by_place
    seen = Counter(one.place for one in given)
    misplaced = [place for place in places.keys() | seen.keys() if seen[place] != (place in places)]
    problems = [PlaceProblem(place, None) for place in sorted(misplaced)]
    for one in given:
        problems += [PlaceProblem(one.place, wrong) for wrong in _wrong(one, design)]
    if problems:
        raise InvalidAnswers(problems)


def _wrong(one: Given, design: Design) -> list[WrongAnswer]:
    if one.cannot_be_judged:
        return [WrongAnswer(name, Wrong.NOT_ASKED) for name in one.answers]
    checked = design.checked
    if len(one.text) > CHECKED_LENGTH:
        return design.wrong_answers(one.answers)
    if one.text not in checked:
        if len(checked) > CHECKED_KEPT:
            checked.clear()
        checked[one.text] = design.wrong_answers(one.answers)
    return checked[one.text]


def completed(one: Given, design: Design) -> Given:
    """With the answers that follow from those given."""
    if one.cannot_be_judged or not design.computed:
        return one
    return replace(one, answers=design.completed(one.answers))
