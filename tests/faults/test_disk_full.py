"""No room left: a clear refusal, nothing half written, and on it goes when there is room."""

import asyncio
import json
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.aside import run_aside
from tests.faults.crowd import Crowd, Line, submission
from tests.faults.serving import Server, check_counts, over_collected
from tests.faults.test_kill import JOB, check_kept

PEOPLE = 8
MEGABYTE = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, twice as large as the log of the database grows."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "overread-test", str(folder)]
    try:
        made = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        made = False
    if not made:
        pytest.skip("allowed: mounting is not permitted here; the next test limits files instead")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def full(folder: Path) -> Iterator[None]:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as out:
        for size in (MEGABYTE, 4096, 1):
            try:
                while True:
                    out.write(bytes(size))
            except OSError:
                continue
        yield
    filler.unlink()


@contextmanager
def no_file_may_grow(server: Server) -> Iterator[None]:
    """The same for one process, where nothing can be mounted: a limit on the size of files."""
    pids = server.processes()
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    # Less than what is there already: no byte can be appended.
    for pid, (_soft, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_told_and_nothing_is_half_written(small_disk: Path) -> None:
    home = small_disk / "served"
    home.mkdir()
    server = Server(home, log=small_disk.parent / "server.log")
    made = server.seed(people=PEOPLE, **JOB)
    server.start()
    try:
        crowd = Crowd(server.port, made["job"], made["tokens"])
        run_aside(judge_until_full(server, crowd, lambda: full(small_disk)))
    finally:
        server.stop()


def test_files_that_can_not_grow_are_told_and_nothing_is_half_written(server: Server) -> None:
    made = server.seed(people=PEOPLE, **JOB)
    server.start()
    crowd = Crowd(server.port, made["job"], made["tokens"])
    run_aside(judge_until_full(server, crowd, lambda: no_file_may_grow(server)))


async def judge_until_full(server: Server, crowd: Crowd, no_room: object) -> None:
    judging = [asyncio.create_task(crowd.judge(who)) for who in range(1, len(crowd))]
    line = Line(crowd.port, crowd.job, crowd.tokens[0])
    page = json.loads((await line.post("page", {}))[1])["page"]
    sent = submission(page, Random(0))
    await asyncio.sleep(1)
    assert callable(no_room)
    with no_room():
        await refused_for_want_of_room(line, sent, crowd)
        check_counts(server)
        assert over_collected(server) == 0
    kept = len(crowd.acknowledged)
    status, _body = await line.post("submission", sent)
    assert status == 200
    await asyncio.sleep(1)
    crowd.stopping = True
    await asyncio.gather(*judging)
    line.hang_up()
    assert len(crowd.acknowledged) > kept
    assert set(crowd.refused) == {(503, "storage")}
    check_kept(server, crowd)


async def refused_for_want_of_room(line: Line, sent: object, crowd: Crowd) -> None:
    """There may be room in the log for a few more pages; then there is none for anybody."""
    for _try in range(200):
        if (503, "storage") in crowd.refused:
            break
        await asyncio.sleep(0.05)
    status, body = await line.post("submission", sent)
    assert (status, json.loads(body)["error"]["code"]) == (503, "storage")
    assert json.loads(body)["error"]["message"]
