"""Marks on an image: boxes, dots, polygons and lines, in pixels of the image."""

from enum import StrEnum
from math import isfinite

import msgspec

MOST_MARKS, MOST_POINTS = 500, 1000


class MarkKind(StrEnum):
    """BOX: two opposite corners. DOT: one point. POLYGON: its corners. LINE: its bends."""

    BOX = "box"
    DOT = "dot"
    POLYGON = "polygon"
    LINE = "line"

    def has_shape(self, points: int) -> bool:
        """Whether so many points make one."""
        exact = {MarkKind.BOX: 2, MarkKind.DOT: 1}.get(self)
        least = 3 if self == MarkKind.POLYGON else 2
        return points == exact if exact else least <= points <= MOST_POINTS


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`points` are (x, y) in pixels of the image, from its upper left; `label` says what it is."""

    kind: MarkKind
    points: tuple[tuple[float, float], ...]
    label: str = ""

    @property
    def is_whole(self) -> bool:
        return self.kind.has_shape(len(self.points)) and all(
            isfinite(number) and number >= 0 for point in self.points for number in point
        )


def read_marks(answer: object) -> list[Mark] | None:
    """The marks of an answer; None where it holds something else."""
    if not isinstance(answer, list) or len(answer) > MOST_MARKS:
        return None
    try:
        return msgspec.convert(answer, list[Mark])
    except msgspec.ValidationError:
        return None
