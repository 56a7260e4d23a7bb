"""How a job goes, in figures."""

from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, Q, Sum

from overread.core.instants import instant
from overread.core.judging import TAINTED
from overread.core.states import UnitState
from overread.store.models import Job, Page, Slot

HOUR_MS = 3_600_000
PAGES_BACK = 20_000


def status_of(job: Job) -> dict[str, Any]:
    """The figures that `job status --json` prints."""
    states = dict(job.units.values_list("state").annotate(Count("pk")).order_by())
    done = Q(counted__gte=F("wanted"))
    slots = Slot.objects.filter(job=job).aggregate(
        units=Count("pk"),
        all_counted=Sum("counted"),
        out=Sum("outstanding"),
        needed=Sum("wanted"),
        finalized=Count("pk", filter=done),
        extra=Sum(F("counted") - F("wanted"), filter=done),
    )
    tests = job.units.filter(test_question__isnull=False, slot=None)
    judgments = job.participations.aggregate(
        all=Sum("judgments_made", default=0),
        untrusted=Sum("judgments_made", filter=Q(state__in=TAINTED), default=0),
    )
    needed = slots["needed"] or 0
    counted = (slots["all_counted"] or 0) - (slots["extra"] or 0)
    return {
        "job": job.pk,
        "title": job.title,
        "state": job.state,
        "rows": sum(states.values()),
        "held": states.get(UnitState.HELD, 0),
        "test_questions": tests.filter(test_question__state="enabled").count(),
        "units": slots["units"] or 0,
        "finalized": slots["finalized"],
        "judgments": judgments["all"],
        "untrusted_judgments": judgments["untrusted"],
        "counted": slots["all_counted"] or 0,
        "outstanding": slots["out"] or 0,
        "needed": needed,
        "extra": slots["extra"] or 0,
        "percent": round(100 * counted / needed, 1) if needed else 0.0,
        "contributors": contributors_by_state(job),
        "simulated": job.participations.filter(simulated=True).exists(),
    }


def contributors_by_state(job: Job) -> dict[str, int]:
    return dict(job.participations.values_list("state").annotate(Count("pk")).order_by())


def pages_by_hour(job: Job, hours: int) -> list[tuple[datetime, int]]:
    """The latest `hours` in which pages were submitted, oldest first, with how many were.

    Among PAGES_BACK pages, so that a long job costs no more than a short one.
    """
    latest = job.participations.aggregate(page=Max("pages"))["page"] or 0
    hour = F("submitted_at") / HOUR_MS
    counts = (
        Page.objects.filter(participation__job=job, pk__gt=latest - PAGES_BACK)
        .filter(submitted_at__isnull=False)
        .values_list(hour)
        .annotate(Count("pk"))
        .order_by(hour)
    )
    return [(instant(hour * HOUR_MS), count) for hour, count in list(counts)[-hours:]]
