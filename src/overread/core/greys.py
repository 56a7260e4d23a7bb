"""How stored values become greys on a screen: window and level, look-up tables, inversion.

The reference for every renderer; the browser's shader and worker follow it within one grey.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

WHITE = 255
DEPTHS = (8, 10, 12, 14, 16)


@dataclass(frozen=True)
class Window:
    """Which values are spread from black to white (DICOM PS3.3 C.11.2.1.2.1, linear).

    `centre` and `width` are in the values that a rendition holds; `width` is at least 1.
    """

    centre: float
    width: float
    name: str = ""

    @classmethod
    def exact(cls, centre: float, width: float, name: str = "") -> Self:
        """The same greys as VOI LUT Function LINEAR_EXACT (C.11.2.1.3.2), which spreads all of
        `width` and not one value less."""
        return cls(centre + 0.5, width + 1, name)

    @property
    def low(self) -> float:
        """The highest value that is black."""
        return self.centre - 0.5 - (self.width - 1) / 2

    def shares(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """0 for black to 1 for white, of any shape."""
        if self.width <= 1:
            return (values > self.low).astype(np.float64)
        return np.clip((values.astype(np.float64) - self.low) / (self.width - 1), 0, 1)


@dataclass(frozen=True)
class Greys:
    """What a rendition's values mean.

    `bits`: every value is below 2^bits. `windows`: the first is how the picture is shown at
    first, none means all values. `curve`: what a VOI look-up table makes of values, from its
    first entry at value 0 to its last at 2^bits - 1, linear in between, as shares of white; a
    window then works on what comes out, scaled by 2^bits - 1. `inverted`: low values are bright
    (MONOCHROME1). `spacing`: millimetres between rows and between columns, only where they were
    calibrated.
    """

    bits: int = 8
    windows: tuple[Window, ...] = ()
    curve: tuple[float, ...] = ()
    inverted: bool = False
    spacing: tuple[float, float] | None = None

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        spacing = document.get("spacing")
        return cls(
            bits=document.get("bits", 8),
            windows=tuple(Window(**one) for one in document.get("windows", ())),
            curve=tuple(document.get("curve", ())),
            inverted=document.get("inverted", False),
            spacing=(spacing[0], spacing[1]) if spacing else None,
        )

    def document(self) -> dict[str, Any]:
        return {
            "bits": self.bits,
            "windows": [
                {"centre": one.centre, "width": one.width, "name": one.name} for one in self.windows
            ],
            "curve": list(self.curve),
            "inverted": self.inverted,
            "spacing": list(self.spacing) if self.spacing else None,
        }

    @property
    def full(self) -> Window:
        """From the lowest to the highest value that there can be."""
        return Window((1 << self.bits) / 2, 1 << self.bits)

    @property
    def first(self) -> Window:
        return self.windows[0] if self.windows and not self.curve else self.full

    def shown(self, values: NDArray[Any], window: Window | None = None) -> NDArray[np.uint8]:
        """The greys, 0 to 255, that values are shown as, at the first window unless given."""
        highest = (1 << self.bits) - 1
        if values.dtype.kind == "u" and values.size > highest:
            table = self.shown(np.arange(highest + 1), window)
            return np.take(table, values, mode="clip")
        if self.curve:
            at = np.linspace(0, highest, len(self.curve))
            values = np.interp(values, at, self.curve) * highest
        shares = (window or self.first).shares(values)
        shares = 1 - shares if self.inverted else shares
        return np.rint(shares * WHITE).astype(np.uint8)


def depth_of(highest: int) -> int:
    """The smallest usual depth, in bits, that holds a value."""
    return next(bits for bits in DEPTHS if highest < 1 << bits)


def rescaled(
    windows: Sequence[Window], *, slope: float, intercept: float, lowest: float = 0
) -> tuple[Window, ...]:
    """Windows over modality values as windows over stored ones less `lowest`.

    A modality value is stored * slope + intercept (PS3.3 C.11.1.1.2), so signed values with a
    slope need no values of their own: `lowest` makes them start at 0. Where the slope is
    negative, high stored values are dark: the greys are then `inverted` once more.
    """
    return tuple(_rescaled(one, slope, intercept, lowest) for one in windows)


def _rescaled(window: Window, slope: float, intercept: float, lowest: float) -> Window:
    end = window.low if slope > 0 else window.low + window.width - 1
    width = (window.width - 1) / abs(slope) + 1
    low = (end - intercept) / slope - lowest
    return Window(low + 0.5 + (width - 1) / 2, width, window.name)


def curve_of(shares: NDArray[np.float64]) -> tuple[float, ...]:
    """A curve that gives what `shares` says of each value, with as few entries as that needs.

    Between its entries a curve is straight; it stays within a quarter of a grey.
    """
    last = len(shares) - 1
    every = np.arange(last + 1)
    for steps in (1, 16, 64, 256, 1024, 4096):
        at = np.linspace(0, last, steps + 1)
        entries = np.round(np.interp(at, every, shares), 5)
        if np.abs(np.interp(every, at, entries) - shares).max() <= 0.25 / WHITE:
            return tuple(entries.tolist())
    return tuple(np.round(shares, 5).tolist())
