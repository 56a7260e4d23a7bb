"""JSON: a list of objects, or an object in each line (NDJSON). Numbers stay as they are written."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from json.decoder import JSONDecodeError
from pathlib import Path
from typing import Any, TextIO

from overread.core.problems import Message
from overread.formats.tables.encoding import Encoded
from overread.formats.tables.rows import Bad, Record, Records, refused
from overread.formats.tables.values import no_text, text_of

SAMPLE = 1_000  # rows whose keys together are the columns
_CHUNK, _LONGEST = 2**16, 2**22
_BLANK = " \t\r\n"
_ONE_OBJECT = Message("Write a list of objects, or one object in each line (NDJSON).")
Found = tuple[int, dict[str, Any] | Bad]


# In the place of an object with a key that comes again: like bytes, it is no text.
_TWICE = b"twice"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any] | bytes:
    found = {_whole(key): value for key, value in pairs}
    return found if len(found) == len(pairs) else _TWICE


def _whole(key: str) -> str:
    """Halves of code pairs can be written, but nothing can keep them."""
    return key.encode("utf-8", "replace").decode()


_decoder = json.JSONDecoder(
    object_pairs_hook=_once, parse_float=str, parse_int=str, parse_constant=lambda _: None
)
_NO_JSON = (JSONDecodeError, RecursionError)


def json_records(path: Path, name: str, encoded: Encoded) -> Records:
    """Raises TableError."""
    found = _objects(path, name, encoded)
    sample = list(islice(found, SAMPLE))
    header = list(dict.fromkeys(key for _, one in sample if isinstance(one, dict) for key in one))
    if not header:
        raise refused(name, Message("There is no object with a column's name in it."), _ONE_OBJECT)
    return Records(header, _records(chain(sample, found), header), list(encoded.notes))


def _records(found: Iterable[Found], header: list[str]) -> Iterator[Record]:
    known = set(header)
    for line, one in found:
        yield line, one if isinstance(one, Bad) else _cells(one, header, known)


def _cells(one: dict[str, Any], header: list[str], known: set[str]) -> list[str] | Bad:
    surplus = next((key for key in one if key not in known), None)
    if surplus is not None:
        return Bad(
            surplus[:80],
            Message("The first {n} rows have no such column.", n=SAMPLE),
            Message("Give every row the same keys, empty where it has no value."),
        )
    cells = []
    for column in header:
        cell = text_of(one.get(column))
        if cell is None:
            return no_text(column)
        cells.append(cell)
    return cells


def _objects(path: Path, name: str, encoded: Encoded) -> Iterator[Found]:
    with path.open(encoding=encoded.encoding) as file:
        if encoded.first == "[":
            for line, value in _listed(file, name):
                yield line, _object(value)
        else:
            yield from _lines(file, name)


def _lines(file: TextIO, name: str) -> Iterator[Found]:
    number = 0
    while line := file.readline(_LONGEST):
        number += 1
        if len(line) == _LONGEST:
            raise refused(
                name, Message("Line {line} is longer than any table's.", line=number), _ONE_OBJECT
            )
        if line.strip(_BLANK):
            yield number, _line(line, number)


def _line(line: str, number: int) -> dict[str, Any] | Bad:
    try:
        value, end = _decoder.raw_decode(line.strip(_BLANK))
    except _NO_JSON:
        return _no_json(number)
    return _object(value) if end == len(line.strip(_BLANK)) else _no_json(number)


def _no_json(line: int) -> Bad:
    what = Message("Line {line} is no object in JSON.", line=line)
    return Bad(None, what, _ONE_OBJECT)


def _object(value: Any) -> dict[str, Any] | Bad:
    if value is _TWICE:
        return Bad(
            None,
            Message("A column is there twice in this row."),
            Message("Give each column a name of its own."),
        )
    return (
        value if isinstance(value, dict) else Bad(None, Message("This is no object."), _ONE_OBJECT)
    )


def _listed(file: TextIO, name: str) -> Iterator[tuple[int, Any]]:
    """The items of a list, one after the other, with their lines. Raises TableError."""
    text = _Text(file)
    text.skip()
    text.take(1)
    is_first = True
    while (next_ := text.skip()) != "]" or not is_first:
        line = text.line
        try:
            yield line, text.value()
        except _NO_JSON as error:
            raise _broken(name, line) from error
        is_first, next_ = False, text.skip()
        text.take(1)
        if next_ == "]":
            break
        if next_ != ",":
            raise _broken(name, text.line)
    if is_first:
        text.take(1)
    if text.skip():
        raise _broken(name, text.line)


def _broken(name: str, line: int) -> Exception:
    return refused(
        name,
        Message("From line {line} on this is no JSON.", line=line),
        Message("Check that the file is complete, and save it again."),
    )


class _Text:
    """A window that moves over the file's text."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._text, self._at = file, "", 0
        self._is_all = False
        self.line = 1

    def skip(self) -> str:
        """Go to what is not blank: its first character, "" at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANK:
                self.line += self._text[self._at] == "\n"
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, count: int) -> None:
        self._at += count

    def value(self) -> Any:
        """The value that starts here. Raises JSONDecodeError where none does."""
        while True:
            try:
                value, end = _decoder.raw_decode(self._text, self._at)
            except JSONDecodeError:
                if len(self._text) - self._at > _LONGEST or not self._more():
                    raise
                continue
            # A number may go on in what is not read yet.
            if end < len(self._text) or not self._more():
                self.line += self._text.count("\n", self._at, end)
                self._at = end
                return value

    def _more(self) -> bool:
        chunk = self._file.read(_CHUNK)
        self._text = self._text[self._at :] + chunk
        self._at = 0
        return bool(chunk)
