"""Contributors over HTTP who never give up: what was not acknowledged is sent again."""

import asyncio
import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

PATIENCE = 0.05
TIMEOUT = 30
OVER = ("maxed out", "removed", "failed quiz", "finished")


class HungUp(ConnectionError):
    """The server went in the middle of an answer."""


class Line:
    """One kept-alive connection of one contributor."""

    def __init__(self, port: int, job: int, token: str) -> None:
        self._port, self._job, self._token = port, job, token
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, route: str, body: object) -> tuple[int, bytes]:
        """One request; ConnectionError where the server is not there."""
        try:
            return await asyncio.wait_for(self._post(route, json.dumps(body).encode()), TIMEOUT)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            self.hang_up()
            raise HungUp(str(error)) from error

    def hang_up(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _post(self, route: str, body: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        head = (
            f"POST /api/jobs/{self._job}/{route} HTTP/1.1\r\nhost: 127.0.0.1\r\n"
            f"authorization: Bearer {self._token}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        answer = await reader.readexactly(int(headers["content-length"]))
        return int(lines[0].split()[1]), answer


@dataclass
class Crowd:
    """`acknowledged` holds, by page, what was sent and the answer; all of it must be kept.

    `reload`, `twice` and `dawdle` are the chances that a page is asked for twice, that a page is
    sent twice at once, and that a contributor sleeps for `dawdle_seconds` on a page.
    """

    port: int
    job: int
    tokens: list[str]
    seed: int = 0
    reload: float = 0.0
    twice: float = 0.0
    dawdle: float = 0.0
    dawdle_seconds: float = 0.0
    acknowledged: dict[str, tuple[int, dict[str, Any], bytes]] = field(default_factory=dict)
    refused: dict[tuple[int, str], int] = field(default_factory=dict)
    resent: int = 0
    reloads: int = 0
    ended: dict[int, str] = field(default_factory=dict)
    stopping: bool = False

    async def judge(self, who: int) -> None:
        """Ask and send until told to stop, or until there is nothing left to do."""
        rng = Random(f"{self.seed} {who}")
        line = Line(self.port, self.job, self.tokens[who])
        while not self.stopping:
            status, body = await self._insist(line, "page", {})
            if status != 200:
                self._refuse(status, body)
                await asyncio.sleep(PATIENCE)
                continue
            found = json.loads(body)
            self.ended[who] = found["outcome"]
            if found["page"] is None:
                await asyncio.sleep(PATIENCE * 4)
                if found["outcome"] in OVER:
                    break
                continue
            await self._work(line, who, found["page"], rng)
        line.hang_up()

    async def _work(self, line: Line, who: int, page: dict[str, Any], rng: Random) -> None:
        if rng.random() < self.reload:
            await self._reload(line, page)
        if rng.random() < self.dawdle:
            await asyncio.sleep(self.dawdle_seconds)
        sent = submission(page, rng)
        if rng.random() < self.twice:
            await self._send_twice(line, who, sent)
        else:
            status, body = await self._insist(line, "submission", sent)
            self._keep(who, sent, status, body)

    async def _reload(self, line: Line, page: dict[str, Any]) -> None:
        """A second tab gets the same page, unless it ran out meanwhile."""
        status, body = await self._insist(line, "page", {})
        again = json.loads(body)["page"] if status == 200 else None
        if again is not None and again["id"] != page["id"]:
            assert again["expires_at"] > page["expires_at"]
        self.reloads += 1

    async def _send_twice(self, line: Line, who: int, sent: dict[str, Any]) -> None:
        other = Line(self.port, self.job, self.tokens[who])
        lines = (line, other)
        answers = await asyncio.gather(*(self._insist(one, "submission", sent) for one in lines))
        other.hang_up()
        taken = [body for status, body in answers if status == 200]
        assert len(set(taken)) <= 1, "the same page sent twice got two answers"
        for status, body in answers:
            self._keep(who, sent, status, body)

    async def _insist(self, line: Line, route: str, body: object) -> tuple[int, bytes]:
        """Send until there is an answer; a server that is down comes back."""
        while True:
            try:
                status, answer = await line.post(route, body)
            except HungUp:
                if self.stopping:
                    return 0, b""
                self.resent += route == "submission"
                await asyncio.sleep(PATIENCE)
                continue
            if status != 503 or self.stopping:
                return status, answer
            self._refuse(status, answer)
            await asyncio.sleep(PATIENCE)

    def _keep(self, who: int, sent: dict[str, Any], status: int, body: bytes) -> None:
        if status == 200:
            before = self.acknowledged.setdefault(sent["page"], (who, sent, body))
            assert before[2] == body
        else:
            self._refuse(status, body)

    def _refuse(self, status: int, body: bytes) -> None:
        code = json.loads(body)["error"]["code"] if body else ""
        self.refused[status, code] = self.refused.get((status, code), 0) + 1

    def __len__(self) -> int:
        return len(self.tokens)


def submission(page: dict[str, Any], rng: Random) -> dict[str, Any]:
    """Valid answers, drawn at random."""
    return {
        "page": page["id"],
        "judgments": [{"place": unit["place"], "answers": _answer(rng)} for unit in page["units"]],
    }


def _answer(rng: Random) -> dict[str, Any]:
    if rng.random() < 0.3:
        return {"finding": "pneumonia", "signs": ["one_place"]}
    return {"finding": "healthy"}


async def repeated(crowd: Crowd, count: int) -> list[tuple[bytes, int, bytes]]:
    """What was acknowledged, sent once more: answers then, and status and answer now."""
    chosen = Random(crowd.seed).sample(sorted(crowd.acknowledged), k=count)
    found = []
    for page in chosen:
        who, sent, before = crowd.acknowledged[page]
        line = Line(crowd.port, crowd.job, crowd.tokens[who])
        status, now = await line.post("submission", sent)
        line.hang_up()
        found.append((before, status, now))
    return found
