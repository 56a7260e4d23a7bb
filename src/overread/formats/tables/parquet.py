"""Parquet, a batch of rows after the other."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from overread.core.problems import Message, Problem
from overread.formats.tables.rows import SAVE_AS_CSV, Bad, Record, Records, TableError, refused
from overread.formats.tables.values import no_text, text_of

BATCH = 4096
_GROUP = 2**30  # bytes that a group of rows may unpack to
_BUFFER = 2**20


def parquet_records(path: Path, name: str) -> Records:
    """Raises TableError."""
    with closing(_opened(path, name)) as file:
        schema = file.schema_arrow
        header = [field.name for field in schema if _is_text(field.type)]
        left = [field.name for field in schema if not _is_text(field.type)]
        groups = (file.metadata.row_group(n) for n in range(file.metadata.num_row_groups))
        if any(group.total_byte_size > _GROUP for group in groups):
            raise refused(
                name,
                Message("Its groups of rows are larger than {limit} MB.", limit=_GROUP // 2**20),
                Message("Write the table again with smaller row groups."),
            )
    notes = [
        Problem(
            name,
            None,
            column,
            Message("The column holds bytes or nested values, and was not read."),
            Message("Write images as files, and their names into a column of text."),
            is_note=True,
        )
        for column in left
    ]
    if not header:
        raise refused(name, Message("No column holds text or numbers."), SAVE_AS_CSV)
    return Records(header, _records(path, name, header), notes)


def _opened(path: Path, name: str) -> Any:
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ImportError:
        raise refused(
            name,
            Message("Parquet needs pyarrow."),
            Message("Install it: pip install 'overread[aggregate]'. Or save the table as CSV."),
        ) from None
    try:
        return parquet.ParquetFile(path, buffer_size=_BUFFER)
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise _damaged(name) from error


def _is_text(kind: Any) -> bool:
    """Text, numbers, instants, and lists of those."""
    import pyarrow.types as types

    if types.is_list(kind) or types.is_large_list(kind):
        return _is_text(kind.value_type) and not types.is_nested(kind.value_type)
    if types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return not (
        types.is_nested(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
    )


def _records(path: Path, name: str, header: list[str]) -> Iterator[Record]:
    import pyarrow as arrow

    number = 0
    with closing(_opened(path, name)) as file:
        batches = file.iter_batches(batch_size=BATCH, columns=header, use_threads=False)
        while True:
            try:
                batch = next(batches, None)
                columns = [] if batch is None else [batch[one].to_pylist() for one in header]
            except (arrow.ArrowException, OSError, ValueError, OverflowError, KeyError) as error:
                raise _damaged(name) from error
            if batch is None:
                return
            for values in zip(*columns, strict=True):
                number += 1
                yield number, _cells(header, values)


def _cells(header: list[str], values: tuple[Any, ...]) -> list[str] | Bad:
    cells = []
    for column, value in zip(header, values, strict=True):
        cell = text_of(value)
        if cell is None:
            return no_text(column)
        cells.append(cell)
    return cells


def _damaged(name: str) -> TableError:
    return refused(name, Message("The Parquet file is damaged or incomplete."), SAVE_AS_CSV)
