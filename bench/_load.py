"""A load of contributors who drive the documented JSON over kept-alive connections.

A process of its own: judging.py gives it a plan on standard input and reads the outcome.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

from _machine import cpu_seconds

PAGE_ID = re.compile(rb'"id": ?"([0-9]+)"')
HANDLE = re.compile(rb'"role": ?"[a-z]+", ?"address": ?"/i/([^?]+)\?')
LENGTH = re.compile(rb"(?i)content-length: *([0-9]+)")
OUTCOME = re.compile(rb'"outcome": ?"([a-z ]+)"')
STATE = re.compile(rb'"state": ?"([a-z ]+)"')
ANSWERS = {
    "healthy": '{"finding":"healthy"}',
    "pneumonia": '{"finding":"pneumonia","signs":["one_place"]}',
}


@dataclass(frozen=True)
class Plan:
    """`seats` are those at work at a time: whoever has nothing left makes room for the next.

    kind: "enter" joins and passes the quiz, "judge" judges until `seconds` are over or a seat
    has nobody left, "empty" asks for empty responses. `pause` is the time on a page.
    """

    kind: str
    ports: list[int]
    job: int
    seats: list[list[str]]
    truths: dict[str, str]
    seconds: float
    pause: float = 0.0
    cpu_of: list[int] = field(default_factory=list)
    but: list[int] = field(default_factory=list)


@dataclass
class Outcome:
    """Latencies in ms; `acknowledged` maps pages to how many judgments of each were."""

    page_ms: list[float] = field(default_factory=list)
    submit_ms: list[float] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def requests(self) -> int:
        return len(self.page_ms) + len(self.submit_ms)


class Connection(asyncio.Protocol):
    """One request at a time, as a browser would send it."""

    def __init__(self) -> None:
        self._buffer = b""
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionError("the server hung up"))

    def ask(self, request: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        self._waiting = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._waiting

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = LENGTH.search(head)
        if length is not None and len(body) < int(length[1]):
            return
        self._buffer = b""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result((int(head[9:12]), body))


class Load:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.outcome = Outcome()
        self._truths = {handle.encode(): truth for handle, truth in plan.truths.items()}
        self._rng = Random(1)
        self._until = 0.0

    async def run(self) -> Outcome:
        works: dict[str, Callable[[Connection, int], Coroutine[Any, Any, None]]] = {
            "enter": self._enter,
            "judge": self._judge,
            "empty": self._empty,
        }
        work = works[self.plan.kind]
        loop = asyncio.get_running_loop()
        ports = self.plan.ports
        connections = [
            (await loop.create_connection(Connection, "127.0.0.1", ports[seat % len(ports)]))[1]
            for seat in range(len(self.plan.seats))
        ]
        before, start = cpu_seconds(self.plan.cpu_of, self.plan.but), time.perf_counter()
        self._until = start + self.plan.seconds
        await asyncio.gather(*(work(one, seat) for seat, one in enumerate(connections)))
        self.outcome.seconds = time.perf_counter() - start
        self.outcome.cpu_seconds = cpu_seconds(self.plan.cpu_of, self.plan.but) - before
        for one in connections:
            one.transport.close()
        return self.outcome

    async def _empty(self, connection: Connection, seat: int) -> None:
        request = b"GET /api/ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        while time.perf_counter() < self._until:
            start = time.perf_counter()
            status, _ = await connection.ask(request)
            self._took(self.outcome.page_ms, start)
            if status != 204:
                self._end(f"empty {status}")

    async def _enter(self, connection: Connection, seat: int) -> None:
        for token in self.plan.seats[seat]:
            body = b""
            while b'"state":"working"' not in body:
                answered = await self._one_page(connection, token, 0)
                if answered is None:
                    break
                body = answered

    async def _judge(self, connection: Connection, seat: int) -> None:
        if self.plan.pause:
            await asyncio.sleep(self._rng.uniform(0, self.plan.pause))
        for token in self.plan.seats[seat]:
            while time.perf_counter() < self._until:
                if await self._one_page(connection, token, self.plan.pause) is None:
                    break
            else:
                return
        self._until = 0.0  # fewer at work would be another case

    async def _one_page(self, connection: Connection, token: str, pause: float) -> bytes | None:
        """Ask for a page and submit it; None where there was none."""
        begun = time.perf_counter()
        status, body = await connection.ask(self._request("page", token, b"{}"))
        self._took(self.outcome.page_ms, begun)
        page = PAGE_ID.search(body)
        if status != 200 or page is None:
            self._ended("page", status, body)
            return None
        answers = [
            f'{{"place":{place},"answers":{self._answer(handle)},"milliseconds":1000}}'
            for place, handle in enumerate(HANDLE.findall(body))
        ]
        sent = f'{{"page":"{page[1].decode()}","judgments":[{",".join(answers)}]}}'
        if pause:
            await asyncio.sleep(begun + pause - time.perf_counter())
        start = time.perf_counter()
        status, body = await connection.ask(self._request("submission", token, sent.encode()))
        self._took(self.outcome.submit_ms, start)
        if status != 200:
            self._ended("submission", status, body)
            return None
        self.outcome.acknowledged[page[1].decode()] = len(answers)
        return body

    def _answer(self, handle: bytes) -> str:
        """Right on test questions, either on work."""
        truth = self._truths.get(handle) or ("healthy" if handle[0] % 2 else "pneumonia")
        return ANSWERS[truth]

    def _request(self, what: str, token: str, body: bytes) -> bytes:
        return (
            f"POST /api/jobs/{self.plan.job}/{what} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def _took(self, times: list[float], start: float) -> None:
        times.append((time.perf_counter() - start) * 1000)

    def _ended(self, what: str, status: int, body: bytes) -> None:
        said = OUTCOME.search(body) or STATE.search(body)
        self._end(f"{what} {status} {said[1].decode() if said else body[:200]!r}")

    def _end(self, how: str) -> None:
        self.outcome.ended[how] = self.outcome.ended.get(how, 0) + 1


if __name__ == "__main__":
    load = Load(Plan(**json.load(sys.stdin)))
    print(json.dumps(asdict(asyncio.run(load.run()))))
