"""A table of judgments becomes a consensus with its report; no job is needed."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import overread
from overread.core.aggregation import uncertainty
from overread.core.aggregation.agreement import with_the_rest
from overread.core.aggregation.auto import named
from overread.core.aggregation.figures import figures
from overread.core.aggregation.fit import Fit
from overread.core.aggregation.intervals import Interval, bounds
from overread.core.aggregation.judgments import Floats
from overread.core.aggregation.methods import METHODS
from overread.core.aggregation.voting import Confidence, tested
from overread.formats.aggregation_page import write_page
from overread.formats.consensus_files import plain, write_consensus, write_contributors, write_json
from overread.formats.judgment_tables import JudgmentTable

WORTH_A_LOOK = 50
Fitting = Callable[[str, JudgmentTable], Fit]


@dataclass(frozen=True)
class Aggregated:
    """What was written: the fit and the document of report.json."""

    fit: Fit
    report: Mapping[str, Any]


def fit_here(method: str, table: JudgmentTable) -> Fit:
    """In this process."""
    chosen = METHODS[method]
    if isinstance(chosen, Confidence) and table.trust is not None:
        chosen = replace(chosen, trust=tuple(table.trust.tolist()))
    fit: Fit = chosen.fit_to(table.judgments, table.known)
    return fit


def aggregate_table(
    name: str, table: JudgmentTable, method: str, out: Path, fitting: Fitting = fit_here
) -> Aggregated:
    """Fit and write the four files into `out`, which is made."""
    fit = fitting(method, table)
    recall = uncertainty.recall(table.judgments, fit)
    made = _contributors(table, fit)
    report = _report(name, table, fit, made)
    out.mkdir(parents=True, exist_ok=True)
    write_consensus(out / "consensus.csv", table, fit)
    write_contributors(out / "contributors.csv", table, fit, made, recall)
    write_json(out / "report.json", report)
    write_page(out / "report.html", plain(report))
    return Aggregated(fit, report)


def _contributors(table: JudgmentTable, fit: Fit) -> dict[str, Floats]:
    """Accuracy on known labels where there are some, else by the fit."""
    judgments = table.judgments
    seen, found = tested(judgments, table.known)
    known, right = seen.astype(float), found.astype(float)
    accuracy = np.divide(right, known, out=np.full(len(known), np.nan), where=known > 0)
    low, high = bounds(right, known - right)
    believed = uncertainty.accuracy(judgments, fit)
    is_tested = known > 0
    same, kappa = with_the_rest(judgments)
    return {
        "known": known,
        "right": np.where(is_tested, right, np.nan),
        "accuracy": np.where(is_tested, accuracy, believed.estimate),
        "low": np.where(is_tested, low, believed.low),
        "high": np.where(is_tested, high, believed.high),
        "agreement": same,
        "kappa": kappa,
    }


def _report(
    name: str, table: JudgmentTable, fit: Fit, made: Mapping[str, Floats]
) -> dict[str, Any]:
    judgments = table.judgments
    answered = fit.answer[fit.answer >= 0]
    tasks = np.bincount(answered, minlength=judgments.classes)
    good = figures(judgments, fit)
    calibration = fit.notes.get("calibration")
    warnings = [named(one, table.labels) for one in fit.notes.get("warnings", [])]
    return {
        "table": name,
        "version": overread.__version__,
        "method": fit.method,
        "reason": str(fit.notes.get("reason", "")),
        "trials": fit.notes.get("trials", {}),
        "calibration": asdict(calibration) if calibration else None,
        "warnings": warnings,
        "columns": asdict(table.columns),
        "sizes": {
            "judgments": len(judgments),
            "tasks": judgments.tasks,
            "contributors": judgments.workers,
            "labels": judgments.classes,
            "known": int((table.known >= 0).sum()),
        },
        "left_out": table.left_out,
        "tasks_without_judgments": int((judgments.per_task == 0).sum()),
        "iterations": fit.iterations,
        "converged": fit.converged,
        "log_likelihood": fit.log_likelihood,
        "labels": [
            {
                "label": label,
                "tasks": int(tasks[k]),
                "share": tasks[k] / max(len(answered), 1),
                "prevalence": asdict(good.prevalence[k]),
            }
            for k, label in enumerate(table.labels)
        ],
        "probabilities": np.histogram(fit.probability[fit.answer >= 0], bins=10, range=(0, 1))[
            0
        ].tolist(),
        "believed_accuracy": asdict(good.expected),
        "measured_accuracy": _measured(fit, good.measured),
        "agreement": {title: asdict(found) for title, found in good.agreement.items()},
        "contributors": _rows(table, made),
        "worth_a_look": _worth_a_look(table, fit),
    }


def _measured(fit: Fit, found: Interval | None) -> dict[str, Any] | None:
    if found is None:
        return None
    count = fit.notes["tested"]
    also = " and of the choice of the method" if fit.notes["trials"] else ""
    said = f"on {count} known labels, each held out of its fit{also}"
    return {**asdict(found), "from": said}


def _rows(table: JudgmentTable, made: Mapping[str, Floats]) -> list[dict[str, Any]]:
    counts = table.judgments.per_worker
    order = np.argsort(-counts, kind="stable")[:1000]
    return [
        {
            "worker": table.workers[row],
            "judgments": int(counts[row]),
            "estimate": made["accuracy"][row],
            "low": made["low"][row],
            "high": made["high"][row],
            "agreement": made["agreement"][row],
        }
        for row in order.tolist()
    ]


def _worth_a_look(table: JudgmentTable, fit: Fit) -> list[dict[str, Any]]:
    """Unknown labels by the chance that an expert changes them, then by one more judgment's."""
    expert = np.where(table.known < 0, uncertainty.value_of_expert(fit), -1.0)
    least = np.partition(expert, -WORTH_A_LOOK)[-WORTH_A_LOOK] if len(expert) > WORTH_A_LOOK else 0
    first = np.flatnonzero(expert >= max(least - 1e-9, 0))
    judgment = uncertainty.value_of_judgment(fit)
    keys = (first, -judgment[first], -np.round(expert[first], 9))
    order = first[np.lexsort(keys)][:WORTH_A_LOOK]
    made = table.judgments.per_task
    labels = [*table.labels, ""]
    return [
        {
            "task": table.tasks[task],
            "label": labels[fit.answer[task]],
            "probability": fit.probability[task],
            "judgments": int(made[task]),
            "value_of_expert": expert[task],
            "value_of_judgment": judgment[task],
        }
        for task in order.tolist()
    ]
