"""The Data tab: upload, watch, see what was recognised."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import TooManyFilesSent
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from overread.core.problems import Message, Problem, Refused
from overread.flows.background import go_on_later, hand_over_upload
from overread.flows.context import offered_columns, show_beside
from overread.flows.intake import stop_intake, undo_intake
from overread.flows.intake.patients import settle_patients
from overread.flows.uploading import incoming, unfinished
from overread.formats.problem_tables import HEADER, problem_line
from overread.store.models import Job
from overread.store.queries import intake as queries
from overread.store.queries.design import design_of
from overread.store.queries.standing import standing
from overread.store.queries.thumbnails import thumbnails
from overread.web.access import refusal, signed_in
from overread.web.shown_preview import role_words, shown_preview
from overread.web.templatetags.overread import say
from overread.web.uploads import FolderUploadHandler
from overread.web.views.archives import known_archives
from overread.web.views.head import job_page, refuse, tab_address

ROWS_PER_PAGE = 100


@csrf_exempt  # checked in _upload: files need a place to go before the form is read
def data(request: HttpRequest, job: Job) -> HttpResponse:
    if request.method == "POST":
        return _upload(request, job)
    found = standing(job)
    if found.is_previewed and found.intake:
        seen = shown_preview(job, found.intake, request.GET.get("page"))
        return job_page(request, job, "data", template="upload_preview", standing=found, **seen)
    if found.is_looking:
        return job_page(request, job, "data", standing=found)
    shown: dict[str, Any] = {"begun": unfinished(job, actor=signed_in(request)), **known_archives()}
    if found.rows and not found.is_reading:
        shown |= _recognised(request, job)
    return job_page(request, job, "data", standing=found, **shown)


def _recognised(request: HttpRequest, job: Job) -> dict[str, Any]:
    question = design_of(job).main_question
    rows = Paginator(queries.rows_held_first(job), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    labels = {choice.value: choice.label for choice in question.choices}
    words = role_words()
    held = [unit for unit in rows if unit.held]
    return {
        "account": queries.account(job, question.name),
        "labels": labels,
        "question": question,
        "columns": queries.column_names(job),
        "roles": {column: words[role] for column, role in job.columns.roles().items()},
        "beside": offered_columns(job),
        "largest_patient": queries.largest_patient(job),
        "rule": queries.suggested_rule(job),
        "rows": rows,
        "held": held,
        "pictured": queries.pictured(held),
        "thumbnails": thumbnails(unit for unit in rows if not unit.held),
    }


def _upload(request: HttpRequest, job: Job) -> HttpResponse:
    """Take files in; scripts get an address to go to, forms a redirect."""
    try:
        with incoming() as folder:
            handler = FolderUploadHandler(request, folder)
            request.upload_handlers = [handler]
            return csrf_protect(_receive)(request, job=job, handler=handler)
    except TooManyFilesSent:
        many = Message("More than {n} files came at once.", n=settings.DATA_UPLOAD_MAX_NUMBER_FILES)
        advice = Message("Nothing was imported. Put the images into a zip and upload that.")
        return _refused(request, job, Refused.because(many, advice))
    except OSError as error:
        full = Message("The files can't be kept ({reason}).", reason=str(error.strerror))
        advice = Message("Nothing was imported. Make room on the server, then upload again.")
        return _refused(request, job, Refused.because(full, advice))


def _receive(request: HttpRequest, job: Job, handler: FolderUploadHandler) -> HttpResponse:
    request.POST  # noqa: B018 - reads the form, and with it the files
    if not handler.sources:
        nothing = Message("No file was chosen.")
        advice = Message("Choose a table, images, or both.")
        return _refused(request, job, Refused.because(nothing, advice))
    try:
        hand_over_upload(
            job,
            handler.folder,
            sources=handler.sources,
            actor=signed_in(request),
            at=datetime.now(UTC),
        )
    except Refused as refused:
        return _refused(request, job, refused)
    address = tab_address(job, "data")
    return JsonResponse({"address": address}) if _wants_json(request) else redirect(address)


def _refused(request: HttpRequest, job: Job, refused: Refused) -> HttpResponse:
    if _wants_json(request):
        return refusal(409, "refused", say(refused.problem))
    refuse(request, refused)
    return redirect("data", job=job.pk)


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def data_progress(request: HttpRequest, job: Job) -> HttpResponse:
    return render(request, "owner/data_progress.html", {"job": job, "standing": standing(job)})


def upload_state(request: HttpRequest, job: Job) -> HttpResponse:
    """Stop an upload, go on with it, or undo it."""
    deeds = {"stop": stop_intake, "go on": go_on_later, "undo": undo_intake}
    intake = queries.unfinished_intake(job)
    deed = deeds.get(request.POST.get("do", ""))
    if intake is not None and deed is not None:
        try:
            deed(intake, actor=signed_in(request), at=datetime.now(UTC))
        except Refused as refused:
            refuse(request, refused)
    return redirect("data", job=job.pk)


def data_problems(request: HttpRequest, job: Job) -> HttpResponse:
    """What was left out or is held, as a table."""
    found = map(Problem.from_document, queries.problems_of(job))
    lines = "".join(problem_line(problem.said(say)) for problem in found)
    name = f'attachment; filename="job-{job.pk}-problems.csv"'
    return HttpResponse(
        HEADER + lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": name},
    )


def patients(request: HttpRequest, job: Job) -> HttpResponse:
    """Confirm how patients are told apart, or undo it."""
    by_name = request.POST.get("by_name") == "yes"
    try:
        settle_patients(job, by_name=by_name, actor=signed_in(request), at=datetime.now(UTC))
    except Refused as refused:
        refuse(request, refused)
    else:
        messages.success(request, _("Saved. The data set is split by patient in this way."))
    return redirect("data", job=job.pk)


def beside(request: HttpRequest, job: Job) -> HttpResponse:
    """Choose what readers see beside the image."""
    try:
        show_beside(
            job,
            request.POST.getlist("column"),
            turning=request.POST.get("turning") == "yes",
            actor=signed_in(request),
            at=datetime.now(UTC),
        )
    except Refused as refused:
        refuse(request, refused)
    else:
        messages.success(request, _("Saved. It holds for pages handed out from now on."))
    return redirect("data", job=job.pk)
