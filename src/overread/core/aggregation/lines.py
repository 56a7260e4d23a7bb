"""Points and lines that several readers drew on one image.

They have no area to overlap: two mean the same finding where they lie within a radius. Their
likeness falls from 1 in one place to 0 at twice the radius, so that `SAME` is the radius itself.
"""

import numpy as np

from overread.core.aggregation.judgments import Floats

SAME = 0.5
BENDS = 32


def near_points(points: Floats, radius: float) -> Floats:
    """(n, n) likeness of (n, 2) points."""
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
    return _likeness(apart, radius)


def near_lines(lines: Floats, radius: float) -> Floats:
    """(n, n) likeness of (n, bends, 2) lines, by the mean distance from bend to bend, in the
    direction in which they lie closer."""
    rows = [np.minimum(_apart(one, lines), _apart(one[::-1], lines)) for one in lines]
    return _likeness(np.array(rows).reshape(len(lines), len(lines)), radius)


def _apart(one: Floats, lines: Floats) -> Floats:
    return np.asarray(np.linalg.norm(lines - one, axis=-1).mean(axis=-1))


def _likeness(apart: Floats, radius: float) -> Floats:
    if radius <= 0:
        return np.asarray(apart == 0, dtype=float)
    return np.asarray(np.clip(1 - apart / (2 * radius), 0, 1))


def evenly(line: Floats, bends: int = BENDS) -> Floats:
    """(bends, 2) places at even distances along a line of (n, 2)."""
    lengths = np.linalg.norm(np.diff(line, axis=0), axis=1)
    along = np.concatenate(([0.0], np.cumsum(lengths)))
    if along[-1] == 0:
        return np.repeat(line[:1], bends, axis=0)
    at = np.linspace(0, along[-1], bends)
    return np.stack([np.interp(at, along, line[:, axis]) for axis in (0, 1)], axis=1)


def in_one_direction(lines: Floats) -> Floats:
    """(n, bends, 2) turned so that each runs as the first does."""
    first = lines[0]
    turned = [one if _run(one, first) <= _run(one[::-1], first) else one[::-1] for one in lines]
    return np.stack(turned)


def _run(one: Floats, first: Floats) -> float:
    return float(np.linalg.norm(one - first, axis=-1).mean())
