#!/usr/bin/env python3
"""What judging costs: contributors over HTTP against the real server, beside empty responses.

Each case is a job of so many units on a fresh store, with an image and a rendition for each unit
(all of them share one file: image bytes are not fetched), 1,000 test questions, asked again when a
contributor has seen them all, and pages of five with one of them hidden. Contributors join with
their invitations' tokens and pass the quiz before anything is timed; they answer test questions
rightly. Then, one after the other:
  alone      only one contributor at work: a fresh one, then one who has judged half of the job
  saturated  every contributor asks for a page and submits it, without think time
  empty      empty responses of the same server (/api/ping), at the same concurrency, right
             before and after
  paced      half a second on every page
CPU is that of all the server's processes, its worker and the database's included. "commit" is a
4 KiB write made durable in the same folder, right before and after. Small jobs are judged by more
contributors, one after another on each seat, and more often than three times a unit.
"""

import _environment  # noqa: F401, I001  (first of all)

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from _load import Outcome, Plan
from _machine import commit_ms, parent, percentile, resident_mb
from _server import BENCH, fresh_database, home, postgresql, servers

# More judgments a second than the server manages: so many must there be to make.
MOST_A_SECOND = 12_000
MOST_A_SECOND_ALONE = 4_000
PAUSE = 0.5
COMMIT_SECONDS = 1.0
SAMPLE_SECONDS = 1.0
OVER = "select count(*) from store_slot where outstanding + counted > wanted"
STORED = "select page_id, unit_id, count(*) from store_judgment where page_id > {} group by 1, 2"


@dataclass(frozen=True)
class Row:
    """One case; with several runs, the median of each figure. Times in ms, memory in MB."""

    units: int
    contributors: int
    requests_per_s: float
    page_p50_ms: float
    page_p99_ms: float
    submit_p50_ms: float
    submit_p99_ms: float
    cpu_ms_per_judgment: float
    empty_cpu_ms: float
    cpu_per_page_over_empty: float
    empty_per_s: float
    commit_p50_ms: float
    commit_p99_ms: float
    paced_page_p50_ms: float
    paced_page_p99_ms: float
    paced_submit_p50_ms: float
    paced_submit_p99_ms: float
    paced_cpu_ms_per_judgment: float
    fresh_cpu_ms_per_page: float
    half_cpu_ms_per_page: float
    rss_mb: float
    private_mb: float
    over: int
    lost: int
    doubled: int
    judgments: int
    refused: int
    judgments_per_unit: int
    orm_requests_per_s: float = 0.0
    orm_cpu_ms_per_judgment: float = 0.0


