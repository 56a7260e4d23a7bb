"""overread dataset: write a job's data set."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from overread.cli.output import console, job_or_fail, refusals
from overread.flows.export import export_folders

app = typer.Typer(help="Data sets for training.", no_args_is_help=True)


class Format(StrEnum):
    FOLDERS = "folders"


@app.callback()
def dataset() -> None:
    """Keeps `export` a command of its own while it is the only one."""


@app.command()
def export(
    job: Annotated[int, typer.Argument(metavar="JOB", help="The job's id.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="An empty or new folder.")],
    format_: Annotated[
        Format, typer.Option("--format", help="How it is laid out.")
    ] = Format.FOLDERS,
) -> None:
    """Write images into {train,validation,test}/<answer>/, unresolved/ and metadata.csv."""
    with refusals():
        images = export_folders(job_or_fail(job), output, actor=None, at=datetime.now(UTC))
    console.print(_("{images} images in {path}").format(images=images, path=output), markup=False)
