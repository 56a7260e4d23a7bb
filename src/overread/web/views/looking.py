"""An upload is looked at before it is taken in: what is in it, what is said of it, yes or no."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from overread.core.problems import Refused
from overread.flows.background import look_again, read_upload
from overread.flows.intake.previewing import discard, is_outdated, options_of, problems_of
from overread.formats.problem_tables import HEADER, problem_line
from overread.store.models import Intake, Job
from overread.store.queries.intake import previewed_intake
from overread.store.queries.standing import standing
from overread.web.access import signed_in
from overread.web.shown_preview import chosen, shown_preview
from overread.web.templatetags.overread import say
from overread.web.views.head import refuse

ACCEPTED = 202


def upload_preview(request: HttpRequest, job: Job) -> HttpResponse:
    """What the form says; for scripts the page's part, or 202 while the upload is looked at."""
    if request.method == "POST":
        return _decide(request, job)
    found = standing(job)
    if "X-Part" not in request.headers:
        return redirect("data", job=job.pk)
    if found.is_looking:
        return HttpResponse(status=ACCEPTED)
    if not found.is_previewed or found.intake is None:
        return redirect("data", job=job.pk)
    seen = shown_preview(job, found.intake, None)
    context = {"job": job, "standing": found, **seen}
    return render(request, "owner/parts/upload_preview.html", context)


def _decide(request: HttpRequest, job: Job) -> HttpResponse:
    """Look again, take in or discard, as the button says; whatever changed is looked at first."""
    intake = _shown(job)
    do = request.POST.get("do")
    try:
        if do == "discard":
            discard(intake, actor=signed_in(request), at=datetime.now(UTC))
            messages.success(request, _("Discarded. Nothing of the upload is kept."))
        elif (options := chosen(job, intake, request.POST)) != options_of(intake):
            look_again(intake, options)
            if do == "read":
                messages.info(request, _("You changed something: this is what comes of it."))
        elif is_outdated(intake):
            look_again(intake, options)
            messages.info(request, _("The job was changed since: this is what comes of it."))
        elif do == "read":
            read_upload(intake)
    except Refused as refused:
        refuse(request, refused)
    return redirect("data", job=job.pk)


def preview_problems(request: HttpRequest, job: Job) -> HttpResponseBase:
    """Every problem that was found, as a table."""
    problems = problems_of(_shown(job))

    def lines() -> Iterator[str]:
        yield HEADER
        yield from (problem_line(problem.said(say)) for problem in problems)

    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="upload-{job.pk}-problems.csv"'},
    )


def _shown(job: Job) -> Intake:
    found = previewed_intake(job)
    if found is None:
        raise Http404
    return found
