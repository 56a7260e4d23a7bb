"""Tables of judgments whose labels are marks: a JSON list in each cell, in overread's form or in
the reference platform's."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from overread.core.aggregation.judgments import Floats
from overread.core.aggregation.marks import usable
from overread.core.marks import Mark
from overread.core.problems import Message, Problem, Refused
from overread.formats.cml.shapes import read_shapes
from overread.formats.judgment_columns import Columns
from overread.formats.judgment_groups import Grouping
from overread.formats.judgment_tables import JudgmentTable
from overread.formats.mark_cells import list_in

FORM = Message(
    "Write a list such as {example}, and [] where nothing was drawn.",
    example='[{"kind": "box", "points": [[10, 20], [60, 80]], "label": ""}]',
)
NO_MARK = "no box, dot, polygon or line"
KNOWN_MARKS = "known answers, which nothing is compared with"


@dataclass(frozen=True)
class MarksTable:
    """Who drew what: for each task (worker, marks), in the order of workers.

    trust: (workers,) from an Appen report, else None; left_out: rows by reason; unusable: marks by
    what is wrong with them.
    """

    tasks: Sequence[str]
    workers: Sequence[str]
    drawn: Sequence[Sequence[tuple[int, Sequence[Mark]]]]
    columns: Columns
    trust: Floats | None
    left_out: Mapping[str, int]
    unusable: Mapping[str, int]
    groupings: Sequence[Grouping]

    @property
    def extent(self) -> float:
        """The largest coordinate of all marks, in the place of the image's size."""
        return max(
            (
                number
                for rows in self.drawn
                for _, marks in rows
                for mark in marks
                for point in mark.points
                for number in point
            ),
            default=0.0,
        )


def marks_table(source: str, table: JudgmentTable) -> MarksTable:
    """The table with its cells read. Raises Refused for a cell that holds no list."""
    read, faults = [], []
    for cell in table.labels:
        if (found := list_in(cell)) is None:
            what = Message("“{cell}” is no list of marks.", cell=cell[:40])
            raise Refused(Problem(source, None, table.columns.label, what, FORM))
        marks = read_shapes(cell)
        kept, left_out = usable(marks)
        read.append(kept)
        faults.append(Counter({NO_MARK: len(found) - len(marks)}) + Counter(left_out))
    judgments, unusable = table.judgments, Counter[str]()
    drawn: list[list[tuple[int, Sequence[Mark]]]] = [[] for _ in table.tasks]
    columns = (judgments.task, judgments.worker, judgments.label)
    for task, worker, label in zip(*(one.tolist() for one in columns), strict=True):
        drawn[task].append((worker, read[label]))
        unusable.update(faults[label])
    known = int((table.known >= 0).sum())
    return MarksTable(
        table.tasks,
        table.workers,
        [sorted(rows, key=lambda row: (row[0], _content(row[1]))) for rows in drawn],
        table.columns,
        table.trust,
        {**table.left_out, **({KNOWN_MARKS: known} if known else {})},
        {str(reason): count for reason, count in sorted(unusable.items())},
        table.groupings,
    )


def _content(marks: Sequence[Mark]) -> list[tuple[str, str, Any]]:
    return [(mark.kind.value, mark.label, mark.points) for mark in marks]
