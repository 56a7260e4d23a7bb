"""From a file to its rows: which format it is, then one row after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from overread.core.problems import Message, Problem
from overread.formats.tables.delimited import delimited_records
from overread.formats.tables.encoding import Encoded, find_encoding
from overread.formats.tables.json_rows import json_records
from overread.formats.tables.parquet import parquet_records
from overread.formats.tables.rows import (
    MAX_BYTES,
    MAX_ROWS,
    SAVE_AS_CSV,
    Bad,
    Records,
    Row,
    TableError,
    checked_columns,
    find_bad,
    refused,
)
from overread.formats.tables.workbook import workbook_records

_NOT_TABLES = (
    (b"\xd0\xcf\x11\xe0", Message("This is an old Excel workbook, or one with a password.")),
    (b"%PDF", Message("This is a PDF document, not a table.")),
    (b"\x89PNG", Message("This is a PNG image, not a table.")),
    (b"\xff\xd8\xff", Message("This is a JPEG image, not a table.")),
    (b"Rar!", Message("This is a RAR archive, not a table.")),
    (b"7z\xbc\xaf", Message("This is a 7z archive, not a table.")),
    (b"\x1f\x8b", Message("This is a compressed file, not a table.")),
)
_ZIP, _PARQUET = (b"PK\x03\x04", b"PK\x05\x06"), b"PAR1"
_SIGNATURE = 4096  # bytes in which the format is looked for


@dataclass(frozen=True)
class Table:
    """Rows in the file's order. A row that could not be read is in `problems` instead."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


class TableReader:
    """A table, read anew each time that its rows are asked for; nothing of it is kept.

    `notes` say how it was read where that could be done in more than one way.
    """

    def __init__(self, name: str, open_: Callable[[], Records], max_rows: int) -> None:
        self.name = name
        self._open = open_
        self._max_rows = max_rows
        records = open_()
        self.columns = checked_columns(name, records.header)
        self.notes = tuple(records.notes)

    def __iter__(self) -> Iterator[Row | Problem]:
        """Rows, and problems in the place of those that can't be read. Raises TableError."""
        number = 0
        for number, (line, cells) in enumerate(self._open().records, start=1):
            if number > self._max_rows:
                raise refused(
                    self.name,
                    Message("The table has more than {limit} rows.", limit=self._max_rows),
                    Message("Split it into smaller tables."),
                )
            bad = cells if isinstance(cells, Bad) else find_bad(self.columns, line, cells)
            if bad is not None:
                yield Problem(self.name, number, bad.column, bad.problem, bad.advice)
            else:
                assert not isinstance(cells, Bad)
                yield Row(number, line, dict(zip(self.columns, cells, strict=True)))
        if not number:
            raise refused(
                self.name,
                Message("The table has a header but no rows."),
                Message("Add at least one row below the column names."),
            )


def open_table(
    path: Path, *, name: str | None = None, max_rows: int = MAX_ROWS, max_bytes: int = MAX_BYTES
) -> TableReader:
    """The table at `path`; `name` is what people call it. Raises TableError."""
    name = name or path.name
    if path.stat().st_size > max_bytes:
        raise refused(
            name,
            Message("The file is larger than {limit} MB.", limit=max_bytes // 2**20),
            Message("Split it into smaller tables."),
        )
    return TableReader(name, _opener(path, name), max_rows)


def read_table(
    path: Path, *, name: str | None = None, max_rows: int = MAX_ROWS, max_bytes: int = MAX_BYTES
) -> Table:
    """All of a table that is known to be small. Raises TableError."""
    reader = open_table(path, name=name, max_rows=max_rows, max_bytes=max_bytes)
    found = list(reader)
    rows = tuple(one for one in found if isinstance(one, Row))
    problems = tuple(one for one in found if isinstance(one, Problem))
    return Table(reader.name, reader.columns, rows, problems)


def _opener(path: Path, name: str) -> Callable[[], Records]:
    """How this file is read, by what is in it and not by how it is called."""
    with path.open("rb") as file:
        start = file.read(_SIGNATURE)
    for signature, what in _NOT_TABLES:
        if start.startswith(signature):
            raise refused(name, what, SAVE_AS_CSV)
    if start.startswith(_ZIP):
        return lambda: workbook_records(path, name)
    if start.startswith(_PARQUET):
        return lambda: parquet_records(path, name)
    return _text_opener(path, name, find_encoding(path, name, start))


def _text_opener(path: Path, name: str, encoded: Encoded) -> Callable[[], Records]:
    first = encoded.first
    if not first:
        raise refused(
            name, Message("The file is empty."), Message("Upload a table with column names.")
        )
    if first == "<":
        raise refused(name, Message("This is a web page, not a table."), SAVE_AS_CSV)
    if first in "[{":
        return lambda: json_records(path, name, encoded)
    return lambda: delimited_records(path, name, encoded)


__all__ = ["Table", "TableError", "TableReader", "open_table", "read_table"]
