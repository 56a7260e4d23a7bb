"""Read judgments from CSV, CSV.gz or Parquet into integer arrays, with the names beside them.

Rules: a row without task or worker, or with `_tainted` true, is left out and counted; so is a
report's second reading by the same worker, which is held against the first alone; a row
without a label says that its task exists, or where labels are marks that nothing was drawn. Empty,
null and NaN are no value. Names are ordered as numbers where all are whole numbers, else as text,
so that the rows' order changes nothing.
"""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from math import nan
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from overread.core.aggregation.judgments import Floats, Integers, Judgments, nothing_known
from overread.core.aggregation.within import Again
from overread.core.problems import Message, Problem, Refused
from overread.formats.appen_reports import AGAIN
from overread.formats.judgment_columns import Columns, find_columns, is_appen
from overread.formats.judgment_groups import Cells, Grouping
from overread.formats.mark_cells import MAX_MARKS_CELL, NOTHING_DRAWN, holds_marks

MAX_CELL = 32_767
NO_VALUE = ("", "nan", "NaN", "null", "None")
SAMPLE = 5000


@dataclass(frozen=True)
class JudgmentTable:
    """Judgments with the names of what is numbered.

    known: (tasks,) gold, UNKNOWN where there is none; trust: (workers,) from an Appen report,
    else None. left_out: rows by reason; columns: where they were read from; again: what workers
    judged twice; groupings: of tasks. is_drawn: the labels are marks.
    """

    judgments: Judgments
    tasks: Sequence[str]
    workers: Sequence[str]
    labels: Sequence[str]
    known: Integers
    columns: Columns
    again: Again
    trust: Floats | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    groupings: Sequence[Grouping] = ()
    is_drawn: bool = False


class Numbers:
    """Names numbered in the order that they come; `ranks` is that of their sorted order."""

    def __init__(self) -> None:
        self.of: dict[str, int] = {}

    def __getitem__(self, name: str) -> int:
        return self.of.setdefault(name, len(self.of))

    def ranks(self) -> tuple[list[str], Integers]:
        """Names in order, and for each number its new one."""
        names = in_order(list(self.of))
        ranks = np.empty(len(names), dtype=np.int64)
        ranks[[self.of[name] for name in names]] = np.arange(len(names))
        return names, ranks


def in_order(names: list[str]) -> list[str]:
    try:
        return sorted(names, key=lambda name: (int(name), name))
    except ValueError:
        return sorted(names)


def read_csv(
    source: str,
    file: TextIO,
    task: str | None,
    worker: str | None,
    label: str | None,
    gold: Mapping[str, str],
    subgroups: Sequence[str] = (),
) -> JudgmentTable:
    reader = rows_of(source, file)
    header = next(reader, None)
    if not header:
        raise refused(source, "The file is empty.", "Give a table with column names and rows.")
    sample: list[list[str]] = list(islice(reader, SAMPLE)) if is_appen(header) else []
    named = (dict(zip(header, row, strict=False)) for row in sample)
    columns = find_columns(source, header, task, worker, label, named, subgroups)
    collected = Collected(columns)
    places = [header.index(name) for name in columns.needed]
    for number, row in enumerate(_again(sample, reader), start=1):
        if len(row) <= max(places):
            what = Message("The row has {cells} cells.", cells=len(row))
            advice = Message("The header has {columns}.", columns=len(header))
            raise Refused(Problem(source, number, None, what, advice))
        collected.add(number, [row[place] for place in places], source)
    return collected.table(source, gold)


def _again(sample: list[list[str]], rest: Iterator[list[str]]) -> Iterator[list[str]]:
    yield from sample
    yield from rest


