"""Takes a table into a job as the worker does, or puts its rows there as bare SQL would.

Run by intake_rows.py with OVERREAD_HOME set; prints what it cost. `draft` makes a job first.
"""

# ruff: noqa: E402 (models need Django set up)

import csv
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "overread.settings"

import django

django.setup()

from django.db import connection, transaction

from overread.flows.design import create_job
from overread.flows.intake import start_intake, take_in
from overread.flows.people import first_team
from overread.store import schema, write
from overread.store.models import Job

_turn, turns_ms = write.turn, list[float]()


@contextmanager
def timed_turn() -> Iterator[None]:
    with _turn():
        start = time.perf_counter()
        yield
    turns_ms.append((time.perf_counter() - start) * 1000)


def draft() -> int:
    schema.prepare()
    made = create_job(
        first_team(),
        template="healthy-or-pneumonia",
        title="",
        actor=None,
        at=datetime.now(UTC),
    )
    return made.pk


def intake(job: Job, table: Path) -> int:
    write.turn = timed_turn
    if not job.image_column:  # of a job that bare SQL has seeded
        Job.objects.filter(pk=job.pk).update(image_column="image")
        job.refresh_from_db()
    outcome = take_in(start_intake(job, actor=None, at=datetime.now(UTC)), [table])
    assert outcome.refused is None, outcome.refused
    return outcome.rows


def bare(job: Job, table: Path) -> int:
    """The same rows, unlooked at, in one transaction."""
    held = json.dumps({"source": table.name, "row": 1, "column": "image", "problem": "", "x": ""})
    with table.open(newline="") as file, connection.cursor() as cursor, transaction.atomic():
        rows = csv.DictReader(file)
        cursor.executemany(
            "insert into store_unit (job_id, number, state, data, given, held, patient_id)"
            " values (%s, %s, 'held', %s, '{}', %s, null)",
            ((job.pk, number, json.dumps(row), held) for number, row in enumerate(rows, start=1)),
        )
    return job.units.count()


def main(verb: str, job: str, table: str) -> dict[str, Any]:
    found = Job.objects.get(pk=job or draft())
    cpu, wall = time.process_time(), time.perf_counter()
    rows = {"intake": intake, "bare": bare}[verb](found, Path(table))
    return {
        "job": found.pk,
        "rows": rows,
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "turns_ms": sorted(turns_ms),
    }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
