"""overread job design: CML in and out."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from overread.cli.output import console, fail, job_or_fail, refusals, translated
from overread.core.design_changes import meaning
from overread.core.states import JobState
from overread.flows.redesign import export_cml, import_cml
from overread.formats.cml.problems import CmlProblem
from overread.formats.cml.read import read_cml
from overread.store.models import Job
from overread.store.queries.design import design_of

JobId = Annotated[int, typer.Argument(metavar="JOB", help="The job's id.")]


def design(
    job: JobId,
    cml: Annotated[Path | None, typer.Option(help="Ask what this file of CML asks.")] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write the questions as CML; - for standard output.")
    ] = None,
) -> None:
    """Bring the questions in as CML, or write them out."""
    if (cml is None) == (export is None):
        raise fail(_("say either --cml FILE or --export FILE"))
    with refusals():
        found = job_or_fail(job)
        if cml is not None:
            _import(found, cml)
        if export is not None:
            _export(found, export)


def _import(job: Job, path: Path) -> None:
    text = _read(path)
    read = read_cml(text)
    if read.fatal:
        for problem in read.problems:
            console.print(_line(path, problem), markup=False)
        raise fail(_("{path} was not taken: nothing has changed").format(path=path))
    before = design_of(job)
    done = import_cml(job, text, name=path.name, actor=None, at=datetime.now(UTC))
    for problem in done.notes:
        console.print(_line(path, problem), markup=False)
    if done.lost:
        words = ngettext(
            "{n} test question has no accepted answer among the new ones, and is none any more.",
            "{n} test questions have no accepted answer among the new ones, and are none any more.",
            done.lost,
        )
        console.print(words.format(n=done.lost), markup=False)
    said = _("Design version {number} of job {job}.")
    console.print(said.format(number=done.version.number, job=job.pk))
    if job.state != JobState.DRAFT:
        for words in meaning(before, design_of(job)):
            console.print(translated(words), markup=False)


def _read(path: Path) -> str:
    try:
        # As it is, byte for byte: no translation of line ends.
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        why = error.strerror
        raise fail(_("{path} can't be read: {why}").format(path=path, why=why)) from None
    except UnicodeDecodeError:
        raise fail(_("{path} is no text in UTF-8").format(path=path)) from None


def _line(path: Path, problem: CmlProblem) -> str:
    kind = _("wrong") if problem.is_fatal else _("note")
    words = f"{translated(problem.problem)} {translated(problem.advice)}"
    return f"{path.name}:{problem.line}:{problem.column}: {kind}: {words}"


def _export(job: Job, path: Path) -> None:
    written = export_cml(job).encode()
    if str(path) == "-":
        sys.stdout.buffer.write(written)
        return
    try:
        path.write_bytes(written)
    except OSError as error:
        why = error.strerror
        raise fail(_("{path} can't be written: {why}").format(path=path, why=why)) from None
