"""The distinct values of a column that comes in batches, numbered in their order."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overread.core.aggregation.judgments import Integers
from overread.formats.judgment_tables import NO_VALUE, in_order

AT_ONCE = 2**20
LARGEST = 2**63 - 1


class Names:
    """Gather every batch, settle, then ask for numbers; needs pyarrow.

    Whole numbers are kept sorted and never hashed: a hash table of millions takes many times
    their size. Everything else is text.
    """

    def __init__(self) -> None:
        self._parts: list[Any] = []
        self._waiting = 0
        self._merged = 0
        self.longest = 0

    def gather(self, column: Any) -> None:
        """Merged whenever as much waits as there is: each value is sorted a few times at most."""
        distinct = _distinct([column.drop_null()])
        self._parts.append(distinct)
        self._waiting += len(distinct)
        if self._waiting > max(self._merged, AT_ONCE):
            self._merge()

    def _merge(self) -> None:
        if len(self._parts) > 1:
            parts, self._parts = self._parts, []
            self._parts.append(_distinct(parts))
        self._merged, self._waiting = sum(map(len, self._parts)), 0

    def settle(self, also: Sequence[str] = ()) -> None:
        """No more values come; `also` are names that need a number besides."""
        self._merge()
        (found,) = self._parts or [np.zeros(0, dtype=np.int64)]
        self._parts = []
        self.whole = isinstance(found, np.ndarray) and len(found) > 0 and found[-1] <= LARGEST
        self.whole = self.whole and all(map(_is_whole, also))
        if self.whole:
            wanted = np.array([int(name) for name in also], dtype=np.int64)
            values = found.astype(np.int64, copy=False)
            new = wanted[~np.isin(wanted, values)]
            self.values: Any = np.union1d(values, new) if len(new) else values
            self._table = _table(self.values)
            return
        texts = {text_of(value) for value in found.tolist()} | set(also)
        self.values = in_order([text for text in texts if text not in NO_VALUE])
        self.longest = max(map(len, self.values), default=0)
        self._number = {name: number for number, name in enumerate(self.values)}

    def numbers(self, column: Any) -> Integers:
        """(rows,) the number of each value, -1 where there is none."""
        if not self.whole:
            return self._text_numbers(column)
        missing = np.asarray(column.is_null())
        low = int(self.values[0])
        values = np.asarray(column.fill_null(low), dtype=np.int64)
        if self._table is not None:
            return np.where(missing, -1, self._table[values - low])
        distinct, place = np.unique(values, return_inverse=True)
        return np.where(missing, -1, np.searchsorted(self.values, distinct)[place])

    def _text_numbers(self, column: Any) -> Integers:
        coded = column.dictionary_encode()
        numbers = [self._number.get(text_of(value), -1) for value in coded.dictionary.to_pylist()]
        indices = np.asarray(coded.indices.fill_null(len(numbers)))
        found: Integers = np.array([*numbers, -1], dtype=np.int64)[indices]
        return found

    def number_of(self, name: str) -> int | None:
        if not self.whole:
            return self._number.get(name)
        if not _is_whole(name):
            return None
        place = int(np.searchsorted(self.values, int(name)))
        return place if place < len(self) and int(self.values[place]) == int(name) else None

    def __len__(self) -> int:
        return len(self.values)

    def texts(self) -> Sequence[str]:
        if not self.whole:
            return list(self.values)
        low, high = int(self.values[0]), int(self.values[-1])
        is_run = high - low + 1 == len(self.values)
        return WholeNames(range(low, high + 1) if is_run else self.values)


class WholeNames(Sequence[str]):
    """Names that are whole numbers, kept as such: millions of texts would not fit."""

    def __init__(self, values: Sequence[int] | Integers) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return WholeNames(self._values[place])
        return str(self._values[place])


def text_of(value: Any) -> str:
    """Whole numbers without a fraction, whatever type they were stored in."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return text.strip()


def _distinct(parts: Sequence[Any]) -> Any:
    """Of arrow's columns, or of what came of them: whole numbers in order, else as they came."""
    import pyarrow as arrow

    first = parts[0]
    if isinstance(first, arrow.Array) and not arrow.types.is_integer(first.type):
        return arrow.chunked_array(parts).unique()
    values = np.concatenate([np.asarray(one) for one in parts])
    values.sort()
    return values[np.concatenate(([True], values[1:] != values[:-1]))[: len(values)]]


def _table(values: Integers) -> NDArray[np.int32] | None:
    """The place of each value above the least, where they are close together."""
    low, span = int(values[0]), int(values[-1]) - int(values[0]) + 1
    if span > 4 * len(values) + 1000 or len(values) > np.iinfo(np.int32).max:
        return None
    table = np.full(span, -1, dtype=np.int32)
    table[values - low] = np.arange(len(values), dtype=np.int32)
    return table


def _is_whole(name: str) -> bool:
    """Whether a name is a whole number of 64 bits, as it would be written."""
    try:
        return len(name) <= 20 and str(int(name)) == name and abs(int(name)) <= LARGEST
    except ValueError:
        return False
