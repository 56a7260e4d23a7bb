"""Text that was burned into a picture: found by its strokes, without reading it.

Text of a machine is drawn in one extreme grey, in letters of one height that stand in a row, clear
of one another and of what is above and below. Anatomy has no such edges, and a side marker is one
letter or two.
"""

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
# Ink is nearly white, or in the negative; what it stands on is so much darker.
INK, PAPER = 235, 175
# Edges in every row of a line of text; letters in a line; rows of the smallest print.
EDGES, LETTERS, SMALLEST = 4, 4, 5
# Rows that may be missing inside a line.
BREAK = 2
# The tallest letters, as a share of the picture.
TALLEST = 1 / 12
# In heights of a letter: the widest one, the longest piece of touching ones, the widest gap.
WIDEST, LONGEST, GAP = 1.6, 8, 1.6

# Pixels that are looked at in one go, so that what is made of them stays in the cache.
_CACHED = 2**17


class Box(msgspec.Struct, frozen=True):
    """In shares of the picture's width and height."""

    x: float
    y: float
    width: float
    height: float


def text_in(pixels: Pixels) -> list[Box]:
    """Where text seems to stand in a grey picture, from top to bottom."""
    height, width = pixels.shape
    found = [*_lines(pixels), *_lines(np.invert(pixels))]
    return [
        Box(x0 / width, y0 / height, (x1 - x0) / width, (y1 - y0) / height)
        for y0, x0, y1, x1 in sorted(found)
    ]


def _lines(pixels: Pixels) -> Iterator[tuple[int, int, int, int]]:
    """Lines of bright text, as top, left, bottom, right."""
    for top, bottom in _closed(_runs(_edges(pixels) >= EDGES)):
        if SMALLEST <= bottom - top <= max(len(pixels) * TALLEST, 2 * SMALLEST):
            for left, right in _words(pixels, top, bottom):
                yield top, left, bottom, right


def _edges(pixels: Pixels) -> NDArray[np.uint32]:
    """How often paper turns into ink within two pixels, in each row."""
    height, width = pixels.shape
    counted = np.empty(height, np.uint32)
    rows = max(_CACHED // width, 1)
    for start in range(0, height, rows):
        block = pixels[start : start + rows]
        steps = np.packbits((block[:, :-2] <= PAPER) & (block[:, 2:] >= INK), axis=1)
        counted[start : start + rows] = np.bitwise_count(steps).sum(axis=1, dtype=np.uint32)
    return counted


def _runs(flags: Mask) -> list[tuple[int, int]]:
    """Where the flags are set, as from and to."""
    ends = np.flatnonzero(np.diff(flags, prepend=False, append=False))
    return list(zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True))


def _columns(ink: Mask) -> Mask:
    """In which columns there is ink."""
    found: Mask = np.logical_or.reduce(ink, axis=0)
    return found


def _closed(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Rows of a line in which few letters have an edge, such as the foot of an L, don't part it."""
    closed: list[tuple[int, int]] = []
    for start, end in runs:
        if closed and start - closed[-1][1] <= BREAK:
            closed[-1] = closed[-1][0], end
        else:
            closed.append((start, end))
    return closed


def _words(pixels: Pixels, top: int, bottom: int) -> Iterator[tuple[int, int]]:
    """Pieces of ink near one another, with enough letters among them to be a word."""
    tall = bottom - top
    row: list[tuple[int, int, bool]] = []
    for piece in [*_pieces(pixels, top, bottom), (1 << 30, 1 << 30, False)]:
        if row and piece[0] - row[-1][1] > GAP * tall:
            if sum(is_letter for _, _, is_letter in row) >= LETTERS:
                yield row[0][0], row[-1][1]
            row = []
        row.append(piece)


def _pieces(pixels: Pixels, top: int, bottom: int) -> Iterator[tuple[int, int, bool]]:
    """Pieces of ink, and whether each may be a letter: it ends at the line's top and bottom and
    fills most of its height.
    """
    tall = bottom - top
    line = pixels[top:bottom] >= INK
    above = _columns(pixels[max(top - 3, 0) : max(top - 2, 0)] >= INK)
    below = _columns(pixels[bottom + 2 : bottom + 3] >= INK)
    for left, right in _runs(_columns(line)):
        if right - left > LONGEST * tall:
            continue
        ends = not (above[left:right].any() or below[left:right].any())
        rows = np.flatnonzero(line[:, left:right].any(axis=1))
        fills = rows[-1] - rows[0] + 1 >= tall / 2
        yield left, right, bool(ends and fills and right - left <= WIDEST * tall)
