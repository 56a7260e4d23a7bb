"""A job tried by its owner, as a contributor gets it: nothing that is answered is kept."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from overread.core.design import Design
from overread.core.instants import milliseconds
from overread.core.removal import RemovalRule
from overread.core.states import Mode
from overread.flows.documents import preview_html, proposal_html, proposal_markdown
from overread.store.judging import rules_of
from overread.store.models import Job
from overread.store.queries.design import current_design, design_of
from overread.store.queries.judging import cells_of
from overread.store.queries.preview import (
    Tried,
    TriedPage,
    looks_of,
    passed,
    tried,
    tried_page,
)
from overread.store.queries.standing import standing
from overread.web.access import refusal, signed_in
from overread.web.images import OWNER_MS, owner_address, person
from overread.web.shown_examples import shown_examples
from overread.web.shown_forms import own_form
from overread.web.shown_units import shown_units
from overread.web.views.judging import shell
from overread.web.views.judging_api import MAX_BODY, Submission

STEPS = "preview-steps"  # of the session: how far an owner is in each job


def preview(request: HttpRequest, job: Job) -> HttpResponse:
    """The reading page, from its beginning."""
    _at(request, job, 0)
    version = current_design(job)
    design = Design.from_document(version.document)
    addresses = {
        "page_address": reverse("preview-page", kwargs={"job": job.pk}),
        "submission_address": reverse("preview-submission", kwargs={"job": job.pk}),
        "end_address": reverse("launch", kwargs={"job": job.pk}),
        "draft_address": "",
        "contest_address": "",
        "remarks_address": "",
        "report_address": reverse("preview-report", kwargs={"job": job.pk}),
        "contests_address": "",
    }
    forms = reverse("preview-forms", kwargs={"job": job.pk})
    data = shell(job, version.number, design, reader=0, forms_address=forms) | {
        **addresses,
        "discussion": False,
        "reader": "preview",
        "csrf": get_token(request),
        "title": _("Preview: {title}").format(title=job.title),
        "notice": _("Nothing that you answer here is kept. {notice}").format(notice=design.notice),
    }
    user = signed_in(request)
    examples = shown_examples(design, job, lambda one: owner_address(one, user))
    context = {"data": data, "design": design, "job": job, "example_groups": examples}
    return render(request, "judging/reading.html", context)


def preview_page(request: HttpRequest, job: Job) -> HttpResponse:
    """The page at the step that the owner has reached."""
    step = _step(request, job)
    page = tried_page(job, step)
    outcome = "page" if page else "finished" if step else "nothing left"
    document = {
        "outcome": outcome,
        "state": "working",
        "page": _page(request, job, page, step) if page else None,
        "progress": _progress(job, step),
    }
    return HttpResponse(msgspec.json.encode(document), content_type="application/json")


def preview_forms(request: HttpRequest, job: Job) -> JsonResponse:
    """What the units of the page at this step have of their own in the form, by place."""
    step = _step(request, job)
    page, design = tried_page(job, step), design_of(job)
    if page is None or request.GET.get("page") != _id(job, step):
        return refusal(404, "no such page", _("The job was changed. Reload the preview."))
    cells = cells_of(dict(enumerate(page.units)))
    return JsonResponse({"forms": {place: own_form(design, job, c) for place, c in cells.items()}})


def preview_submission(request: HttpRequest, job: Job) -> JsonResponse:
    """Says what a contributor would hear, and goes on to the next step."""
    step = _step(request, job)
    page, design = tried_page(job, step), design_of(job)
    try:
        sent = msgspec.json.decode(request.body[:MAX_BODY], type=Submission)
    except msgspec.MsgspecError:
        return refusal(400, "malformed", _("This is no submission of a page."))
    if page is None or sent.page != _id(job, step):
        return refusal(404, "no such page", _("The job was changed. Reload the preview."))
    answers = {one.place: one.answers for one in sent.judgments}
    found = tried(page, answers, design)
    _at(request, job, step + 1)
    document = {
        "page": sent.page,
        "outcome": "accepted",
        "state": "working",
        "mode": page.mode,
        "quiz": _quiz(job, found, design) if page.mode == Mode.QUIZ else None,
        "late": 0,
        "feedback": [_feedback(one) for one in found if page.mode != Mode.WORK or one.missed],
        "progress": _progress(job, step + 1, found),
    }
    return JsonResponse(document)


def preview_report(request: HttpRequest, job: Job) -> JsonResponse:
    """What a contributor hears who says that something is wrong with an image."""
    return JsonResponse({"reported": True, "dropped": False})


def preview_file(request: HttpRequest, job: Job) -> HttpResponse:
    """The preview as one file."""
    name = f'attachment; filename="job-{job.pk}-preview.html"'
    return HttpResponse(preview_html(job), headers={"Content-Disposition": name})


def proposal_file(request: HttpRequest, job: Job, kind: str) -> HttpResponse:
    """The proposal, to read or to edit."""
    writers = {"html": (proposal_html, "text/html"), "md": (proposal_markdown, "text/markdown")}
    if kind not in writers:
        raise Http404
    writer, media_type = writers[kind]
    name = f'attachment; filename="job-{job.pk}-proposal.{kind}"'
    return HttpResponse(
        writer(job),
        content_type=f"{media_type}; charset=utf-8",
        headers={"Content-Disposition": name},
    )


def _step(request: HttpRequest, job: Job) -> int:
    steps: dict[str, int] = request.session.get(STEPS, {})
    return steps.get(str(job.pk), 0)


def _at(request: HttpRequest, job: Job, step: int) -> None:
    """Only the latest job is remembered: the session is a cookie."""
    request.session[STEPS] = {str(job.pk): step}


def _id(job: Job, step: int) -> str:
    return f"preview-{job.pk}-{job.revision}-{step}"


def _page(request: HttpRequest, job: Job, page: TriedPage, step: int) -> dict[str, Any]:
    expires = milliseconds(datetime.now(UTC)) + OWNER_MS
    looks = looks_of(job, page.units)
    return {
        "id": _id(job, step),
        "mode": page.mode,
        "design": current_design(job).number,
        "expires_at": expires,
        "minimum_seconds": 0,
        "units": shown_units(
            dict(enumerate(page.units)),
            looks.pictures,
            looks.context,
            viewer=person(signed_in(request)),
            expires=expires,
        ),
    }


def _quiz(job: Job, found: list[Tried], design: Design) -> dict[str, Any]:
    rules = rules_of(job)
    return {
        "passed": passed(found, rules, design),
        "correct": sum(not one.missed for one in found),
        "of": len(found),
        "minimum_accuracy": rules.minimum_accuracy,
        "each_kind": rules.removal_rule == RemovalRule.BOTH,
    }


def _feedback(one: Tried) -> dict[str, Any]:
    version = one.version
    told = {"accepted": version.accepted, "reasons": version.reasons, "places": version.places}
    return {
        "place": one.place,
        "correct": not one.missed,
        **{name: {} if one.hidden else what for name, what in told.items()},
    }


def _progress(job: Job, step: int, found: list[Tried] | None = None) -> dict[str, Any]:
    missed = sum(one.missed for one in found or ())
    return {
        "judgments": step * job.units_per_page,
        "pages": step,
        "test_questions": len(found or ()),
        "missed": missed,
        "accuracy": 1 - missed / len(found) if found else None,
        "quiz_length": job.quiz_length,
        "minimum_accuracy": job.minimum_accuracy,
        "units_left": standing(job).work,
        "may_retake": False,
        "removed_for": "",
    }
