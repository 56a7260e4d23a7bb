"""The two JSON routes of judging (docs/reference/judging-api.md).

`web.hot` serves them, many in one transaction; the views here answer the same one by one.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from secrets import randbits
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from overread.core.design import Wrong
from overread.flows.intake.pictures import VIEW
from overread.flows.judging.answers import Given, InvalidAnswers, PlaceProblem
from overread.flows.judging.pages import offer
from overread.flows.judging.slots import settle, settle_now
from overread.flows.judging.submission import NoSuchPage, PageClosed, accept
from overread.store.hot.knowledge import Knowledge
from overread.store.hot.now import now
from overread.store.hot.progress import progress
from overread.store.hot.rows import PageRow
from overread.store.hot.tables import Tables
from overread.store.models import Participation
from overread.web import images
from overread.web.access import refusal_document
from overread.web.shown_units import shown_units

MAX_BODY = 1_000_000
rng = Random(randbits(256))


Said = dict[str, str | int | float | list[str | dict[str, Any]]]


class Judged(msgspec.Struct, forbid_unknown_fields=True):
    """One place's judgment as it is sent."""

    place: int
    answers: Said = {}
    cannot_be_judged: bool = False
    milliseconds: int = 0


class Submission(msgspec.Struct, forbid_unknown_fields=True):
    page: str
    judgments: list[Judged]


class Asked(msgspec.Struct):
    """What a page may be asked for with: a failed quiz anew."""

    retake: bool = False


_decode_submission = msgspec.json.Decoder(Submission).decode
_decode_asked = msgspec.json.Decoder(Asked).decode
encode = msgspec.json.encode


@dataclass(frozen=True)
class Answer:
    """`again` asks for the same operation once more, after others had their turn.

    `unsettled` says that a removed contributor's judgments are still to be counted out.
    """

    status: int
    body: bytes
    again: bool = False
    unsettled: bool = False


Operation = Callable[[Tables], Answer]


def page_operation(participation: int, body: bytes) -> Operation:
    """The contributor's open page, else the next one, else why there is none."""
    try:
        asked = _decode_asked(body or b"{}")
    except msgspec.MsgspecError as error:
        return _always(_malformed(error))

    def operation(tables: Tables) -> Answer:
        found = offer(tables, participation, at=_now(), rng=rng, retake=asked.retake)
        contributor = found.contributor
        known = tables.knowledge(contributor)
        more = {"may_retake": found.retakes, "removed_for": contributor.removed_for}
        document = {
            "outcome": found.outcome,
            "state": contributor.state,
            "page": _page(tables, found.page, known) if found.page else None,
            "progress": progress(tables, contributor, known) | more,
        }
        return Answer(200, encode(document), again=found.unfinished)

    return operation


def submission_operation(participation: int, body: bytes) -> Operation:
    """Keep a page's judgments; the same page sent again gets its stored answer."""
    try:
        sent = _decode_submission(body[:MAX_BODY])
    except msgspec.MsgspecError as error:
        return _always(_malformed(error))
    given = [
        Given(one.place, dict(one.answers), one.cannot_be_judged, _clip(one.milliseconds))
        for one in sent.judgments
    ]
    page = int(sent.page) if sent.page.isdecimal() and len(sent.page) < 19 else -1

    def operation(tables: Tables) -> Answer:
        try:
            kept = accept(tables, participation, page, given, at=_now(), rng=rng)
        except NoSuchPage:
            words = _("This page is not yours. Reload to get your page.")
            return _refuse(404, "no such page", words)
        except PageClosed as closed:
            return _refuse(409, closed.code, _closed(closed), seconds=closed.seconds)
        except InvalidAnswers as invalid:
            problems = [_problem(one) for one in invalid.problems]
            words = _("Some answers are missing or were not offered; nothing was saved yet.")
            return _refuse(422, "invalid answers", words, problems=problems)
        return Answer(200, kept.result.encode(), unsettled=kept.unsettled)

    return operation


def settle_operation(participation: int) -> Callable[[Tables], bool]:
    """Counts out some more of what a removed contributor judged; whether more is left."""
    return lambda tables: settle(tables, participation, _now())


def page(request: HttpRequest, participation: Participation) -> HttpResponse:
    return _response(page_operation(participation.pk, request.body), participation.pk)


def submission(request: HttpRequest, participation: Participation) -> HttpResponse:
    return _response(submission_operation(participation.pk, request.body), participation.pk)


def _response(operation: Operation, participation: int) -> HttpResponse:
    answer = now(operation)
    while answer.again:
        answer = now(operation)
    if answer.unsettled:
        settle_now(participation, _now())
    return HttpResponse(answer.body, status=answer.status, content_type="application/json")


def _page(tables: Tables, page: PageRow, known: Knowledge) -> dict[str, Any]:
    viewer = images.contributor(page.participation)
    shown = tables.pictures(known, page.unit_ids, VIEW)
    context = tables.context(page.id, page.unit_ids) if known.context else {}
    return {
        "id": str(page.id),
        "mode": page.mode,
        "design": known.design_numbers[page.design],
        "expires_at": page.expires_at,
        "minimum_seconds": known.minimum_page_seconds,
        "units": shown_units(page.by_place, shown, context, viewer=viewer, expires=page.expires_at),
    }


def _always(answer: Answer) -> Operation:
    return lambda tables: answer


def _malformed(error: msgspec.MsgspecError) -> Answer:
    return _refuse(
        400, "malformed", _("This is not what is expected here: {why}").format(why=error)
    )


def _refuse(status: int, code: str, message: str, **more: object) -> Answer:
    return Answer(status, encode(refusal_document(code, message, **more)))


def _problem(problem: PlaceProblem) -> dict[str, Any]:
    if problem.wrong is None:
        message = _("Each image of the page needs exactly one judgment.")
        return {"place": problem.place, "question": None, "message": message}
    words = {
        Wrong.MISSING: _("This question has no answer yet."),
        Wrong.NOT_OFFERED: _("This answer was not offered."),
        Wrong.NOT_ASKED: _("This question was not asked."),
        Wrong.OUT_OF_RANGE: _("This answer is outside of what is asked for."),
        Wrong.MALFORMED: _("This answer has not the form that is asked for."),
    }
    return {
        "place": problem.place,
        "question": problem.wrong.question,
        "message": words[problem.wrong.wrong],
    }


def _closed(closed: PageClosed) -> str:
    if closed.code == "too soon":
        words = _("Look at the images a little longer: send the page in {seconds} seconds.")
        return words.format(seconds=closed.seconds)
    words_of = {
        "page expired": _("This page ran out of time and went to others. Reload for a new one."),
        "canceled": _("The owner has stopped this job. Thank you for your work."),
    }
    return words_of[closed.code]


def _clip(duration: int) -> int:
    return max(0, min(duration, 2**31 - 1))


def _now() -> int:
    return time.time_ns() // 1_000_000
