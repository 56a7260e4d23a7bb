"""The dry run: a copy of a job, in a process and a database of its own, with simulated people."""

import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from django.conf import settings as installation

from overread.core.problems import Message, Refused
from overread.core.states import UnitState
from overread.flows.rehearsal import Rehearsed, Row, Script
from overread.flows.settings import Settings
from overread.flows.simulation import answers_of
from overread.store.models import Job, TestQuestion
from overread.store.queries.design import current_design, design_of

# So many rows tell whether the job works, and are done within seconds.
MOST_ROWS = 200
# One in three guesses: between people whom one knows and an open crowd.
GUESSERS = 1 / 3
LONGEST_SECONDS = 600
COMMAND = "rehearse"  # of the command line: what the other process runs
PREFIX = "OVERREAD_"


def script_of(job: Job, *, guessers: float = GUESSERS, seed: int = 1) -> Script:
    """What is rehearsed: settings, design, and rows as answers without pictures or cells.

    A row's truth is its label where that is known, else drawn as the labels are mixed.
    """
    design, main = design_of(job), design_of(job).main_question.name
    answers, rng = answers_of(design), Random(seed)
    in_use = (TestQuestion.State.ENABLED,)
    units = job.units.filter(state=UnitState.NEW, unit_images__isnull=False).distinct()
    found: Any = units.order_by("number").values_list(
        "given",
        "test_question__state",
        "test_question__hidden",
        "test_question__current__accepted",
    )
    tests: list[Row] = []
    truths: list[str] = []
    for given, state, hidden, accepted in found:
        known = given.get(main, "") or next(iter((accepted or {}).get(main, ())), "")
        if state in in_use and accepted and known:
            tests.append(Row(known, accepted, hidden))
        elif state is None or state == TestQuestion.State.DISABLED:
            truths.append(known)
    mix = [row.truth for row in tests] + [truth for truth in truths if truth]
    if not mix:
        mix = list(answers.settled)
    rng.shuffle(truths)
    work = [Row(truth or rng.choice(mix)) for truth in truths[:MOST_ROWS]]
    document = {**current_design(job).document, "examples": []}
    settings = asdict(Settings.of(job))
    return Script(settings, document, [*tests, *work], guessers, seed)


def dry_run(job: Job, *, guessers: float = GUESSERS, seed: int = 1) -> Rehearsed:
    """Rehearse a copy of the job. Raises Refused where it can't be launched as it is."""
    script = script_of(job, guessers=guessers, seed=seed)
    if all(row.accepted is not None for row in script.rows):
        raise Refused.because(
            Message("No row of this job can be judged yet."),
            Message("Upload a table and its images first."),
        )
    with TemporaryDirectory(prefix="overread-dry-run-") as home:
        return _ask(script, home)


def _ask(script: Script, home: str) -> Rehearsed:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "overread", COMMAND],
            input=msgspec.json.encode(script),
            env=_environment(home),
            capture_output=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _failed("it took too long") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _failed(lines[-1].removeprefix("overread: ") if lines else str(done.returncode))
    return msgspec.json.decode(done.stdout, type=Rehearsed)


def _failed(why: str) -> Refused:
    return Refused.because(
        Message("The dry run did not get through: {why}", why=why),
        Message("Nothing of the job was touched. Look at the checks, then try again."),
    )


def _environment(home: str) -> dict[str, str]:
    """Nothing of this installation: another home, another database, another secret."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {**kept, f"{PREFIX}HOME": home}


@dataclass(frozen=True)
class Report:
    """A dry run as it is kept for the Launch tab.

    `state` is running, done or failed; `revision` the job's when it began: a later one makes the
    result out of date.
    """

    state: str
    revision: int
    at: str
    result: Rehearsed | None = None
    problem: dict[str, Any] | None = None


def report_of(job: Job) -> Report | None:
    """The latest dry run of a job."""
    try:
        return msgspec.json.decode(_file(job.pk).read_bytes(), type=Report)
    except (OSError, msgspec.MsgspecError):
        return None


def begin(job: Job, *, at: datetime) -> None:
    """Say that a dry run is on its way."""
    _keep(job, Report("running", job.revision, at.isoformat()))


def run_and_report(job: Job, *, at: datetime) -> Report:
    """Rehearse, and keep how it went."""
    begin(job, at=at)
    when, revision = at.isoformat(), job.revision
    try:
        report = Report("done", revision, when, dry_run(job))
    except Refused as refused:
        report = Report("failed", revision, when, problem=refused.problem.document())
    _keep(job, report)
    return report


def clear_up() -> None:
    """What a worker that died was at is said to have failed."""
    for file in (Path(installation.HOME) / "dry-runs").glob("*.json"):
        job = Job.objects.filter(pk=int(file.stem)).first()
        report = report_of(job) if job else None
        if job and report and report.state == "running":
            problem = _failed("the server stopped").problem.document()
            _keep(job, Report("failed", report.revision, report.at, problem=problem))


def _keep(job: Job, report: Report) -> None:
    file = _file(job.pk)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = file.with_suffix(f".{os.getpid()}")
    beside.write_bytes(msgspec.json.encode(report))
    beside.replace(file)


def _file(job: int) -> Path:
    return Path(installation.HOME) / "dry-runs" / f"{job}.json"
