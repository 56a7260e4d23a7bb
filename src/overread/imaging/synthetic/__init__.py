"""Chest films of children that never lived: drawn from a seed, marked, and with known answers."""

from overread.imaging.synthetic.draw import collection, draw, png
from overread.imaging.synthetic.kinds import (
    Box,
    Finding,
    LookAlike,
    Pattern,
    SyntheticRadiograph,
)

__all__ = [
    "Box",
    "Finding",
    "LookAlike",
    "Pattern",
    "SyntheticRadiograph",
    "collection",
    "draw",
    "png",
]
