"""Judgments from Parquet, read in batches: the names first, then the rows.

What stays in memory is six bytes a judgment and the names, whatever the size of the file.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from overread.core.aggregation.judgments import Filling, Integers
from overread.core.problems import Message, Problem, Refused
from overread.formats.judgment_columns import Columns, find_columns, is_appen
from overread.formats.judgment_tables import (
    MAX_CELL,
    NO_VALUE,
    SAMPLE,
    Collected,
    JudgmentTable,
    in_order,
    known_of,
    refused,
)

BATCH = 2**20
LARGEST = 2**63 - 1


def read_parquet(
    path: Path,
    task: str | None,
    worker: str | None,
    label: str | None,
    gold: Mapping[str, str],
) -> JudgmentTable:
    """Raises Refused."""
    file = _file(path)
    header = file.schema_arrow.names
    sample = _text_rows(file, header, SAMPLE) if is_appen(header) else []
    columns = find_columns(
        path.name,
        header,
        task,
        worker,
        label,
        (dict(zip(header, row, strict=True)) for row in sample),
    )
    if columns.trust:  # an Appen report is never large
        collected = Collected(columns)
        for number, row in enumerate(_text_rows(file, columns.needed, None), start=1):
            collected.add(number, row, path.name)
        return collected.table(path.name, gold)
    return _streamed(path.name, file, columns, gold)


def _file(path: Path) -> Any:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise refused(
            path.name, "Parquet needs pyarrow.", "Install it: pip install 'overread[aggregate]'."
        ) from None
    try:
        return parquet.ParquetFile(path)
    except Exception as error:
        raise refused(path.name, "It is no Parquet file.", "Check the file.") from error


def _text_rows(file: Any, names: Sequence[str], most: int | None) -> Iterator[list[str]]:
    left = most
    for batch in file.iter_batches(columns=list(names)):
        rows = zip(*(_texts(batch.column(name)) for name in names), strict=True)
        for row in rows:
            if left is not None and left <= 0:
                return
            left = None if left is None else left - 1
            yield list(row)


def _texts(column: Any) -> list[str]:
    return [_text(value) for value in column.to_pylist()]


def _text(value: Any) -> str:
    """Whole numbers without a fraction, whatever type they were stored in."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return text.strip()


class Names:
    """A column's distinct values, gathered over batches and then numbered in order."""

    def __init__(self) -> None:
        self._parts: list[Any] = []
        self._waiting = 0
        self._merged = 0
        self.longest = 0

    def gather(self, column: Any) -> None:
        """Merged whenever as much waits as there is: each value is hashed a few times at most."""
        import pyarrow.compute as compute

        distinct = compute.unique(column)
        self._parts.append(distinct)
        self._waiting += len(distinct)
        if self._waiting > max(self._merged, BATCH):
            self._merge()

    def _merge(self) -> None:
        import pyarrow as arrow

        if self._parts:
            whole = arrow.chunked_array(self._parts).unique()
            self._parts = [whole]
            self._merged, self._waiting = len(whole), 0

    def settle(self, also: Sequence[str] = ()) -> None:
        """No more values come; `also` are names that need a number besides."""
        import pyarrow as arrow

        self._merge()
        values = self._parts[0] if self._parts else arrow.array([], arrow.string())
        values = values.drop_null()
        self.whole = bool(arrow.types.is_integer(values.type)) and len(values) > 0
        if self.whole and _fits(values) and all(_is_whole(name) for name in also):
            found = np.asarray(values, dtype=np.int64)
            more = np.array([int(name) for name in also], dtype=np.int64)
            self.values: Any = np.unique(np.concatenate([found, more]))
            return self._look_up()
        self.whole = False
        texts = {_text(value) for value in values.to_pylist()} | set(also)
        self.values = in_order([text for text in texts if text not in NO_VALUE])
        self.longest = max(map(len, self.values), default=0)
        self._number = {name: number for number, name in enumerate(self.values)}
        return None

    def _look_up(self) -> None:
        """Whole numbers close together have a table, else they are searched."""
        self._parts = []
        low, high = (int(self.values[0]), int(self.values[-1])) if len(self.values) else (0, -1)
        self._low, self._table = low, None
        if high - low < 4 * len(self.values) + 1000:
            self._table = np.full(high - low + 1, -1, dtype=np.int32)
            self._table[self.values - low] = np.arange(len(self.values))

    def numbers(self, column: Any) -> Integers:
        """(rows,) the number of each value, -1 where there is none."""
        if not self.whole:
            return self._text_numbers(column)
        missing = np.asarray(column.is_null())
        values = np.asarray(column.fill_null(self._low), dtype=np.int64)
        if self._table is not None:
            found = self._table[values - self._low].astype(np.int64)
        else:
            found = np.searchsorted(self.values, values).astype(np.int64)
        found[missing] = -1
        return np.asarray(found)

    def _text_numbers(self, column: Any) -> Integers:
        coded = column.dictionary_encode()
        numbers = [self._number.get(_text(value), -1) for value in coded.dictionary.to_pylist()]
        indices = np.asarray(coded.indices.fill_null(len(numbers)))
        found: Integers = np.array([*numbers, -1], dtype=np.int64)[indices]
        return found

    def __len__(self) -> int:
        return len(self.values)

    def __contains__(self, name: str) -> bool:
        if not self.whole:
            return name in self._number
        if not _is_whole(name):
            return False
        place = int(np.searchsorted(self.values, int(name)))
        return place < len(self.values) and int(self.values[place]) == int(name)

    def texts(self) -> Sequence[str]:
        return WholeNames(self.values) if self.whole else self.values


