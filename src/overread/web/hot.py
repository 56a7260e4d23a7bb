"""The two routes of judging as plain ASGI: no middleware, many requests in one transaction."""

import asyncio
import io
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections, connection
from django.http import HttpResponse
from django.utils.translation import gettext as _

from overread.store.hot.writer import Database, Unavailable, Writer
from overread.store.models import Participation
from overread.web.access import judging_participation, refusal_document
from overread.web.views.judging_api import (
    MAX_BODY,
    Answer,
    Operation,
    encode,
    page_operation,
    settle_operation,
    submission_operation,
)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PING = "/api/ping"
PATH = re.compile(r"/api/jobs/([0-9]{1,18})/(page|submission)")
OPERATIONS: dict[str, Callable[[int, bytes], Operation]] = {
    "page": page_operation,
    "submission": submission_operation,
}
# Who asks is looked up anew after so long: a revoked session or invitation ends then.
KNOWN_SECONDS = 10
MOST_KNOWN = 10_000
# What decides who asks, and nothing else does.
DECIDING = (b"authorization", b"cookie", b"x-csrftoken", b"origin", b"referer", b"host")
HEADERS = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'"),
]


@dataclass(frozen=True)
class _Known:
    participation: int | None
    refusal: Answer | None
    until: float


class Hot:
    """Answers the two routes; `handles` says whether a request is one of them."""

    def __init__(self) -> None:
        self._writer = Writer(_connect)
        self._tasks: set[asyncio.Task[None]] = set()
        self._known: OrderedDict[tuple[object, ...], _Known] = OrderedDict()

    def handles(self, scope: Scope) -> "re.Match[str] | None":
        if scope["type"] != "http" or scope["method"] != "POST":
            return None
        return PATH.fullmatch(scope["path"])

    async def __call__(
        self, match: "re.Match[str]", scope: Scope, receive: Receive, send: Send
    ) -> None:
        body = await _body(receive)
        if body is None:
            answer = _refuse(413, "too large", _("This is too large for a page."))
        else:
            answer = await self._answer(match, scope, body)
        length = str(len(answer.body)).encode()
        headers = [*HEADERS, (b"content-length", length)]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, match: "re.Match[str]", scope: Scope, body: bytes) -> Answer:
        who = await self._who(scope, int(match[1]))
        if who.participation is None:
            assert who.refusal is not None
            return who.refusal
        operation = OPERATIONS[match[2]](who.participation, body)
        try:
            answer = await self._writer.run(operation)
            while answer.again:
                answer = await self._writer.run(operation)
        except Unavailable:
            words = _("The server can't store anything at the moment. Your answers are kept here.")
            return _refuse(503, "storage", words)
        if answer.unsettled:
            self._later(self._settle(who.participation))
        return answer

    async def _settle(self, participation: int) -> None:
        while await self._writer.run(settle_operation(participation)):
            pass

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # or it might be collected before it is done
        task.add_done_callback(self._tasks.discard)

    async def _who(self, scope: Scope, job: int) -> _Known:
        key = (job, *(pair for pair in scope["headers"] if pair[0] in DECIDING))
        known = self._known.get(key)
        now = time.monotonic()
        if known is None or known.until < now:
            known = await sync_to_async(_look_up, thread_sensitive=False)(scope, job, now)
            if known.participation is not None:
                self._known[key] = known
                self._known.move_to_end(key)
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        return known


def ping_view(request: object) -> HttpResponse:
    return HttpResponse(status=204)


async def ping(send: Send) -> None:
    """The empty answer of this server, without a look at the store: it is up."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _look_up(scope: Scope, job: int, now: float) -> _Known:
    """Ask Django, as for any other address."""
    close_old_connections()
    try:
        request = ASGIRequest(scope, io.BytesIO())
        SessionMiddleware(_unused).process_request(request)
        request.user = get_user(request)
        found = judging_participation(request, job)
    finally:
        connection.close()
    if isinstance(found, Participation):
        return _Known(found.pk, None, now + KNOWN_SECONDS)
    return _Known(None, Answer(found.status_code, found.content), now)


def _unused(request: object) -> Any:
    raise AssertionError("only the processing of the request is used")


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None where it is too large."""
    parts, size = [], 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def _refuse(status: int, code: str, message: str) -> Answer:
    return Answer(status, encode(refusal_document(code, message)))


def _connect() -> Database:
    """The writer's own connection to the database that the settings name."""
    if connection.vendor == "sqlite":
        from overread.store.hot.sqlite import Sqlite

        return Sqlite()
    from overread.store.hot.postgresql import Postgresql

    return Postgresql()
