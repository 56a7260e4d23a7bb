"""All commands in one application."""

from importlib.metadata import version as version_of

import typer

from overread.cli import (
    aggregate,
    before_launch,
    copying,
    dataset,
    demo,
    dry_run,
    intake,
    job,
    pacs,
    patient,
    serve,
    simulate,
    user,
)
from overread.flows.dry_run import COMMAND

app = typer.Typer(
    help="A self-hosted medical image annotation job, from end to end. "
    "An aid for doctors, never a replacement for one.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
job.app.command()(before_launch.check)
job.app.command()(before_launch.approve)
job.app.command()(before_launch.preview)
job.app.command()(before_launch.estimate)
job.app.command()(before_launch.proposal)
job.app.command()(dry_run.dry_run)
job.app.command()(copying.copy)
job.app.command("changes")(copying.design_changes)
app.add_typer(job.app, name="job")
app.add_typer(user.app, name="user")
app.add_typer(patient.app, name="patient")
app.add_typer(dataset.app, name="dataset")
app.add_typer(pacs.app, name="pacs")
app.command()(serve.serve)
app.command(hidden=True)(serve.worker)
app.command()(intake.intake)
app.command()(simulate.simulate)
app.command()(aggregate.aggregate)
app.command(hidden=True)(demo.demo)
app.command(COMMAND, hidden=True)(dry_run.rehearsal)


@app.command()
def version() -> None:
    """Print the version."""
    print(version_of("overread"))
