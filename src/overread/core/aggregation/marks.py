"""Marks that several readers drew on one image: the consensus, and how far readers agree.

| kind | two mean the same finding where | consensus (fusion; median) |
|---|---|---|
| box | their overlap is at least 0.4 | weighted mean of corners; median |
| polygon | their overlap is at least 0.4 | vote on each place; STAPLE |
| dot | they lie within the radius | weighted mean; median |
| line | they lie within the radius on average | weighted mean along both; median |

Marks of two kinds or two labels never mean the same. A finding has each reader once at most; it
stands with at least half of the readers' weight. What one reader alone drew comes back unchanged.

Fusion is Solovyev, Wang, Gabruseva 2021, Image and Vision Computing 107:104117, with a reader's
weight (trust, 1 without) in the place of a detector's score; what differs from the paper is said in
docs/decisions/0007-aggregation.md.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import msgspec
import numpy as np

from overread.core.aggregation import boxes, lines, outlines
from overread.core.aggregation.judgments import Floats
from overread.core.aggregation.matching import match
from overread.core.marks import Mark, MarkKind

VERSION = 1
HALF = 0.5
# Of the longer side of an image: within it two points are one.
RADIUS_SHARE = 0.03
# So little overlap is enough where two readers alone are compared: it counts for itself.
ANY = 1e-9
# No image is larger; beyond it a float can't tell pixels apart.
LARGEST = 1e9


class Fusing(StrEnum):
    """How marks of one finding become one."""

    FUSION = "fusion"
    MEDIAN = "median"


@dataclass(frozen=True)
class Drawing:
    """What one reader drew on an image: nothing, where they saw nothing."""

    marks: Sequence[Mark]
    weight: float = 1.0


@dataclass(frozen=True)
class Finding:
    """A mark with the drawings that have it; support: their share of all drawings' weight."""

    mark: Mark
    drawn_by: tuple[int, ...]
    support: float

    @property
    def stands(self) -> bool:
        return self.support >= HALF - 1e-9


class Fault(StrEnum):
    """Why a mark is left out."""

    NO_NUMBER = "a coordinate is no number"
    NO_SHAPE = "too few or too many points"
    OUTSIDE = "outside the image"
    NO_SIZE = "without any size"


def consensus(
    drawings: Sequence[Drawing], *, radius: float, fusing: Fusing = Fusing.FUSION
) -> list[Finding]:
    """All findings, those that don't stand too; the best supported first.

    The order of the drawings changes nothing but their numbers.
    """
    order = sorted(range(len(drawings)), key=lambda at: _content(drawings[at]))
    total = sum(one.weight for one in (drawings[at] for at in order))
    found = []
    for kind, label in _classes(drawings):
        rows = [
            (rank, mark)
            for rank, at in enumerate(order)
            for mark in sorted(drawings[at].marks, key=_place)
            if (mark.kind, mark.label) == (kind, label)
        ]
        for group in _groups(kind, [mark for _, mark in rows], [by for by, _ in rows], radius):
            by = [order[rows[at][0]] for at in group]
            weight = np.array([drawings[at].weight for at in by], dtype=float)
            support = float(weight.sum()) / total if total > 0 else 0.0
            mark = _fused([rows[at][1] for at in group], weight, fusing)
            found.append(Finding(mark, tuple(sorted(by)), support))
    return sorted(found, key=lambda one: (-one.support, _place(one.mark)))


def share(findings: Sequence[Finding]) -> float:
    """The share of readers' weight behind the consensus where it is most disputed: of those who
    drew what stands, or did not draw what doesn't. 1 where nobody drew anything.
    """
    return min((max(one.support, 1 - one.support) for one in findings), default=1.0)


def agreement(drawings: Sequence[Drawing], *, radius: float) -> float:
    """Mean over pairs of readers: the summed overlap of matched marks over all their findings.

    Dots and lines within the radius overlap wholly. 1: all drew the same; a mark that the other
    lacks counts 0; two who drew nothing agree. NaN with fewer than two.
    """
    pairs = [_agreed(one.marks, other.marks, radius) for one, other in combinations(drawings, 2)]
    return float(np.mean(sorted(pairs))) if pairs else float("nan")


def with_others(drawings: Sequence[Drawing], *, radius: float) -> Floats:
    """(drawings,) the same of each against the rest."""
    count = len(drawings)
    table = np.zeros((count, count))
    for one, other in combinations(range(count), 2):
        found = _agreed(drawings[one].marks, drawings[other].marks, radius)
        table[one, other] = table[other, one] = found
    return np.asarray(np.sort(table, axis=1).sum(axis=1) / (count - 1 if count > 1 else np.nan))


