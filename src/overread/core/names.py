"""Names of files and patients in texts that others read: found, and left out."""

import re
from collections.abc import Collection, Iterator

# A shorter name is hardly told from an ordinary word.
LEAST_LETTERS = 4


def named_in(text: str, names: Collection[str]) -> set[str]:
    """The names that a text holds as words of their own; not those that are part of another."""
    found = {name for name in names if _holds(text, name)}
    return {name for name in found if not any(name != other and name in other for other in found)}


def without(text: str, names: Collection[str], instead: str) -> str:
    """The text with `instead` in the place of each name; longer names go first."""
    held = (name for name in names if _holds(text, name))
    for name in sorted(held, key=len, reverse=True):
        text = re.sub(_word(name), lambda _: instead, text)
    return text


def without_addresses(text: str, instead: str) -> str:
    """The text without addresses of other machines."""
    return re.sub(r"(?:\b[a-z][a-z0-9+.-]*:)?//[^\s<>()\"']+", lambda _: instead, text, flags=re.I)


def file_names(name: str) -> Iterator[str]:
    """A file's name, and the same without its ending."""
    yield name
    stem, dot, _ = name.rpartition(".")
    if dot and not stem.isalpha():
        yield stem


def _holds(text: str, name: str) -> bool:
    is_name = len(name) >= LEAST_LETTERS and name in text
    return is_name and re.search(_word(name), text) is not None


def _word(name: str) -> str:
    return rf"(?<!\w){re.escape(name)}(?!\w)"
