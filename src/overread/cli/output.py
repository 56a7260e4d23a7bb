"""How commands speak: progress and reasons on stderr, results on stdout, three exit codes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import typer
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from overread.core.problems import Message, Problem, Refused
from overread.core.states import StepError
from overread.store import schema
from overread.store.models import Job

DONE, REFUSED, HELD = 0, 2, 3
console = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(reason: str) -> typer.Exit:
    """Print why something was refused; raise the result."""
    console.print(f"overread: {reason}", style="red", markup=False)
    return typer.Exit(REFUSED)


@contextmanager
def refusals(*, database: bool = True) -> Iterator[None]:
    """Turn a refusal into its reason on stderr and exit code 2; prepare the database first."""
    try:
        if database:
            schema.prepare()
        yield
    except Refused as refused:
        raise fail(say(refused.problem)) from None
    except StepError as error:
        raise fail(translated(error.said)) from None


def say(problem: Problem) -> str:
    """A problem in the language of the command line, with where it is."""
    return str(problem.said(translated))


def translated(message: Message) -> str:
    return _(message.template).format(**message.values)


def job_or_fail(job: int) -> Job:
    found = Job.objects.filter(pk=job).first()
    if found is None:
        known = ", ".join(str(pk) for pk in Job.objects.values_list("pk", flat=True)[:20])
        raise fail(
            _("there is no job {job}; there are: {known}").format(job=job, known=known or "-")
        )
    return found


@contextmanager
def written(path: Path) -> Iterator[TextIO]:
    """A text file that is there as a whole or, where something fails, not at all."""
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="") as out:
            yield out
        beside.replace(path)
    except OSError as error:
        why = error.strerror
        raise fail(_("{path} can't be written: {why}").format(path=path, why=why)) from None
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr; a line where stderr is no terminal."""
    if not console.is_terminal:
        console.print(f"{label} ...", markup=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