def _agreed(one: Sequence[Mark], other: Sequence[Mark], radius: float) -> float:
    shared, findings = 0.0, 0
    for kind, label in _classes([Drawing(one), Drawing(other)]):
        both = [
            (by, mark)
            for by, marks in enumerate((one, other))
            for mark in sorted(marks, key=_place)
            if (mark.kind, mark.label) == (kind, label)
        ]
        alike = _likeness(kind, [mark for _, mark in both], radius)
        groups = match(alike, [by for by, _ in both], ANY if _has_area(kind) else lines.SAME)
        pairs = [group for group in groups if len(group) == 2]
        shared += sum(float(alike[a, b]) if _has_area(kind) else 1.0 for a, b in pairs)
        findings += len(groups)
    return shared / findings if findings else 1.0


def usable(
    marks: Sequence[Mark], size: tuple[float, float] | None = None
) -> tuple[list[Mark], Counter[Fault]]:
    """Marks that can be compared, and how many can't by their fault.

    What lies outside the image is cut off; without a size it begins at 0, 0 and ends nowhere. An
    outline that crosses itself encloses what the even-odd rule says.
    """
    kept, left_out = [], Counter[Fault]()
    for mark in marks:
        found = _usable(mark, size)
        if isinstance(found, Fault):
            left_out[found] += 1
        else:
            kept.append(found)
    return kept, left_out


def _usable(mark: Mark, size: tuple[float, float] | None) -> Mark | Fault:
    if not all(abs(number) < LARGEST for point in mark.points for number in point):
        return Fault.NO_NUMBER
    if not mark.kind.has_shape(len(mark.points)):
        return Fault.NO_SHAPE
    if mark.kind == MarkKind.BOX:
        mark = _with(mark, np.sort(_array(mark), axis=0))
    if not _extent(mark):
        return Fault.NO_SIZE
    width, height = size or (np.inf, np.inf)
    points = _array(mark)
    inside = np.clip(points, 0, (width, height))
    if mark.kind == MarkKind.DOT and (inside != points).any():
        return Fault.OUTSIDE
    cut = _with(mark, inside)
    return cut if _extent(cut) else Fault.OUTSIDE


def _extent(mark: Mark) -> bool:
    points = _array(mark)
    if mark.kind == MarkKind.DOT:
        return True
    if mark.kind == MarkKind.LINE:
        return bool((points != points[0]).any())
    if mark.kind == MarkKind.BOX:
        return bool((np.ptp(points, axis=0) > 0).all())
    return outlines.area(points) > 0


def _groups(
    kind: MarkKind, marks: Sequence[Mark], by: Sequence[int], radius: float
) -> list[list[int]]:
    same = boxes.SAME if _has_area(kind) else lines.SAME
    return [group.tolist() for group in match(_likeness(kind, marks, radius), by, same)]


def _likeness(kind: MarkKind, marks: Sequence[Mark], radius: float) -> Floats:
    places = [_array(mark) for mark in marks]
    if kind == MarkKind.BOX:
        corners = np.array(places).reshape(-1, 4)
        return boxes.overlap(corners, corners)
    if kind == MarkKind.POLYGON:
        return outlines.overlaps(places)
    if kind == MarkKind.DOT:
        return lines.near_points(np.array(places).reshape(-1, 2), radius)
    return lines.near_lines(np.array([lines.evenly(one) for one in places]), radius)


def _fused(marks: Sequence[Mark], weight: Floats, fusing: Fusing) -> Mark:
    if all(mark.points == marks[0].points for mark in marks):
        return marks[0]
    places = [_array(mark) for mark in marks]
    is_median = fusing == Fusing.MEDIAN
    if marks[0].kind == MarkKind.POLYGON:
        joined = outlines.estimated if is_median else outlines.voted
        return _with(marks[0], joined(places, weight))
    mean: Callable[[Floats, Floats], Floats] = boxes.middle if is_median else boxes.weighted_mean
    if marks[0].kind == MarkKind.LINE:
        bends = 2 if all(len(one) == 2 for one in places) else lines.BENDS
        evened = np.stack([lines.evenly(one, bends) for one in places])
        return _with(marks[0], mean(lines.in_one_direction(evened), weight))
    return _with(marks[0], mean(np.stack(places), weight))


def _has_area(kind: MarkKind) -> bool:
    return kind in (MarkKind.BOX, MarkKind.POLYGON)


def _classes(drawings: Sequence[Drawing]) -> list[tuple[MarkKind, str]]:
    return sorted({(mark.kind, mark.label) for one in drawings for mark in one.marks})


def _content(drawing: Drawing) -> tuple[float, list[tuple[object, ...]]]:
    return (drawing.weight, sorted(map(_place, drawing.marks)))


def _place(mark: Mark) -> tuple[object, ...]:
    return (mark.kind.value, mark.label, mark.points)


def _array(mark: Mark) -> Floats:
    return np.array(mark.points, dtype=float)


def _with(mark: Mark, points: Floats) -> Mark:
    return msgspec.structs.replace(mark, points=tuple((x, y) for x, y in points.tolist()))
