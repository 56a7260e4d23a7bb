"""Lines of CSV that end with LF.

Written here since csv.writer, told to end lines with LF, leaves a lone CR without quotes before
Python 3.13, and no reader takes that back.
"""

from collections.abc import Iterable


def csv_line(cells: Iterable[str]) -> str:
    return ",".join(map(_cell, cells)) + "\n"


def _cell(text: str) -> str:
    if any(character in text for character in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
