"""A stranger's program locks the database: contributors are told, and nothing is lost."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from tests.aside import run_aside
from tests.faults.crowd import Line, submission
from tests.faults.serving import Server, check_counts
from tests.faults.test_kill import JOB

PEOPLE = 12
# One wait for the lock is five seconds; one batch may be waiting already when the others ask.
LONGEST = 15


@contextmanager
def locked(server: Server) -> Iterator[None]:
    stranger = sqlite3.connect(server.database, isolation_level=None)
    stranger.execute("begin exclusive")
    try:
        yield
    finally:
        stranger.execute("rollback")
        stranger.close()


def test_a_locked_database_is_told_and_nothing_is_lost(server: Server) -> None:
    made = server.seed(people=PEOPLE, **JOB)
    server.start()
    run_aside(judge_while_locked(server, made["job"], made["tokens"]))


async def judge_while_locked(server: Server, job: int, tokens: list[str]) -> None:
    lines = [Line(server.port, job, token) for token in tokens]
    pages = [json.loads((await line.post("page", {}))[1])["page"] for line in lines]
    sent = [submission(page, Random(place)) for place, page in enumerate(pages)]

    with locked(server):
        began = time.monotonic()
        answers = await asyncio.gather(
            *(line.post("submission", one) for line, one in zip(lines, sent, strict=True))
        )
        assert time.monotonic() - began < LONGEST
        for status, body in answers:
            assert (status, json.loads(body)["error"]["code"]) == (503, "storage")
            assert json.loads(body)["error"]["message"]
        assert server.rows("select count(*) from store_judgment") == [(0,)]

    for line, one in zip(lines, sent, strict=True):
        status, body = await line.post("submission", one)
        assert (status, json.loads(body)["outcome"]) == (200, "accepted")
        line.hang_up()
    check_counts(server)
    judged = sum(len(one["judgments"]) for one in sent)
    assert server.rows("select count(*) from store_judgment") == [(judged,)]
