"""The Monitor tab: is it going well, and what should the owner do?"""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from overread.core.instants import milliseconds
from overread.core.states import JobState
from overread.store.judging import rules_of
from overread.store.models import Job
from overread.store.queries import contests, reports
from overread.store.queries import monitor as queries
from overread.store.queries.aggregation import Contributor, contributors
from overread.store.queries.design import design_of, held_by_itself, test_questions_of
from overread.store.queries.quality import (
    LATEST_OF_JOB,
    Fared,
    test_questions_fared,
    to_review,
)
from overread.store.queries.repeats import reread
from overread.store.queries.standing import Standing, standing
from overread.store.queries.thumbnails import thumbnails
from overread.web.views.contests import labels_of
from overread.web.views.contributors import can_be_removed, why_words
from overread.web.views.head import job_page

HOURS, WORST, PEOPLE = 24, 6, 200
# How often an open monitor asks for new figures: where there are many rows they cost more.
REFRESH_MS, MANY_ROWS, REFRESH_MANY_MS = 10_000, 20_000, 30_000


def monitor(request: HttpRequest, job: Job) -> HttpResponse:
    found = standing(job)
    every = REFRESH_MS if found.rows <= MANY_ROWS else REFRESH_MANY_MS
    return job_page(request, job, "monitor", standing=found, every=every, **_figures(found))


def monitor_figures(request: HttpRequest, job: Job) -> HttpResponse:
    found = standing(job)
    context = {"job": job, "standing": found, **_figures(found)}
    return render(request, "owner/figures.html", context)


def _figures(found: Standing) -> dict[str, Any]:
    job = found.job
    figures = queries.status_of(job)
    people = list(contributors(job).values())
    fared = test_questions_fared(job)
    looked_at = sum(one.judged for one in fared.values())
    hours = queries.pages_by_hour(job, HOURS)
    waiting = contests.waiting(job, at=milliseconds(datetime.now(UTC)))
    reported = reports.waiting(job)
    table = _table(job, people)
    doubtful = sum(one.is_doubtful for one in fared.values())
    return {
        "figures": figures,
        "sentences": [
            progress_words(figures),
            trust_words(people),
            reported_words(reported) or waiting_words(waiting) or advice(found, doubtful),
        ],
        "waiting": waiting,
        "reported": reported,
        "held_by_itself": held_by_itself(job),
        "to_review": to_review(job),
        "contributors": table,
        "read_again": any(row["again"] for row in table),
        "hidden": max(0, len(people) - PEOPLE),
        "hours": hours,
        "busiest": max((count for _, count in hours), default=0),
        "worst": _worst(job, fared),
        "latest": LATEST_OF_JOB if looked_at >= LATEST_OF_JOB else None,
        "is_over": job.state in (JobState.FINISHED, JobState.CANCELED),
    }


def progress_words(figures: dict[str, Any]) -> str:
    if not figures["units"]:
        return _("Nothing has been launched yet.")
    return _("{finalized} of {units} rows are finished: {counted} of {needed} judgments.").format(
        **figures
    )


def trust_words(people: list[Contributor]) -> str:
    """How well the crowd does on test questions, all answers together."""
    seen = sum(one.record.seen for one in people)
    if not seen:
        return _("Nobody has answered a test question yet, so nothing can be said about quality.")
    right = sum(one.record.total.right for one in people)
    out = sum(one.tainted for one in people)
    words = _("Test questions are answered right {share} of the time ({right} of {seen}).")
    left = ngettext(
        "{n} contributor's work is not counted.", "{n} contributors' work is not counted.", out
    )
    said = words.format(share=f"{right / seen:.0%}", right=right, seen=seen)
    return f"{said} {left.format(n=out)}" if out else said


def advice(found: Standing, doubtful: int) -> str:
    state = found.job.state
    if state == JobState.DRAFT:
        return _("Launch the job to begin.")
    if state == JobState.PAUSED:
        return _("The job is paused. Resume it under Launch.")
    if state == JobState.FINISHED and found.job.pilot_rows is not None:
        return _("The pilot is judged. Its report and the next step are under Launch.")
    if state in (JobState.FINISHED, JobState.CANCELED):
        return _("Nothing more to do here: the results are ready.")
    if not found.contributors:
        return _("Nobody is invited yet. Make invitations under Launch.")
    if doubtful:
        return ngettext(
            "Look at {n} test question that most people miss: its answer may be wrong.",
            "Look at {n} test questions that most people miss: their answers may be wrong.",
            doubtful,
        ).format(n=doubtful)
    if not found.joined:
        return _("Nobody has joined yet. Send the invitation links to the people invited.")
    return _("Nothing to do: it goes on by itself.")


def reported_words(reported: reports.Waiting) -> str:
    """What readers found wrong with images; empty where they found nothing."""
    if not reported.units:
        return ""
    said = ngettext("Look at {n} reported image.", "Look at {n} reported images.", reported.units)
    if not reported.pressing:
        return said.format(n=reported.units)
    pressing = ngettext(
        "{n} can't wait: it shows a name, or looks urgent.",
        "{n} can't wait: they show a name, or look urgent.",
        reported.pressing,
    )
    return f"{said.format(n=reported.units)} {pressing.format(n=reported.pressing)}"


def waiting_words(waiting: contests.Waiting) -> str:
    """What contributors wait for; empty where they don't."""
    words = []
    if waiting.objections:
        said = ngettext(
            "Answer {n} objection to test questions.",
            "Answer {n} objections to test questions.",
            waiting.objections,
        )
        words.append(said.format(n=waiting.objections))
    if waiting.overdue:
        late = ngettext("{n} is overdue.", "{n} are overdue.", waiting.overdue)
        words.append(late.format(n=waiting.overdue))
    if waiting.questions:
        asked = ngettext(
            "Answer {n} contributor's question about an image.",
            "Answer {n} questions of contributors about images.",
            waiting.questions,
        )
        words.append(asked.format(n=waiting.questions))
    return " ".join(words)


def _table(job: Job, people: list[Contributor]) -> list[dict[str, Any]]:
    """Contributors, the busiest first, with their state in words."""
    rules, design = rules_of(job), design_of(job)
    labels = labels_of(design)[design.main_question.name]
    busiest = sorted(people, key=lambda one: -one.participation.judgments_made)[:PEOPLE]
    again = reread(job, [one.participation.pk for one in busiest]).again.by_worker()
    return [
        {
            "contributor": one,
            "why": why_words(one.participation, rules, labels),
            "can_be_removed": can_be_removed(one.participation),
            "again": again.get(one.participation.pk),
        }
        for one in busiest
    ]


def _worst(job: Job, fared: dict[int, Fared]) -> list[dict[str, Any]]:
    """Test questions that were missed, the most often missed first."""
    missed = sorted((one for one in fared.items() if one[1].missed), key=_rank)[:WORST]
    units = {one.unit_id: one.unit for one in test_questions_of(job).filter(unit__in=dict(missed))}
    shown = [(units[unit], one) for unit, one in missed if unit in units]
    pictures = thumbnails(unit for unit, _ in shown)
    return [
        {"thumbnail": picture, "fared": one}
        for picture, (_, one) in zip(pictures, shown, strict=True)
    ]


def _rank(item: tuple[int, Fared]) -> tuple[float, int, int]:
    unit, fared = item
    return (-(fared.share or 0), -fared.judged, unit)
