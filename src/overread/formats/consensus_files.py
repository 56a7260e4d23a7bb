"""Write what an aggregation found: consensus.csv, contributors.csv, report.json, report.html."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from overread.core.aggregation.fit import Fit
from overread.core.aggregation.judgments import Floats
from overread.core.aggregation.uncertainty import Rates
from overread.core.problems import Message
from overread.formats.csv_lines import csv_line
from overread.formats.judgment_tables import JudgmentTable

ROWS_AT_ONCE = 50_000
# Answers agree on any machine to far more digits than these.
DIGITS = 6
# Agreement of a contributor with themselves, on tasks judged more than once.
WITHIN = ("repeats", "self_agreement", "self_alpha", "self_alpha_low", "self_alpha_high")


def write_consensus(path: Path, table: JudgmentTable, fit: Fit) -> None:
    """One line a task: task, label, probability, judgments, method, then p_LABEL for each class.

    Empty label on a task without a judgment and without a known label.
    """
    header = ["task", "label", "probability", "judgments", "method"]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(csv_line([*header, *(f"p_{name}" for name in table.labels)]))
        for first in range(0, len(table.tasks), ROWS_AT_ONCE):
            some = slice(first, first + ROWS_AT_ONCE)
            file.writelines(_consensus_lines(table, fit.of(some), some))


def _consensus_lines(table: JudgmentTable, fit: Fit, some: slice) -> Iterator[str]:
    answers, made = fit.answer.tolist(), table.judgments.per_task[some].tolist()
    sure = _decimals(fit.probability)
    shares = [_decimals(column) for column in fit.posterior.T]
    labels = [*table.labels, ""]
    for row, task in enumerate(table.tasks[some]):
        cells = [task, labels[answers[row]], sure[row], str(made[row])]
        yield csv_line([*cells, fit.method, *(column[row] for column in shares)])


def _decimals(values: Floats) -> list[str]:
    return [decimal(value) for value in values.tolist()]


def decimal(value: float) -> str:
    """Up to DIGITS decimals, never -0; empty where there is nothing."""
    if value != value:
        return ""
    return f"{round(value, DIGITS) + 0.0:.{DIGITS}f}".rstrip("0").rstrip(".")


def write_contributors(
    path: Path, table: JudgmentTable, fit: Fit, made: Mapping[str, Any], recall: Rates
) -> None:
    """One line a contributor: judgments, accuracy with its interval, what it rests on, agreement
    with the others and with themselves, recall of each class with its interval, and the confusion
    matrix by true class and label as `true>label`."""
    labels = table.labels
    header = ["worker", "judgments", "known", "right", "accuracy", "low", "high"]
    header += ["agreement", "kappa", *WITHIN]
    header += [f"{what}_{name}" for name in labels for what in ("recall", "low", "high")]
    header += [f"{true}>{label}" for true in labels for label in labels]
    columns = [made[name] for name in ("known", "right", "accuracy", "low", "high")]
    columns += [made[name] for name in ("agreement", "kappa", *WITHIN)]
    for k in range(len(labels)):
        columns += [recall.estimate[:, k], recall.low[:, k], recall.high[:, k]]
    if fit.confusion is not None:
        columns += list(fit.confusion.reshape(len(table.workers), -1).T)
    else:
        columns += [np.full(len(table.workers), np.nan)] * len(labels) ** 2
    texts = [_decimals(np.asarray(column, dtype=float)) for column in columns]
    counts = table.judgments.per_worker.tolist()
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(csv_line(header))
        for row, name in enumerate(table.workers):
            file.write(csv_line([name, str(counts[row]), *(column[row] for column in texts)]))


def _key(key: Any) -> str:
    return key if isinstance(key, Message) else str(key)


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    text = json.dumps(plain(document), ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def plain(value: Any) -> Any:
    """What JSON can hold; numbers rounded as in the tables, null for what isn't defined."""
    if isinstance(value, Message):
        return value
    if isinstance(value, Mapping):
        return {_key(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(one) for one in value]
    if isinstance(value, (float, np.floating)):
        return None if not np.isfinite(value) else round(float(value), DIGITS) + 0.0
    if isinstance(value, np.integer):
        return int(value)
    return value if isinstance(value, (int, bool)) or value is None else str(value)
