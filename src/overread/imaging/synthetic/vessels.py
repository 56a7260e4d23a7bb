"""The web in the lungs: vessels that branch from the hila, and the fine net between them."""

from collections.abc import Iterator

import numpy as np

from overread.imaging.synthetic.canvas import Canvas, Curve, Dust, Map, dome
from overread.imaging.synthetic.child import Child
from overread.imaging.synthetic.soft import shift
from overread.imaging.synthetic.tubes import solid

GENERATIONS = 7
ROOTS = np.radians((-78, -66, -50, -32, -14, 6, 22, 38, 50, 60, 70, 80))


def hilum(child: Child, side: float) -> tuple[float, float]:
    """Where a lung's vessels enter it, in mm; the left hilum lies a little higher."""
    crowd = child.lung_height / child.chest_height
    place = 0.24 if side < 0 else 0.29
    return (
        side * place * child.half_width + shift(child, 4),
        (0.5 if side < 0 else 0.45) * child.chest_height * (0.35 + 0.65 * crowd),
    )


def tree(canvas: Canvas, child: Child, rng: np.random.Generator) -> Iterator[Dust]:
    """The blood vessels of both lungs."""
    for side in (-1.0, 1.0):
        start: Curve = hilum(child, side) + rng.normal(0, (2.5, 6.0), (len(ROOTS), 2))
        heading: Curve = ROOTS + rng.normal(0, 0.15, len(ROOTS))
        radius: Curve = rng.uniform(0.8, 2.2, len(ROOTS))
        for generation in range(GENERATIONS):
            reach = 0.14 * child.half_width * 0.92**generation
            path = _paths(start, heading, reach, side, rng)
            yield _drawn(canvas, path, radius, reach)
            start, heading, radius = _forked(path, heading, radius, rng)
        yield _end_on(child, side, rng)


def _end_on(child: Child, side: float, rng: np.random.Generator) -> Dust:
    """Vessels about the hilum that run along the ray: small dense spots."""
    spread = np.array((0.17, 0.2)) * child.half_width
    middle = np.array(hilum(child, side)) + rng.normal(0, 1, (34, 2)) * spread
    middle[:, 0] += 0.08 * side * child.half_width
    radius = rng.uniform(0.5, 1.7, (34, 1))
    way = rng.uniform(-1, 1, (34, 1, 2)) * radius[..., None]
    path = middle[:, None] + way * np.linspace(-1, 1, 14)[None, :, None]
    return solid(path, radius * dome(np.linspace(-0.98, 0.98, 14))[None], 16)


def _paths(
    start: Curve, heading: Curve, reach: float, side: float, rng: np.random.Generator
) -> Curve:
    """Bent paths, shape (branches, points, 2)."""
    count = len(heading)
    place = np.linspace(0, 1, 60)[None]
    length = reach * rng.uniform(0.6, 1.35, (count, 1))
    bend = rng.normal(0, 0.4, (count, 1)) * place + rng.normal(0, 0.28, (count, 1)) * np.sin(
        place * 2 * np.pi
    )
    angle = heading[:, None] + bend
    stride = length / place.size
    x = start[:, :1] + side * np.cumsum(np.cos(angle) * stride, axis=1)
    y = start[:, 1:] + np.cumsum(np.sin(angle) * stride, axis=1)
    return np.stack((x, y), axis=-1)


def _drawn(canvas: Canvas, path: Curve, radius: Curve, reach: float) -> Dust:
    points = int(np.clip(reach * canvas.scale * 1.2, 10, 160))
    index = np.linspace(0, path.shape[1] - 1, points).round().astype(int)
    width = radius[:, None] * np.linspace(1.0, 0.77, points)[None]
    strands = int(np.ceil(2.0 * float(radius.max()) * canvas.scale)) + 1
    return solid(path[:, index], width, strands)


def _forked(
    path: Curve, heading: Curve, radius: Curve, rng: np.random.Generator
) -> tuple[Curve, Curve, Curve]:
    """Each branch ends in two thinner ones; Murray's law shares its bore between them."""
    share = rng.uniform(0.35, 0.65, len(heading))
    spread = rng.uniform(0.25, 0.85, len(heading))
    start = np.concatenate((path[:, -1], path[:, -1]))
    turned = np.concatenate((heading - spread * (1 - share), heading + spread * share))
    bore = (2 * np.concatenate((share, 1 - share))) ** (1 / 2.7) * np.tile(0.77 * radius, 2)
    return start, turned, bore


def haze(canvas: Canvas, child: Child) -> Map:
    """The blur of crowded vessels about both hila, 0 to 1."""
    total = np.zeros(canvas.shape, np.float32)
    for side in (-1.0, 1.0):
        x, y = hilum(child, side)
        across = (canvas.x - x - 4 * side) / (0.16 * child.half_width)
        down = (canvas.y - y - 4) / (0.24 * child.lung_height)
        total += np.exp(-across * across) * np.exp(-down * down)
    return total


def net(canvas: Canvas, rng: np.random.Generator) -> Map:
    """A fine web without scale of its own, about -1 to 1: ridges of smooth noise."""
    total = np.zeros(canvas.shape, np.float32)
    for cell, weight in ((9.0, 0.45), (4.5, 0.5), (2.4, 0.45), (1.3, 0.3)):
        total += weight * (0.62 - np.abs(canvas.noise(rng, cell)))
    return total
