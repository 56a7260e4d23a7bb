"""A list of accession numbers: a table with a column of them, or one in each line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from overread.core.problems import Message, Problem, Refused
from overread.formats.tables import Row, TableReader, open_table

_LONGEST = 16  # PS3.5 6.2: SH
_WILD = frozenset("*?\\")
_CORRECT = Message("Correct it, or leave the row out.")


@dataclass(frozen=True)
class Place:
    """Where what is wrong stands."""

    source: str
    row: int | None = None
    column: str | None = None

    def wrong(self, problem: Message, advice: Message) -> Problem:
        return Problem(self.source, self.row, self.column, problem, advice)


@dataclass(frozen=True)
class Accession:
    number: str
    place: Place


def read_accessions(path: Path) -> tuple[list[Accession], list[Problem]]:
    """Each number once, and the rows that give none. Raises Refused.

    No problem quotes a number: it leads to a patient.
    """
    table = open_table(path)
    column, rows = _column(table)
    first: dict[str, int] = {}
    found: list[Accession] = []
    problems: list[Problem] = []
    for row, cell in rows:
        if isinstance(cell, Problem):
            problems.append(cell)
            continue
        number, place = cell.strip(), Place(path.name, row, column)
        if problem := _problem(number, first, place):
            problems.append(problem)
        else:
            first[number] = row
            found.append(Accession(number, place))
    return found, problems


def _column(table: TableReader) -> tuple[str | None, Iterator[tuple[int, str | Problem]]]:
    """The column's name and its cells; of a list without a header its first line is one of them."""
    named = [name for name in table.columns if _plain(name).startswith("accession")]
    if len(named) == 1:
        return named[0], _cells(table, named[0], 0)
    if len(table.columns) == 1:
        only = table.columns[0]
        return None, _with_first(only, _cells(table, only, 1))
    raise Refused.because(
        Message("No column gives accession numbers: {columns}.", columns=", ".join(table.columns)),
        Message("Call the column accession_number."),
        source=table.name,
    )


def _cells(table: TableReader, column: str, lines: int) -> Iterator[tuple[int, str | Problem]]:
    for row in table:
        if isinstance(row, Row):
            yield row.number + lines, row.cells[column]
        else:
            yield 0, row


def _with_first(
    cell: str, others: Iterator[tuple[int, str | Problem]]
) -> Iterator[tuple[int, str | Problem]]:
    yield 1, cell
    yield from others


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def _problem(number: str, first: dict[str, int], place: Place) -> Problem | None:
    if number in first:
        return place.wrong(
            Message("Row {row} has the same accession number.", row=first[number]),
            Message("Nothing to do: its study is fetched once."),
        )
    if not number or len(number) > _LONGEST or not _WILD.isdisjoint(number):
        return place.wrong(Message("It is no accession number."), _CORRECT)
    return None
