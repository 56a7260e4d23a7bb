"""Uploads in parts, from which a browser goes on after anything (docs/reference/upload.md)."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from overread.core.problems import Refused
from overread.core.uploads import Offered
from overread.flows import uploading
from overread.flows.intake import Options
from overread.store.models import Job
from overread.store.uploads import Busy, Misplaced, Unfinished
from overread.web.access import refusal, signed_in
from overread.web.templatetags.overread import say
from overread.web.views.head import tab_address

# Bytes of one part, and of the list of files.
PART, LONGEST_LIST = 8 * 2**20, 32 * 2**20
_list = msgspec.json.Decoder(list[Offered])
_View = Callable[..., HttpResponse]


def _said(view: _View) -> _View:
    """What is refused, or not where it should be, as JSON with the place to go on from."""

    @wraps(view)
    def guarded(request: HttpRequest, job: Job, **rest: str) -> HttpResponse:
        try:
            return view(request, job, **rest)
        except Refused as refused:
            return refusal(409, "refused", say(refused.problem))
        except Misplaced as misplaced:
            answer = refusal(409, "misplaced", _("The upload goes on elsewhere."))
            return _at(answer, misplaced.offset)
        except Busy:
            return refusal(423, "busy", _("Another window is sending these files."))

    return guarded


@_said
def begin(request: HttpRequest, job: Job) -> HttpResponse:
    """From a list of files to an upload: a new one, or the same that was broken off."""
    data = request.read(LONGEST_LIST + 1)
    try:
        files = _list.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return refusal(400, "no list", _("This is no list of files."))
    upload = uploading.begin(job, files, actor=signed_in(request))
    address = f"{request.path}/{upload.name}"
    described = {"address": address, "offset": upload.offset, "length": upload.length, "part": PART}
    return JsonResponse(described, status=201, headers={"Location": address})


@_said
def upload(request: HttpRequest, job: Job, name: str) -> HttpResponse:
    """HEAD tells how much is there, PATCH adds to it, DELETE drops it, POST has it read."""
    found = uploading.find(job, name, actor=signed_in(request))
    if found is None:
        raise Http404
    if request.method == "PATCH":
        return _add(request, found)
    if request.method == "POST":
        return _finish(request, job, found)
    if request.method == "DELETE":
        uploading.cancel(found)
        return HttpResponse(status=204)
    return _at(HttpResponse(status=204), found.offset, found.length)


def _add(request: HttpRequest, found: Unfinished) -> HttpResponse:
    size = request.headers.get("Content-Length", "")
    offset = request.headers.get("Upload-Offset", "")
    if not (size.isdecimal() and offset.isdecimal() and len(offset) < 19 and len(size) < 19):
        return refusal(400, "no place", _("A part needs its place and its length."))
    if int(size) > PART:
        return refusal(413, "too large", _("A part is larger than {n} bytes.").format(n=PART))
    try:
        end = uploading.append(found, int(offset), request, int(size))
    except ValueError:
        return refusal(400, "too many", _("The files have fewer bytes."))
    except EOFError:
        return refusal(400, "broken off", _("The part ended early."))
    return _at(HttpResponse(status=204), end)


def _finish(request: HttpRequest, job: Job, found: Unfinished) -> HttpResponse:
    said = request.POST.getlist("option")
    options = Options(
        labels_from_folders="labels from folders" in said, all_or_nothing="all or nothing" in said
    )
    actor = signed_in(request)
    uploading.finish(job, found, options=options, actor=actor, at=datetime.now(UTC))
    return JsonResponse({"address": tab_address(job, "data")})


def _at(answer: HttpResponse, offset: int, length: int | None = None) -> HttpResponse:
    answer.headers["Upload-Offset"] = str(offset)
    if length is not None:
        answer.headers["Upload-Length"] = str(length)
    return answer
