"""What a file tells beside its picture: a classifier would learn it, so the leak check tries it."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from overread.imaging.decoded import DecodedImage, Pixels
from overread.imaging.render import grey

Bits = NDArray[np.bool_]
Counts = NDArray[np.int32]
# At this longest side letters have strokes thinner than _STROKE, and fit into _LETTER.
_LONGEST, _STROKE, _LETTER = 160, 5, 13
# A stroke is so much brighter than what lies around it, of 255.
_BRIGHTER = 30
# A letter has so many bright pixels there, and lies in the outer part of the film.
_LEAST, _MOST, _OUTER = 10, 60, 0.32
# A frame in which squares around pixels at the edge have room.
_FRAME = 2 * _LETTER + 1


def traces(data: bytes, decoded: DecodedImage, shown: Pixels) -> dict[str, str]:
    """By name: the file's format, its bytes, colour mode and quantisation tables, and where a side
    marker stands. Nothing of it is words of the file's own, and contributors get none of it.

    `shown` is the picture as people see it, however coarse.
    """
    found = {"format": decoded.format, "bytes": str(len(data)), "marker": marker_place(shown)}
    if decoded.mode:
        found |= {"mode": decoded.mode, "tables": _digest(decoded.tables)}
    return found


def _digest(tables: Mapping[int, Sequence[int]]) -> str:
    told = json.dumps(sorted((number, list(table)) for number, table in tables.items()))
    return sha256(told.encode()).hexdigest()[:8] if tables else ""


def marker_place(pixels: Pixels) -> str:
    """Where a letter of lead stands beside the body: "top left", …, or "" where none is seen.

    Such letters are bright, thin and alone. What is left of a film when everything that a square
    of the stroke's width fits into is taken away (the white top-hat transform, Serra, Image
    Analysis and Mathematical Morphology, 1982) is letters, wires and the edges of bones; the
    last two go on beyond a letter's size.
    """
    image = Image.fromarray(grey(pixels))
    image.thumbnail((_LONGEST, _LONGEST), Image.Resampling.BOX)
    shades = np.asarray(image)
    if min(shades.shape) < 2 * _LETTER:
        return ""
    strokes = shades - _opened(shades) > _BRIGHTER
    total = _total(strokes)
    inside, around = _sums(total, _LETTER), _sums(total, _FRAME)
    alone = (3 * inside - 2 * around) * (inside <= _MOST)
    edge = round(_OUTER * shades.shape[1])
    alone[:, edge:-edge] = 0
    row, column = np.unravel_index(int(alone.argmax()), alone.shape)
    if alone[row, column] < _LEAST:
        return ""
    height = ("top", "middle", "bottom")[3 * int(row) // shades.shape[0]]
    return f"{height} {'left' if 2 * column < shades.shape[1] else 'right'}"


def _total(bits: Bits) -> Counts:
    """How many are set up to each pixel from the top left, with a frame of zeros (a summed-area
    table, Crow, SIGGRAPH 1984)."""
    before = _LETTER + 1
    padded = np.zeros(np.add(bits.shape, _FRAME), np.int32)
    padded[before : before + bits.shape[0], before : before + bits.shape[1]] = bits
    return padded.cumsum(axis=0, out=padded).cumsum(axis=1, out=padded)


def _sums(total: Counts, side: int) -> Counts:
    """How many are set in a square around each pixel."""
    height, width = np.subtract(total.shape, _FRAME)
    low = _LETTER - side // 2
    high = low + side
    rows = total[high : high + height] - total[low : low + height]
    return np.asarray(rows[:, high : high + width] - rows[:, low : low + width], np.int32)


def _opened(shades: Pixels) -> Pixels:
    """What of a picture squares of the stroke's width fit into."""
    return _spread(_spread(shades, np.minimum, 255), np.maximum, 0)


def _spread(shades: Pixels, take: np.ufunc, outside: int) -> Pixels:
    """The least or greatest value within such a square around each pixel."""
    half = _STROKE // 2
    lines = np.full(np.add(shades.shape, 2 * half), outside, np.uint8)
    lines[half:-half, half:-half] = shades
    for _ in ("down", "across"):
        two = take(lines[:-1], lines[1:])
        four = take(two[:-2], two[2:])
        lines = take(four[:-1], lines[_STROKE - 1 :]).T
    return lines
