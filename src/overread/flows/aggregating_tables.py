"""A table of judgments becomes a consensus with its report; no job is needed."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from overread.core.aggregation import uncertainty
from overread.core.aggregation.agreement import with_the_rest
from overread.core.aggregation.auto import named
from overread.core.aggregation.figures import Figures, figures
from overread.core.aggregation.fit import Fit
from overread.core.aggregation.information import Information, information
from overread.core.aggregation.intervals import Interval, bounds
from overread.core.aggregation.judgments import Floats, Integers
from overread.core.aggregation.methods import METHODS
from overread.core.aggregation.subgroups import subgroups
from overread.core.aggregation.uncertainty import (
    accuracies,
    accuracy_by_votes,
    recall_by_votes,
    recalls,
)
from overread.core.aggregation.voting import Confidence, tested
from overread.core.aggregation.within import Again, within
from overread.core.problems import Message
from overread.formats.aggregation_page import Say, write_page
from overread.formats.consensus_files import (
    WITHIN,
    plain,
    write_consensus,
    write_contributors,
    write_json,
)
from overread.formats.judgment_tables import JudgmentTable

WORTH_A_LOOK = 50
TENTHS = 10
GIVEN = "on {count} known labels, each held out of its fit"
CHOSEN = "on {count} known labels, each held out of its fit and of the choice of the method"
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
    name: str,
    table: JudgmentTable,
    method: str,
    out: Path,
    fitting: Fitting = fit_here,
    say: Say = str,
) -> Aggregated:
    """Fit and write the four files into `out`, which is made; the page as `say` says it."""
    fit = fitting(method, table)
    found = information(table.judgments, fit, table.known)
    recall = recalls(found) if found else recall_by_votes(table.judgments, fit)
    themselves = _with_themselves(table.again, len(table.workers))
    made = {**_contributors(table, fit, found), **themselves}
    report = _report(name, table, fit, made, figures(table.judgments, fit, found))
    report["agreement_within"] = asdict(within(table.again))
    out.mkdir(parents=True, exist_ok=True)
    write_consensus(out / "consensus.csv", table, fit)
    write_contributors(out / "contributors.csv", table, fit, made, recall)
    write_json(out / "report.json", report)
    write_page(out / "report.html", plain(report), say)
    return Aggregated(fit, report)


def _contributors(table: JudgmentTable, fit: Fit, found: Information | None) -> dict[str, Floats]:
    """Accuracy on known labels where there are some, else by the fit."""
    judgments = table.judgments
    seen, hit = tested(judgments, table.known)
    known, right = seen.astype(float), hit.astype(float)
    accuracy = np.divide(right, known, out=np.full(len(known), np.nan), where=known > 0)
    low, high = bounds(right, known - right)
    believed = accuracies(found) if found else accuracy_by_votes(judgments, fit)
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


def _with_themselves(again: Again, workers: int) -> dict[str, Floats]:
    """(workers,) tasks judged again, and how the readings of these agree; NaN without any."""
    made = {name: np.full(workers, np.nan) for name in WITHIN}
    made["repeats"] = np.zeros(workers)
    for worker, own in again.by_worker().items():
        found = within(own)
        figures = (found.repeats, found.percent.estimate)
        alpha = (found.alpha.estimate, found.alpha.low, found.alpha.high)
        for name, value in zip(WITHIN, (*figures, *alpha), strict=True):
            made[name][worker] = value
    return made


def _report(
    name: str, table: JudgmentTable, fit: Fit, made: Mapping[str, Floats], good: Figures
) -> dict[str, Any]:
    judgments = table.judgments
    tasks, probabilities = _spread(fit, judgments.classes)
    calibration = fit.notes.get("calibration")
    warnings = [named(one, table.labels) for one in fit.notes.get("warnings", [])]
    return {
        "table": name,
        "version": version("overread"),
        "method": fit.method,
        "reason": fit.notes.get("reason", Message("")),
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
        "left_out": {Message(reason): count for reason, count in table.left_out.items()},
        "tasks_without_judgments": int((judgments.per_task == 0).sum()),
        "iterations": fit.iterations,
        "converged": fit.converged,
        "log_likelihood": fit.log_likelihood,
        "labels": [
            {
                "label": label,
                "tasks": int(tasks[k]),
                "share": tasks[k] / max(tasks.sum(), 1),
                "prevalence": asdict(good.prevalence[k]),
            }
            for k, label in enumerate(table.labels)
        ],
        "probabilities": probabilities.tolist(),
        "believed_accuracy": asdict(good.expected),
        "measured_accuracy": _measured(fit, good.measured),
        "agreement": {Message(title): asdict(found) for title, found in good.agreement.items()},
        "subgroups": _subgroups(table, fit),
        "contributors": _rows(table, made),
        "worth_a_look": _worth_a_look(table, fit),
    }


def _subgroups(table: JudgmentTable, fit: Fit) -> dict[str, dict[str, Any]]:
    """By column and cell; coefficients are messages, as in the report's own agreement."""
    return {
        one.column: {
            one.cells[group]: {
                **asdict(found),
                "agreement": {Message(title): asdict(it) for title, it in found.agreement.items()},
            }
            for group, found in subgroups(table.judgments, fit, table.known, one.of).items()
        }
        for one in table.groupings
    }


def _spread(fit: Fit, classes: int) -> tuple[Integers, Integers]:
    """How many tasks have each label, and each tenth of probability."""
    tasks, probabilities = np.zeros(classes, np.int64), np.zeros(TENTHS, np.int64)
    for _, part in fit.parts():
        has_answer = part.answer >= 0
        tasks += np.bincount(part.answer[has_answer], minlength=classes)
        sure = part.probability[has_answer]
        probabilities += np.histogram(sure, bins=TENTHS, range=(0, 1))[0]
    return tasks, probabilities


def _measured(fit: Fit, found: Interval | None) -> dict[str, Any] | None:
    if found is None:
        return None
    count = fit.notes["tested"]
    template = CHOSEN if fit.notes["trials"] else GIVEN
    said = Message(template, count=count)
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
            "repeats": int(made["repeats"][row]),
            "self_agreement": made["self_agreement"][row],
        }
        for row in order.tolist()
    ]


def _worth_a_look(table: JudgmentTable, fit: Fit) -> list[dict[str, Any]]:
    """Unknown labels by the chance that an expert changes them, then by one more judgment's."""
    best = np.zeros((0, 3))
    for tasks, part in fit.parts():
        unknown = np.flatnonzero(table.known[tasks] < 0)
        values = uncertainty.value_of_expert(part), uncertainty.value_of_judgment(part)
        found = np.stack([*(one[unknown] for one in values), tasks.start + unknown], axis=1)
        best = np.concatenate([best, found])
        best = best[np.lexsort((best[:, 2], -best[:, 1], -np.round(best[:, 0], 9)))][:WORTH_A_LOOK]
    made = table.judgments.per_task
    labels = [*table.labels, ""]
    rows = ((expert, judgment, int(task)) for expert, judgment, task in best.tolist())
    return [
        {
            "task": table.tasks[task],
            "label": labels[fit.of(slice(task, task + 1)).answer[0]],
            "probability": 1 - expert,
            "judgments": int(made[task]),
            "value_of_expert": expert,
            "value_of_judgment": judgment,
        }
        for expert, judgment, task in rows
    ]
