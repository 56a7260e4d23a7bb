"""Whether a column gives the label away: by a part of its cells, or by how large a number is."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb

# A split of so few rows says nothing.
LEAST_ROWS = 3
# Chance of seeing such a split where the column says nothing, over all splits that were tried.
CHANCE = 0.01
# Of the errors that always guessing the most frequent label makes, a leak avoids at least half.
AVOIDED = 0.5
LONGEST_START = 8
_PARTS = re.compile(r"[^0-9a-zäöüß]+")
_RUNS = re.compile(r"[a-zäöüß]+|\d+")


@dataclass(frozen=True)
class Leak:
    """A column that tells the label of `right` of `of` labelled rows by one trait alone."""

    column: str
    right: int
    of: int


def leaks(columns: Mapping[str, Sequence[str]], labels: Sequence[str]) -> list[Leak]:
    """Columns that give the label away; cells and labels are in the order of the rows.

    Each trait (a word or the beginning of one, the shape of the cell, a number's size) splits the
    rows in two. The best split counts where Fisher's exact test finds it beyond chance, with
    Bonferroni's correction for all splits of the column, and where it avoids half of the errors.
    """
    found = [(column, _best(cells, labels)) for column, cells in columns.items()]
    return [Leak(column, right, len(labels)) for column, right in found if right is not None]


def _best(cells: Sequence[str], labels: Sequence[str]) -> int | None:
    """How many labels the best split tells; None where none tells enough."""
    splits = {split for split in _splits(cells) if LEAST_ROWS <= len(split) <= len(cells) - 3}
    counts = Counter(labels)
    baseline = max(counts.values(), default=0)
    enough = baseline + AVOIDED * (len(labels) - baseline)
    tried = len(splits) * len(counts)
    told = [
        right
        for split in splits
        if (right := _right(split, labels, counts)) >= max(enough, baseline + 1)
        and any(_chance(split, labels, counts, one) * tried < CHANCE for one in counts)
    ]
    return max(told, default=None)


def _splits(cells: Sequence[str]) -> Iterator[frozenset[int]]:
    rows: dict[str, set[int]] = {}
    for row, cell in enumerate(cells):
        for trait in set(_traits(cell)):
            rows.setdefault(trait, set()).add(row)
    yield from map(frozenset, rows.values())
    yield from _by_size(cells)


def _traits(cell: str) -> Iterator[str]:
    text = cell.strip().lower()
    yield f"shape {_shape(text)}"
    for part in filter(None, _PARTS.split(text)):
        yield f"part {_shape(part)}"
        yield from (f"begins {part[:length]}" for length in range(2, LONGEST_START + 1))
        yield from (f"has {run}" for run in _RUNS.findall(part))


def _shape(text: str) -> str:
    return re.sub(r"[a-zäöüß]+", "a", re.sub(r"\d+", "0", text))


def _by_size(cells: Sequence[str]) -> Iterator[frozenset[int]]:
    """The rows up to each number, where all cells that are filled are numbers."""
    try:
        numbers = sorted((float(cell), row) for row, cell in enumerate(cells) if cell.strip())
    except ValueError:
        return
    below: set[int] = set()
    for (number, row), (larger, _) in pairwise(numbers):
        below.add(row)
        if number < larger:
            yield frozenset(below)


def _right(split: frozenset[int], labels: Sequence[str], counts: Mapping[str, int]) -> int:
    """How many rows a guess by the split's two most frequent labels gets right."""
    inside = Counter(labels[row] for row in split)
    outside = Counter(counts) - inside
    return max(inside.values(), default=0) + max(outside.values(), default=0)


def _chance(
    split: frozenset[int], labels: Sequence[str], counts: Mapping[str, int], label: str
) -> float:
    """Fisher's exact test, one side: so many rows of a label, or more, in a split of this size."""
    size, total, all_rows = len(split), counts[label], len(labels)
    inside = sum(labels[row] == label for row in split)
    ways = sum(
        comb(total, k) * comb(all_rows - total, size - k)
        for k in range(inside, min(size, total) + 1)
    )
    return ways / comb(all_rows, size)
