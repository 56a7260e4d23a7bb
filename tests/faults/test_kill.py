"""kill -9 under load: what was acknowledged is there, once, and every count is right."""

import asyncio
import json
import os
import signal
import time
from random import Random
from typing import Any

import pytest

from tests.aside import run_aside
from tests.faults.crowd import Crowd, repeated
from tests.faults.serving import Server, check_counts, lives, over_collected

JOB = {
    "units": 3000,
    "tests": 40,
    "settings": {"minimum_accuracy": 0.0, "when_tests_run_out": "repeat"},
}
REPEATED = 40
# A server that was killed leaves nobody behind for longer.
GONE_SECONDS = 5


def test_kill_9_under_load_loses_and_doubles_nothing(server: Server) -> None:
    crowd = kill_under_load(server, people=24, kills=2, seconds=1.5)
    assert len(crowd.acknowledged) > 100
    assert crowd.resent > 0


@pytest.mark.long
@pytest.mark.parametrize("people", [8, 64])
def test_kill_9_again_and_again_loses_and_doubles_nothing(server: Server, people: int) -> None:
    kill_under_load(server, people=people, kills=25, seconds=2.5)


def test_a_killed_server_leaves_no_process_and_the_port_free(server: Server) -> None:
    leave_none_behind(server)


def test_nor_do_several_web_processes_on_postgresql(several_processes: Server) -> None:
    leave_none_behind(several_processes)


def leave_none_behind(server: Server) -> None:
    made = server.seed(people=4, **JOB)
    server.start()
    left = server.kill_first()
    assert len(left) >= 2, "a web process and a worker"
    until = time.monotonic() + GONE_SECONDS
    try:
        while any(map(lives, left)):
            assert time.monotonic() < until, "processes were left behind"
            time.sleep(0.05)
    finally:
        for pid in filter(lives, left):
            os.kill(pid, signal.SIGKILL)
    server.start()
    crowd = Crowd(server.port, made["job"], made["tokens"])
    run_aside(judge_for(crowd, 1))
    assert crowd.acknowledged
    check_kept(server, crowd)


async def judge_for(crowd: Crowd, seconds: float) -> None:
    judging = [asyncio.create_task(crowd.judge(who)) for who in range(len(crowd))]
    await asyncio.sleep(seconds)
    crowd.stopping = True
    await asyncio.gather(*judging)


def kill_under_load(server: Server, *, people: int, kills: int, seconds: float) -> Crowd:
    made = server.seed(people=people, **JOB)
    server.start()
    crowd = Crowd(server.port, made["job"], made["tokens"], twice=0.1)
    run_aside(judge_through_kills(server, crowd, kills, seconds))
    check_kept(server, crowd)
    answers = run_aside(repeated(crowd, min(REPEATED, len(crowd.acknowledged))))
    assert all((status, now) == (200, before) for before, status, now in answers)
    check_kept(server, crowd)
    return crowd


async def judge_through_kills(server: Server, crowd: Crowd, kills: int, seconds: float) -> None:
    rng = Random(kills)
    judging = [asyncio.create_task(crowd.judge(who)) for who in range(len(crowd))]
    for _kill in range(kills):
        await asyncio.sleep(seconds * rng.uniform(0.6, 1.4))
        await asyncio.to_thread(server.kill)
        check_counts(server)
        await asyncio.to_thread(server.start)
    await asyncio.sleep(seconds)
    crowd.stopping = True
    await asyncio.gather(*judging)


def check_kept(server: Server, crowd: Crowd) -> None:
    """Everything acknowledged is stored as it was sent; counts are right; nothing is over."""
    stored = {
        str(page): (state, json.loads(units), result)
        for page, state, units, result in server.rows(
            "select id, state, units, result from store_page"
        )
    }
    answers: dict[str, dict[int, Any]] = {}
    for page, unit, given in server.rows("select page_id, unit_id, answers from store_judgment"):
        answers.setdefault(str(page), {})[unit] = json.loads(given)
    for page, (_who, sent, body) in crowd.acknowledged.items():
        state, units, result = stored[page]
        assert (state, result) == ("submitted", body.decode())
        given = {units[one["place"]]: one["answers"] for one in sent["judgments"]}
        given.pop(None, None)  # a late judgment that was not taken, and said so
        assert answers[page] == given
    check_counts(server)
    assert over_collected(server) == 0
