"""Soft tissue and air: the trunk, the arms, the lungs, the heart and what lies below them."""

from collections.abc import Iterator

import numpy as np

from overread.imaging.synthetic.canvas import Canvas, Curve, Dust, Map, clipped, curve, dome, step
from overread.imaging.synthetic.child import Arms, Child
from overread.imaging.synthetic.tubes import along, solid

_SHOULDER = {Arms.RAISED: (80.0, -8.0), Arms.OUT: (82.0, -2.0), Arms.DOWN: (90.0, 8.0)}
_ELBOW_AT = {Arms.RAISED: -1.1, Arms.OUT: -0.2, Arms.DOWN: 1.33}
_UPPER_ARM = 120.0


def arm_ends(child: Child, pose: Arms) -> Curve:
    """Shoulder and elbow (x, y) of a child of middle size, on its left, in mm; shape (2, 2)."""
    angle = _ELBOW_AT[pose] + child.arm_swing
    shoulder = np.array(_SHOULDER[pose])
    way = np.array((np.cos(angle), np.sin(angle)))
    return np.stack((shoulder, shoulder + _UPPER_ARM * way))


def scaled(shares: tuple[float, ...], size: float) -> tuple[float, ...]:
    """The shares of a length as lengths."""
    return tuple(share * size for share in shares)


def shift(child: Child, front: float) -> float:
    """How far a part `front` mm before the turning axis moves sideways when the child turns."""
    return front * float(np.sin(child.turn))


def trunk(canvas: Canvas, child: Child, rng: np.random.Generator) -> Map:
    """Thickness of neck, shoulders, chest and belly in mm, with the arms and the head."""
    size = child.half_width
    below = canvas.y / size
    wall = 1.0 + child.fat
    half = size * curve(
        (-0.9, -0.45, -0.28, -0.1, 0.1, 0.35, 0.7, 1.2, 2.2),
        (0.4, 0.4, 0.56, 0.97, wall + 0.05, wall + 0.04, wall - 0.03, wall - 0.02, wall + 0.02),
        below,
    )
    deep = size * curve(
        (-0.9, -0.4, 0.0, 0.4, 0.9, 1.4, 2.2), (0.75, 0.8, 1.05, 1.3, 1.36, 1.3, 1.22), below
    )
    body = deep * _flank(canvas.x / half)
    for side, pose in zip((-1.0, 1.0), child.arms, strict=True):
        # A fourth power joins arm and trunk without a bulge where they overlap.
        body = np.sqrt(np.hypot(body**2, _arm(canvas, child, side, pose) ** 2))
    grain = 1 + 0.03 * canvas.noise(rng, 25) + 0.012 * canvas.noise(rng, 7)
    return np.hypot(body, _head(canvas, child)) * grain


def _flank(across: Map) -> Map:
    square = across * across
    return np.sqrt(clipped(1 - square * (0.3 + 0.7 * square), 0, None))


def _arm(canvas: Canvas, child: Child, side: float, pose: Arms) -> Map:
    scale = child.half_width / 84
    length = _UPPER_ARM * scale
    shoulder, elbow = arm_ends(child, pose) * scale
    ux, uy = ((elbow - shoulder) / length).tolist()
    dx, dy = side * canvas.x - float(shoulder[0]), canvas.y - float(shoulder[1])
    way = clipped(dx * ux + dy * uy, 0, length)
    apart = np.hypot(dx - way * ux, dy - way * uy)
    radius = (31 - 0.06 * way) * scale
    return 2 * radius * dome(apart / radius)


def _head(canvas: Canvas, child: Child) -> Map:
    radius = 0.8 * child.half_width
    dx = canvas.x - shift(child, 30)
    dy = canvas.y - (child.chin - radius)
    return 1.3 * radius * dome(np.hypot(dx / 0.95, dy) / radius)


