"""Many at once, with all that goes wrong in a day: nothing over, nothing lost, nothing doubled."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.aside import run_aside
from tests.conftest import write_images, write_table
from tests.faults.crowd import Crowd
from tests.faults.serving import Server, check_counts, over_collected
from tests.faults.test_kill import JOB, check_kept

# Pages run out within the test, and some contributors are removed.
HASTE = {
    "units": 3000,
    "tests": 40,
    "settings": {
        "minimum_accuracy": 0.4,
        "when_tests_run_out": "repeat",
        "page_seconds": 2,
    },
}
# So many that they are not all there before a long run ends: it is to be judged throughout.
SHORT, LONG = {"judgments_per_unit": 3}, {"judgments_per_unit": 48}
WATCH_SECONDS = 0.1


def test_64_with_kills_reloads_late_and_doubled_pages(server: Server) -> None:
    stress(server, kills=1, seconds=4)


def test_the_same_with_two_web_processes_on_postgresql(several_processes: Server) -> None:
    stress(several_processes, kills=1, seconds=4)


@pytest.mark.long
def test_64_with_kills_reloads_late_and_doubled_pages_at_length(server: Server) -> None:
    stress(server, kills=20, seconds=5, settings=LONG)


def stress(
    server: Server, *, kills: int, seconds: float, settings: Mapping[str, int] = SHORT
) -> None:
    made = server.seed(people=64, **with_settings(HASTE, settings))
    server.start()
    crowd = Crowd(
        server.port,
        made["job"],
        made["tokens"],
        reload=0.1,
        twice=0.1,
        dawdle=0.05,
        dawdle_seconds=2.3,
    )
    over = run_aside(judge_under_watch(server, crowd, kills, seconds))
    assert over == 0
    if settings is LONG:
        assert server.rows("select state from store_job") == [("running",)], "judged throughout"
    assert crowd.reloads > 0
    late = server.rows("select count(*) from store_page where state = 'expired'")[0][0]
    assert late > 0
    # Pages that ran out and went to others are the only ones refused.
    assert set(crowd.refused) <= {(409, "page expired")}
    check_kept(server, crowd)


def with_settings(job: Mapping[str, Any], settings: Mapping[str, int]) -> dict[str, Any]:
    return {**job, "settings": {**job["settings"], **settings}}


async def judge_under_watch(server: Server, crowd: Crowd, kills: int, seconds: float) -> int:
    """The most units over their maximum that were seen at any time."""
    judging = [asyncio.create_task(crowd.judge(who)) for who in range(len(crowd))]
    seen = [0]
    watching = asyncio.create_task(asyncio.to_thread(watch, server, crowd, seen))
    for _kill in range(kills):
        await asyncio.sleep(seconds)
        await asyncio.to_thread(server.kill)
        check_counts(server)
        await asyncio.to_thread(server.start)
    await asyncio.sleep(seconds)
    crowd.stopping = True
    await asyncio.gather(*judging, watching)
    return max(seen)


def watch(server: Server, crowd: Crowd, seen: list[int]) -> None:
    while not crowd.stopping:
        seen.append(over_collected(server))
        time.sleep(WATCH_SECONDS)


def test_server_worker_and_command_line_write_at_once(server: Server, tmp_path: Path) -> None:
    write_at_once(server, tmp_path, people=16, rounds=2)


@pytest.mark.long
def test_the_same_at_length_with_two_web_processes_on_postgresql(
    several_processes: Server,
) -> None:
    stress(several_processes, kills=20, seconds=5, settings=LONG)


@pytest.mark.long
def test_server_worker_and_command_line_write_at_once_on_postgresql(
    several_processes: Server, tmp_path: Path
) -> None:
    write_at_once(several_processes, tmp_path, people=16, rounds=2)


@pytest.mark.long
def test_server_worker_and_command_line_write_at_once_at_length(
    server: Server, tmp_path: Path
) -> None:
    write_at_once(server, tmp_path, people=64, rounds=12)


def write_at_once(server: Server, folder: Path, *, people: int, rounds: int) -> None:
    made = server.seed(people=people, **with_settings(JOB, LONG))
    job = str(made["job"])
    draft = server.overread("job", "create").split()[-1]
    upload = table_with_images(folder / "upload")
    server.start()
    crowd = Crowd(server.port, made["job"], made["tokens"], twice=0.1)
    by_hand = [partial(server.python, "-m", "tests.faults.seed", "upload", draft, str(upload))]
    for number in range(rounds):
        by_hand += [partial(invite, server, job), partial(create, server, folder / f"{number}")]
    steering = [partial(server.overread, "job", verb, job) for verb in STEERED * rounds]
    run_aside(judge_beside(crowd, [by_hand, steering]))
    wait_for_intake(server, draft)
    assert crowd.refused == {}
    assert len(crowd.acknowledged) > people
    check_kept(server, crowd)
    check_by_hand(server, made["job"], draft, people=people, rounds=rounds)


STEERED = ["pause", "resume"]
ROWS = 12


def table_with_images(folder: Path) -> Path:
    folder.mkdir()
    write_table(folder / "table.csv", ROWS, labelled=0)
    write_images(folder / "images", ROWS)
    return folder


def invite(server: Server, job: str) -> str:
    return server.overread("user", "invite", job, "--count", "3")


def create(server: Server, folder: Path) -> str:
    made = table_with_images(folder)
    return server.overread(
        "job", "create", str(made / "table.csv"), "--images", str(made / "images")
    )


async def judge_beside(crowd: Crowd, lists: Sequence[Sequence[Callable[[], str]]]) -> None:
    """Contributors judge while each list of commands is worked off, one after the other."""

    def work_off(commands: Sequence[Callable[[], str]]) -> None:
        for command in commands:
            command()

    judging = [asyncio.create_task(crowd.judge(who)) for who in range(len(crowd))]
    try:
        await asyncio.gather(*(asyncio.to_thread(work_off, commands) for commands in lists))
        await asyncio.sleep(0.5)
    finally:
        crowd.stopping = True
        await asyncio.gather(*judging)


def wait_for_intake(server: Server, draft: str) -> None:
    until = time.monotonic() + 30
    while server.rows("select state from store_intake where job_id = ?", draft) != [("done",)]:
        assert time.monotonic() < until, server.said()
        time.sleep(0.1)


def check_by_hand(server: Server, job: int, draft: str, *, people: int, rounds: int) -> None:
    """Nobody's writing was lost."""
    done = dict(server.rows("select action, count(*) from store_auditentry group by 1"))
    assert (done["pause"], done["resume"], done["invite"]) == (rounds, rounds, rounds + 1)
    status = json.loads(server.overread("job", "status", str(job), "--json"))
    assert sum(status["contributors"].values()) == people + 3 * rounds
    assert server.rows("select count(*) from store_unit where job_id = ?", draft) == [(ROWS,)]
    made = server.rows("select count(*) from store_unit where job_id > ? group by job_id", draft)
    assert made == [(ROWS,)] * rounds
