"""Columns of a table of judgments by which tasks are told apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from overread.core.aggregation.judgments import Integers

# Where rows of one task differ: the column is about something else than the task.
SEVERAL = "(several)"
UNSEEN = -2


@dataclass(frozen=True)
class Grouping:
    """of: (tasks,) the number of each task's cell in `cells`."""

    column: str
    cells: Sequence[str]
    of: Integers


class Cells:
    """The cell of each task as its rows say, in any order."""

    def __init__(self) -> None:
        self._of: dict[int, str] = {}

    def add(self, task: int, cell: str) -> None:
        if self._of.setdefault(task, cell) != cell:
            self._of[task] = SEVERAL

    def grouping(self, column: str, ranks: Integers) -> Grouping:
        """ranks: the place of each task by its number."""
        cells = sorted(set(self._of.values()))
        number = {cell: at for at, cell in enumerate(cells)}
        of = np.zeros(len(ranks), dtype=np.int32)
        for task, cell in self._of.items():
            of[ranks[task]] = number[cell]
        return Grouping(column, cells, of)


def grouping(
    column: str, cells: Sequence[str], tasks: int, rows: Iterable[tuple[Integers, Integers]]
) -> Grouping:
    """From batches of (task, cell) numbers: a cell is -1 where it is empty."""
    of = np.full(tasks, UNSEEN, dtype=np.int64)
    several = np.zeros(tasks, dtype=bool)
    for task, cell in rows:
        unseen = of[task] == UNSEEN
        of[task[unseen]] = cell[unseen]
        several[task[of[task] != cell]] = True
    of[several] = len(cells) + 1
    of[of < 0] = len(cells)
    found, places = np.unique(of, return_inverse=True)
    names = [*cells, "", SEVERAL]
    kept = [names[at] for at in found.tolist()]
    order = sorted(range(len(kept)), key=kept.__getitem__)
    ranks = np.argsort(order)
    return Grouping(column, [kept[at] for at in order], ranks[places].astype(np.int32))
