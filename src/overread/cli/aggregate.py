"""overread aggregate: a consensus from any table of judgments."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from overread.cli.output import console, fail, say, translated
from overread.core.aggregation.judgments import BadJudgments
from overread.core.problems import Refused
from overread.flows.aggregating_tables import Fitting, aggregate_table, fit_here
from overread.formats.judgment_files import read_judgments


class Method(StrEnum):
    AUTO = "auto"
    MAJORITY = "majority"
    APPEN = "appen"
    ONE_COIN = "one-coin"
    DAWID_SKENE = "dawid-skene"
    GLAD = "glad"
    ORDINAL = "ordinal"


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
    engine: Annotated[Engine, typer.Option(help="Where the sums are made.")] = Engine.LOCAL,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler; else one is started.")
    ] = None,
) -> None:
    """Turn judgments into labels with probabilities, and say how good they are.

    Writes consensus.csv, contributors.csv, report.json and report.html.
    """
    fitting: Fitting = fit_here
    try:
        if engine == Engine.DASK:
            from overread.flows.aggregating_on_dask import fit_on

            fitting = fit_on(scheduler)
        console.print(_("Reading {table} ...").format(table=table.name), markup=False)
        read = read_judgments(table, task=task, worker=worker, label=label, gold=gold)
        size = _("{judgments} judgments of {tasks} tasks by {workers} contributors ...")
        told = size.format(
            judgments=len(read.judgments), tasks=len(read.tasks), workers=len(read.workers)
        )
        console.print(told, markup=False)
        done = aggregate_table(table.name, read, method.value, out, fitting, translated)
    except Refused as refused:
        raise fail(say(refused.problem)) from None
    except BadJudgments as bad:
        raise fail(str(bad)) from None
    except OSError as error:
        raise fail(str(error)) from None
    for reason, count in read.left_out.items():
        left = _("{count} rows left out: {reason}").format(count=count, reason=reason)
        console.print(left, markup=False)
    for line in (done.report["reason"], *done.report["warnings"]):
        if line:
            console.print(translated(line), markup=False)
    console.print(
        _("{method}: results in {out}").format(method=done.fit.method, out=out), markup=False
    )
