"""Something is wrong with an image: a reader's JSON route, and the owner's page."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from overread.core.instants import instant, milliseconds
from overread.core.problems import Refused
from overread.core.reports import PRESSING, Reason
from overread.core.states import UnitState
from overread.flows import reports as flows
from overread.store.models import Job, Participation, Report
from overread.store.queries import contests
from overread.store.queries import reports as queries
from overread.store.queries.design import row_of
from overread.store.queries.thumbnails import Thumbnail, thumbnails
from overread.web.access import no_such_place, refusal, signed_in
from overread.web.ids import id_of
from overread.web.templatetags.overread import say
from overread.web.views.head import job_page

MOST_BYTES = 20_000
SHOWN = 20


class Said(msgspec.Struct, forbid_unknown_fields=True):
    """What is wrong with the image at a place of a page."""

    page: str
    place: int
    reason: Reason
    text: str = ""


_decode = msgspec.json.Decoder(Said).decode


def reason_words() -> dict[str, str]:
    """What a reader can say, in the order in which it is offered."""
    return {
        Reason.NAME_VISIBLE: _("A name or other personal data is visible"),
        Reason.OTHER_KIND: _("Another kind of image than this job is about"),
        Reason.SIDEWAYS: _("It lies on its side or upside down"),
        Reason.UNREADABLE: _("It can't be read: too dark, too bright, cut off"),
        Reason.UPSETTING: _("It upsets me"),
        Reason.URGENT: _("It looks urgent: somebody should see it today"),
        Reason.NOT_SHOWN: _("It could not be loaded"),
    }


def report(request: HttpRequest, participation: Participation) -> HttpResponse:
    """A reader's word. `dropped` says that no judgment of the place is asked for any more."""
    if len(request.body) > MOST_BYTES:
        return refusal(413, "too large", _("This text is too long."))
    try:
        said = _decode(request.body)
    except msgspec.MsgspecError as error:
        return refusal(400, "malformed", _("This can't be read: {why}").format(why=error))
    page = contests.own_page(participation, id_of(said.page))
    if page is not None and said.place in page.dropped:
        return JsonResponse({"reported": True, "dropped": True})  # another reader was quicker
    if page is None or said.place not in page.places:
        return no_such_place()
    try:
        found = flows.report(page, said.place, said.reason, said.text, at=_now())
    except Refused as refused:
        return refusal(422, "refused", say(refused.problem))
    return JsonResponse({"reported": True, "dropped": found.dropped})


def reports(request: HttpRequest, job: Job) -> HttpResponse:
    """The owner's queue of reported images, with what was said and what was done."""
    if request.method == "POST":
        return _decide(request, job)
    answered = request.GET.get("show") == "answered"
    units = queries.reported_units(job, answered=answered).select_related("test_question")
    shown = Paginator(units, SHOWN).get_page(request.GET.get("page"))
    found = list(shown)
    said = queries.reports_of(found)
    cards = [_card(one, said[one.unit.pk]) for one in thumbnails(found)]
    return job_page(
        request,
        job,
        "monitor",
        template="reports",
        rows=shown,
        chosen="answered" if answered else "",
        answered=answered,
        cards=cards,
    )


def _card(thumbnail: Thumbnail, said: list[Report]) -> dict[str, Any]:
    words = reason_words()
    return {
        "thumbnail": thumbnail,
        "unit": thumbnail.unit,
        "held": thumbnail.unit.state == UnitState.HELD,
        "hidden": bool(thumbnail.image and thumbnail.image.hidden),
        "pressing": any(one.reason in PRESSING and not one.decision for one in said),
        "reports": [
            {"report": one, "words": words[one.reason], "at": instant(one.created_at)}
            for one in said
        ],
    }


def _decide(request: HttpRequest, job: Job) -> HttpResponse:
    unit = row_of(job, id_of(request.POST.get("unit", "")))
    if unit is None:
        raise Http404
    release = request.POST.get("decision") == "release"
    flows.decide(unit, release=release, actor=signed_in(request), at=datetime.now(UTC))
    words = _("The image can be judged.") if release else _("Noted: it stays as it is.")
    messages.success(request, words)
    return redirect("reports", job=job.pk)


def _now() -> int:
    return milliseconds(datetime.now(UTC))
