"""XLSX: the first sheet that holds anything, row by row."""

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from overread.core.problems import Message, Problem
from overread.formats.tables.rows import (
    MAX_COLUMNS,
    SAVE_AS_CSV,
    Bad,
    Record,
    Records,
    TableError,
    refused,
)
from overread.formats.tables.values import no_text, text_of

_MOST, _STRINGS, _RATIO, _RATIO_FROM = 2 * 2**30, 256 * 2**20, 200, 64 * 2**20
_SHEETS = "xl/worksheets/"
_ROWS = 2**20
_ERRORS = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"}
)
# What stands in the place of a formula's value that was not saved: no cell holds bytes.
_UNSAVED = b"unsaved"
_SAVE_VALUES = Message("Open it in Excel and save it again, or replace the formula by its value.")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_CHUNK, _LONGEST_TAG = 2**20, 64
_NO_HEADER = Message("The file is empty."), Message("Upload a table with column names.")


def workbook_records(path: Path, name: str) -> Records:
    """Raises TableError."""
    _check_size(path, name)
    with _opened(path, name) as book:
        title, others = _sheets(book, name)
    records = _records(path, name, title)
    _, header = next(records)
    assert not isinstance(header, Bad)
    notes = []
    if others:
        what = Message(
            "Only the sheet “{read}” was read, not {others}.",
            read=title,
            others=", ".join(f"“{one}”" for one in others[:5]),
        )
        advice = Message("Where they hold rows too, save each as a table of its own.")
        notes = [Problem(name, None, None, what, advice, is_note=True)]
    return Records(header, records, notes)


def _check_size(path: Path, name: str) -> None:
    """What the workbook unpacks to, before any of it is unpacked. Raises TableError."""
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {member.filename: member.file_size for member in archive.infolist()}
            packed = sum(member.compress_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        what = Message("This is a damaged Excel workbook or a zip archive, not a table.")
        raise refused(name, what, SAVE_AS_CSV) from error
    size = path.stat().st_size
    total = sum(sizes.values())
    honest = packed <= size and total <= min(_MOST, max(_RATIO_FROM, _RATIO * size))
    # Every part but the sheets is read into memory, whatever it is called.
    parts = (part for name, part in sizes.items() if not name.startswith(_SHEETS))
    if not honest or max(parts, default=0) > _STRINGS:
        what = Message("The workbook unpacks to more than a table needs.")
        raise refused(name, what, SAVE_AS_CSV)


@contextmanager
def _opened(path: Path, name: str, *, formulas: bool = False) -> Iterator[Any]:
    """With the values that were saved of formulas, or with the formulas themselves."""
    from openpyxl import load_workbook

    with path.open("rb") as file:  # a path would have to end as Excel's files do
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # parts of a workbook that no table needs
                book = load_workbook(file, read_only=True, data_only=not formulas, keep_links=False)
        except Exception as error:  # whatever its parsers raise: the bytes are a stranger's
            raise _damaged(name) from error
        with closing(book):
            yield book


def _sheets(book: Any, name: str) -> tuple[str, list[str]]:
    """The first sheet with content, and the others that have some."""
    try:
        filled = [sheet.title for sheet in book.worksheets if next(_filled(sheet), None)]
    except Exception as error:
        raise _damaged(name) from error
    if not filled:
        raise refused(name, *_NO_HEADER)
    return filled[0], filled[1:]


def _records(path: Path, name: str, title: str) -> Iterator[Record]:
    with ExitStack() as stack:
        sheet = stack.enter_context(_opened(path, name))[title]
        if _has_formulas(sheet, name):
            written = stack.enter_context(_opened(path, name, formulas=True))[title]
            rows = _filled(sheet, written)
        else:
            rows = _filled(sheet)
        width = 0
        while True:
            try:
                found = next(rows, None)
            except TableError:
                raise
            except Exception as error:
                raise _damaged(name) from error
            if found is None:
                return
            line, values = found
            if not width:
                width = len(values)
                if _UNSAVED in values:
                    place = values.index(_UNSAVED) + 1
                    raise refused(name, _unsaved(place, line), _SAVE_VALUES)
                yield line, [text_of(value) or "" for value in values]
            else:
                yield line, _cells(line, values, width)


def _has_formulas(sheet: Any, name: str) -> bool:
    before = b""
    try:
        with sheet._get_source() as source:
            while chunk := source.read(_CHUNK):
                if _FORMULA.search(before + chunk):
                    return True
                before = chunk[-_LONGEST_TAG:]
    except Exception as error:
        raise _damaged(name) from error
    return False


def _values(sheet: Any, written: Any) -> Iterator[Sequence[Any]]:
    """The values of each row; of a formula whose value was not saved, that it is so."""
    written.reset_dimensions()
    for cells, formulas in zip(sheet.iter_rows(), written.iter_rows(), strict=True):
        yield [
            # A formula that gives no text is saved with the type of text, and no value.
            _UNSAVED
            if formula.data_type == "f" and cell.value is None and cell.data_type != "str"
            else cell.value
            for cell, formula in zip(cells, formulas, strict=True)
        ]


def _filled(sheet: Any, written: Any = None) -> Iterator[tuple[int, list[Any]]]:
    """Each row that is not empty, with its number, without the empty cells at its end.

    `written` is the same sheet with its formulas, where it has any.
    """
    sheet.reset_dimensions()  # what the file claims may be a million empty columns
    rows = _values(sheet, written) if written else sheet.iter_rows(values_only=True)
    for line, row in enumerate(rows, start=1):
        if line > _ROWS:  # the rows that a number jumps over are given as well
            raise ValueError("more rows than Excel has")
        values = list(row)
        while values and values[-1] in (None, ""):
            values.pop()
        if values:
            yield line, values[: MAX_COLUMNS + 1]


def _cells(line: int, values: Sequence[Any], width: int) -> list[str] | Bad:
    if len(values) > width:
        return Bad(
            None,
            Message("Row {line} of the sheet has cells beyond the last column.", line=line),
            Message("Give that column a name, or empty the cells."),
        )
    if _UNSAVED in values:
        return Bad(None, _unsaved(values.index(_UNSAVED) + 1, line), _SAVE_VALUES)
    cells = [text_of(value) for value in values]
    for place, cell in enumerate(cells, start=1):
        if cell in _ERRORS:
            return Bad(
                None,
                Message(
                    "Cell {place} of row {line} holds the error {cell}.",
                    place=place,
                    line=line,
                    cell=cell or "",
                ),
                Message("Put the formula right, or replace it by its value."),
            )
    if None in cells:
        return no_text(None)
    return [*(cell or "" for cell in cells), *[""] * (width - len(cells))]


def _unsaved(place: int, line: int) -> Message:
    return Message(
        "Cell {place} of row {line} is a formula whose value was not saved.", place=place, line=line
    )


def _damaged(name: str) -> TableError:
    return refused(name, Message("The Excel workbook is damaged or incomplete."), SAVE_AS_CSV)
