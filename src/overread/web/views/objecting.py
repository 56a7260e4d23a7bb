"""A contributor's objections and questions: two JSON routes, and the page that shows them all.

The routes are described in docs/reference/contests.md.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from overread.core.design import Design
from overread.core.instants import instant, milliseconds
from overread.core.problems import Refused
from overread.flows import contests as flows
from overread.flows import discussion as discussion_flows
from overread.flows.discussion import NoDiscussion
from overread.store.models import Contest, Judgment, Participation, TestQuestion
from overread.store.queries import contests as queries
from overread.store.queries import discussion as discussion_queries
from overread.store.queries.design import design_of
from overread.store.queries.judging import own_figures
from overread.store.queries.thumbnails import Thumbnail, thumbnails
from overread.web import images
from overread.web.access import no_such_place, refusal
from overread.web.ids import id_of
from overread.web.templatetags.overread import say
from overread.web.views.contests import answer_words, labels_of, lines_of
from overread.web.views.head import refuse

MOST_BYTES = 20_000
SHOWN_MS = 3_600_000


class Said(msgspec.Struct, forbid_unknown_fields=True):
    """A text about what a place of a page showed."""

    page: str
    place: int
    text: str


_decode = msgspec.json.Decoder(Said).decode


def contest(request: HttpRequest, participation: Participation) -> HttpResponse:
    """Object to a missed test question; sent again, the stored objection is answered."""
    said = _said(request)
    if isinstance(said, HttpResponse):
        return said
    page = queries.own_page(participation, id_of(said.page))
    if page is None:
        return no_such_place()
    try:
        stored = flows.contest(page, said.place, said.text, at=_now())
    except Refused as refused:
        return refusal(422, "refused", say(refused.problem))
    shown = {"due_at": stored.due_at, "decision": stored.decision, "answer": _answer(stored)}
    return JsonResponse({"contest": shown})


def _answer(stored: Contest) -> str:
    """The owner's answer; a change needs no words of theirs."""
    if stored.decision == Contest.Decision.CHANGED and not stored.answer:
        return _("This test question was changed, or taken out of use.")
    return stored.answer


def remarks(request: HttpRequest, participation: Participation) -> HttpResponse:
    """A contributor's own thread about a unit; a POST adds a line to it."""
    if not participation.job.discussion:
        return _no_discussion()
    if request.method == "POST":
        return _ask(request, participation)
    place = id_of(request.GET.get("place", ""))
    unit = _unit(participation, request.GET.get("page", ""), place)
    return no_such_place() if unit is None else _thread(participation, unit)


def _ask(request: HttpRequest, participation: Participation) -> HttpResponse:
    said = _said(request)
    if isinstance(said, HttpResponse):
        return said
    unit = _unit(participation, said.page, said.place)
    if unit is None:
        return no_such_place()
    try:
        discussion_flows.ask(participation, unit, said.text, at=_now())
    except NoDiscussion:
        return _no_discussion()
    except Refused as refused:
        return refusal(422, "refused", say(refused.problem))
    return _thread(participation, unit)


def _thread(participation: Participation, unit: int) -> HttpResponse:
    lines = [
        {
            "from": "owner" if line.from_owner else "you",
            "text": line.text,
            "created_at": line.created_at,
        }
        for line in discussion_queries.own_lines(participation, unit)
    ]
    discussion_flows.see_replies(participation, unit=unit, at=_now())
    return JsonResponse({"remarks": lines})


def _unit(participation: Participation, page: str, place: int) -> int | None:
    found = queries.own_page(participation, id_of(page))
    return found.places.get(place) if found else None


def _said(request: HttpRequest) -> Said | HttpResponse:
    if len(request.body) > MOST_BYTES:
        return refusal(413, "too large", _("This text is too long."))
    try:
        return _decode(request.body)
    except msgspec.MsgspecError as error:
        return refusal(400, "malformed", _("This can't be read: {why}").format(why=error))


def _no_discussion() -> HttpResponse:
    return refusal(403, "no discussion", _("The owner takes no questions in this job."))


def own_objections(request: HttpRequest, participation: Participation) -> HttpResponse:
    """A contributor's objections and questions with the owner's answers; and what is left to
    object to, also without a script.
    """
    if request.method == "POST":
        return _object(request, participation)
    design = design_of(participation.job)
    contests = queries.own_contests(participation)
    misses = queries.open_misses(participation)
    threads = discussion_queries.own_threads(participation)
    units = [
        *(one.contest.judgment.test.unit for one in contests if one.contest.judgment.test),
        *(one.judgment.unit for one in misses),
        *(one.unit for one in threads),
    ]
    pictures = iter([_picture(one, participation) for one in thumbnails(units)])
    context = {
        "participation": participation,
        "job": participation.job,
        "progress": own_figures(participation),
        "contests": [_own(one, design) | {"picture": next(pictures)} for one in contests],
        "misses": [_miss(one, design) | {"picture": next(pictures)} for one in misses],
        "threads": [{"lines": lines_of(one), "picture": next(pictures)} for one in threads],
    }
    answer = render(request, "judging/contests.html", context)
    flows.see_answers(participation, at=_now())
    discussion_flows.see_replies(participation, at=_now())
    return answer


def _object(request: HttpRequest, participation: Participation) -> HttpResponse:
    page = queries.own_page(participation, id_of(request.POST.get("page", "")))
    if page is None:
        raise Http404
    place = id_of(request.POST.get("place", ""))
    try:
        flows.contest(page, place, request.POST.get("text", ""), at=_now())
    except Refused as refused:
        refuse(request, refused)
    else:
        messages.success(request, _("Your objection was sent to the job's owner."))
    return redirect("own-objections", job=participation.job_id)


def _own(own: queries.Own, design: Design) -> dict[str, Any]:
    contest, judgment = own.contest, own.contest.judgment
    question = judgment.test
    assert question is not None
    return {
        "contest": contest,
        "due": instant(contest.due_at),
        "marked": own.marked,
        "answer": _answer(contest),
        "is_changed": contest.decision == Contest.Decision.CHANGED,
        **_words(judgment, question, design),
    }


def _miss(miss: queries.Miss, design: Design) -> dict[str, Any]:
    judgment = miss.judgment
    assert judgment.test is not None
    words = _words(judgment, judgment.test, design)
    return {"page": judgment.page_id, "place": miss.place, **words}


def _words(judgment: Judgment, question: TestQuestion, design: Design) -> dict[str, Any]:
    """What was answered and, unless that is kept from contributors, what is accepted and why."""
    labels = labels_of(design)
    shown = {"said": answer_words(judgment.answers, labels), "accepted": "", "reasons": []}
    if question.hidden or question.current is None:
        return shown
    accepted = answer_words(question.current.accepted, labels)
    reasons = [text for text in question.current.reasons.values() if text]
    return shown | {"accepted": accepted, "reasons": reasons}


def _picture(thumbnail: Thumbnail, participation: Participation) -> dict[str, Any]:
    """Addresses of an image that this contributor has judged, under the same signature."""
    viewer, until = images.contributor(participation.pk), _now() + SHOWN_MS
    found = {"small": thumbnail.small, "large": thumbnail.large}
    return {
        name: images.address(one.handle, viewer, until) if one else ""
        for name, one in found.items()
    } | {"synthetic": bool(thumbnail.image and thumbnail.image.synthetic)}


def _now() -> int:
    return milliseconds(datetime.now(UTC))
