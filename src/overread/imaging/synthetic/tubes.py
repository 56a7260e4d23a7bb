"""Round things seen from the front: hollow bones and solid vessels, as dust to be summed."""

import numpy as np
from numpy.typing import NDArray

from overread.imaging.synthetic.canvas import Curve, Dust

UPRIGHT = np.array((0.0, 1.0, 0.0), np.float32)
FORWARD = np.array((0.0, 0.0, 1.0), np.float32)


def turned(centre: Curve, turn: float) -> Curve:
    """Points (x, y, z) as seen when the child turns about the long axis by `turn` radians."""
    x, y, z = np.moveaxis(centre, -1, 0)
    across = x * np.cos(turn) + z * np.sin(turn)
    away = z * np.cos(turn) - x * np.sin(turn)
    return np.stack((across, y, away), axis=-1)


def along(points: Curve, count: int) -> Curve:
    """A smooth path of `count` points through the given ones, shape (count, dimensions)."""
    knots = np.linspace(0, 1, len(points))
    place = np.linspace(0, 1, count)
    width = max(count // (len(points) + 1), 1)
    kernel = np.hanning(2 * width + 3)[1:-1]
    rough = (np.interp(place, knots, column) for column in points.T)
    return np.stack([_smoothed(column, kernel / kernel.sum()) for column in rough], axis=-1)


def _smoothed(values: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    reach = len(kernel) // 2
    before = 2 * values[0] - values[reach:0:-1]
    after = 2 * values[-1] - values[-2 : -reach - 2 : -1]
    return np.convolve(np.concatenate((before, values, after)), kernel, mode="valid")


def hollow(
    centre: Curve,
    radius: Curve,
    cortex: Curve,
    *,
    flat: float = 1.0,
    up: Curve = UPRIGHT,
    ring: int = 40,
    keel: float = 0.0,
    filled: bool = False,
) -> Dust:
    """A tube's wall as dust: its rims shine, as the ray runs along the cortex there.

    `centre` (..., n, 3) in mm; `radius` and `cortex` (the wall's thickness) broadcast to
    (..., n), in mm; the radius across `up` is `flat` times that along it. `keel` is the
    share by which the wall is thicker at the end that `up` points to. When `filled`, the same
    bone lies spread over the whole bore, as marrow does.
    """
    centre, radius = centre.astype(np.float32), radius.astype(np.float32)
    tangent = np.gradient(centre, axis=-2)
    length = np.linalg.norm(tangent, axis=-1)
    side = _unit(np.cross(tangent, up))
    high = _unit(np.cross(side, tangent))
    spread, ahead, inward = _scattered(centre.shape[-2], ring)
    angle = 2 * np.pi * spread
    reach = np.sqrt(inward) if filled else np.float32(1)
    cosine, sine = np.cos(angle) * radius[..., None], np.sin(angle) * radius[..., None]
    x, y = (
        centre[..., None, k]
        + ahead * tangent[..., None, k]
        + reach * cosine * high[..., None, k]
        + reach * flat * sine * side[..., None, k]
        for k in (0, 1)
    )
    arc = np.hypot(sine, flat * cosine) * (2 * np.pi / ring)
    wall = (cortex * length)[..., None] * (1 + keel * np.cos(angle))
    return Dust.flat(x, y, wall * arc)


def solid(centre: Curve, radius: Curve, strands: int) -> Dust:
    """Filled round tubes as dust; `centre` (..., n, 2), `radius` (..., n), in mm."""
    centre, radius = centre.astype(np.float32), radius.astype(np.float32)
    tangent = np.gradient(centre, axis=-2)
    length = np.linalg.norm(tangent, axis=-1)
    across = _unit(np.stack((-tangent[..., 1], tangent[..., 0]), axis=-1))
    spread, ahead, _ = _scattered(centre.shape[-2], strands)
    share = 2 * spread - 1
    offset = share * radius[..., None]
    x, y = (
        centre[..., None, k] + ahead * tangent[..., None, k] + offset * across[..., None, k]
        for k in (0, 1)
    )
    chord = 2 * np.sqrt(1 - share**2) * radius[..., None]
    return Dust.flat(x, y, chord * (length * radius)[..., None] * (2 / strands))


def ball(centre: Curve, radius: float, bone: float, points: int) -> Dust:
    """A round end of spongy bone, `bone` mm of it along the ray through its middle."""
    jitter = np.random.default_rng(1)
    way = _unit(jitter.standard_normal((points, 3)))
    depth = jitter.random((points, 1)) ** (1 / 3)
    # A third of the bone lies in the shell.
    place = centre + radius * way * np.where(depth > 0.87, 1.0, depth)
    volume = 4 / 3 * np.pi * radius**3 * bone / (2 * radius)
    return Dust.flat(place[:, 0], place[:, 1], np.array(volume / points))


def _scattered(rings: int, count: int) -> tuple[Curve, Curve, Curve]:
    """Even but irregular offsets: shares of the ring, of the stride ahead, and of the depth.

    The jitter is always the same one; it only keeps the sampled points from forming a moire.
    """
    jitter = np.random.default_rng(0).random((3, rings, count), dtype=np.float32)
    return (np.arange(count, dtype=np.float32) + jitter[0]) / count, jitter[1] - 0.5, jitter[2]


def _unit(vectors: Curve) -> Curve:
    length: Curve = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(length, 1e-9)
