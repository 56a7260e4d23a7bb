"""Threads about units, each between one contributor and the owner."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, Max, OuterRef, QuerySet

from overread.store.models import Job, Participation, Remark, Unit

Key = tuple[int, int]


@dataclass(frozen=True)
class Thread:
    """What one contributor and the owner wrote about one unit, oldest first."""

    unit: Unit
    participation: Participation
    lines: Sequence[Remark]


def unanswered(job: Job) -> QuerySet[Remark]:
    """Contributors' lines that no line of the owner's follows."""
    later = Remark.objects.filter(
        participation=OuterRef("participation"),
        unit=OuterRef("unit"),
        from_owner=True,
        pk__gt=OuterRef("pk"),
    )
    asked = Remark.objects.filter(participation__job=job, from_owner=False)
    return asked.exclude(Exists(later)).order_by()


def threads_of(job: Job, *, answered: bool = False) -> QuerySet[Remark, Key]:
    """Units and participations with an open question, or those without, the newest first."""
    found = Remark.objects.filter(participation__job=job).order_by()
    asked = unanswered(job).filter(participation=OuterRef("participation"), unit=OuterRef("unit"))
    found = found.filter(~Exists(asked) if answered else Exists(asked))
    newest = found.values_list("unit", "participation").annotate(newest=Max("pk"))
    return newest.order_by("-newest").values_list("unit", "participation")


def threads(keys: Sequence[Key]) -> list[Thread]:
    """In this order; the same number of queries however many there are."""
    units, people = {unit for unit, _ in keys}, {who for _, who in keys}
    lines: dict[Key, list[Remark]] = defaultdict(list)
    found = Remark.objects.filter(unit__in=units, participation__in=people)
    for line in found.select_related("author"):
        lines[line.unit_id, line.participation_id].append(line)
    shown = Unit.objects.select_related("test_question").in_bulk(units)
    contributors = Participation.objects.in_bulk(people)
    return [Thread(shown[unit], contributors[who], lines[unit, who]) for unit, who in keys]


def own_threads(participation: Participation) -> list[Thread]:
    """A contributor's own, the newest first."""
    newest = participation.remarks.values("unit").annotate(newest=Max("pk")).order_by("-newest")
    return threads([(one["unit"], participation.pk) for one in newest])


def own_lines(participation: Participation, unit: int) -> list[Remark]:
    return list(participation.remarks.filter(unit=unit))


def thread(job: Job, unit: int, participation: int) -> Thread | None:
    """One thread of a job, where it has been begun."""
    begun = Remark.objects.filter(participation__job=job, unit=unit, participation=participation)
    return threads([(unit, participation)])[0] if begun.exists() else None
