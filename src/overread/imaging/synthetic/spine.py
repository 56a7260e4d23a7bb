"""The spine seen through the heart: vertebral bodies, discs, pedicles and processes."""

import numpy as np

from overread.imaging.synthetic.canvas import Canvas, Map, step
from overread.imaging.synthetic.child import Child
from overread.imaging.synthetic.soft import shift

Place = tuple[float, float]


def spine(canvas: Canvas, child: Child, rng: np.random.Generator) -> Map:
    """Bone in mm: the faint column with bright end plates and the small rings behind it."""
    total = np.zeros(canvas.shape, np.float32)
    pitch, middle = child.rib_pitch, shift(child, -30)
    lean = shift(child, -48) - middle
    for level in range(-6, 17):
        y = pitch * (level + 0.15) + rng.normal(0, 0.25)
        half = child.half_width * (0.112 + 0.0016 * max(level, 0)) * rng.uniform(0.96, 1.04)
        _body(total, canvas, (middle, y), (half, 0.4 * pitch), rng)
        for side in (-1.0, 1.0):
            beside = middle + 0.4 * lean + side * 0.84 * half
            _ring(total, canvas, (beside, y - 0.05 * pitch), (1.7, 2.7), rng)
            _process(total, canvas, (beside + side * 4.5, y - 0.16 * pitch), side)
        _ring(total, canvas, (middle + lean, y + 0.3 * pitch), (1.2, 2.6), rng)
    return total * child.bone


def _body(total: Map, canvas: Canvas, centre: Place, half: Place, rng: np.random.Generator) -> None:
    """Add a rounded block: waisted flanks, and end plates that shine a little."""
    window, dx, dy = _near(canvas, centre, (half[0] + 3, half[1] + 3))
    dy = dy + rng.normal(0, 0.03) * dx + rng.uniform(0.002, 0.012) * dx * dx * np.sign(dy)
    rise = np.abs(dy) / half[1]
    flank = half[0] * (0.93 + 0.08 * rise * rise)
    edge = np.minimum(flank - np.abs(dx), 1.1 * (half[1] - np.abs(dy)))
    inside = step(edge / 1.4 + 0.5)
    plate = np.exp(-(((half[1] - 0.5 - np.abs(dy)) / 0.6) ** 2))
    rim = np.exp(-(((flank - 0.7 - np.abs(dx)) / 0.7) ** 2))
    total[window] += inside * (2.5 + 0.75 * plate * rng.uniform(0.6, 1.2) + 0.6 * rim)


def _ring(total: Map, canvas: Canvas, centre: Place, half: Place, rng: np.random.Generator) -> None:
    """Add a small bony ring: a pedicle or a spinous process seen end on."""
    window, dx, dy = _near(canvas, centre, (half[0] + 2, half[1] + 2))
    away = (np.hypot(dx / half[0], dy / half[1]) - 1) * min(half)
    shine = rng.uniform(0.7, 1.4)
    total[window] += shine * np.exp(-((away / 0.55) ** 2)) + 0.3 * step(0.5 - away)


def _process(total: Map, canvas: Canvas, centre: Place, side: float) -> None:
    """Add the short bar beside the body that meets the rib's neck."""
    window, dx, dy = _near(canvas, centre, (8.0, 5.0))
    away = np.hypot(dx / 5.0, (dy + 0.25 * side * dx) / 2.0)
    total[window] += 0.8 * step((1.2 - away) * 1.6)


def _near(canvas: Canvas, centre: Place, reach: Place) -> tuple[tuple[slice, slice], Map, Map]:
    """The part of the canvas about `centre`, and the distances from it in mm."""
    column = (centre[0] - canvas.left) * canvas.scale
    row = (centre[1] - canvas.top) * canvas.scale
    wide, high = reach[0] * canvas.scale, reach[1] * canvas.scale
    rows = slice(max(int(row - high), 0), max(int(row + high), 0))
    columns = slice(max(int(column - wide), 0), max(int(column + wide), 0))
    return (rows, columns), canvas.x[:, columns] - centre[0], canvas.y[rows] - centre[1]
