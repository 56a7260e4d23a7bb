"""What a typed cell reads as in a table of text."""

import math
from datetime import date, datetime, time
from typing import Any

from overread.core.problems import Message
from overread.formats.tables.rows import Bad

_EXACT = 2**53  # below it, a float is as good as the whole number that it was


def text_of(value: Any) -> str | None:
    """The cell's text; None for what a cell of text can't hold. Several values are lines."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return _number(value)
        case datetime():
            return _instant(value)
        case date() | time():
            return value.isoformat()
        case list() | tuple():
            parts = [text_of(one) for one in value if not isinstance(one, (list, tuple))]
            known = [part for part in parts if part is not None]
            return "\n".join(known) if len(known) == len(value) else None
        case dict() | bytes():
            return None
    return str(value)


def no_text(column: str | None) -> Bad:
    return Bad(
        column,
        Message("The cell holds something that is neither text nor a number."),
        Message("Give the column one value for each row."),
    )


def _number(value: float) -> str:
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)


def _instant(value: datetime) -> str:
    is_day = value.time() == time.min and value.tzinfo is None
    return value.date().isoformat() if is_day else value.isoformat(" ")
