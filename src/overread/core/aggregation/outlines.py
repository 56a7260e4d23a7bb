"""Outlines that several readers drew: how far they overlap, and the one outline of them all.

Regions are laid on a grid over the outlines themselves, never over the image, so that an image
twice as large gives an outline twice as large.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from overread.core.aggregation import boxes
from overread.core.aggregation.judgments import Floats
from overread.core.aggregation.regions import ROUNDING, Mask, mask, overlap, staple, vote

CELLS, COARSE = 256, 96
# Corners nearer than this to the outline without them, in cells, are left out.
TOLERANCE = 1.0
MOST_PAIRS = 5000


@dataclass(frozen=True)
class Grid:
    """Cells of one size over some outlines, with a margin of one cell."""

    left: float
    top: float
    cell: float
    height: int
    width: int

    @classmethod
    def over(cls, outlines: Sequence[Floats], cells: int) -> "Grid":
        places = np.concatenate(outlines)
        low, high = places.min(axis=0), places.max(axis=0)
        cell = float((high - low).max()) / cells
        across, down = (np.ceil((high - low) / cell).astype(int) + 2).tolist()
        return cls(float(low[0]) - cell, float(low[1]) - cell, cell, down, across)

    def mask(self, outline: Floats) -> Mask:
        return mask((outline - (self.left, self.top)) / self.cell, self.height, self.width)

    def places(self, corners: Floats) -> Floats:
        return np.asarray(corners * self.cell + (self.left, self.top))


def overlaps(outlines: Sequence[Floats]) -> Floats:
    """(n, n) intersection over union, of those whose boxes overlap.

    With more than `MOST_PAIRS` of them it is that of their boxes: nobody waits for minutes where
    hundreds of outlines lie in one place.
    """
    around = np.array([[*one.min(axis=0), *one.max(axis=0)] for one in outlines]).reshape(-1, 4)
    found = np.eye(len(outlines))
    around_overlap = boxes.overlap(around, around)
    pairs = np.argwhere(np.triu(around_overlap > 0, 1))
    if len(pairs) > MOST_PAIRS:
        return around_overlap
    for one, other in pairs.tolist():
        pair = [outlines[one], outlines[other]]
        grid = Grid.over(pair, COARSE)
        found[one, other] = found[other, one] = overlap(*map(grid.mask, pair))
    return found


def area(outline: Floats) -> float:
    """By the even-odd rule, as `mask` has it: what an outline that crosses itself encloses."""
    offset = outline - outline[0]
    x, y = offset[int(np.abs(offset).sum(axis=1).argmax())]
    if np.abs(offset[:, 0] * y - offset[:, 1] * x).max() <= ROUNDING * (x * x + y * y):
        return 0.0
    grid = Grid.over([outline], COARSE)
    return float(grid.mask(outline).sum()) * grid.cell**2


def voted(outlines: Sequence[Floats], weight: Floats) -> Floats:
    """The outline of what more than half of the readers' weight encloses."""
    heavy = weight if weight.sum() > 0 else np.ones(len(weight))
    return _joined(outlines, weight, lambda masks: vote(masks, heavy))


def estimated(outlines: Sequence[Floats], weight: Floats) -> Floats:
    """The outline of what STAPLE believes is inside; it finds each reader's weight itself."""
    return _joined(outlines, weight, lambda masks: staple(masks).region)


def _joined(
    outlines: Sequence[Floats], weight: Floats, region: Callable[[list[Mask]], Mask]
) -> Floats:
    grid = Grid.over(outlines, CELLS)
    found = region([grid.mask(one) for one in outlines])
    if not found.any():
        return outlines[int(np.argmax(weight))]
    return grid.places(outline_of(found))


def outline_of(region: Mask) -> Floats:
    """(corners, 2) x, y around the largest connected part of a region, without its holes."""
    loops = [np.array(loop, dtype=float) for loop in _loops(region)]
    return _simple(max(loops, key=_enclosed))


def _loops(region: Mask) -> list[list[tuple[int, int]]]:
    """Around cells along their edges, the inside to the right."""
    ways: dict[tuple[int, int], list[tuple[int, int]]] = {}
    padded = np.pad(region, 1)
    for down, across, start, end in (
        (-1, 0, (0, 0), (1, 0)),
        (0, 1, (1, 0), (1, 1)),
        (1, 0, (1, 1), (0, 1)),
        (0, -1, (0, 1), (0, 0)),
    ):
        beside = np.roll(padded, (-down, -across), axis=(0, 1))[1:-1, 1:-1]
        for y, x in np.argwhere(region & ~beside).tolist():
            ways.setdefault((x + start[0], y + start[1]), []).append((x + end[0], y + end[1]))
    loops = []
    while ways:
        loop = [next(iter(ways))]
        while (ends := ways.get(loop[-1])) is not None:
            step = _sharpest(loop, ends)
            ends.remove(step)
            if not ends:
                del ways[loop[-1]]
            loop.append(step)
        loops.append(loop[:-1])
    return loops


def _sharpest(loop: list[tuple[int, int]], ends: list[tuple[int, int]]) -> tuple[int, int]:
    """Where two cells touch at a corner the way turns right: they are two parts."""
    if len(ends) == 1 or len(loop) < 2:
        return ends[0]
    (a, b), (x, y) = loop[-2:]
    return max(ends, key=lambda end: (x - a) * (end[1] - y) - (y - b) * (end[0] - x))


def _enclosed(loop: Floats) -> float:
    x, y = loop.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def _simple(loop: Floats) -> Floats:
    """Without the corners that matter little (Douglas and Peucker 1973)."""
    far = int(np.linalg.norm(loop - loop[0], axis=1).argmax())
    halves = _thinned(loop[: far + 1])[:-1], _thinned(np.concatenate([loop[far:], loop[:1]]))[:-1]
    found = np.concatenate(halves)
    return found if len(found) > 2 else loop


def _thinned(line: Floats) -> Floats:
    keep, spans = {0, len(line) - 1}, [(0, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        between = line[first + 1 : last]
        if not len(between):
            continue
        along = line[last] - line[first]
        offset = between - line[first]
        length = max(float(np.hypot(*along)), 1e-12)
        apart = np.abs(offset[:, 0] * along[1] - offset[:, 1] * along[0]) / length
        at = int(apart.argmax())
        if apart[at] > TOLERANCE:
            keep.add(first + 1 + at)
            spans += [(first, first + 1 + at), (first + 1 + at, last)]
    return line[sorted(keep)]
