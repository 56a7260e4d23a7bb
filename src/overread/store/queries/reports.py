"""Reported images: what waits for the owner."""

from dataclasses import dataclass

from django.db.models import Max, QuerySet

from overread.core.reports import PRESSING
from overread.store.models import Job, Report, Unit


@dataclass(frozen=True)
class Waiting:
    """Units with reports that nobody has answered; `pressing` ones among them come first."""

    units: int
    pressing: int


def waiting(job: Job) -> Waiting:
    found = Report.objects.filter(unit__job=job, decision="")
    pressing = found.filter(reason__in=[one.value for one in PRESSING])
    return Waiting(*(one.values("unit").distinct().count() for one in (found, pressing)))


def reported_units(job: Job, *, answered: bool) -> QuerySet[Unit]:
    """Units with open reports, or with answered ones; the newest report first."""
    chosen = Report.objects.filter(unit__job=job)
    open_ones = chosen.filter(decision="").values("unit")
    units = job.units.filter(pk__in=chosen.values("unit"))
    units = units.exclude(pk__in=open_ones) if answered else units.filter(pk__in=open_ones)
    return units.annotate(latest=Max("reports__created_at")).order_by("-latest", "pk")


def reports_of(units: list[Unit]) -> dict[int, list[Report]]:
    """By unit, the pressing ones first."""
    found = Report.objects.filter(unit__in=units).select_related("participation", "decided_by")
    by_unit: dict[int, list[Report]] = {unit.pk: [] for unit in units}
    for one in sorted(found, key=lambda one: (one.reason not in PRESSING, one.pk)):
        by_unit[one.unit_id].append(one)
    return by_unit
