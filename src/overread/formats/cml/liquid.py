"""Liquid in a sandbox: the common tags and filters, nothing else to call, and a budget.

A template is an owner's, cells come from anywhere: neither may run for long, fill the memory, or
reach anything beyond the columns that it is given.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from html import escape
from typing import Any

from liquid import Environment, Mode
from liquid.exceptions import Error, ResourceLimitError
from liquid.filter import sequence_filter, string_filter

from overread.core.problems import Message, Refused

TAGS = ("if", "unless", "case", "for", "assign", "capture", "comment", "raw", "cycle")
FILTERS = (
    "abs", "append", "at_least", "at_most", "capitalize", "ceil", "compact", "concat", "default",
    "divided_by", "downcase", "escape", "escape_once", "first", "floor", "join", "last", "lstrip",
    "map", "minus", "modulo", "newline_to_br", "plus", "prepend", "remove", "remove_first",
    "replace", "replace_first", "reverse", "round", "rstrip", "size", "slice", "sort", "split",
    "strip", "strip_html", "strip_newlines", "sum", "times", "truncate", "truncatewords", "uniq",
    "upcase", "url_encode", "where",
)  # fmt: skip
# What the library needs itself beside those tags.
_INNER = ("literal", "statement", "illegal", "#", "break", "continue", "output", "content")
LONGEST = 50_000  # characters of a template
LONGEST_VALUE = 20_000  # characters or entries of anything a filter takes or gives
LARGEST = 10**15
BUDGET = 2_000  # filter calls, and one more for each thousand of characters or entries


class OverBudget(ResourceLimitError):
    """The template does too much."""


class Templates:
    """Templates with one budget; made anew for each unit that is shown."""

    def __init__(self) -> None:
        self.left = BUDGET
        self._environment = _Sandbox(tolerance=Mode.STRICT, strict_filters=True)
        environment = self._environment
        for name in set(environment.tags) - {*TAGS, *_INNER}:
            del environment.tags[name]
        known = {**environment.filters, **OWN_FILTERS}
        environment.filters = {name: self._bounded(known[name]) for name in FILTERS}

    def render(self, text: str, cells: Mapping[str, str]) -> str:
        """The text with its columns filled in, as HTML. Raises Refused."""
        if "{{" not in text and "{%" not in text:
            return text
        if len(text) > LONGEST:
            raise Refused.because(
                Message("The form is longer than {most} characters.", most=LONGEST),
                Message("Shorten it."),
            )
        try:
            template = self._environment.from_string(text)
            return template.render(**{name: escape(cell) for name, cell in cells.items()})
        except ResourceLimitError:
            raise Refused.because(
                Message("The Liquid of the form does too much."),
                Message("Make its loops and texts shorter."),
            ) from None
        except RecursionError:
            raise Refused.because(
                Message("The Liquid of the form is nested too deep."), Message("Make it simpler.")
            ) from None
        except Error as error:
            raise _refused(error) from None
        except (ValueError, TypeError, ArithmeticError, AttributeError, LookupError):
            raise Refused.because(
                Message("The Liquid of the form can't be computed."), Message("Check its filters.")
            ) from None

    def _bounded(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A filter that pays for what it does."""

        @wraps(function)
        def bounded(*values: Any, **named: Any) -> Any:
            self._pay(1 + sum(_measured(value) for value in values) // 1000)
            found = function(*values, **named)
            self._pay(_measured(found) // 1000)
            return found

        return bounded

    def _pay(self, price: int) -> None:
        self.left -= price
        if self.left < 0:
            raise OverBudget("over budget")


@string_filter
def _replace(text: str, old: object, new: object = "") -> str:
    """As the library's, but measured before it is built."""
    before, after = str(old), str(new)
    if text.count(before) * len(after) > LONGEST_VALUE:
        raise OverBudget("a value is too long")
    return text.replace(before, after)


@sequence_filter
def _join(entries: Sequence[object], between: object = " ") -> str:
    """As the library's, but measured before it is built."""
    texts, separator = [str(one) for one in entries], str(between)
    if len(texts) * len(separator) > LONGEST_VALUE:
        raise OverBudget("a value is too long")
    return separator.join(texts)


@sequence_filter
def _uniq(entries: Sequence[object]) -> list[object]:
    """The library's compares each entry with each."""
    return list(dict.fromkeys(entries))


OWN_FILTERS = {"replace": _replace, "join": _join, "uniq": _uniq}


def _measured(value: object) -> int:
    """How large a value is. Raises OverBudget where it is too large."""
    size = _size(value)
    if size > LONGEST_VALUE:
        raise OverBudget("a value is too long")
    if isinstance(value, int | float) and abs(value) > LARGEST:
        raise OverBudget("a number is too large")
    return size


def _size(value: object) -> int:
    """Characters, or entries with theirs: some entries may be the same long text."""
    if isinstance(value, str | range):
        return len(value)
    return sum(max(1, _size(one)) for one in value) if isinstance(value, Sequence) else 1


class _Sandbox(Environment):
    loop_iteration_limit = 500
    local_namespace_limit = 100_000
    output_stream_limit = 100_000
    context_depth_limit = 20


def _refused(error: Error) -> Refused:
    line = getattr(error, "linenum", None)
    where = f"line {line}: " if line else ""
    return Refused.because(
        Message("The Liquid is not understood: {where}{why}.", where=where, why=str(error.args[0])),
        Message("Known are {tags}, and the filters in the documentation.", tags=", ".join(TAGS)),
    )


def columns_of(texts: Iterable[str]) -> set[str]:
    """The names that templates read, as far as they can be told; broken ones have none."""
    environment = Templates()._environment
    found: set[str] = set()
    for text in texts:
        if "{{" not in text and "{%" not in text:
            continue
        try:
            analysis = environment.from_string(text[:LONGEST]).analyze()
        except (Error, RecursionError, ValueError):
            continue
        found |= {str(name).split(".")[0].split("[")[0] for name in analysis.global_variables}
    return found
