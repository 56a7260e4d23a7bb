"""Judgments from Parquet, read in batches: the names first, then the rows.

What stays in memory is six bytes a judgment and the names, whatever the size of the file.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from overread.core.aggregation.judgments import Filling, Integers
from overread.core.aggregation.within import Again
from overread.core.problems import Message, Problem, Refused
from overread.formats.judgment_columns import Columns, find_columns, is_appen
from overread.formats.judgment_groups import Grouping, grouping
from overread.formats.judgment_names import Names, text_of
from overread.formats.judgment_tables import (
    MAX_CELL,
    SAMPLE,
    Collected,
    JudgmentTable,
    known_of,
    refused,
)
from overread.formats.mark_cells import holds_marks
from overread.formats.memory import give_back_at_once

BATCH = 2**20
BUFFER = 2**20  # without it a row group is read at once


def read_parquet(
    path: Path,
    task: str | None,
    worker: str | None,
    label: str | None,
    gold: Mapping[str, str],
    subgroups: Sequence[str] = (),
) -> JudgmentTable:
    """Raises Refused."""
    give_back_at_once()
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
        subgroups,
    )
    if columns.trust:  # an Appen report is never large
        return _row_by_row(path.name, file, columns, gold)
    return _streamed(path.name, file, columns, gold)


def _row_by_row(source: str, file: Any, columns: Columns, gold: Mapping[str, str]) -> JudgmentTable:
    collected = Collected(columns)
    for number, row in enumerate(_text_rows(file, columns.needed, None), start=1):
        collected.add(number, row, source)
    return collected.table(source, gold)


def _file(path: Path) -> Any:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise refused(
            path.name, "Parquet needs pyarrow.", "Install it: pip install 'overread[aggregate]'."
        ) from None
    try:
        return parquet.ParquetFile(path, buffer_size=BUFFER)
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
    return [text_of(value) for value in column.to_pylist()]


def _streamed(source: str, file: Any, columns: Columns, gold: Mapping[str, str]) -> JudgmentTable:
    three = [columns.task, columns.worker, columns.label]
    names = (Names(), Names(), Names())
    for batch in file.iter_batches(batch_size=BATCH, columns=three):
        for of, name in zip(names, three, strict=True):
            of.gather(_plain(source, name, batch.column(name)))
    judged = names[0]
    for of in names[:2]:
        of.settle()
    judged_gold = [label for task, label in gold.items() if judged.number_of(task) is not None]
    names[2].settle(list(dict.fromkeys(judged_gold)))
    if holds_marks(names[2].texts()):  # each drawing is a text of its own
        return _row_by_row(source, file, columns, gold)
    for of, name in zip(names, three, strict=True):
        if of.longest > MAX_CELL:
            what = Message("The cell is longer than {limit} characters.", limit=MAX_CELL)
            raise Refused(Problem(source, None, name, what, Message("Choose another column.")))
    left_out: Counter[str] = Counter()
    filling = Filling(file.metadata.num_rows, *map(len, names))
    for rows in _numbered(file, three, names):
        lacking = ~_named(rows)
        left_out["without task or worker"] += int(lacking.sum())
        left_out["without label"] += int(((rows[2] < 0) & ~lacking).sum())
        filling.count(rows[0][_kept(rows)])
    for rows in _numbered(file, three, names):
        filling.add(*(column[_kept(rows)] for column in rows))
    judgments = filling.done()
    if not len(judgments):
        raise refused(source, "No row has a task, a worker and a label.", "Check the columns.")
    tasks, workers, labels = (of.texts() for of in names)
    known = known_of(len(tasks), judged.number_of, labels, gold, left_out)
    counted = {reason: count for reason, count in left_out.items() if count}
    groupings = [_grouping(source, file, columns, names, one) for one in columns.subgroups]
    again = Again.over(judgments)
    return JudgmentTable(
        judgments, tasks, workers, labels, known, columns, again, None, counted, groupings
    )


def _grouping(
    source: str, file: Any, columns: Columns, names: Sequence[Names], column: str
) -> Grouping:
    cells = Names()
    for batch in file.iter_batches(batch_size=BATCH, columns=[column]):
        cells.gather(_plain(source, column, batch.column(column)))
    cells.settle()
    three = [columns.task, columns.worker, column]
    rows = _numbered(file, three, [*names[:2], cells])
    seen = ((row[0][kept], row[2][kept]) for row in rows if len(kept := _named(row)))
    return grouping(column, cells.texts(), len(names[0]), seen)


def _named(row: Sequence[Integers]) -> Any:
    return (row[0] >= 0) & (row[1] >= 0)


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
