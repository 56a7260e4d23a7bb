"""CSV in its dialects: comma, semicolon or tab, quotes, any line ending."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from overread.core.problems import Message
from overread.formats.tables.encoding import Encoded
from overread.formats.tables.rows import Record, Records, refused

_HEADER = 2**20  # characters in which the header is looked for
_LONGEST_LINE = 2**22
_DELIMITERS = ",;\t"
# A spreadsheet's own first line, which says what the delimiter is.
_SAID = re.compile(r'"?sep=([,;\t|])"?[\r\n]+', re.IGNORECASE)


def delimited_records(path: Path, name: str, encoded: Encoded) -> Records:
    records = _records(path, name, encoded.encoding)
    found = next(records, None)
    if found is None:
        raise refused(
            name, Message("The file is empty."), Message("Upload a table with column names.")
        )
    _, header = found
    assert isinstance(header, list)
    return Records(header, records, list(encoded.notes))


def _records(path: Path, name: str, encoding: str) -> Iterator[Record]:
    """Each record that is not blank, with the line where it starts."""
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(_HEADER)
        file.seek(0)
        said = _SAID.match(start)
        delimiter = said[1] if said else _delimiter(start)
        lines = _lines(file, name)
        if said:
            next(lines)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        line = first = 2 if said else 1
        try:
            for cells in reader:
                if cells:
                    yield line, cells
                line = reader.line_num + first
        except csv.Error as error:
            raise refused(
                name,
                Message("The quotes of the row that starts in line {line} do not fit.", line=line),
                Message("Close every quote that is opened and write a quote inside a cell twice."),
            ) from error


def _lines(file: io.TextIOWrapper, name: str) -> Iterator[str]:
    """Lines with their ends; one that never ends is not read into memory."""
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE and line[-1] not in "\r\n":
            raise refused(
                name,
                Message("Line {line} is longer than any table's.", line=number),
                Message("Check that the file is a table with a line for each row."),
            )
        yield line


def _delimiter(start: str) -> str:
    """The delimiter that cuts the header into most columns; the comma where all are equal."""

    def count(delimiter: str) -> int:
        reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter, strict=True)
        try:
            return len(next(filter(None, reader), []))
        except csv.Error:
            return 0

    return max(_DELIMITERS, key=count)