class WholeNames(Sequence[str]):
    """Names that are whole numbers, kept as such: millions of texts would not fit."""

    def __init__(self, values: Integers) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return WholeNames(self._values[place])
        return str(self._values[place])


def _is_whole(name: str) -> bool:
    """Whether a name is a whole number of 64 bits, as it would be written."""
    try:
        return len(name) <= 20 and str(int(name)) == name and abs(int(name)) <= LARGEST
    except ValueError:
        return False


def _fits(values: Any) -> bool:
    """Whether all are numbers of 64 bits with a sign."""
    import pyarrow.compute as compute

    return int(compute.max(values).as_py()) <= LARGEST


def _streamed(source: str, file: Any, columns: Columns, gold: Mapping[str, str]) -> JudgmentTable:
    three = [columns.task, columns.worker, columns.label]
    names = (Names(), Names(), Names())
    for batch in file.iter_batches(batch_size=BATCH, columns=three):
        for of, name in zip(names, three, strict=True):
            of.gather(_plain(source, name, batch.column(name)))
    judged, *_ = names
    for of in names[:2]:
        of.settle()
    names[2].settle(list(dict.fromkeys(gold[task] for task in gold if task in judged)))
    for of, name in zip(names, three, strict=True):
        if of.longest > MAX_CELL:
            what = Message("The cell is longer than {limit} characters.", limit=MAX_CELL)
            raise Refused(Problem(source, None, name, what, Message("Choose another column.")))
    left_out: Counter[str] = Counter()
    filling = Filling(file.metadata.num_rows, *map(len, names))
    for rows in _numbered(file, three, names):
        lacking = (rows[0] < 0) | (rows[1] < 0)
        left_out["without task or worker"] += int(lacking.sum())
        left_out["without label"] += int(((rows[2] < 0) & ~lacking).sum())
        filling.count(rows[0][_kept(rows)])
    for rows in _numbered(file, three, names):
        filling.add(*(column[_kept(rows)] for column in rows))
    judgments = filling.done()
    if not len(judgments):
        raise refused(source, "No row has a task, a worker and a label.", "Check the columns.")
    tasks, workers, labels = (of.texts() for of in names)
    known = known_of(tasks, labels, gold, left_out)
    counted = {reason: count for reason, count in left_out.items() if count}
    return JudgmentTable(judgments, tasks, workers, labels, known, columns, None, counted)


def _kept(one: Sequence[Integers]) -> Any:
    return (one[0] >= 0) & (one[1] >= 0) & (one[2] >= 0)


def _numbered(file: Any, names: list[str], numbers: Sequence[Names]) -> Iterator[list[Integers]]:
    for batch in file.iter_batches(batch_size=BATCH, columns=names):
        yield [
            of.numbers(_plain("", name, batch.column(name)))
            for of, name in zip(numbers, names, strict=True)
        ]


def _plain(source: str, name: str, column: Any) -> Any:
    """Dictionaries spelled out; text, numbers and booleans are taken, nothing else."""
    import pyarrow as arrow

    if arrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    if arrow.types.is_nested(kind) or arrow.types.is_binary(kind):
        what = Message("The column holds {kind}.", kind=str(kind))
        raise Refused(Problem(source, None, name, what, Message("It needs text or numbers.")))
    return column
