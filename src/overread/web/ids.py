"""Ids that come as text."""

# More digits than any id of the store has.
MOST_DIGITS = 18


def id_of(text: str) -> int:
    """The id that a text names; -1, which nothing has, where it names none."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else -1
