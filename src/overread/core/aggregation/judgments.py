"""Judgments as the statistics want them: integer arrays, laid out for the cache."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Integers = NDArray[np.signedinteger[Any]]
Floats = NDArray[np.float64]
UNKNOWN = -1
NAMES = ("task", "worker", "label")
WORTH_COMPILING = 100_000
AT_ONCE = 1_000_000


class BadJudgments(ValueError):
    """The arrays don't describe judgments; the message says which one and where."""


@dataclass(frozen=True)
class Judgments:
    """Who answered what: `label` of `worker` on `task`, all numbered from 0.

    They lie in blocks of 2**shift tasks whose posteriors stay in the processor's cache, and in a
    block by contributor, so that a contributor's figures are read in order: it is this order that
    makes a pass fast with many contributors. The order in which judgments came is forgotten.
    Somebody who judged a task twice counts twice.

    starts: (blocks + 1,) the first judgment of each block; place: (judgments,) a judgment's task
    within its block; codes: (judgments,) worker * classes + label.
    """

    starts: Integers
    place: NDArray[np.uint16]
    codes: NDArray[Any]
    shift: int
    tasks: int
    workers: int
    classes: int

    @classmethod
    def of(
        cls,
        task: ArrayLike,
        worker: ArrayLike,
        label: ArrayLike,
        *,
        tasks: int | None = None,
        workers: int | None = None,
        classes: int | None = None,
    ) -> "Judgments":
        """Lay out three integer arrays of one length. Tasks without a judgment stay, with none.

        Raises BadJudgments for other types, lengths, negative numbers, or numbers past the sizes.
        """
        columns = [_integers(name, given) for name, given in _named(task, worker, label)]
        if len({len(one) for one in columns}) > 1:
            raise BadJudgments(
                f"task, worker and label differ in length: {list(map(len, columns))}"
            )
        sizes = [
            _size(name, column, size)
            for name, column, size in zip(NAMES, columns, (tasks, workers, classes), strict=True)
        ]
        filling = Filling(len(columns[0]), *sizes)
        filling.count(columns[0])
        filling.add(*columns)
        return filling.done()

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def task(self) -> Integers:
        """(judgments,) the task of each, in the order of `codes`."""
        blocks = np.arange(len(self.starts) - 1, dtype=np.int64) << self.shift
        return np.repeat(blocks, np.diff(self.starts)) + self.place.astype(np.int64)

    @property
    def worker(self) -> Integers:
        """(judgments,) the worker of each, in the order of `codes`."""
        return (self.codes // max(self.classes, 1)).astype(np.int64)

    @property
    def label(self) -> Integers:
        """(judgments,) the label of each, in the order of `codes`."""
        return (self.codes % max(self.classes, 1)).astype(np.int64)

    @cached_property
    def _tallies(self) -> tuple[Integers, Integers] | None:
        """Judgments by task and by code, where the loops are compiled."""
        if not (loops := compiled_loops(len(self))):
            return None
        per_task = np.zeros(self.tasks, dtype=np.int32)
        per_code = np.zeros(self.workers * self.classes, dtype=np.int64)
        loops.tally(self.starts, self.place, self.codes, self.shift, per_task, per_code)
        return per_task, per_code

    @cached_property
    def per_task(self) -> Integers:
        """(tasks,) how many judgments each has."""
        if self._tallies:
            return self._tallies[0]
        made = np.zeros((len(self.starts) - 1) << self.shift, dtype=np.int64)
        for block, (first, end) in enumerate(pairwise(self.starts.tolist())):
            counted = np.bincount(self.place[first:end], minlength=1 << self.shift)
            made[block << self.shift : (block + 1) << self.shift] = counted
        return made[: self.tasks]

    @cached_property
    def most(self) -> int:
        """Judgments on the task that has the most."""
        return int(self.per_task.max(initial=0))

    @cached_property
    def per_code(self) -> Integers:
        """(workers * classes,) how often each gave each label."""
        if self._tallies:
            return self._tallies[1]
        return np.bincount(self.codes, minlength=self.workers * self.classes)

    @cached_property
    def per_worker(self) -> Integers:
        """(workers,) how many judgments each made."""
        made: Integers = self.per_code.reshape(self.workers, self.classes).sum(axis=1)
        return made

    @cached_property
    def votes(self) -> Integers:
        """(tasks, classes) how often each label was given."""
        counted = np.zeros((self.tasks, self.classes), dtype=np.int64)
        for tasks, part in parts(self):
            cells = part.task * part.classes + part.label
            made = np.bincount(cells, minlength=part.tasks * part.classes)
            counted[tasks] = made.reshape(part.tasks, part.classes)
        return counted

    def sums(self, weight: Floats) -> Floats:
        """(tasks, classes) the weights of the judgments by task and label.

        weight: (judgments,) in the order of `codes`.
        """
        cells = self.task * self.classes + self.label
        summed = np.bincount(cells, weights=weight, minlength=self.tasks * self.classes)
        return summed.astype(np.float64).reshape(self.tasks, self.classes)

    def where(self, keep: NDArray[np.bool_]) -> "Judgments":
        """Only those judgments for which `keep`, (judgments,), is true; all sizes stay."""
        before = np.concatenate(([0], np.cumsum(keep)))
        return replace(
            self, starts=before[self.starts], place=self.place[keep], codes=self.codes[keep]
        )


def parts(judgments: Judgments, count: int | None = None) -> Iterator[tuple[slice, Judgments]]:
    """Runs of whole blocks with about as many judgments each, and which tasks they are.

    Tasks are numbered anew from 0 in each; what is large is shared, not copied. Without a count,
    as many that a part's arrays stay small: sums over all judgments are made part by part.
    """
    wanted = count or 1 + len(judgments) // AT_ONCE
    cuts = np.searchsorted(judgments.starts, np.linspace(0, len(judgments), wanted + 1)[1:-1])
    edges = sorted({0, len(judgments.starts) - 1, *map(int, cuts)})
    for first, end in pairwise(edges):
        low, high = judgments.starts[first], judgments.starts[end]
        begin = first << judgments.shift
        tasks = slice(begin, max(begin, min(end << judgments.shift, judgments.tasks)))
        part = replace(
            judgments,
            starts=judgments.starts[first : end + 1] - low,
            place=judgments.place[low:high],
            codes=judgments.codes[low:high],
            tasks=tasks.stop - tasks.start,
        )
        yield tasks, part


class Filling:
    """Judgments that arrive in batches: count every batch's tasks first, then add each again."""

    def __init__(self, judgments: int, tasks: int, workers: int, classes: int) -> None:
        self._sizes = (tasks, workers, classes)
        rows = workers * classes
        self._shift = _shift(judgments, tasks, rows)
        self._starts = np.zeros((tasks >> self._shift) + 2, dtype=np.int64)
        kind = np.int32 if rows < 2**31 else np.int64
        self._place = np.empty(judgments, dtype=np.uint16)
        self._codes: NDArray[Any] = np.empty(judgments, dtype=kind)
        self._fill: Integers | None = None

    def count(self, task: Integers) -> None:
        if loops := compiled_loops(len(self._place)):
            loops.count(task, self._shift, self._starts)
            return
        blocks = np.bincount(task >> self._shift, minlength=len(self._starts) - 1)
        self._starts[1:] += blocks

    def add(self, task: Integers, worker: Integers, label: Integers) -> None:
        if self._fill is None:
            np.cumsum(self._starts, out=self._starts)
            self._fill = self._starts[:-1].copy()
        _lay_out(
            task, worker, label, self._shift, self._fill, self._place, self._codes, self._sizes[2]
        )

    def done(self) -> Judgments:
        """What was added; room for judgments that never came is given up."""
        made = int(self._starts[-1])
        place, codes = self._place[:made], self._codes[:made]
        _order(self._starts, place, codes)
        return Judgments(self._starts, place, codes, self._shift, *self._sizes)


def _shift(judgments: int, tasks: int, rows: int) -> int:
    """Blocks in which every row of the tables comes up about once, of 2**12 to 2**14 tasks."""
    wanted = rows * max(tasks, 1) / max(judgments, 1)
    return min(max(int(wanted).bit_length(), 12), 14)


def _lay_out(
    task: Integers,
    worker: Integers,
    label: Integers,
    shift: int,
    fill: Integers,
    place: NDArray[np.uint16],
    codes: NDArray[Any],
    classes: int,
) -> None:
    if loops := compiled_loops(len(codes)):
        loops.lay_out(task, worker, label, shift, fill, place, codes, classes)
        return
    order = np.argsort(task >> shift, kind="stable")
    block = (task >> shift)[order]
    first = np.searchsorted(block, np.arange(len(fill)))
    at = fill[block] + np.arange(len(task)) - first[block]
    place[at] = (task & ((1 << shift) - 1))[order]
    codes[at] = worker[order] * classes + label[order]
    fill += np.bincount(block, minlength=len(fill))


def _order(starts: Integers, place: NDArray[np.uint16], codes: NDArray[Any]) -> None:
    """Within each block by code, then by task."""
    if loops := compiled_loops(len(codes)):
        loops.order(starts, place, codes)
        return
    block = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    order = np.lexsort((place, codes, block))
    place[:], codes[:] = place[order], codes[order]


def compiled_loops(judgments: int) -> Any:
    """The compiled loops, or None: numpy does the same, to the last digit that is written.

    None without the extra `aggregate`, and for so few judgments that compiling takes longer.
    """
    return None if judgments < WORTH_COMPILING else _loops()


@cache
def _loops() -> Any:
    if find_spec("numba") is None:
        return None
    from overread.core.aggregation import _compiled

    return _compiled


def _named(*columns: ArrayLike) -> list[tuple[str, ArrayLike]]:
    return list(zip(NAMES, columns, strict=True))


def _integers(name: str, given: ArrayLike) -> NDArray[Any]:
    column = np.asarray(given)
    if column.ndim != 1:
        raise BadJudgments(f"{name} has {column.ndim} dimensions; it needs one")
    if not len(column):
        return column.astype(np.int64)
    if column.dtype.kind not in "iu":
        raise BadJudgments(f"{name} holds {column.dtype}; it needs integers numbered from 0")
    if column.min() < 0:
        raise BadJudgments(f"{name} is negative at position {int(np.argmax(column < 0))}")
    return column.astype(np.int64, copy=False)


def _size(name: str, column: NDArray[Any], size: int | None) -> int:
    needed = int(column.max()) + 1 if len(column) else 0
    if size is None:
        return needed
    if size < needed:
        raise BadJudgments(f"{name} goes up to {needed - 1}, past the {size} announced")
    return size


def nothing_known(tasks: int) -> Integers:
    """(tasks,) UNKNOWN; half the memory that whole numbers take else."""
    return np.full(tasks, UNKNOWN, dtype=np.int32)


def known_labels(known: ArrayLike | None, judgments: Judgments) -> Integers:
    """(tasks,) the known label of each task, UNKNOWN where there is none.

    Raises BadJudgments where the length or a label doesn't fit.
    """
    if known is None:
        return nothing_known(judgments.tasks)
    column = np.asarray(known)
    if column.shape != (judgments.tasks,):
        raise BadJudgments(f"known has shape {column.shape}; it needs ({judgments.tasks},)")
    if len(column) and (column.max() >= judgments.classes or column.min() < UNKNOWN):
        raise BadJudgments(f"known holds a label outside -1 .. {judgments.classes - 1}")
    return column.astype(np.int32, copy=False)
