"""overread job dry-run: a copy of a job worked through by simulated contributors."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from django.utils.translation import gettext as _

from overread.cli.before_launch import JobId
from overread.cli.output import HELD, console, job_or_fail, refusals
from overread.flows import dry_run as flows
from overread.flows.rehearsal import Rehearsed, Script, rehearse


def dry_run(
    job: JobId,
    guessers: Annotated[
        float, typer.Option(min=0, max=100, help="How many don't look, in per cent.")
    ] = round(100 * flows.GUESSERS),
    seed: Annotated[int, typer.Option(help="The same seed, the same people.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Let simulated people work through a copy of the job, in a process of its own.

    Exit code 3: the work did not get done.
    """
    with refusals():
        found = job_or_fail(job)
        if not as_json:
            console.print(_("Rehearsing a copy ..."))
        result = flows.dry_run(found, guessers=guessers / 100, seed=seed)
    _say(result, as_json)
    if not result.finished:
        raise typer.Exit(HELD)


def _say(result: Rehearsed, as_json: bool) -> None:
    found = {**asdict(result), "finished": result.finished}
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        print(f"{name}: {'-' if value is None else value}")


def rehearsal() -> None:
    """What a dry run's own process does: a script on stdin, how it went on stdout."""
    with refusals():
        script = msgspec.json.decode(sys.stdin.buffer.read(), type=Script)
        result = rehearse(script, at=datetime.now(UTC))
    print(msgspec.json.encode(result).decode())
