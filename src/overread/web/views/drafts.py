"""What is answered and not yet submitted: a JSON route (docs/reference/judging-api.md)."""

from datetime import UTC, datetime

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from overread.core.instants import milliseconds
from overread.flows.judging.drafts import keep_draft
from overread.flows.judging.submission import PageClosed
from overread.store.models import Participation
from overread.store.queries.contests import own_page
from overread.store.queries.judging import draft_of
from overread.web.access import no_such_place, refusal
from overread.web.ids import id_of
from overread.web.views.judging_api import Said

MOST_BYTES = 200_000


class Unsent(msgspec.Struct, forbid_unknown_fields=True):
    """The answers to one unit so far; `prefilled`: marks that were there to begin with are in."""

    answers: Said = {}
    cannot_be_judged: bool = False
    milliseconds: int = 0
    prefilled: bool = False


class Draft(msgspec.Struct, forbid_unknown_fields=True):
    page: str
    places: dict[int, Unsent]


_decode = msgspec.json.Decoder(Draft).decode


def draft(request: HttpRequest, participation: Participation) -> HttpResponse:
    """What is kept of a page, or what to keep of it."""
    if request.method == "POST":
        return _keep(request, participation)
    page = own_page(participation, id_of(request.GET.get("page", "")))
    return JsonResponse({"places": draft_of(page)}) if page else no_such_place()


def _keep(request: HttpRequest, participation: Participation) -> HttpResponse:
    if len(request.body) > MOST_BYTES:
        return refusal(413, "too large", _("These answers are too long."))
    try:
        sent = _decode(request.body)
    except msgspec.MsgspecError as error:
        return refusal(400, "malformed", _("This can't be read: {why}").format(why=error))
    page = own_page(participation, id_of(sent.page))
    if page is None or not sent.places.keys() <= page.places.keys() | page.dropped:
        return no_such_place()
    places = {str(place): msgspec.to_builtins(unsent) for place, unsent in sent.places.items()}
    try:
        keep_draft(page, places, at=milliseconds(datetime.now(UTC)))
    except PageClosed as closed:
        return refusal(409, closed.code, _("This page is no longer open."))
    return JsonResponse({"kept": True})
