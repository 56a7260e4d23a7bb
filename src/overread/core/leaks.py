"""How well something that is known of the rows tells their labels: a column's cells, or a fact."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan

import numpy as np
from numpy.typing import NDArray

# A split of so few rows says nothing.
LEAST_ROWS = 3
# Chance of telling so many labels where the column says nothing, over all rules that were tried.
CHANCE = 0.01
SHUFFLES = 199
# Of the errors that always guessing the most frequent label makes, a leak avoids at least half.
AVOIDED = 0.5
LONGEST_START = 8
_PARTS = re.compile(r"[^0-9a-zäöüß]+")
_RUNS = re.compile(r"[a-zäöüß]+|\d+")
Counts = NDArray[np.float32]


@dataclass(frozen=True)
class Power:
    """The best rule over one column tells `right` of `of` labels.

    `by_chance`: what the best one tells on average where the labels are shuffled. `chance`: how
    often it then tells as many. `guessing`: what always saying the most frequent label tells.
    """

    column: str
    right: int
    of: int
    by_chance: float = 0.0
    chance: float = 0.0
    guessing: int = 0

    @property
    def gives_away(self) -> bool:
        enough = self.guessing + AVOIDED * (self.of - self.guessing)
        return self.chance <= CHANCE and self.right >= max(enough, self.guessing + 1)


def leaks(columns: Mapping[str, Sequence[str]], labels: Sequence[str]) -> list[Power]:
    """Columns that give the label away; cells and labels are in the order of the rows."""
    return [one for one in powers(columns, labels) if one.gives_away]


def powers(columns: Mapping[str, Sequence[str]], labels: Sequence[str]) -> list[Power]:
    """How well each column tells the label.

    Two kinds of rules are tried. A trait (a word or the beginning of one, the shape of the cell,
    a number's size) splits the rows in two, and the most frequent label of each part is guessed.
    A value is guessed by the other rows with the same value, or, of numbers, near it: each row is
    left out in turn, so that names which are all different tell nothing.

    However few the labels, the answer is honest: the same search runs over 199 shuffles of the
    labels, and the best rule of each is what the best rule found is held against. That is exact
    for all rules of the column together (Westfall & Young, Resampling-Based Multiple Testing,
    1993, section 2.3; the chance counts the labels as they are as one of the shuffles, Phipson &
    Smyth 2010, doi:10.2202/1544-6115.1585).
    """
    return [_power(column, cells, labels) for column, cells in columns.items() if labels]


def _power(column: str, cells: Sequence[str], labels: Sequence[str]) -> Power:
    # In an order of their own, so that the shuffles are the same whatever the rows' order is.
    rows = sorted(zip(cells, labels, strict=True))
    told = _told([cell for cell, _ in rows], _shuffled([label for _, label in rows]))
    return Power(
        column,
        right=int(told[0]),
        of=len(rows),
        by_chance=float(told[1:].mean()),
        chance=float((told >= told[0]).mean()),
        guessing=max(map(list(labels).count, set(labels))),
    )


def _shuffled(labels: Sequence[str]) -> Counts:
    """One-hot labels, (shuffle, row, label): first as they are, then shuffled."""
    _, codes = np.unique(np.array(labels), return_inverse=True)
    rng = np.random.default_rng(0)
    shuffles = rng.permuted(np.tile(codes, (SHUFFLES, 1)), axis=1)
    every = np.concatenate([codes[None], shuffles])
    return np.asarray(np.eye(codes.max() + 1)[every], np.float32)


def _told(cells: Sequence[str], labels: Counts) -> Counts:
    """How many labels the best rule tells, for each shuffle."""
    totals = labels[0].sum(axis=0)
    told = np.full(len(labels), totals.max())  # always guessing the most frequent
    splits = sorted({one for one in _splits(cells) if LEAST_ROWS <= len(one) <= len(cells) - 3})
    if splits:
        inside = _count(splits, labels)
        right = inside.max(axis=-1) + (totals - inside).max(axis=-1)
        told = np.maximum(told, right.max(axis=1))
    for groups in _groupings(cells):
        largest = np.sort(_count(groups, labels), axis=-1)
        first, second = largest[..., -1], largest[..., -2] if len(totals) > 1 else 0
        told = np.maximum(told, np.where(first - 1 > second, first, 0).sum(axis=1))
    return told


def _count(groups: Sequence[Sequence[int]], labels: Counts) -> Counts:
    """How often each label is in each group of rows: (shuffle, group, label)."""
    members = np.zeros((len(groups), labels.shape[1]), np.float32)
    for number, rows in enumerate(groups):
        members[number, list(rows)] = 1
    return np.asarray(np.matmul(members, labels), np.float32)


def _splits(cells: Sequence[str]) -> Iterator[tuple[int, ...]]:
    rows: dict[str, list[int]] = {}
    for row, cell in enumerate(cells):
        for trait in set(_traits(cell)):
            rows.setdefault(trait, []).append(row)
    yield from map(tuple, rows.values())
    below: list[int] = []
    for (number, row), (larger, _) in pairwise(_numbers(cells)):
        below.append(row)
        if number < larger:
            yield tuple(sorted(below))


def _traits(cell: str) -> Iterator[str]:
    text = cell.strip().lower()
    yield f"shape {_shape(text)}"
    for part in filter(None, _PARTS.split(text)):
        yield f"part {_shape(part)}"
        yield from (f"begins {part[:length]}" for length in range(2, LONGEST_START + 1))
        yield from (f"has {run}" for run in _RUNS.findall(part))


def _shape(text: str) -> str:
    return re.sub(r"[a-zäöüß]+", "a", re.sub(r"\d+", "0", text))


def _groupings(cells: Sequence[str]) -> Iterator[list[list[int]]]:
    """The rows of each value; of numbers also those that lie together."""
    same: dict[str, list[int]] = {}
    for row, cell in enumerate(cells):
        same.setdefault(cell.strip().lower(), []).append(row)
    yield list(same.values())
    if numbers := _numbers(cells):
        yield _near(numbers)


def _near(numbers: Sequence[tuple[float, int]]) -> list[list[int]]:
    """About as many groups as rows in one; the same number never lies in two."""
    groups: list[list[int]] = []
    before = numbers[0][0]
    for number, row in numbers:
        if not groups or (number > before and len(groups[-1]) >= len(numbers) ** 0.5):
            groups.append([])
        groups[-1].append(row)
        before = number
    return groups


def _numbers(cells: Sequence[str]) -> list[tuple[float, int]]:
    """Numbers and their rows by size; none where a filled cell is no number."""
    try:
        read = [(float(cell), row) for row, cell in enumerate(cells) if cell.strip()]
    except ValueError:
        return []
    return sorted(one for one in read if not isnan(one[0]))
