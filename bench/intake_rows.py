#!/usr/bin/env python3
"""What it costs to take in a table of references, and what a running job notices of it.

  draft     a table of so many rows into a fresh job, as the worker does it: read, understood,
            checked, looked for among the images (there are none, so the rows are held), kept in
            the journal, stored in short writes
  bare      the same rows by csv, json and one executemany in one transaction, into the same
            database: the baseline, right after
  growth    10,000 rows added to a launched job that has so many already
  meanwhile pages of a running job with contributors at work, half a second on every page: first
            alone, then while a table is taken in
CPU is that of the process that reads and stores. A turn is how long one write keeps others
waiting.
"""

import _environment  # noqa: F401, I001  (first of all)

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from _load import Outcome, Plan
from _machine import percentile
from _server import BENCH, home, servers

ADDED = 10_000
PAUSE = 0.5
Figures = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="10000,100000,1000000")
    parser.add_argument("--units", default="1000,100000,1000000", help="of the job that grows")
    parser.add_argument("--contributors", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(__doc__)
    found = [draft(int(rows)) for rows in options.rows.split(",") if rows]
    found += [growth(int(units)) for units in options.units.split(",") if units]
    if options.contributors:
        found.append(meanwhile(options.contributors, options.seconds))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))


def draft(rows: int) -> Figures:
    with home() as environment:
        table = write_table(Path(environment["OVERREAD_HOME"], "table.csv"), rows)
        taken, bare = (take(environment, verb, table) for verb in ("intake", "bare"))
    return tell(
        f"draft, {rows:,} rows",
        {
            "cpu_s": taken["cpu"],
            "wall_s": taken["wall"],
            "cpu_us_per_row": taken["cpu"] / rows * 1e6,
            "bare_cpu_s": bare["cpu"],
            "cpu_over_bare": taken["cpu"] / bare["cpu"],
            "peak_mb": taken["peak_mb"],
            **turns(taken),
        },
    )


def growth(units: int) -> Figures:
    with home() as environment:
        seeded = seed(environment, units, 1)
        table = write_table(Path(environment["OVERREAD_HOME"], "table.csv"), ADDED, plain=True)
        taken = take(environment, "intake", table, seeded["job"])
    figures = {"cpu_us_per_row": taken["cpu"] / ADDED * 1e6, "wall_s": taken["wall"]}
    return tell(f"growth, {ADDED:,} rows to {units:,}", {**figures, **turns(taken)})


def meanwhile(contributors: int, seconds: float) -> Figures:
    """The table is long enough to last."""
    with home() as environment:
        seeded = seed(environment, 100_000, contributors)
        rows = int(seconds * 20_000)
        table = write_table(Path(environment["OVERREAD_HOME"], "table.csv"), rows)
        with servers(environment, 1, orm=False) as running:
            ports, crowd = list(running), seeded["crowd"]

            def load(kind: str, seats: list[list[str]], seconds: float) -> Outcome:
                plan = Plan(kind, ports, seeded["job"], seats, seeded["truths"], seconds, PAUSE)
                return drive(plan)

            load("enter", [[one] for one in crowd], 0)
            alone = load("judge", [[one] for one in crowd], seconds)
            command = [sys.executable, str(BENCH / "_take_in.py"), "intake", "", str(table)]
            with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
                found: list[Outcome] = []
                while process.poll() is None:
                    found.append(load("judge", [[one] for one in crowd], seconds))
                assert process.returncode == 0
    during = [time_ for one in found for time_ in one.page_ms]
    submitted = [time_ for one in found for time_ in one.submit_ms]
    return tell(
        f"meanwhile, {contributors} contributors, {rows:,} rows",
        {
            "alone_page_p99_ms": percentile(alone.page_ms, 0.99),
            "page_p99_ms": percentile(during, 0.99),
            "alone_submit_p99_ms": percentile(alone.submit_ms, 0.99),
            "submit_p99_ms": percentile(submitted, 0.99),
            "pages": len(during),
        },
    )


def write_table(path: Path, rows: int, *, plain: bool = False) -> Path:
    """Addresses and a few cells more; `plain`, only the column of a seeded job."""
    rng = Random(rows)
    with path.open("w") as out:
        out.write("image\n" if plain else "image,label,age,view,comment\n")
        for row in range(rows):
            address = f"https://images.example.org/study/{row // 3:06}/scan-{row:07}.jpeg"
            more = f",{rng.choice(('0', '1', ''))},{rng.randint(0, 17)},PA,row {row} of the archive"
            out.write(f"{address}{'' if plain else more}\n")
    return path


def take(environment: dict[str, str], verb: str, table: Path, job: str = "") -> dict[str, Any]:
    command = [sys.executable, str(BENCH / "_take_in.py"), verb, str(job), str(table)]
    ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def seed(environment: dict[str, str], units: int, invited: int) -> Any:
    command = [sys.executable, str(BENCH / "_seed.py"), "--units", str(units)]
    command += ["--wanted", "30", "--invited", str(invited)]
    return json.loads(subprocess.check_output(command, env=environment))


def drive(plan: Plan) -> Outcome:
    """The load runs in a process of its own."""
    command = [sys.executable, str(BENCH / "_load.py")]
    sent = json.dumps(plan.__dict__).encode()
    return Outcome(**json.loads(subprocess.check_output(command, input=sent)))


def turns(taken: dict[str, Any]) -> Figures:
    found: Sequence[float] = taken["turns_ms"]
    return {"turn_p50_ms": percentile(found, 0.5), "turn_p99_ms": percentile(found, 0.99)}


def tell(case: str, figures: Figures) -> Figures:
    print(f"\n{case} ({time.strftime('%H:%M')})")
    for name, value in figures.items():
        print(f"  {name:22} {value:12,.1f}")
    return figures


if __name__ == "__main__":
    main()
