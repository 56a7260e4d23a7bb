"""What contributors answered who read work again, held against their first reading."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from overread.core.aggregation.within import Again
from overread.core.design import as_values
from overread.core.states import UnitState
from overread.store.models import Job, Judgment
from overread.store.models.judging import REPEATED
from overread.store.queries.design import design_of


@dataclass(frozen=True)
class Reread:
    """Answers to the main question by contributor (participation) and row, of rows read twice.

    `unanswered` counts rows of which one reading has no answer, by contributor.
    """

    again: Again
    unanswered: dict[int, int]


def reread(job: Job, participations: Collection[int]) -> Reread:
    """By these contributors; the same number of queries for any number of them."""
    name = design_of(job).main_question.name
    first = Judgment.objects.filter(
        unit=OuterRef("unit"), participation=OuterRef("participation"), attempt=0
    )
    found = Judgment.objects.filter(REPEATED, participation__in=list(participations))
    rows = (
        found.exclude(unit__state=UnitState.ERASED)
        .annotate(first=Subquery(first.values("answers")[:1]))
        .order_by("pk")
        .values_list("unit", "participation", "first", "answers")
    )
    columns: list[tuple[int, int, int]] = []
    numbers: dict[tuple[str, ...], int] = {}
    unanswered: dict[int, int] = {}
    for unit, by, *answers in rows:
        said = [tuple(sorted(as_values((one or {}).get(name)))) for one in answers]
        if all(said):
            columns += [(unit, by, numbers.setdefault(one, len(numbers))) for one in said]
        else:
            unanswered[by] = unanswered.get(by, 0) + 1
    task, worker, label = zip(*columns, strict=True) if columns else ((), (), ())
    return Reread(Again.of(task, worker, label, len(numbers)), unanswered)
