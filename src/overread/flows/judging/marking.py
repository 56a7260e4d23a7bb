"""A page's test answers marked, and the result document that its contributor gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from overread.core.design import Design
from overread.core.removal import RemovalRule
from overread.core.states import Mode, ParticipationState
from overread.flows.judging.answers import Given
from overread.store.hot.documents import decode, encode
from overread.store.hot.knowledge import Knowledge, Test
from overread.store.hot.progress import progress
from overread.store.hot.rows import Contributor, PageRow
from overread.store.hot.tables import Tables


@dataclass(frozen=True)
class Marked:
    """A test answer held against the accepted ones, as they stand now.

    A page may hold a test question that was put on hold since: a miss of it is excused.
    """

    place: int
    test: Test
    missed: bool

    @property
    def correct(self) -> bool:
        return not (self.missed and self.test.enabled)


def mark(
    known: Knowledge, kept: Mapping[int, Given], shown: Design, newest: Design
) -> list[Marked]:
    """Mark the answers to test questions, by place: what the page asked, as of now."""
    marked = [
        Marked(one.place, test, not newest.is_right(shown.asked_of(test.accepted), one.answers))
        for unit, one in kept.items()
        if (test := known.tests.get(unit))
    ]
    return sorted(marked, key=lambda one: one.place)


def is_short_quiz(page: PageRow) -> bool:
    """Whether images of a quiz were reported and dropped: it goes on with others."""
    return page.mode == Mode.QUIZ and None in decode(page.units)


def result_document(
    tables: Tables,
    contributor: Contributor,
    page: PageRow,
    known: Knowledge,
    marked: Sequence[Marked],
    late: int,
) -> str:
    quiz = page.mode == Mode.QUIZ and not is_short_quiz(page)
    document = {
        "page": str(page.id),
        "outcome": "accepted",
        "state": contributor.state,
        "mode": page.mode,
        "quiz": {
            "passed": contributor.state == ParticipationState.WORKING,
            "correct": sum(one.correct for one in marked),
            "of": len(marked),
            "minimum_accuracy": known.rules.minimum_accuracy,
            "each_kind": known.rules.removal_rule == RemovalRule.BOTH,
        }
        if quiz
        else None,
        "late": late,
        "feedback": [
            _feedback(one)
            for one in marked
            if one.test.enabled and (page.mode != Mode.WORK or one.missed)
        ],
        "progress": progress(tables, contributor, known),
    }
    return encode(document)


def _feedback(one: Marked) -> dict[str, Any]:
    test = one.test
    shown = {"accepted": test.accepted, "reasons": test.reasons, "places": test.places}
    return {
        "place": one.place,
        "correct": one.correct,
        **{name: {} if test.hidden else dict(what) for name, what in shown.items()},
    }