class Collected:
    """Rows as they come, numbered."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.task, self.worker, self.label = Numbers(), Numbers(), Numbers()
        self.rows: list[tuple[int, int, int]] = []
        self.blank: list[tuple[int, int]] = []
        self.second: list[tuple[int, int, str]] = []
        self.left_out: Counter[str] = Counter()
        self.groups = {name: Cells() for name in columns.subgroups}
        self.gold: dict[str, str] = {}
        self.trust: dict[int, float] = {}

    def add(self, number: int, cells: Sequence[str], source: str) -> None:
        task, worker, label, *more = (cell.strip() for cell in cells)
        for name, cell in zip(self.columns.needed, cells, strict=True):
            if len(cell) > (limit := _longest(cell)):
                what = Message("The cell is longer than {limit} characters.", limit=limit)
                advice = Message("Shorten it, or look for a quote that is never closed.")
                raise Refused(Problem(source, number, name, what, advice))
        extra = dict(zip(self.columns.needed[3:], more, strict=True))
        if task in NO_VALUE or worker in NO_VALUE:
            self.left_out["without task or worker"] += 1
            return
        if extra.get(self.columns.tainted or "", "").lower() == "true":
            self.left_out["tainted"] += 1
            return
        numbered = self.task[task], self.worker[worker]
        self._note(task, numbered[1], extra, number, source)
        for column, cells_of in self.groups.items():
            cells_of.add(numbered[0], extra[column])
        is_again = extra.get(self.columns.reading or "") == AGAIN
        if label in NO_VALUE and not is_again:
            self.blank.append(numbered)
            return
        if is_again:
            self._read_again(*numbered, label)
            return
        self.rows.append((*numbered, self.label[label]))

    def _read_again(self, task: int, worker: int, label: str) -> None:
        if label in NO_VALUE:
            self.left_out["without label"] += 1
            return
        self.left_out["read again by the same worker"] += 1
        self.second.append((task, worker, label))

    def _note(
        self, task: str, worker: int, extra: Mapping[str, str], number: int, source: str
    ) -> None:
        """A known answer, and a trust; neither may depend on the order of rows."""
        known = extra.get(self.columns.gold or "", "")
        if known and "\n" not in known and self.gold.setdefault(task, known) != known:
            what = Message("Another row of the same task has another known answer.")
            advice = Message("Give one known answer a task.")
            raise Refused(Problem(source, number, self.columns.gold, what, advice))
        if trust := extra.get(self.columns.trust or "", ""):
            # Rows may differ where the job went on meanwhile.
            found = _trust_of(trust, number, self.columns.trust, source)
            self.trust[worker] = min(found, self.trust.get(worker, found))

    def table(self, source: str, gold: Mapping[str, str]) -> JudgmentTable:
        is_drawn = self._take_blank()
        if not self.rows:
            raise refused(source, "No row has a task, a worker and a label.", "Check the columns.")
        known = {**self.gold, **gold}
        for task_name, answer in known.items():
            if task_name in self.task.of:  # what nobody judged adds no class
                _ = self.label[answer]
        tasks, task = self.task.ranks()
        place = {name: number for number, name in enumerate(tasks)}
        workers, worker = self.worker.ranks()
        labels, label = self.label.ranks()
        rows = np.array(self.rows, dtype=np.int64)
        judgments = Judgments.of(
            task[rows[:, 0]],
            worker[rows[:, 1]],
            label[rows[:, 2]],
            tasks=len(tasks),
            workers=len(workers),
            classes=len(labels),
        )
        return JudgmentTable(
            judgments,
            tasks,
            workers,
            labels,
            known_of(len(tasks), place.get, labels, known, self.left_out),
            self.columns,
            self._again(worker) if self.second else Again.over(judgments),
            self._trust(worker),
            dict(self.left_out),
            [cells.grouping(name, task) for name, cells in self.groups.items()],
            is_drawn,
        )

    def _take_blank(self) -> bool:
        """Rows without a label: who drew nothing, where labels are marks. Whether they are."""
        is_drawn = holds_marks(self.label.of)
        if is_drawn:
            self.rows += [(*one, self.label[NOTHING_DRAWN]) for one in self.blank]
        elif self.blank:
            self.left_out["without label"] += len(self.blank)
        return is_drawn

    def _again(self, ranks: Integers) -> Again:
        """An answer that only second readings give makes no class of the labels."""
        numbers = dict(self.label.of)
        second = [
            (task, worker, numbers.setdefault(label, len(numbers)))
            for task, worker, label in self.second
        ]
        task, worker, label = np.array([*self.rows, *second], dtype=np.int64).T
        return Again.of(task, ranks[worker], label, len(numbers))

    def _trust(self, ranks: Integers) -> Floats | None:
        if not self.columns.trust:
            return None
        trust = np.full(len(ranks), np.nan)
        for number, value in self.trust.items():
            trust[ranks[number]] = value
        return trust


def _longest(cell: str) -> int:
    return MAX_MARKS_CELL if cell.startswith("[") else MAX_CELL


def _trust_of(cell: str, number: int, column: str | None, source: str) -> float:
    try:
        found = float(cell)
    except ValueError:
        found = nan
    if not 0 <= found <= 1:
        what = Message("“{cell}” is no trust.", cell=cell[:40])
        raise Refused(Problem(source, number, column, what, Message("It is a share, 0 to 1.")))
    return found


def known_of(
    tasks: int,
    number_of: Callable[[str], int | None],
    labels: Sequence[str],
    gold: Mapping[str, str],
    left_out: Counter[str],
) -> Integers:
    """(tasks,) label numbers; gold for tasks that nobody judged is counted in `left_out`."""
    label = {name: number for number, name in enumerate(labels)}
    known = nothing_known(tasks)
    for task, answer in gold.items():
        if (place := number_of(task)) is None:
            left_out["gold without a row"] += 1
        else:
            known[place] = label[answer]
    return known


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """As text, unpacked where the file starts as gzip does, whatever its name."""
    with path.open("rb") as raw:
        is_zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        binary: Any = gzip.GzipFile(fileobj=raw) if is_zipped else raw
        with io.TextIOWrapper(binary, encoding="utf-8-sig", newline="") as text:
            yield text


def rows_of(source: str, file: TextIO) -> Iterator[list[str]]:
    reader = csv.reader(file, strict=True)
    try:
        yield from filter(None, reader)
    except csv.Error as error:
        what = Message("Line {line} can't be read: {why}.", line=reader.line_num, why=str(error))
        advice = Message("Look for a quote that is never closed, or a cell of megabytes.")
        raise Refused(Problem(source, None, None, what, advice)) from error
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise refused(
            source, "It is no UTF-8 text, or cut off.", "Save it as CSV in UTF-8, or as Parquet."
        ) from error


def refused(source: str, what: str, advice: str) -> Refused:
    return Refused(Problem(source, None, None, Message(what), Message(advice)))
