"""Read a table of rows as it comes: comma, semicolon or tab; UTF-8; any line ending."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from overread.core.problems import Message, Problem, Refused

MAX_BYTES = 256 * 2**20
MAX_ROWS = 1_000_000
MAX_CELL = 32_767  # what a spreadsheet's cell can hold
_HEADER = 2**20  # characters in which the header is looked for
_DELIMITERS = ",;\t"
_SAVE_AS_CSV = Message("Save it as 'CSV UTF-8' and upload that file.")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NOT_TABLES = (
    (b"PK\x03\x04", Message("This is an Excel workbook or a zip archive, not a plain table.")),
    (b"\xd0\xcf\x11\xe0", Message("This is an old Excel workbook, not a plain table.")),
    (b"%PDF", Message("This is a PDF document, not a table.")),
    (b"\x89PNG", Message("This is a PNG image, not a table.")),
    (b"\xff\xd8\xff", Message("This is a JPEG image, not a table.")),
    (b"\xff\xfe", Message("The file is UTF-16 text; UTF-8 is needed.")),
    (b"\xfe\xff", Message("The file is UTF-16 text; UTF-8 is needed.")),
    (b"<", Message("This is a web page, not a table.")),
    (b"{", Message("This is JSON, not a table.")),
    (b"[", Message("This is JSON, not a table.")),
)


@dataclass(frozen=True)
class Row:
    """`number` counts data rows from 1; `line` is where the row starts in the file."""

    number: int
    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """Rows in the file's order. A row that could not be read is in `problems` instead."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


class TableError(Refused):
    """The file as a whole is refused."""


def read_table(
    path: Path, *, name: str | None = None, max_rows: int = MAX_ROWS, max_bytes: int = MAX_BYTES
) -> Table:
    """Read the table at `path`; `name` is what people call it. Raises TableError."""
    name = name or path.name
    if path.stat().st_size > max_bytes:
        raise _refused(
            name,
            Message("The file is larger than {limit} MB.", limit=max_bytes // 2**20),
            Message("Split it into smaller tables."),
        )
    records = _records(name, _text(name, path.read_bytes()))
    columns = _columns(name, next(records)[1])
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, (line, cells) in enumerate(records, start=1):
        if number > max_rows:
            raise _refused(
                name,
                Message("The table has more than {limit} rows.", limit=max_rows),
                Message("Split it into smaller tables."),
            )
        if problem := _row_problem(name, number, line, columns, cells):
            problems.append(problem)
        else:
            rows.append(Row(number, line, dict(zip(columns, cells, strict=True))))
    if not rows and not problems:
        raise _refused(
            name,
            Message("The table has a header but no rows."),
            Message("Add at least one row below the column names."),
        )
    return Table(name, columns, tuple(rows), tuple(problems))


def _text(name: str, data: bytes) -> str:
    """The file's text; refused where it is no UTF-8 text."""
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise _refused(
            name, Message("The file is empty."), Message("Upload a table with column names.")
        )
    for signature, what in _NOT_TABLES:
        if start.startswith(signature):
            raise _refused(name, what, _SAVE_AS_CSV)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = Message("Line {line} is not UTF-8 text.", line=_line(data[: error.start]))
        raise _refused(name, what, _SAVE_AS_CSV) from error
    if found := _CONTROL.search(text):
        line = _line(text[: found.start()].encode())
        what = Message("Line {line} holds bytes that no table has.", line=line)
        raise _refused(name, what, _SAVE_AS_CSV)
    return text


def _line(before: bytes) -> int:
    """The number of the line that starts or goes on after `before`."""
    return len((before + b".").splitlines())


def _records(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not a blank line, with the line where it starts."""
    delimiter = _delimiter(text[:_HEADER])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise _refused(
            name,
            Message("The quotes of the row that starts in line {line} do not fit.", line=line),
            Message("Close every quote that is opened and write a quote inside a cell twice."),
        ) from error


def _delimiter(start: str) -> str:
    """The delimiter that cuts the header into most columns; the comma where all are equal."""

    def count(delimiter: str) -> int:
        reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter, strict=True)
        try:
            return len(next(filter(None, reader), []))
        except csv.Error:
            return 0

    return max(_DELIMITERS, key=count)


def _columns(name: str, header: list[str]) -> tuple[str, ...]:
    columns = tuple(cell.strip() for cell in header)
    for place, column in enumerate(columns, start=1):
        if not column:
            raise _refused(
                name,
                Message("Column {place} has no name.", place=place),
                Message("Give the column a name in the first line, or delete it."),
            )
        if column in columns[: place - 1]:
            raise _refused(
                name,
                Message("Two columns have the same name."),
                Message("Give each column a name of its own."),
                column,
            )
        if "://" in column:
            raise _refused(
                name,
                Message("The first line holds data, not the names of the columns."),
                Message("Put a line with the column names above the first row."),
                column,
            )
    return columns


def _row_problem(
    name: str, number: int, line: int, columns: tuple[str, ...], cells: list[str]
) -> Problem | None:
    expected, found = len(columns), len(cells)
    if found != expected:
        return Problem(
            name,
            number,
            columns[min(found, expected - 1)],
            Message(
                "Line {line} has {found} cells where the header has {expected}.",
                line=line,
                found=found,
                expected=expected,
            ),
            Message("Put cells that hold a delimiter in quotes, and fill up missing cells."),
        )
    for column, cell in zip(columns, cells, strict=True):
        if len(cell) > MAX_CELL:
            return Problem(
                name,
                number,
                column,
                Message("The cell is longer than {limit} characters.", limit=MAX_CELL),
                Message("Shorten the cell, or look for a quote that is never closed."),
            )
    return None


def _refused(name: str, problem: Message, advice: Message, column: str | None = None) -> TableError:
    return TableError(Problem(name, None, column, problem, advice))
