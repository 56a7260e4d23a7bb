"""A contributor's own figures, as both routes tell them."""

from typing import Any

from overread.core.judging import Rules
from overread.store.hot.documents import tally_of
from overread.store.hot.knowledge import Knowledge
from overread.store.hot.rows import Contributor
from overread.store.hot.tables import Tables
from overread.store.models import Participation

# Beyond this, "how many are left" says no more to a reader, and would cost more to count.
COUNTED_LEFT = 100


def progress(tables: Tables, contributor: Contributor, known: Knowledge) -> dict[str, Any]:
    left = tables.open_slots(contributor.job, COUNTED_LEFT)
    return figures(contributor, known.rules, left)


def figures(contributor: Contributor | Participation, rules: Rules, left: int) -> dict[str, Any]:
    tested = tally_of(contributor.tally).total
    return {
        "judgments": contributor.judgments_made,
        "pages": contributor.pages_made,
        "test_questions": tested.seen,
        "missed": tested.missed,
        "accuracy": tested.trust,
        "quiz_length": rules.quiz_length,
        "minimum_accuracy": rules.minimum_accuracy,
        "units_left": left,
    }
