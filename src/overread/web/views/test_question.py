"""One row, large: make it a test question, or change the one that it is."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from overread.core.design import AnyQuestion, Design
from overread.core.golden import accepted_values
from overread.core.problems import Message, Refused
from overread.core.states import JobState
from overread.core.test_questions import Content, Place
from overread.flows import background
from overread.flows import test_questions as flows
from overread.store.models import Job, TestQuestion, Unit, User
from overread.store.queries import design as queries
from overread.store.queries.quality import Distribution, answers_to
from overread.store.queries.thumbnails import thumbnails
from overread.web.access import signed_in
from overread.web.views.head import job_page, refuse
from overread.web.views.quality import pictured

SIDES = ("x", "y", "width", "height")
MOST_PLACES = 8
# After these everybody is scored anew who has answered the test question.
SCORED = ("", "enable", "disable", "hold")


def test_question(request: HttpRequest, job: Job, unit: int) -> HttpResponse:
    found = queries.test_question_on(job, unit)
    if found is not None:
        return _save(request, found) if request.method == "POST" else _show(request, found)
    free = queries.free_row(job, unit)
    if free is None or job.state != JobState.DRAFT:
        raise Http404
    return _make(request, free) if request.method == "POST" else _offer(request, free)


def _show(request: HttpRequest, found: TestQuestion) -> HttpResponse:
    design, content = queries.design_of(found.unit.job), flows.content_of(found)
    before, after = queries.neighbours(found)
    return job_page(
        request,
        found.unit.job,
        "quality",
        template="test_question",
        found=pictured(design.main_question, [found])[0],
        questions=_fields(request, design, content),
        answers=_answers(design, answers_to(found)),
        before=before,
        after=after,
    )


def _offer(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Any row with an image may become one, before launch."""
    before, after = queries.free_neighbours(unit)
    given = Content({name: [value] for name, value in unit.given.items()})
    return job_page(
        request,
        unit.job,
        "quality",
        template="test_question",
        found={"thumbnail": thumbnails([unit])[0]},
        questions=_fields(request, queries.design_of(unit.job), given),
        before=before,
        after=after,
    )


def _fields(request: HttpRequest, design: Design, content: Content) -> list[dict[str, Any]]:
    """A part of the form for every question that is tested, here or in every row.

    What was typed and refused is shown again, to be corrected.
    """
    fields = [
        {
            "name": one.name,
            "label": one.label,
            "values": accepted_values(one),
            "accepted": content.accepted.get(one.name, ()),
            "reason": content.reasons.get(one.name, ""),
            "places": [_in_percent(place) for place in content.places.get(one.name, ())],
        }
        for one in design.questions
        if one.is_testable and (one.tested or one.name in content.accepted)
    ]
    typed = request.POST.getlist("question")
    return [one | _typed(request, one["name"]) if one["name"] in typed else one for one in fields]


def _typed(request: HttpRequest, name: str) -> dict[str, Any]:
    return {
        "accepted": request.POST.getlist(f"accepted-{name}"),
        "reason": request.POST.get(f"reason-{name}", ""),
        "places": [dict(zip(SIDES, box, strict=True)) for box in _boxes(request, name)],
    }


def _in_percent(place: Place) -> dict[str, str]:
    return {side: f"{100 * getattr(place, side):.4g}" for side in SIDES}


def _answers(design: Design, found: Mapping[str, Distribution]) -> list[dict[str, Any]]:
    """The distribution of answers to each question, as rows of a table."""
    return [
        {"label": one.label, "total": found[one.name].total, "rows": _rows(one, found[one.name])}
        for one in design.questions
        if one.name in found
    ]


def _rows(question: AnyQuestion, found: Distribution) -> list[dict[str, Any]]:
    labels = accepted_values(question)
    return [
        {
            "label": labels.get(value, value),
            "count": count,
            "share": count / found.total,
            "is_accepted": value in found.accepted,
        }
        for value, count in found.counts.items()
    ]


def _make(request: HttpRequest, unit: Unit) -> HttpResponse:
    try:
        content = _content(request, queries.design_of(unit.job), Content({}))
        flows.make_by_hand(unit, content, actor=signed_in(request), at=datetime.now(UTC))
    except Refused as refused:
        refuse(request, refused)
        return _offer(request, unit)
    messages.success(request, _("Row {row} is a test question now.").format(row=unit.number))
    _before, after = queries.free_neighbours(unit)
    goes_on = after is not None and request.POST.get("action") == "next"
    return redirect("test-question", job=unit.job_id, unit=after if goes_on else unit.pk)


def _save(request: HttpRequest, found: TestQuestion) -> HttpResponse:
    unit, user = found.unit, signed_in(request)
    action = request.POST.get("action", "")
    try:
        _change(request, found, action, user)
    except Refused as refused:
        refuse(request, refused)
        return _show(request, found)
    messages.success(request, _("Row {row}: saved.").format(row=unit.number))
    if action == "remove":
        return redirect("quality", job=unit.job_id)
    if action in SCORED:
        background.score_anew(found, actor=user)
    return redirect("test-question", job=unit.job_id, unit=unit.pk)


def _change(request: HttpRequest, found: TestQuestion, action: str, user: User) -> None:
    by: dict[str, Any] = {"actor": user, "at": datetime.now(UTC)}
    actions: dict[str, Callable[[], object]] = {
        "remove": lambda: flows.remove_test_question(found, **by),
        "enable": lambda: flows.set_enabled(found, True, **by),
        "disable": lambda: flows.set_enabled(found, False, **by),
        "hold": lambda: flows.put_on_hold(found, request.POST.get("why", ""), **by),
        "hide": lambda: flows.set_hidden(found, True, **by),
        "show": lambda: flows.set_hidden(found, False, **by),
        "review": lambda: flows.mark_reviewed(found, **by),
        "": lambda: _revise(request, found, by),
    }
    if action not in actions:
        raise Http404
    actions[action]()


def _revise(request: HttpRequest, found: TestQuestion, by: dict[str, Any]) -> None:
    content = _content(request, queries.design_of(found.unit.job), flows.content_of(found))
    flows.revise_test_question(
        found, accepted=content.accepted, reasons=content.reasons, places=content.places, **by
    )


def _content(request: HttpRequest, design: Design, old: Content) -> Content:
    """What the form says; what it did not ask for stays."""
    asked = [one for one in request.POST.getlist("question") if one]
    names = [one.name for one in design.questions if one.name in asked]
    form = request.POST
    return Content(
        {**old.accepted, **{name: form.getlist(f"accepted-{name}") for name in names}},
        {**old.reasons, **{name: form.get(f"reason-{name}", "") for name in names}},
        {**old.places, **{name: _places(request, name) for name in names}},
    )


def _places(request: HttpRequest, name: str) -> list[Place]:
    """Boxes in per cent of the image."""
    try:
        return [Place(*map(_share, box)) for box in _boxes(request, name)]
    except ValueError as error:
        raise Refused.because(
            Message("A place is a box inside the image: left, top, width and height in per cent."),
            Message("Correct the four numbers, or draw the box anew."),
        ) from error


def _boxes(request: HttpRequest, name: str) -> list[tuple[str, ...]]:
    """Four numbers each, as they were typed; a box without numbers is none."""
    sides = [request.POST.getlist(f"{side}-{name}") for side in SIDES]
    boxes = [box for box in zip(*sides, strict=False) if any(number.strip() for number in box)]
    return boxes[:MOST_PLACES]


def _share(number: str) -> float:
    return round(float(number.replace(",", ".")) / 100, 6)