def heart_border(child: Child, y: Map, side: float) -> Map:
    """Where the heart ends at heights `y` (mm): the right atrium's bulge, the apex left."""
    below = y / child.lung_height
    if side < 0:
        share = curve(
            (0.2, 0.36, 0.5, 0.64, 0.8, 0.94, 1.06, 1.16, 1.28),
            (0.45, 0.56, 0.8, 0.97, 1.0, 0.92, 0.72, 0.4, 0.1),
            below,
        )
        return shift(child, 22) - share * child.heart_right * child.half_width
    share = curve(
        (0.1, 0.24, 0.38, 0.54, 0.7, 0.84, 0.95, 1.06, 1.18, 1.3),
        (0.3, 0.38, 0.52, 0.74, 0.91, 1.0, 1.0, 0.93, 0.7, 0.3),
        below + child.heart_turn,
    )
    return shift(child, 22) + share * child.heart_left * child.half_width


def heart(canvas: Canvas, child: Child) -> Map:
    """Thickness of the heart in mm."""
    below = canvas.y / child.lung_height
    deep = curve((0.1, 0.35, 0.65, 1.0, 1.25), (0.3, 0.62, 0.84, 0.84, 0.6), below)
    right, left = (heart_border(child, canvas.y, side) for side in (-1.0, 1.0))
    return _slab(canvas, right, left, deep * child.depth)


def great_vessels(canvas: Canvas, child: Child) -> Map:
    """Thickness of the upper mediastinum: vena cava, aorta, thymus, muscles of the neck."""
    size, middle = child.half_width, shift(child, 10)
    below = canvas.y / child.lung_height
    right = curve(
        (-0.3, -0.05, 0.12, 0.28, 0.45, 0.62),
        scaled((1.5, 0.9, 0.95, 1.05, 0.95, 0.6), child.thymus_right),
        below,
    )
    left = curve(
        (-0.3, -0.05, 0.1, 0.2, 0.32, 0.44, 0.58),
        scaled((1.2, 0.7, 0.82, 1.0, 1.04, 1.2, 0.9), child.thymus_left),
        below,
    )
    deep = curve((-0.2, 0.1, 0.4, 0.6), (0.75, 0.7, 0.7, 0.5), below) * child.depth
    return _slab(canvas, middle - right * size, middle + left * size, deep) ** 2 / deep


def spine_muscles(canvas: Canvas, child: Child) -> Map:
    """Thickness of the spine and the tissue beside it inside the chest cavity."""
    half = 0.17 * child.half_width
    across = (canvas.x - shift(child, -30)) / half
    return np.broadcast_to(0.95 * child.depth * dome(across) ** 2, canvas.shape)


def _slab(canvas: Canvas, right: Map, left: Map, deep: Map) -> Map:
    half = np.maximum((left - right) / 2, 1e-3)
    across = (canvas.x - (left + right) / 2) / half
    return deep * dome(across)


def sail(canvas: Canvas, child: Child) -> Map:
    """Thickness of a large thymus: a triangle with a straight lower edge and a wavy flank."""
    if not child.sail:
        return np.zeros(canvas.shape, np.float32)
    size = child.half_width
    below = canvas.y / child.lung_height
    wave = 0.009 * np.sin(canvas.y / child.rib_pitch * 2 * np.pi)
    flank = curve((-0.05, 0.08, 0.25, 0.42, 0.5), (0.1, 0.24, 0.38, 0.53, 0.56), below) + wave
    beside = child.sail * (canvas.x - shift(child, 30)) / size
    inside = step((flank - beside) * 14) * step(beside * 8)
    base = 0.47 + 0.05 * beside
    return 0.3 * child.depth * inside * step((base - below) * 32) * step(below * 5 + 0.6)


def mediastinum(canvas: Canvas, child: Child) -> Map:
    """Thickness of everything between the lungs, in mm."""
    middle = np.hypot(heart(canvas, child), great_vessels(canvas, child))
    return np.maximum(middle, spine_muscles(canvas, child)) + sail(canvas, child)


