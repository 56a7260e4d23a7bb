"""kill -9 while an upload is read or stored: no row is lost, none is doubled, no file is left."""

import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import write_images
from tests.faults.serving import Server

ROWS, IMAGES = 6_000, 24
LONGEST_SECONDS = 240
UNITS = """
select u.number, u.state, u.data, u.given, u.held, p.key, i.fingerprint
from store_unit u left join store_patient p on p.id = u.patient_id
    left join store_unitimage s on s.unit_id = u.id left join store_image i on i.id = s.image_id
where u.job_id = ? order by u.number, s.position
"""


def upload(server: Server, folder: Path) -> int:
    """A new draft, and rows for it on their way to the worker: some with an image."""
    folder.mkdir()
    write_images(folder / "images", IMAGES, seed=3)
    every = ROWS // IMAGES
    lines = [
        f"{f'scan-{row // every}.png' if row % every == 0 else f'none-{row}.png'},,p{row // 3}"
        for row in range(ROWS)
    ]
    (folder / "table.csv").write_text("\n".join(["image,label,patient", *lines, ""]))
    made: dict[str, Any] = json.loads(server.python("-m", "tests.faults.seed", "draft"))
    server.python("-m", "tests.faults.seed", "upload", str(made["job"]), str(folder))
    job: int = made["job"]
    return job


def intake_of(server: Server, job: int) -> tuple[str, int, int]:
    """State, rows done and position in the journal."""
    sql = "select state, done, position from store_intake where job_id = ? order by id desc limit 1"
    found: tuple[str, int, int] = server.rows(sql, job)[0]
    return found


def wait_for(server: Server, job: int, until: Callable[[str, int, int], bool]) -> None:
    ends = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < ends:
        try:
            if until(*intake_of(server, job)):
                return
        except sqlite3.OperationalError:  # a recovery after a kill may hold it for a moment
            continue
        time.sleep(0.002)
    raise AssertionError(f"{intake_of(server, job)} {server.said()[-4000:]}")


def is_done(state: str, _done: int, _position: int) -> bool:
    assert state not in ("refused", "stopped")
    return state == "done"


def check_disk(server: Server) -> None:
    stored = {p.parent.name + p.name for p in (server.home / "blobs").glob("??/*")}
    assert stored == {row[0] for row in server.rows("select sha256 from store_blob")}
    assert list((server.home / "blobs/unfinished").glob("*")) == []
    ends = time.monotonic() + LONGEST_SECONDS
    while left := list((server.home / "uploads").rglob("*")):
        assert time.monotonic() < ends, left
        time.sleep(0.05)


def worker_of(server: Server) -> int:
    """The process that reads uploads."""
    for pid in server.processes():
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if command[1:4] == [b"-m", b"overread", b"worker"]:
            return pid
    raise AssertionError("no worker")


@pytest.fixture
def unbroken(server: Server, tmp_path: Path) -> list[Any]:
    """What an upload becomes that nobody disturbs."""
    server.start()
    job = upload(server, tmp_path / "unbroken")
    wait_for(server, job, is_done)
    return server.rows(UNITS, job)


def test_kill_9_during_an_upload_loses_and_doubles_nothing(
    server: Server, unbroken: list[Any], tmp_path: Path
) -> None:
    """The server and its worker die while pictures are kept, then while rows are stored."""
    assert len(unbroken) == ROWS
    job = upload(server, tmp_path / "killed")
    wait_for(server, job, lambda state, done, _: state != "waiting" and done > 0)
    server.kill()
    server.start()
    wait_for(server, job, lambda state, _done, position: position > 0)
    server.kill()
    assert len(server.rows(UNITS, job)) <= ROWS
    server.start()
    wait_for(server, job, is_done)
    assert server.rows(UNITS, job) == unbroken
    check_disk(server)


def test_a_worker_that_is_killed_is_started_again_and_goes_on(
    server: Server, unbroken: list[Any], tmp_path: Path
) -> None:
    job = upload(server, tmp_path / "killed")
    wait_for(server, job, lambda state, _done, _position: state in ("storing", "done"))
    os.kill(worker_of(server), signal.SIGKILL)
    wait_for(server, job, is_done)
    assert server.rows(UNITS, job) == unbroken
    ends = time.monotonic() + LONGEST_SECONDS
    while "is started again" not in server.said():
        assert time.monotonic() < ends, server.said()[-4000:]
        time.sleep(0.05)
    check_disk(server)
