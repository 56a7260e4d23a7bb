"""Pictures that show the same film: saved anew, made smaller, cut, brightened or mirrored.

Chest X-rays look alike in everything coarse, so that a hash of the whole puts different children
together. Here a picture's look is what sets it apart from the others of its collection, and a
pair that looks alike counts only where both, laid over one another, agree in their fine structure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
# Side of the square that a look is made of, and that pictures are laid over one another in.
LOOK_SIDE, SIDE = 32, 64
_COARSE = 8
LOOK_SIZE = _COARSE**2 - 1
# In collections of so many, only with its neighbourhood is a picture compared.
CELLED_FROM = 20_000
# Of each picture its nearest others that look at least so much alike are compared closely.
NEAREST, LOOKS_ALIKE = 6, 0.55
_BLOCK = 1024
# X-rays at large weigh as much as so many pictures; their variance falls with the frequency so.
_AT_LARGE, _FALL = 200, -1.8
# Directions in which a collection hardly differs are noise.
_LEAST_SPREAD = 1e-3
_STEPS, _STILL = 10, 2e-3
# What is finer than so many points is compared; at half the size less than this is hopeless.
_FINE, _HOPELESS = 2.5, 0.6
# Larger moves than a slight cut are no longer the same picture.
_FURTHEST = 0.2
# From here on it is the same film (bench/near_duplicates.py).
SAME = 0.84
Place = NDArray[np.float64]
_STRAIGHT: Place = np.array([0.0, 0.0, 1.0, 1.0])


@dataclass(frozen=True)
class Candidate:
    """Places of two pictures, the smaller first; `mirrored`: one looks like the other turned."""

    first: int
    second: int
    mirrored: bool


def _cosines(size: int, count: int) -> Floats:
    """The first rows of the discrete cosine transform (Ahmed, Natarajan & Rao 1974)."""
    places = (np.arange(size) + 0.5) * np.pi / size
    rows = np.cos(np.outer(np.arange(count), places))
    rows[0] /= np.sqrt(2)
    return np.asarray(rows * np.sqrt(2 / size), np.float32)


_TRANSFORM = _cosines(LOOK_SIDE, _COARSE)
# What mirroring does to a look: waves that are odd from left to right change their sign.
_MIRROR = np.tile(np.where(np.arange(_COARSE) % 2, -1.0, 1.0), _COARSE)[1:].astype(np.float32)


_WAVES = np.hypot(*np.divmod(np.arange(1, _COARSE**2), _COARSE))


def look(square: NDArray[np.uint8]) -> NDArray[np.float16]:
    """The 63 lowest frequencies of a picture of LOOK_SIDE squared, whatever its brightness."""
    waves = (_TRANSFORM @ square.astype(np.float32) @ _TRANSFORM.T).ravel()[1:]
    return np.asarray(waves / max(float(np.linalg.norm(waves)), 1e-6), np.float16)


def candidates(looks: NDArray[np.float16]) -> Iterator[Candidate]:
    """Pairs of looks, (picture, LOOK_SIZE), that deserve to be laid over one another.

    Looks are whitened: weighed by how much a collection differs in each direction. Nearest ones
    are found by their angle; in large collections within cells around some of the pictures (an
    inverted file, Jégou, Douze & Schmid 2011, doi:10.1109/TPAMI.2010.57), so that the cost grows
    with n to the power of 1.5.
    """
    if not len(looks):
        return
    known = looks.astype(np.float32)
    white = _Whitening(known)
    own, turned = white(known), white(known * _MIRROR)
    seen = set()
    for queries, mirrored in ((own, False), (turned, True)):
        for first, second in _nearest(queries, own):
            pair = Candidate(min(first, second), max(first, second), mirrored)
            if first != second and pair not in seen:
                seen.add(pair)
                yield pair


class _Whitening:
    """From looks to what sets each apart, of length 1.

    What a collection's looks have in common, and how much they differ in each direction, is its
    own mean and covariance, drawn towards what holds of X-rays at large while it is small
    (shrinkage, Ledoit & Wolf 2004): none in common, and less difference the finer the wave.
    """

    def __init__(self, looks: Floats) -> None:
        own = len(looks) / (len(looks) + _AT_LARGE)
        self._mean = own * looks.mean(axis=0)
        apart = looks - self._mean
        at_large = np.diag(_WAVES**_FALL) * (1 / (_WAVES**_FALL).sum())
        spread, directions = np.linalg.eigh(
            own * (apart.T @ apart) / len(looks) + (1 - own) * at_large
        )
        self._weights = directions / np.sqrt(np.maximum(spread, _LEAST_SPREAD * spread.max()))

    def __call__(self, looks: Floats) -> Floats:
        white = (looks - self._mean) @ self._weights
        length = np.linalg.norm(white, axis=1, keepdims=True)
        return np.asarray(white / np.maximum(length, 1e-9), np.float32)


def _nearest(queries: Floats, known: Floats) -> Iterator[tuple[int, int]]:
    everything = np.arange(len(known))
    if len(known) < CELLED_FROM:
        yield from _nearest_of(everything, queries, everything, known)
        return
    centres = known[:: max(1, round(len(known) ** 0.5))]
    members, askers = _cells(known, centres, 2), _cells(queries, centres, 3)
    for inside, asking in zip(members, askers, strict=True):
        yield from _nearest_of(asking, queries, inside, known)


def _cells(vectors: Floats, centres: Floats, count: int) -> list[NDArray[np.intp]]:
    """For each centre the vectors that have it among their nearest ones."""
    parts = [
        np.argpartition(-(vectors[start : start + _BLOCK] @ centres.T), count, axis=1)[:, :count]
        for start in range(0, len(vectors), _BLOCK)
    ]
    chosen = np.concatenate(parts)
    order = np.argsort(chosen, axis=None, kind="stable")
    bounds = np.searchsorted(chosen.ravel()[order], np.arange(1, len(centres)))
    return np.split(order // count, bounds)


def _nearest_of(
    asking: NDArray[np.intp], queries: Floats, inside: NDArray[np.intp], known: Floats
) -> Iterator[tuple[int, int]]:
    if not len(inside):
        return
    count = min(NEAREST + 1, len(inside))
    for start in range(0, len(asking), _BLOCK):
        block = asking[start : start + _BLOCK]
        alike = queries[block] @ known[inside].T
        best = np.argpartition(-alike, count - 1, axis=1)[:, :count]
        rows, places = np.nonzero(np.take_along_axis(alike, best, axis=1) >= LOOKS_ALIKE)
        found = inside[best[rows, places]]
        yield from zip(block[rows].tolist(), found.tolist(), strict=True)


def agreement(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """How well two pictures of SIDE squared agree in their fine structure, from -1 to 1.

    The second is first laid over the first: moved and stretched along both sides by least squares
    (Lucas & Kanade 1981; with the second's own greys and a constant among the unknowns, which
    makes it blind to brightness and contrast), at half the size, then at the whole. Then both
    lose what is coarse, which all chests share. Who disagrees at half the size is left at that.
    """
    place, found = _STRAIGHT, 0.0
    for shrink, least in ((2, _HOPELESS), (1, -1.0)):
        fixed, moving = _shrunk(one, shrink), _shrunk(other, shrink)
        place = _laid_over(_blurred(fixed, 2), _blurred(moving, 2), place)
        laid, inside = _moved(moving, place)
        if inside.mean() < (1 - _FURTHEST) ** 2:
            return 0.0
        found = _correlation(_fine(fixed)[inside], _fine(laid)[inside])
        if found < least:
            break
    return found


def _shrunk(picture: NDArray[np.uint8], factor: int) -> Floats:
    side = len(picture) // factor
    parts = picture.astype(np.float32).reshape(side, factor, side, factor)
    return np.asarray(parts.mean(axis=(1, 3)), np.float32)


def _laid_over(fixed: Floats, moving: Floats, place: Place) -> Place:
    """Where the moving picture lies on the fixed one: shift and stretch, down and across."""
    steps = np.linspace(-1, 1, len(fixed), dtype=np.float32)
    for _ in range(_STEPS):
        laid, inside = _moved(moving, place)
        down, across = (np.gradient(laid, 2 / (len(fixed) - 1), axis=axis) for axis in (0, 1))
        unknown = [down, across, down * steps[:, None], across * steps, laid, np.ones_like(laid)]
        slopes = np.stack([one[inside] for one in unknown])
        solved = np.linalg.lstsq(slopes @ slopes.T, slopes @ fixed[inside], rcond=None)[0]
        # The slopes are those of the picture times its unknown contrast.
        move = solved[:4] / (solved[4] if abs(solved[4]) > 0.1 else 1.0)
        place = place + np.clip(move, -0.1, 0.1)
        if np.abs(place - _STRAIGHT).max() > 2 * _FURTHEST or np.abs(move).max() < _STILL:
            break
    return place


def _moved(picture: Floats, place: Place) -> tuple[Floats, NDArray[np.bool_]]:
    """The picture as seen through the place, and which of its points were inside."""
    rows, inside_rows = _seen(len(picture), place[0], place[2])
    columns, inside_columns = _seen(len(picture), place[1], place[3])
    seen = np.asarray(rows @ picture @ columns.T, np.float32)
    return seen, np.outer(inside_rows, inside_columns)


def _seen(side: int, shift: float, stretch: float) -> tuple[Floats, NDArray[np.bool_]]:
    """Weights that read a line between its points."""
    at = (np.linspace(-1, 1, side) * stretch + shift + 1) * (side - 1) / 2
    inside = (at >= -0.5) & (at <= side - 0.5)
    at = np.clip(at, 0, side - 1)
    before = np.minimum(at.astype(np.intp), side - 2)
    weights = np.zeros((side, side), np.float32)
    weights[np.arange(side), before] = 1 - (at - before)
    weights[np.arange(side), before + 1] = at - before
    return weights, inside


def _fine(picture: Floats) -> Floats:
    return picture - _blurred(picture, _FINE)


def _blurred(picture: Floats, width: float) -> Floats:
    kernel = _kernel(len(picture), width)
    return np.asarray(kernel @ picture @ kernel.T, np.float32)


@cache
def _kernel(side: int, width: float) -> Floats:
    places = np.arange(side)
    weights = np.exp(-((places[:, None] - places) ** 2) / (2 * width**2))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def _correlation(one: Floats, other: Floats) -> float:
    if one.std() < 1e-6 or other.std() < 1e-6:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