def diaphragm(canvas: Canvas, child: Child) -> Map:
    """Height of the dome at each column in mm, shape (1, width): the left lies lower."""
    size = child.half_width
    x = canvas.x / size
    right = curve(
        (-1.1, -1.0, -0.85, -0.65, -0.45, -0.25, -0.1, 0.0),
        scaled((0.62, 0.42, 0.2, 0.06, 0.0, 0.0, 0.05, 0.08), child.dome),
        x,
    )
    left = curve(
        (0.0, 0.1, 0.3, 0.5, 0.68, 0.85, 1.0, 1.1),
        scaled((0.08, 0.05, 0.0, 0.0, 0.05, 0.2, 0.42, 0.62), child.dome),
        x,
    )
    lower = child.left_dome_drop * step(x * 2 + 0.5)
    return child.lung_height + size * np.where(x < 0, right, left) + lower


def air(canvas: Canvas, child: Child) -> Map:
    """Depth of the two lungs along the ray in mm, the heart and the diaphragm taken out."""
    cavity = _cavity(canvas, child)
    free = clipped(cavity - mediastinum(canvas, child), 0, None)
    return free * _above_diaphragm(canvas, child)


def _cavity(canvas: Canvas, child: Child) -> Map:
    size, height = child.half_width, child.chest_height
    beside = np.abs(canvas.x - shift(child, -5))
    flank = _flank(beside / child.border(canvas.y))
    peak = 0.1 * height * (clipped(0.35 - beside / size, 0, None) / 0.22) ** 2
    apex = np.sqrt(clipped((canvas.y - peak) / (0.2 * height), 0, 1))
    deep = curve(
        (0.0, 0.1, 0.3, 0.5, 0.8, 1.5), (0.55, 0.68, 0.86, 0.96, 1.0, 0.95), canvas.y / height
    )
    return child.depth * deep * flank * apex


def _above_diaphragm(canvas: Canvas, child: Child) -> Map:
    below = canvas.y - diaphragm(canvas, child)
    recess = 0.52 * clipped(1 - np.sqrt(clipped(below / 34, 0, None)), 0, None)
    edge = step(0.5 - below / 2.4)
    return edge + (1 - edge) * recess


def windpipe(canvas: Canvas, child: Child) -> Iterator[Dust]:
    """Air in the trachea and the main bronchi."""
    middle, carina = shift(child, 5), 0.37 * child.chest_height
    fork = (middle - 1.5, carina)
    pipe = [(middle, -80.0), (middle - 1, 0.4 * carina), fork]
    right = [fork, (middle - 11, carina + 9), (middle - 20, carina + 24)]
    left = [fork, (middle + 13, carina + 9), (middle + 27, carina + 17)]
    for branch, first, last in ((pipe, 3.9, 3.9), (right, 3.0, 1.8), (left, 3.0, 1.8)):
        path = along(np.array(branch), canvas.points(260))
        yield solid(path, np.linspace(first, last, len(path)), 60)


def gas(canvas: Canvas, child: Child, rng: np.random.Generator) -> Map:
    """Air in the stomach and the bowel, in mm: a bubble under the left dome and loops below."""
    size = child.half_width
    floor = child.lung_height + child.left_dome_drop
    total = np.zeros(canvas.shape, np.float32)
    bubbles = [(0.42 * size, floor + 0.24 * size, 0.28 * size * child.stomach)]
    for _ in range(int(rng.integers(2, 9))):
        place = rng.uniform(-0.5, 0.85) * size, floor + rng.uniform(0.4, 1.0) * size
        bubbles.append((*place, rng.uniform(0.06, 0.16) * size))
    wobble = canvas.noise(rng, 14)
    for x, y, radius in bubbles:
        dx, dy = (canvas.x - x) / rng.uniform(1.1, 1.7), canvas.y - y
        total = np.maximum(
            total, 1.1 * radius * dome(np.hypot(dx, dy) / (radius + 1e-3) * (1 + 0.13 * wobble))
        )
    return total
