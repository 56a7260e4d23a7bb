"""A real server that can be killed, and what its database holds."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


class Server:
    """`overread serve` in a home of its own."""

    def __init__(
        self, home: Path, *, log: Path | None = None, url: str = "", processes: int = 1
    ) -> None:
        self.home = home
        self._url = url
        self._processes = processes
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self._log = log or home.parent / f"{home.name}.log"

    @property
    def database(self) -> Path:
        return self.home / "overread.sqlite3"

    def seed(self, **setting: Any) -> dict[str, Any]:
        """A launched job with its contributors' tokens."""
        ran = self.python("-m", "tests.faults.seed", "job", json.dumps(setting))
        found: dict[str, Any] = json.loads(ran)
        return found

    def overread(self, *arguments: str) -> str:
        """The command line on the same home."""
        return self.python("-m", "overread", *arguments)

    def python(self, *arguments: str) -> str:
        ran = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def start(self) -> None:
        options = ["--port", str(self.port), "--processes", str(self._processes)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "overread", "serve", *options],
                cwd=ROOT,
                env=self._environment(),
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.05)

    def kill(self) -> None:
        """As a power cut does: every process of this server, at once, without a word."""
        assert self._process is not None
        mine = [self._process.pid, *self.processes()]
        for pid in mine:
            _signal(pid, signal.SIGKILL)
        self._process.wait()
        while any(map(lives, mine)):
            time.sleep(0.01)
        self._process = None

    def kill_first(self) -> list[int]:
        """kill -9 only the process that was started; returns the others, which it leaves."""
        assert self._process is not None
        left = self.processes()
        self._process.kill()
        self._process.wait()
        self._process = None
        return left

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()

    def processes(self) -> list[int]:
        """The children of this server's first process, and theirs."""
        assert self._process is not None
        children: dict[int, list[int]] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
        found, look = [], [self._process.pid]
        while look:
            new = children.get(look.pop(), [])
            found += new
            look += new
        return found

    def rows(self, sql: str, *parameters: object) -> list[Any]:
        """What the database holds, read as another program would."""
        if self._url:
            return self._rows_of_postgresql(sql, parameters)
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as db:
            return db.execute(sql, parameters).fetchall()

    def _rows_of_postgresql(self, sql: str, parameters: Sequence[object]) -> list[Any]:
        import psycopg
        from psycopg.types.string import TextLoader

        with psycopg.connect(self._url) as db:
            db.adapters.register_loader("jsonb", TextLoader)
            return db.execute(sql.replace("?", "%s").encode(), parameters).fetchall()

    def said(self) -> str:
        return self._log.read_text(errors="replace")

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sign-in", timeout=5).close()
        except (urllib.error.URLError, OSError):
            return False
        return True

    def _environment(self) -> dict[str, str]:
        home = {"OVERREAD_HOME": str(self.home), "OVERREAD_DATABASE_URL": self._url}
        return {**os.environ, **home}


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def lives(pid: int) -> bool:
    """A process that has ended but was not waited for by its parent does not live."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def over_collected(server: Server) -> int:
    """Units with more judgments out and in than they want; nobody is restored in these tests."""
    sql = "select count(*) from store_slot where outstanding + counted > wanted"
    count: int = server.rows(sql)[0][0]
    return count


def check_counts(server: Server) -> None:
    """Every count is what pages and judgments say, and no judgment is doubled."""
    pages = server.rows("select id, participation_id, mode, state, units, counted from store_page")
    work = [page for page in pages if page[2] == "work"]
    outstanding = _units(page for page in work if page[3] == "open")
    counted = _units(page for page in work if page[5])
    for unit, out, into, wanted, is_open in server.rows(
        "select unit_id, outstanding, counted, wanted, open from store_slot"
    ):
        assert (out, into) == (outstanding[unit], counted[unit])
        assert bool(is_open) == (out + into < wanted)
    judged = Counter(server.rows("select page_id, unit_id from store_judgment"))
    assert judged == Counter(
        (page[0], unit) for page in pages if page[3] == "submitted" for unit in _listed(page)
    )
    _check_people(server)


def _check_people(server: Server) -> None:
    made = dict(server.rows("select participation_id, count(*) from store_judgment group by 1"))
    twice = server.rows(
        "select 1 from store_judgment where test_id is null"
        " group by participation_id, unit_id having count(*) > 1"
    )
    assert not twice
    for person, stored in server.rows("select id, judgments_made from store_participation"):
        assert stored == made.get(person, 0)


def _units(pages: Iterable[Any]) -> Counter[int]:
    return Counter(unit for page in pages for unit in _listed(page))


def _listed(page: Any) -> list[int]:
    return [unit for unit in json.loads(page[4]) if unit]
