"""overread aggregate: a consensus from any table of judgments."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import gettext as _

from overread.cli.output import console, fail, say, translated
from overread.core.aggregation.judgments import BadJudgments
from overread.core.aggregation.marks import Fusing
from overread.core.problems import Message, Refused
from overread.flows.aggregating_marks import aggregate_marks
from overread.flows.aggregating_tables import Fitting, aggregate_table, fit_here
from overread.formats.judged_marks import marks_table
from overread.formats.judgment_files import read_judgments
from overread.formats.judgment_tables import JudgmentTable


class Method(StrEnum):
    AUTO = "auto"
    MAJORITY = "majority"
    APPEN = "appen"
    ONE_COIN = "one-coin"
    DAWID_SKENE = "dawid-skene"
    GLAD = "glad"
    ORDINAL = "ordinal"
    FUSION = "fusion"
    MEDIAN = "median"


# What `auto` is of marks comes first.
OF_MARKS = {
    Method.AUTO: Fusing.FUSION,
    Method.FUSION: Fusing.FUSION,
    Method.MEDIAN: Fusing.MEDIAN,
}


class Engine(StrEnum):
    LOCAL = "local"
    DASK = "dask"


def aggregate(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="CSV, CSV.gz or Parquet.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder for the results.")],
    method: Annotated[Method, typer.Option(help="How answers become a label.")] = Method.AUTO,
    task: Annotated[str | None, typer.Option(help="The column that names the task.")] = None,
    worker: Annotated[str | None, typer.Option(help="The column of the contributor.")] = None,
    label: Annotated[str | None, typer.Option(help="The column of the answer.")] = None,
    gold: Annotated[
        Path | None, typer.Option(help="Known labels: a CSV file with columns task and gold.")
    ] = None,
    subgroup: Annotated[
        list[str] | None,
        typer.Option(help="A column by which tasks are told apart; can be given again."),
    ] = None,
    radius: Annotated[
        float | None,
        typer.Option(min=0, help="Of dots and lines: so many pixels apart they are one."),
    ] = None,
    engine: Annotated[Engine, typer.Option(help="Where the sums are made.")] = Engine.LOCAL,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler; else one is started.")
    ] = None,
) -> None:
    """Turn judgments into labels with probabilities, and say how good they are.

    Writes consensus.csv, contributors.csv, report.json and report.html.
    """
    try:
        console.print(_("Reading {table} ...").format(table=table.name), markup=False)
        read = read_judgments(
            table, task=task, worker=worker, label=label, gold=gold, subgroups=subgroup or ()
        )
        told = _("{judgments} judgments of {tasks} tasks by {workers} contributors ...").format(
            judgments=len(read.judgments), tasks=len(read.tasks), workers=len(read.workers)
        )
        console.print(told, markup=False)
        report = (
            _of_marks(table.name, read, method, out, radius)
            if read.is_drawn
            else _of_labels(table.name, read, method, out, _fitting(engine, scheduler))
        )
    except Refused as refused:
        raise fail(say(refused.problem)) from None
    except BadJudgments as bad:
        raise fail(str(bad)) from None
    except OSError as error:
        raise fail(str(error)) from None
    for reason, count in report["left_out"].items():
        left = _("{count} rows left out: {reason}").format(count=count, reason=reason)
        console.print(left, markup=False)
    for reason, count in report.get("marks_left_out", {}).items():
        left = _("{count} marks left out: {reason}").format(count=count, reason=reason)
        console.print(left, markup=False)
    for line in (report["reason"], *report.get("warnings", ())):
        if line:
            console.print(translated(line), markup=False)
    done = _("{method}: results in {out}").format(method=report["method"], out=out)
    console.print(done, markup=False)


def _fitting(engine: Engine, scheduler: str | None) -> Fitting:
    if engine == Engine.LOCAL:
        return fit_here
    from overread.flows.aggregating_on_dask import fit_on

    return fit_on(scheduler)


def _of_labels(
    name: str, read: JudgmentTable, method: Method, out: Path, fitting: Fitting
) -> Mapping[str, Any]:
    if method in (Method.FUSION, Method.MEDIAN):
        raise _unfit(method, Message("{method} is for marks; these labels are none."))
    return aggregate_table(name, read, method.value, out, fitting, translated).report


def _of_marks(
    name: str, read: JudgmentTable, method: Method, out: Path, radius: float | None
) -> Mapping[str, Any]:
    if method not in OF_MARKS:
        raise _unfit(method, Message("{method} is for labels; these are marks."))
    return aggregate_marks(name, marks_table(name, read), OF_MARKS[method], out, translated, radius)


def _unfit(method: Method, what: Message) -> Refused:
    said = Message(what.template, method=method.value)
    return Refused.because(said, Message("Leave --method out, or choose another one."))
