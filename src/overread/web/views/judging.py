"""The contributor's pages: instructions, the reading page's shell, the end."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from overread.core.design import Design
from overread.core.instants import milliseconds
from overread.store.models import Job, Participation
from overread.store.queries.contests import own_page, unseen_answers
from overread.store.queries.design import design_of
from overread.store.queries.judging import (
    cells_of,
    design_shown,
    expectations,
    expertise_of,
    own_figures,
    participations_of,
)
from overread.store.queries.leaving import leaving
from overread.web import images
from overread.web.access import refusal, signed_in
from overread.web.ids import id_of
from overread.web.messages import messages
from overread.web.shown_examples import shown_examples
from overread.web.shown_forms import asked_questions, own_form, shown_form
from overread.web.views.reporting import reason_words

# How long the pictures of examples can be fetched after the page was.
EXAMPLE_MS = 12 * 3_600_000


def work(request: HttpRequest) -> HttpResponse:
    """The jobs that one takes part in."""
    found = participations_of(signed_in(request))
    return render(request, "judging/work.html", {"participations": found})


def welcome(request: HttpRequest, participation: Participation) -> HttpResponse:
    """What to expect, before joining."""
    return render(request, "judging/welcome.html", expectations(participation))


def instructions(request: HttpRequest, participation: Participation) -> HttpResponse:
    context = expectations(participation)
    return render(request, "judging/instructions.html", context | _examples(participation))


def _examples(participation: Participation, design: Design | None = None) -> dict[str, Any]:
    """The examples' pictures, for this contributor."""
    job, viewer = participation.job, images.contributor(participation.pk)
    expires = milliseconds(datetime.now(UTC)) + EXAMPLE_MS
    shown = shown_examples(
        design or design_of(job), job, lambda one: images.address(one.handle, viewer, expires)
    )
    return {"example_groups": shown}


def reading(request: HttpRequest, participation: Participation) -> HttpResponse:
    """The shell of the reading page: everything but the units, which come as JSON."""
    version = design_shown(participation)
    design = Design.from_document(version.document)
    job = participation.job_id
    forms = reverse("api-forms", kwargs={"job": job})
    shown = shell(
        participation.job,
        version.number,
        design,
        reader=participation.pk,
        forms_address=forms,
    )
    data = shown | {
        "page_address": reverse("api-page", kwargs={"job": job}),
        "submission_address": reverse("api-submission", kwargs={"job": job}),
        "draft_address": reverse("api-draft", kwargs={"job": job}),
        "end_address": reverse("end", kwargs={"job": job}),
        "contest_address": reverse("api-contest", kwargs={"job": job}),
        "remarks_address": reverse("api-remarks", kwargs={"job": job}),
        "report_address": reverse("api-report", kwargs={"job": job}),
        "expertise": expertise_of(participation),
        "contests_address": reverse("own-objections", kwargs={"job": job}),
        "discussion": participation.job.discussion,
        "answered": unseen_answers(participation),
        "reader": _reader(participation),
        "csrf": get_token(request),
    }
    context = {"data": data, "design": design, "job": participation.job}
    context |= _examples(participation, design)
    return render(request, "judging/reading.html", context)


def shell(
    job: Job, version: int, design: Design, *, reader: int, forms_address: str
) -> dict[str, Any]:
    """What the reading page shows of a job; `reader` decides the order of answers.

    What units have of their own in the form is asked for at `forms_address`.
    """
    return {
        "title": job.title,
        "notice": design.notice,
        "turning": job.turning,
        "design": {
            "version": version,
            "questions": asked_questions(design, job, reader),
            "form": shown_form(design, job, forms_address),
        },
        "cannot_be_judged": {
            "label": design.cannot_be_judged.label,
            "key": design.cannot_be_judged.key,
        },
        "reasons": [{"value": value, "label": words} for value, words in reason_words().items()],
        "messages": messages(),
    }


def _reader(participation: Participation) -> str:
    """Tells what the browser keeps for this contributor from what it keeps for another one."""
    return salted_hmac("overread.reader", str(participation.pk)).hexdigest()[:16]


def forms(request: HttpRequest, participation: Participation) -> HttpResponse:
    """What the units of a page have of their own in the form, by place."""
    page = own_page(participation, id_of(request.GET.get("page", "")))
    if page is None:
        return refusal(404, "no such page", _("This page is not yours. Reload to get your page."))
    design = Design.from_document(page.design.document)
    cells = cells_of(page.places)
    shown = {place: own_form(design, participation.job, found) for place, found in cells.items()}
    return JsonResponse({"forms": shown})


def end(request: HttpRequest, participation: Participation) -> HttpResponse:
    """Thanks, one's own figures, and why it ended."""
    context = {
        "participation": participation,
        "job": participation.job,
        "progress": own_figures(participation),
        "leaving": leaving(participation),
        "answered": unseen_answers(participation),
    }
    return render(request, "judging/end.html", context)
