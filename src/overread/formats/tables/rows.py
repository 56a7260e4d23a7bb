"""What every table has, whatever it was saved as: named columns, rows, and what is wrong."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from overread.core.problems import Message, Problem, Refused

MAX_BYTES = 4 * 2**30
MAX_ROWS = 1_000_000
MAX_COLUMNS = 1024
MAX_CELL = 32_767  # what a spreadsheet's cell can hold
SAVE_AS_CSV = Message("Save it as 'CSV UTF-8' and upload that file.")
# Control characters, and halves of a pair of code units, which neither database keeps.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class Row(NamedTuple):
    """`number` counts data rows from 1; `line` is where the row starts in the file."""

    number: int
    line: int
    cells: Mapping[str, str]


class TableError(Refused):
    """The file as a whole is refused."""


@dataclass(frozen=True)
class Bad:
    """Why a record could not be read."""

    column: str | None
    problem: Message
    advice: Message


Record = tuple[int, Sequence[str] | Bad]


@dataclass(frozen=True)
class Records:
    """What a format makes of a file: the header as it stands, then records with their lines."""

    header: Sequence[str]
    records: Iterator[Record]
    notes: list[Problem] = field(default_factory=list)


def refused(name: str, problem: Message, advice: Message, column: str | None = None) -> TableError:
    return TableError(Problem(name, None, column, problem, advice))


def checked_columns(name: str, header: Sequence[str]) -> tuple[str, ...]:
    """The columns' names. Raises TableError."""
    columns = tuple(cell.strip() for cell in header)
    if len(columns) > MAX_COLUMNS:
        raise refused(
            name,
            Message("The table has more than {limit} columns.", limit=MAX_COLUMNS),
            Message("Delete the columns that the job does not need."),
        )
    for place, column in enumerate(columns, start=1):
        if not column:
            raise refused(
                name,
                Message("Column {place} has no name.", place=place),
                Message("Give the column a name in the first line, or delete it."),
            )
        if column in columns[: place - 1]:
            raise refused(
                name,
                Message("Two columns have the same name."),
                Message("Give each column a name of its own."),
                column,
            )
        if "://" in column:
            raise refused(
                name,
                Message("The first line holds data, not the names of the columns."),
                Message("Put a line with the column names above the first row."),
                column,
            )
        if _NO_TEXT.search(column) or len(column) > MAX_CELL:
            raise refused(
                name,
                Message("The name of column {place} holds bytes that no table has.", place=place),
                SAVE_AS_CSV,
            )
    return columns


def find_bad(columns: Sequence[str], line: int, cells: Sequence[str]) -> Bad | None:
    """What is wrong with a record, if anything."""
    expected, found = len(columns), len(cells)
    if found != expected:
        return Bad(
            columns[min(found, expected - 1)],
            Message(
                "Line {line} has {found} cells where the header has {expected}.",
                line=line,
                found=found,
                expected=expected,
            ),
            Message("Put cells that hold a delimiter in quotes, and fill up missing cells."),
        )
    if len(text := "".join(cells)) <= MAX_CELL and not _NO_TEXT.search(text):
        return None
    for column, cell in zip(columns, cells, strict=True):
        if len(cell) > MAX_CELL:
            return Bad(
                column,
                Message("The cell is longer than {limit} characters.", limit=MAX_CELL),
                Message("Shorten the cell, or look for a quote that is never closed."),
            )
        if _NO_TEXT.search(cell):
            return Bad(
                column,
                Message("The cell in line {line} holds bytes that no table has.", line=line),
                Message("Type the cell anew, or save the table as 'CSV UTF-8'."),
            )
    return None
