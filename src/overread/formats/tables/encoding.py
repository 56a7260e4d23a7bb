"""How a table's text is written down: UTF-8, UTF-16 or Windows-1252, found before it is read.

Latin-1 needs no entry: where a file is text, Windows-1252 reads the same.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from overread.core.problems import Message, Problem
from overread.formats.tables.rows import SAVE_AS_CSV, refused

_CHUNK = 2**20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WESTERN = "cp1252"
_BLANK = " \t\r\n"


@dataclass(frozen=True)
class Encoded:
    """A text file: its encoding, its first character that is not blank, what is to be said."""

    encoding: str
    first: str
    notes: tuple[Problem, ...] = ()


def find_encoding(path: Path, name: str, start: bytes) -> Encoded:
    """`start` are the file's first bytes. Raises TableError where it is no text."""
    marked = next((encoding for mark, encoding in _MARKS if start.startswith(mark)), None)
    encoding = marked or _without_mark(start)
    try:
        return Encoded(encoding, _first(path, encoding))
    except _Undecodable as wrong:
        if encoding != "utf-8" or wrong.after_letters:
            raise refused(
                name,
                Message(
                    "Line {line} is not {encoding} text.",
                    line=wrong.line,
                    encoding=encoding.removesuffix("-sig").upper(),
                ),
                SAVE_AS_CSV,
            ) from wrong
        return _western(path, name, wrong.line)


def _western(path: Path, name: str, line: int) -> Encoded:
    """Any Western European file of an old program, where nothing speaks against it."""
    try:
        first = _first(path, WESTERN)
    except _Undecodable as wrong:
        raise refused(
            name,
            Message("Line {line} is neither UTF-8 nor Windows-1252 text.", line=wrong.line),
            SAVE_AS_CSV,
        ) from wrong
    note = Problem(
        name,
        None,
        None,
        Message("Line {line} is not UTF-8, so the file was read as Windows-1252.", line=line),
        Message("Look at letters with accents; where they are wrong, save it as 'CSV UTF-8'."),
        is_note=True,
    )
    return Encoded(WESTERN, first, (note,))


def _without_mark(start: bytes) -> str:
    """UTF-16 without a mark shows by its zeros: every second byte of plain letters is one."""
    even, odd = start[0::2], start[1::2]
    if odd and odd.count(0) > len(odd) / 2 > even.count(0) * 4:
        return "utf-16-le"
    if odd and even.count(0) > len(even) / 2 > odd.count(0) * 4:
        return "utf-16-be"
    return "utf-8"


class _Undecodable(ValueError):
    def __init__(self, line: int, *, after_letters: bool) -> None:
        self.line = line
        # Letters beyond ASCII that could be read: the file is damaged, not written otherwise.
        self.after_letters = after_letters


def _first(path: Path, encoding: str) -> str:
    """Decode all of the file once; its first character that is not blank, "" where none is."""
    first, line, letters = "", 1, False
    decoder = codecs.getincrementaldecoder(encoding)()
    for chunk, is_last in _chunks(path):
        try:
            text = decoder.decode(chunk, is_last)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(error.encoding, "ignore")
            letters = letters or not before.isascii()
            raise _Undecodable(line + _ends(before), after_letters=letters) from error
        first = first or text.lstrip(_BLANK)[:1]
        letters = letters or not text.isascii()
        line += _ends(text)
    return first


def _chunks(path: Path) -> Iterator[tuple[bytes, bool]]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk, False
    yield b"", True


def _ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")
