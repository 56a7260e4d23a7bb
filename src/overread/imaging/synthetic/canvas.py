"""The sheet in front of the child: millimetres to pixels, smooth noise, blur and tubes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Map = NDArray[np.floating[Any]]
Curve = NDArray[np.floating[Any]]


class Dust(NamedTuple):
    """Point masses: places in mm and masses in cubic mm, each of shape (n,)."""

    x: Curve
    y: Curve
    mass: Curve

    @classmethod
    def flat(cls, x: Curve, y: Curve, mass: Curve) -> Self:
        """Dust from arrays of any one shape."""
        return cls(x.ravel(), y.ravel(), np.broadcast_to(mass, x.shape).ravel())


@dataclass(frozen=True)
class Canvas:
    """A grid over the body: x runs to the child's left, y down from the lung apex, in mm."""

    left: float
    top: float
    scale: float
    width: int
    height: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of every map on this canvas."""
        return self.height, self.width

    @cached_property
    def x(self) -> Map:
        """The columns' places in mm, shape (1, width)."""
        return (self.left + (np.arange(self.width, dtype=np.float32) + 0.5) / self.scale)[None]

    @cached_property
    def y(self) -> Map:
        """The rows' places in mm, shape (height, 1)."""
        return (self.top + (np.arange(self.height, dtype=np.float32) + 0.5) / self.scale)[:, None]

    def noise(self, rng: np.random.Generator, cell: float) -> Map:
        """A smooth random field of about unit spread; it turns over within `cell` mm."""
        step = max(cell * self.scale, 1.0)
        rows, columns = (int(np.ceil(side / step)) + 3 for side in self.shape)
        return resized(rng.standard_normal((rows, columns), dtype=np.float32), self.shape)

    def blurred(self, field: Map, radius: float) -> Map:
        """The field without detail finer than about `radius` mm (thinned, then smoothed)."""
        return blurred(field, radius * self.scale)

    def thinned(self, step: int) -> "Canvas":
        """The same sheet with pixels `step` times as wide, for what has no fine detail."""
        width, height = -(-self.width // step), -(-self.height // step)
        return Canvas(self.left, self.top, self.scale / step, width, height)

    def points(self, length: float) -> int:
        """How many points a path of about `length` mm needs to leave no gaps."""
        return max(round(length * self.scale), 24)

    def sampled(self, field: Map, x: Map, y: Map) -> Map:
        """The field's values at places (x, y) in mm, those of the nearest pixels."""
        column = ((x - self.left) * self.scale).astype(int).clip(0, self.width - 1)
        row = ((y - self.top) * self.scale).astype(int).clip(0, self.height - 1)
        values: Map = field[row, column]
        return values

    def summed(self, parts: Iterable[Dust]) -> Map:
        """Thickness in mm of all the dust, each column of it over its pixel."""
        x, y, mass = (np.concatenate(column) for column in zip(*parts, strict=True))
        column = ((x - self.left) * self.scale).astype(np.int32)
        row = ((y - self.top) * self.scale).astype(np.int32)
        inside = (column >= 0) & (column < self.width) & (row >= 0) & (row < self.height)
        place = (row * self.width + column)[inside]
        total = np.bincount(place, mass[inside], minlength=self.width * self.height)
        return (total * self.scale**2).astype(np.float32).reshape(self.shape)


def resized(field: Map, shape: tuple[int, int]) -> Map:
    """The field brought to `shape` (rows, columns) with a smooth filter."""
    image = Image.fromarray(field).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    return np.asarray(image)


def blurred(field: Map, radius: float) -> Map:
    """A quick wide blur: averaged down to about one sample per radius (pixels), then back up."""
    rows, columns = (max(round(side / max(radius, 1.0)), 3) for side in field.shape)
    small = Image.fromarray(field).resize((columns, rows), Image.Resampling.BOX)
    return resized(softened(np.asarray(small)), field.shape)


def softened(field: Map) -> Map:
    """The field after a blur of three pixels each way: the detector's own spread."""
    padded = np.pad(field, 1, mode="edge")
    down = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    return (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) * np.float32(1 / 16)


def curve(knots: Sequence[float], values: Sequence[float], at: Map) -> Map:
    """A smooth line through (knots, values), evaluated at `at`; flat beyond the ends."""
    first, last = knots[0], knots[-1]
    fine = np.linspace(first - 0.2 * (last - first), last + 0.2 * (last - first), 561)
    kernel = np.hanning(73)
    rough = np.interp(np.pad(fine, 36, mode="edge"), knots, values)
    smooth = np.convolve(rough, kernel / kernel.sum(), mode="valid")
    found: Map = np.interp(at, fine, smooth).astype(np.float32)
    return found


def step(field: Map) -> Map:
    """Zero below 0, one above 1 and an S-shaped passage between."""
    part = clipped(field, 0, 1)
    return part * part * (3 - 2 * part)


def clipped(field: Map, low: float | None, high: float | None) -> Map:
    """The field held between `low` and `high`."""
    held: Map = np.clip(field, low, high)
    return held


def dome(field: Map) -> Map:
    """The chord through a unit ball at distance `field` from its axis (0 outside)."""
    return np.sqrt(clipped(1 - field * field, 0, None))
