"""overread job check, approve, estimate, preview, proposal: before a launch."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from overread.cli.output import HELD, console, fail, job_or_fail, refusals, written
from overread.core.checks import Approval, Finding, Mark, ready
from overread.core.forecast import Per, Price
from overread.flows.design import approve as note_approval
from overread.flows.documents import preview_html, proposal_html, proposal_markdown
from overread.store.queries.checks import checked
from overread.store.queries.estimate import forecast_of
from overread.store.queries.standing import standing

JobId = Annotated[int, typer.Argument(metavar="JOB", help="The job's id.")]


def check(
    job: JobId, as_json: Annotated[bool, typer.Option("--json", help="One JSON list.")] = False
) -> None:
    """Look at a job before its launch; each finding with its reason and where to put it right.

    Exit code 3: something stands in the way of the launch.
    """
    with refusals():
        found = job_or_fail(job)
        findings = checked(standing(found))
    if as_json:
        print(json.dumps([_document(found.pk, one) for one in findings], indent=2))
    else:
        for one in findings:
            print(f"{_mark(one.mark)}: {one.words}\n    {one.reason} {_address(found.pk, one)}")
    if not ready(findings):
        raise typer.Exit(HELD)


def _document(job: int, finding: Finding) -> dict[str, str]:
    return {**finding.document(), "address": _address(job, finding)}


def _address(job: int, finding: Finding) -> str:
    return f"/jobs/{job}/{finding.tab}"


def _mark(mark: Mark) -> str:
    words = {
        Mark.WRONG: _("wrong"),
        Mark.TODO: _("to do"),
        Mark.NOTE: _("note"),
        Mark.DONE: _("done"),
    }
    return words[mark]


def approve(
    job: JobId,
    by: Annotated[str, typer.Option(help="The person or board who allowed it.")],
    reference: Annotated[str, typer.Option(help="Number or date of the decision.")],
) -> None:
    """Note who allowed that the job's images are shown to those who are invited."""
    with refusals():
        approval = Approval(by, reference)
        note_approval(job_or_fail(job), approval, actor=None, at=datetime.now(UTC))
        console.print(_("Noted."))


def preview(
    job: JobId,
    html: Annotated[Path, typer.Option(help="The file to write.")],
) -> None:
    """Write what contributors will see as one HTML file: to mail, print and hand in.

    It holds its images, needs no network and no script, and names no file or patient.
    """
    with refusals():
        text = preview_html(job_or_fail(job))
        with written(html) as out:
            out.write(text)


def estimate(
    job: JobId,
    price: Annotated[float, typer.Option(min=0, help="For a page or an hour.")] = 0.0,
    per: Annotated[Per, typer.Option(help="What the price is for.")] = Per.PAGE,
    fee: Annotated[float, typer.Option(min=0, help="A platform's fee on top, in per cent.")] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """What the job will take, untrusted judgments that are replaced included, as ranges.

    Nine of ten simulated runs lie between low and high.
    """
    with refusals():
        expected = forecast_of(standing(job_or_fail(job)))
    if expected is None:
        raise fail(_("nothing is left to be judged, or nobody gets past the quiz"))
    found = asdict(expected)
    if price:
        chosen = Price(price, per, fee / 100)
        found |= {"cost": asdict(chosen.cost(expected)), "plain_cost": chosen.plain(expected)}
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        shown = value
        if isinstance(value, dict):
            shown = "{low:.4g} to {high:.4g}, middle {middle:.4g}".format(**value)
        print(f"{name.replace('_', ' ')}: {shown}")


def proposal(
    job: JobId,
    output: Annotated[Path, typer.Option("-o", "--output", help="An .html or .md file.")],
) -> None:
    """Write the job's proposal: HTML to read and print, Markdown to edit.

    What can be computed is filled in; the rest is asked of the owner.
    """
    writers = {".html": proposal_html, ".md": proposal_markdown}
    writer = writers.get(output.suffix.lower())
    with refusals():
        if writer is None:
            raise fail(_("{path} ends with neither .html nor .md").format(path=output))
        text = writer(job_or_fail(job))
        with written(output) as out:
            out.write(text)
