"""What a file tells beside its picture: a classifier would learn it, so the leak check tries it."""

import io
import json
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from overread.imaging.decoded import DecodedImage, Pixels

Bits = NDArray[np.bool_]
# At this longest side letters have strokes thinner than _STROKE, and fit into _LETTER.
_LONGEST, _STROKE, _LETTER = 160, 5, 13
# A stroke is so much brighter than what lies around it, of 255.
_BRIGHTER = 30
# A letter has so many bright pixels there, and lies in the outer part of the film.
_LEAST, _MOST, _OUTER = 10, 60, 0.32
_DICOM = "DICOM"


def traces(data: bytes, decoded: DecodedImage) -> dict[str, str]:
    """By name: the file's format, its bytes, colour mode and quantisation tables, and where a side
    marker stands. Nothing of it is words of the file's own, and contributors get none of it.
    """
    return {
        "format": decoded.format,
        "bytes": str(len(data)),
        "marker": marker_place(decoded.pixels),
        **({} if decoded.format == _DICOM else _encoding(data)),
    }


def _encoding(data: bytes) -> dict[str, str]:
    """From the header alone, of a file that has been decoded."""
    with Image.open(io.BytesIO(data)) as image:
        tables = getattr(image, "quantization", None) or {}
        told = json.dumps(sorted((number, list(table)) for number, table in tables.items()))
        digest = sha256(told.encode()).hexdigest()[:8] if tables else ""
        return {"mode": image.mode, "tables": digest}


def marker_place(pixels: Pixels) -> str:
    """Where a letter of lead stands beside the body: "top left", …, or "" where none is seen.

    Such letters are bright, thin and alone. What is left of a film when everything that a square
    of the stroke's width fits into is taken away (the white top-hat transform, Serra, Image
    Analysis and Mathematical Morphology, 1982) is letters, wires and the edges of bones; the
    last two go on beyond a letter's size.
    """
    image = Image.fromarray(pixels).convert("L")
    image.thumbnail((_LONGEST, _LONGEST), Image.Resampling.BOX)
    grey = np.asarray(image)
    if min(grey.shape) < 2 * _LETTER:
        return ""
    strokes = grey - _widened(_widened(grey, np.minimum), np.maximum) > _BRIGHTER
    inside, around = _sums(strokes, _LETTER), _sums(strokes, 2 * _LETTER + 1)
    alone = (3 * inside - 2 * around) * (inside <= _MOST)
    alone[:, round(_OUTER * grey.shape[1]) : -round(_OUTER * grey.shape[1])] = 0
    row, column = np.unravel_index(int(alone.argmax()), alone.shape)
    if alone[row, column] < _LEAST:
        return ""
    height = ("top", "middle", "bottom")[3 * int(row) // grey.shape[0]]
    return f"{height} {'left' if 2 * column < grey.shape[1] else 'right'}"


def _sums(bits: Bits, width: int) -> NDArray[np.int32]:
    """How many are set in a square around each pixel."""
    half = width // 2
    padded = np.pad(bits, ((half + 1, half), (half + 1, half)))
    total = padded.cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32)
    rows = total[width:] - total[:-width]
    return np.asarray(rows[:, width:] - rows[:, :-width], np.int32)


def _widened(grey: Pixels, take: np.ufunc) -> Pixels:
    """The least or greatest value within a square of the stroke's width around each pixel."""
    half = _STROKE // 2
    for axis in (0, 1):
        lines = np.moveaxis(grey, axis, 0)
        padded = np.pad(lines, ((half, half), (0, 0)), mode="edge")
        found = padded[: len(lines)]
        for start in range(1, _STROKE):
            found = take(found, padded[start : start + len(lines)])
        grey = np.moveaxis(found, 0, axis)
    return grey
