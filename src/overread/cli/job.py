"""overread job: create, design, settings, launch, pause, resume, cancel, status, report."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from random import SystemRandom
from typing import Annotated

import typer
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from overread.cli.design import design
from overread.cli.given_settings import changed_settings
from overread.cli.intake import Told, run_intake, say_outcome
from overread.cli.output import HELD, console, fail, job_or_fail, refusals, say, written
from overread.flows.appen_reports import aggregated_report, full_report
from overread.flows.design import create_job
from overread.flows.intake import Options
from overread.flows.judging import launching
from overread.flows.people import first_team
from overread.flows.settings import Settings, set_settings
from overread.flows.test_questions import make_test_questions
from overread.store.models import Job
from overread.store.queries.design import labelled_rows
from overread.store.queries.monitor import status_of
from overread.store.queries.pilot import pilot
from overread.store.queries.standing import standing

app = typer.Typer(help="Make and run annotation jobs.", no_args_is_help=True)
app.command()(design)
JobId = Annotated[int, typer.Argument(metavar="JOB", help="The job's id.")]


class ReportType(StrEnum):
    FULL = "full"
    AGGREGATED = "aggregated"


@app.command()
def create(
    table: Annotated[Path | None, typer.Argument(help="A table; its rows become units.")] = None,
    images: Annotated[
        list[Path] | None, typer.Option(help="A folder, an archive or a file with images.")
    ] = None,
    template: Annotated[str, typer.Option(help="What is asked.")] = "healthy-or-pneumonia",
    title: Annotated[str, typer.Option(help="The job's title; else the template's.")] = "",
    patients: Annotated[
        bool, typer.Option(help="Group file names that name the same patient.")
    ] = True,
) -> None:
    """Make a job from a table and its images. Labelled rows become test questions.

    The last line printed is the job's id. Exit code 3: done, but rows were held.
    """
    now = datetime.now(UTC)
    sources = [*([table] if table else []), *(images or [])]
    with refusals():
        _check_paths(sources)
        job = create_job(first_team(), template=template, title=title, actor=None, at=now)
        held = _take_in(job, sources, patients, now) if sources else 0
    print(job.pk)
    if held:
        raise typer.Exit(HELD)


def _check_paths(paths: list[Path]) -> None:
    for path in paths:
        if not path.exists():
            raise fail(_("there is no file or folder {path}").format(path=path))


def _take_in(job: Job, sources: list[Path], patients: bool, now: datetime) -> int:
    outcome = run_intake(job, sources, Options(group=patients), now, Told())
    if outcome.refused:
        job.delete()
        raise fail(say(outcome.refused))
    say_outcome(outcome)
    if outcome.rule:
        console.print(_("--no-patients undoes it."))
    say_tests(len(make_test_questions(job, list(labelled_rows(job)), actor=None, at=now)))
    return outcome.wrong


def say_tests(count: int) -> None:
    words = ngettext("{count} test question", "{count} test questions", count)
    console.print(words.format(count=count))


@app.command()
def launch(
    job: JobId,
    rows: Annotated[
        int | None, typer.Option(min=1, help="Launch only so many rows, as a pilot.")
    ] = None,
) -> None:
    """Open the job to contributors; after a pilot, launch the rest."""
    now = datetime.now(UTC)
    with refusals():
        found = job_or_fail(job)
        if rows is None and found.pilot_rows is not None:
            launched = launching.launch_rest(found, actor=None, at=now, rng=SystemRandom())
        else:
            launched = launching.launch(found, actor=None, at=now, rng=SystemRandom(), rows=rows)
        said = _("{title} is {state}.").format(title=launched.title, state=launched.state)
        console.print(said, markup=False)
        if rows is not None and launched.pilot_rows is None:
            console.print(_("The job has no more rows than that: all of them are launched."))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def settings(
    job: JobId,
    given: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show how the job is judged, or change it: --quiz-length 10 --order "per contributor" ..."""
    with refusals():
        found = job_or_fail(job)
        if given.args:
            changed = changed_settings(found, given.args)
            set_settings(found, changed, actor=None, at=datetime.now(UTC))
    values = asdict(Settings.of(found))
    if as_json:
        print(json.dumps(values, indent=2))
        return
    for name, value in values.items():
        print(f"{name.replace('_', '-')}: {'-' if value is None else value}")


@app.command()
def pause(job: JobId) -> None:
    """Hand out no more pages; those that are out can still be submitted."""
    with refusals():
        launching.pause(job_or_fail(job), actor=None, at=datetime.now(UTC))
        console.print(_("Job {job} is paused: pages that are out still come in.").format(job=job))


@app.command()
def resume(job: JobId) -> None:
    """Go on after a pause."""
    with refusals():
        launching.resume(job_or_fail(job), actor=None, at=datetime.now(UTC))
        console.print(_("Job {job} is running.").format(job=job))


@app.command()
def cancel(job: JobId) -> None:
    """Stop for good; every judgment is kept."""
    with refusals():
        launching.cancel(job_or_fail(job), actor=None, at=datetime.now(UTC))
        console.print(_("Job {job} is canceled; every judgment is kept.").format(job=job))


@app.command()
def status(
    job: JobId, as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False
) -> None:
    """How far the job is, and how its pilot goes."""
    with refusals():
        of = job_or_fail(job)
        went = pilot(standing(of))
        found = {**status_of(of), "pilot": went.document() if went else None}
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        print(f"{name.replace('_', ' ')}: {value}")


@app.command()
def report(
    job: JobId,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    type_: Annotated[ReportType, typer.Option("--type", help="Which report.")] = ReportType.FULL,
) -> None:
    """Write a report in the reference platform's columns."""
    with refusals():
        write_report = full_report if type_ == ReportType.FULL else aggregated_report
        found = job_or_fail(job)
        with written(output) as out:
            write_report(found, out)
