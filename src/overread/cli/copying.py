"""overread job copy, changes: a job from another one, and what differs between two versions."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from overread.cli.before_launch import JobId
from overread.cli.output import console, fail, job_or_fail, refusals
from overread.core.design_changes import MEANS, changes, effects
from overread.flows.copying import Copied, copy_job
from overread.store.queries.design_versions import version_of, versions_of


def copy(
    job: JobId,
    units: Annotated[Copied, typer.Option(help="Which rows come along.")] = Copied.ALL,
    title: Annotated[str, typer.Option(help="The copy's title; else the same.")] = "",
) -> None:
    """Copy a job's design and settings into a draft; judgments stay behind. Prints its id."""
    with refusals():
        made = copy_job(job_or_fail(job), units, title=title, actor=None, at=datetime.now(UTC))
    print(made.pk)


def design_changes(
    job: JobId,
    old: Annotated[int | None, typer.Option("--from", help="A version's number.")] = None,
    new: Annotated[int | None, typer.Option("--to", help="Another; else the newest.")] = None,
) -> None:
    """Say what differs between two versions of the design, and what it means for results."""
    with refusals():
        found = job_or_fail(job)
        newest = versions_of(found)[0].number
        after = new or newest
        before = old or max(1, after - 1)
        designs = [version_of(found, number) for number in (before, after)]
    if None in designs:
        raise fail(_("the versions are 1 to {newest}").format(newest=newest))
    listed = changes(*(one for one in designs if one is not None))
    if not listed:
        console.print(_("Nothing differs."))
    for change in listed:
        print(change.where)
        for sign, line in change.lines:
            print(f"  {sign} {line}")
    for effect in effects(listed):
        print(f"\n{MEANS[effect]}")