@dataclass(frozen=True)
class Case:
    units: int
    contributors: int
    seconds: float
    runs: int

    @property
    def judgments(self) -> int:
        """How many may be made in all runs."""
        a_second = min(MOST_A_SECOND, MOST_A_SECOND_ALONE * self.contributors)
        return int(a_second * self.seconds * self.runs)

    @property
    def wanted(self) -> int:
        return max(3, -(-self.judgments // self.units))

    @property
    def a_seat(self) -> int:
        """How many contributors one after another each seat needs."""
        return max(1, -(-self.judgments * 2 // (self.contributors * self.units)))


class Store:
    """A look into the database beside the server's own connections."""

    def __init__(self, environment: dict[str, str]) -> None:
        url = environment.get("OVERREAD_DATABASE_URL")
        self.processes: list[int] = []
        self.own: list[int] = []
        if url:
            import psycopg

            self._connection: Any = psycopg.connect(url, autocommit=True)
            backend = self.rows("select pg_backend_pid()")[0][0]
            if Path(f"/proc/{backend}/comm").read_text().startswith("postgres"):
                self.processes, self.own = [parent(backend)], [backend]
        else:
            path = Path(environment["OVERREAD_HOME"], "overread.sqlite3")
            self._connection = sqlite3.connect(path, check_same_thread=False)

    def rows(self, sql: str) -> list[Any]:
        found: list[Any] = self._connection.execute(sql).fetchall()
        return found

    def number(self, sql: str) -> int:
        found: int = self.rows(sql)[0][0] or 0
        return found


class Bench:
    """A case on its own store."""

    def __init__(self, case: Case, environment: dict[str, str]) -> None:
        self.case = case
        self._environment = environment
        invited = case.contributors * case.a_seat
        self._seeded = self._seed(case.units, case.wanted, invited)
        self._store = Store(environment)
        self._first = self._store.number("select max(id) from store_page")
        self._acknowledged: dict[str, int] = {}
        self._ended: list[dict[str, int]] = []
        self._over = 0

    def _seed(self, units: int, wanted: int, invited: int) -> Any:
        command = [sys.executable, str(BENCH / "_seed.py"), "--units", str(units)]
        command += ["--wanted", str(wanted), "--invited", str(invited)]
        made = subprocess.run(
            command, env=self._environment, stdout=subprocess.PIPE, check=True, text=True
        )
        return json.loads(made.stdout)

    def run(self, web_processes: int, *, orm: bool) -> Row:
        tell(f"{self.case.units:,} units, {self.case.contributors} contributors: seeded")
        with servers(self._environment, web_processes, orm=False) as running:
            row = self._measure(running)
        if orm:
            with servers(self._environment, web_processes, orm=True) as running:
                row = self._measure_orm(row, running)
        return self._check(row)

    def _measure(self, running: dict[int, int]) -> Row:
        load = self._load(running)
        crowd, fresh, half = (self._seeded[name] for name in ("crowd", "fresh", "half"))
        everybody = [fresh, *crowd]
        load("enter", [everybody[seat::16] for seat in range(min(16, len(everybody)))])
        alone = min(self.case.seconds, 5)
        fresh_alone, half_alone = (load("judge", [[who]], alone) for who in (fresh, half))
        seats = [crowd[seat :: self.case.contributors] for seat in range(self.case.contributors)]
        rows = []
        for _ in range(self.case.runs):
            before = load("empty", seats, alone / 2)
            commits = commit_ms(Path(self._environment["OVERREAD_HOME"]), COMMIT_SECONDS)
            full = load("judge", seats, self.case.seconds)
            commits += commit_ms(Path(self._environment["OVERREAD_HOME"]), COMMIT_SECONDS)
            empty = together(before, load("empty", seats, alone / 2))
            paced = load("judge", seats, self.case.seconds, PAUSE)
            processes = list(running.values())
            memory = resident_mb(processes), resident_mb(processes, "Anonymous")
            rows.append(self._row(empty, full, paced, fresh_alone, half_alone, commits, memory))
        return typical(rows)

    def _measure_orm(self, row: Row, running: dict[int, int]) -> Row:
        load = self._load(running)
        crowd = self._seeded["crowd"]
        seats = [crowd[seat :: self.case.contributors] for seat in range(self.case.contributors)]
        full = load("judge", seats, self.case.seconds)
        return replace(
            row,
            orm_requests_per_s=full.requests / full.seconds,
            orm_cpu_ms_per_judgment=cpu_ms(full, judged(full)),
        )

    def _load(self, running: dict[int, int]) -> Callable[..., Outcome]:
        def load(
            kind: str, seats: list[list[str]], seconds: float = 0, pause: float = 0
        ) -> Outcome:
            plan = Plan(
                kind,
                list(running),
                self._seeded["job"],
                seats,
                self._seeded["truths"],
                seconds,
                pause,
                [*running.values(), *self._store.processes],
                self._store.own,
            )
            with self._watching():
                outcome = drive(plan)
            self._acknowledged |= outcome.acknowledged
            self._ended.append(outcome.ended)
            return outcome

        return load

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Look for units past their maximum while the load runs."""
        stop = threading.Event()

        def look() -> None:
            while not stop.wait(SAMPLE_SECONDS):
                seen = "(select max(cursor) from store_participation where state <> 'invited')"
                self._over = max(self._over, self._store.number(f"{OVER} and position <= {seen}"))

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield
        finally:
            stop.set()
            watcher.join()

    def _row(
        self,
        empty: Outcome,
        full: Outcome,
        paced: Outcome,
        fresh: Outcome,
        half: Outcome,
        commits: list[float],
        memory: tuple[float, float],
    ) -> Row:
        two_empty = 2 * cpu_ms(empty, empty.requests)
        per_page = cpu_ms(full, len(full.acknowledged))
        return Row(
            units=self.case.units,
            contributors=self.case.contributors,
            requests_per_s=full.requests / full.seconds,
            page_p50_ms=percentile(full.page_ms, 0.5),
            page_p99_ms=percentile(full.page_ms, 0.99),
            submit_p50_ms=percentile(full.submit_ms, 0.5),
            submit_p99_ms=percentile(full.submit_ms, 0.99),
            cpu_ms_per_judgment=cpu_ms(full, judged(full)),
            empty_cpu_ms=two_empty,
            cpu_per_page_over_empty=per_page / two_empty,
            empty_per_s=empty.requests / empty.seconds,
            commit_p50_ms=percentile(commits, 0.5),
            commit_p99_ms=percentile(commits, 0.99),
            paced_page_p50_ms=percentile(paced.page_ms, 0.5),
            paced_page_p99_ms=percentile(paced.page_ms, 0.99),
            paced_submit_p50_ms=percentile(paced.submit_ms, 0.5),
            paced_submit_p99_ms=percentile(paced.submit_ms, 0.99),
            paced_cpu_ms_per_judgment=cpu_ms(paced, judged(paced)),
            fresh_cpu_ms_per_page=cpu_ms(fresh, len(fresh.acknowledged)),
            half_cpu_ms_per_page=cpu_ms(half, len(half.acknowledged)),
            rss_mb=memory[0],
            private_mb=memory[1],
            over=0,
            lost=0,
            doubled=0,
            judgments=judged(full),
            refused=0,
            judgments_per_unit=self.case.wanted,
        )

    def _check(self, row: Row) -> Row:
        """Hold what was acknowledged against what is stored."""
        stored: dict[str, int] = {}
        doubled = 0
        for page, _, count in self._store.rows(STORED.format(self._first)):
            stored[str(page)] = stored.get(str(page), 0) + 1
            doubled += count - 1
        for page, count in self._acknowledged.items():
            doubled += max(0, stored.get(page, 0) - count)
        lost = sum(
            max(0, count - stored.get(page, 0)) for page, count in self._acknowledged.items()
        )
        refused = 0
        for ended in self._ended:
            for what, count in ended.items():
                tell(f"  {count} x {what}")
                refused += 0 if what.startswith("page 200") else count
        over = max(self._over, self._store.number(OVER))
        return replace(row, over=over, lost=lost, doubled=doubled, refused=refused)


def drive(plan: Plan) -> Outcome:
    made = subprocess.run(
        [sys.executable, str(BENCH / "_load.py")],
        input=json.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return Outcome(**json.loads(made.stdout))


def cpu_ms(outcome: Outcome, count: int) -> float:
    return outcome.cpu_seconds * 1000 / max(count, 1)


def together(one: Outcome, other: Outcome) -> Outcome:
    return Outcome(
        page_ms=one.page_ms + other.page_ms,
        seconds=one.seconds + other.seconds,
        cpu_seconds=one.cpu_seconds + other.cpu_seconds,
    )


def judged(outcome: Outcome) -> int:
    return sum(outcome.acknowledged.values())


def typical(rows: list[Row]) -> Row:
    columns = zip(*(asdict(row).values() for row in rows), strict=True)
    return Row(**dict(zip(asdict(rows[0]), map(median, columns), strict=True)))


@contextmanager
def database(kind: str) -> Iterator[str | None]:
    """The address of a PostgreSQL server that new databases can be made on; None for SQLite."""
    given = os.environ.get("OVERREAD_DATABASE_URL")
    if kind == "sqlite":
        yield None
    elif given:
        yield given
    else:
        with postgresql() as server:
            yield server


@contextmanager
def installation(server: str | None) -> Iterator[dict[str, str]]:
    """The environment of a fresh store."""
    with home() as environment:
        environment.pop("OVERREAD_DATABASE_URL", None)
        if server is None:
            yield environment
            return
        with fresh_database(server) as url:
            yield {**environment, "OVERREAD_DATABASE_URL": url}


def tell(text: str) -> None:
    print(text, flush=True)


def show(rows: list[Row]) -> None:
    """A table with a line for each figure and a column for each case."""
    documents = [asdict(row) for row in rows]
    for name in documents[0]:
        cells = [f"{document[name]:>12,.{digits(document[name])}f}" for document in documents]
        tell(f"{name:<26}" + "".join(cells))


def digits(value: float) -> int:
    return 0 if value == int(value) or value >= 1000 else 3 if value < 10 else 1


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--units", type=numbers, default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--contributors", type=numbers, default=[1, 8, 64])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--runs", type=int, default=1, help="the median of so many is shown")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--web-processes", type=int, default=1)
    parser.add_argument("--orm", action="store_true", help="measure plain Django code beside it")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    tell(__doc__)
    rows = []
    with database(options.database) as server:
        for units in options.units:
            for contributors in options.contributors:
                case = Case(units, contributors, options.seconds, options.runs)
                with installation(server) as environment:
                    rows.append(
                        Bench(case, environment).run(options.web_processes, orm=options.orm)
                    )
                show(rows[-1:])
    tell(f"\nAll cases, {options.database}, {options.web_processes} web process(es):")
    show(rows)
    if options.json:
        options.json.write_text(json.dumps({"rows": [asdict(row) for row in rows]}, indent=1))


if __name__ == "__main__":
    main()
