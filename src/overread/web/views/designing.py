"""What the designer asks of the server: draw a design, save it, show instructions.

All three take and give JSON or a piece of HTML; nothing but `save` writes.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import gettext as _

from overread.core.design import Design, with_short_conditions
from overread.core.design_changes import meaning
from overread.core.design_faults import faults, is_too_heavy
from overread.core.instants import milliseconds
from overread.core.problems import Message, Refused
from overread.core.states import JobState
from overread.flows.redesign import designed_by, revise_design
from overread.formats.cml.form import build_form
from overread.formats.cml.problems import CmlProblem
from overread.formats.cml.read import read_cml
from overread.formats.cml.write import write_cml
from overread.store.models import Job, User
from overread.store.queries.design import current_design, design_of, pictured_rows
from overread.store.queries.preview import looks_of
from overread.web.access import refusal, signed_in
from overread.web.images import OWNER_MS, person
from overread.web.shown_forms import asked_questions, shown_form
from overread.web.shown_units import shown_units
from overread.web.templatetags.overread import markdown, say

MOST_BYTES = 1_000_000
ROWS = 12


def designer_data(request: HttpRequest, job: Job, version: int, design: Design) -> dict[str, Any]:
    """What the designer begins with."""
    at = {"job": job.pk}
    return {
        "draw_address": reverse("design-draw", kwargs=at),
        "save_address": reverse("design-save", kwargs=at),
        "prose_address": reverse("design-prose", kwargs=at),
        "csrf": get_token(request),
        "version": version,
        "units": _units(job, signed_in(request)),
        "turning": job.turning,
        "launched": job.state != JobState.DRAFT,
        **_drawn(job, design, []),
    }


def _units(job: Job, user: User) -> list[dict[str, Any]]:
    """Rows to try the questions on, as the reading page gets them."""
    rows = list(pictured_rows(job).values_list("pk", flat=True)[:ROWS])
    looks, expires = looks_of(job, rows), milliseconds(datetime.now(UTC)) + OWNER_MS
    units = shown_units(
        dict(enumerate(rows)), looks.pictures, looks.context, viewer=person(user), expires=expires
    )
    plain: list[dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(units))
    return plain


def draw(request: HttpRequest, job: Job) -> HttpResponse:
    """A design, sent as its tree or as CML, in both forms, with what is wrong with it."""
    sent = _sent(request)
    if sent is None:
        return _malformed()
    design = design_of(job)
    if "cml" in sent:
        return _draw_cml(job, design, str(sent["cml"]))
    drawn = _with_nodes(design, sent.get("nodes"))
    return _malformed() if drawn is None else JsonResponse(_drawn(job, drawn, []))


def _draw_cml(job: Job, design: Design, text: str) -> HttpResponse:
    read = read_cml(text)
    if read.fatal:
        return JsonResponse(_nothing(text, [_told(one) for one in read.problems]))
    drawn, notes = designed_by(design, text, image=job.image_column)
    return JsonResponse(_drawn(job, drawn, notes))


def _drawn(job: Job, design: Design, notes: Sequence[CmlProblem]) -> dict[str, Any]:
    problems = [_told(one) for one in notes]
    problems += [_fault(design, one.question, one.problem, one.advice) for one in faults(design)]
    try:
        cml = write_cml(design)
        build_form(design)
    except Refused as refused:
        return _nothing("", [*problems, {"message": say(refused.problem), "fatal": True}])
    return {
        "nodes": msgspec.to_builtins(with_short_conditions(design.nodes)),
        "cml": cml,
        "questions": asked_questions(design, job),
        "form": shown_form(design, job, ""),
        "problems": problems,
    }


def _nothing(cml: str, problems: list[dict[str, Any]]) -> dict[str, Any]:
    return {"nodes": [], "cml": cml, "questions": [], "form": None, "problems": problems}


def _told(one: CmlProblem) -> dict[str, Any]:
    words = f"{say(one.place)}: {say(one.problem)} {say(one.advice)}"
    return {"message": words, "fatal": one.is_fatal}


def _fault(design: Design, name: str, problem: Message, advice: Message) -> dict[str, Any]:
    label = next((one.label for one in design.questions if one.name == name), "")
    words = f"{say(problem)} {say(advice)}"
    return {"message": f"“{label or name}”: {words}" if name else words, "fatal": True}


def save(request: HttpRequest, job: Job) -> HttpResponse:
    """Store a new version; refused where somebody else has stored one meanwhile."""
    sent = _sent(request)
    old = design_of(job)
    design = _with_nodes(old, sent.get("nodes")) if sent else None
    if sent is None or design is None:
        return _malformed()
    if sent.get("version") != current_design(job).number:
        words = _("The design was changed elsewhere. Copy your code, reload, and put it in again.")
        return refusal(409, "changed", words)
    try:
        done = revise_design(job, design, actor=signed_in(request), at=datetime.now(UTC))
    except Refused as refused:
        return refusal(422, "refused", say(refused.problem))
    words = _("Saved: design version {n}.").format(n=done.version.number)
    if done.lost:
        lost = _("{n} test questions fit none of the new answers and went back to work.")
        words = f"{words} {lost.format(n=done.lost)}"
    if job.state != JobState.DRAFT:
        words = " ".join([words, *map(say, meaning(old, design))])
    return JsonResponse({"version": done.version.number, "message": words})


def prose(request: HttpRequest, job: Job) -> HttpResponse:
    """Instructions as readers see them."""
    return HttpResponse(markdown(request.POST.get("text", "")[:MOST_BYTES]))


def _sent(request: HttpRequest) -> Mapping[str, Any] | None:
    if len(request.body) > MOST_BYTES:
        return None
    try:
        found = msgspec.json.decode(request.body)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _with_nodes(design: Design, nodes: object) -> Design | None:
    """The design with another tree; None where it is none."""
    try:
        found = Design.from_document({**design.document(), "nodes": nodes})
        return None if is_too_heavy(found) else found
    except (msgspec.ValidationError, ValueError, RecursionError):
        return None


def _malformed() -> HttpResponse:
    return refusal(400, "malformed", _("This is no design. Check the numbers and the conditions."))
