"""What a synthetic radiograph can show, and the record of one that was drawn."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Finding(StrEnum):
    """What a reader should answer."""

    HEALTHY = "healthy"
    PNEUMONIA = "pneumonia"
    UNREADABLE = "unreadable"


class LookAlike(StrEnum):
    """What makes a film harder to judge without being the disease."""

    NONE = "none"
    THYMUS_SAIL = "thymus sail"
    POOR_BREATH = "poor breath"
    ROTATION = "rotation"
    SKIN_FOLD = "skin fold"
    OVER_EXPOSURE = "over-exposure"
    UNDER_EXPOSURE = "under-exposure"


class Pattern(StrEnum):
    """How an opacity is spread over the lungs."""

    NONE = "none"
    CONCENTRATED = "concentrated"
    DIFFUSE = "diffuse"


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the image; the origin is the top left corner."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class SyntheticRadiograph:
    """One drawn film and all that is known about it.

    `pixels` has shape (height, width), 8-bit grey, bright = dense (MONOCHROME2).
    `opacities` holds one box for each opacity: none when healthy or unreadable.
    """

    pixels: NDArray[np.uint8]
    finding: Finding
    pattern: Pattern
    look_alike: LookAlike
    opacities: tuple[Box, ...]
    description: str
