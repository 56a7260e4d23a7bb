"""Pneumonia: where the air is lost, how that looks, and which borders it hides."""

from dataclasses import dataclass

import numpy as np

from overread.imaging.synthetic.canvas import Canvas, Map, clipped, step
from overread.imaging.synthetic.child import Child
from overread.imaging.synthetic.kinds import Pattern
from overread.imaging.synthetic.soft import diaphragm, heart_border

_ZONES = {"upper": (0.2, 0.36), "middle": (0.44, 0.6), "lower": (0.68, 0.92)}


@dataclass(frozen=True)
class Patch:
    """One region without air: its centre and half axes in mm, and how dense it is (0 to 1).

    `fissure` is the height in mm of a straight lower (`kept` > 0) or upper (`kept` < 0) edge.
    """

    x: float
    y: float
    wide: float
    high: float
    strength: float
    ragged: float
    fissure: float
    kept: float

    @property
    def side(self) -> str:
        """The child's own side."""
        return "right" if self.x < 0 else "left"

    def zone(self, child: Child) -> str:
        """Which third of the lung the centre lies in."""
        below = self.y / child.lung_height
        return "upper" if below < 0.4 else "middle" if below < 0.64 else "lower"


def patches(child: Child, pattern: Pattern, rng: np.random.Generator) -> tuple[Patch, ...]:
    """Choose the places of a pneumonia; none without a pattern."""
    if pattern is Pattern.CONCENTRATED:
        return (_lobar(child, rng),)
    if pattern is Pattern.DIFFUSE:
        first = float(rng.choice((-1.0, 1.0)))
        count = int(rng.integers(4, 8))
        return tuple(_spot(child, first * (-1.0) ** k, rng) for k in range(count))
    return ()


def _place(child: Child, side: float, zone: str, rng: np.random.Generator) -> tuple[float, float]:
    """A point in the open part of a lung, between the middle shadows and the flank."""
    y = rng.uniform(*_ZONES[zone]) * child.lung_height
    inner = abs(float(heart_border(child, np.array(y), side)))
    outer = float(child.border(np.array(y)))
    return side * (inner + rng.uniform(0.25, 0.65) * (outer - inner)), y


def _lobar(child: Child, rng: np.random.Generator) -> Patch:
    """A large opacity that fills a part of one lobe, sometimes up to the fissure."""
    zone = str(rng.choice(list(_ZONES), p=(0.3, 0.3, 0.4)))
    side = -1.0 if rng.random() < 0.58 else 1.0
    x, y = _place(child, side, zone, rng)
    size = child.half_width * rng.uniform(0.24, 0.4)
    straight = side < 0 and zone != "lower" and rng.random() < 0.6
    return Patch(
        x=x,
        y=y,
        wide=size * rng.uniform(0.9, 1.3),
        high=size * rng.uniform(0.8, 1.1) * child.lung_height / child.chest_height,
        strength=rng.uniform(0.6, 0.9),
        ragged=rng.uniform(0.1, 0.24),
        fissure=child.lung_height * (0.42 if zone == "upper" else 0.43),
        kept=0.0 if not straight else 1.0 if zone == "upper" else -1.0,
    )


def _spot(child: Child, side: float, rng: np.random.Generator) -> Patch:
    zone = str(rng.choice(list(_ZONES), p=(0.2, 0.4, 0.4)))
    x, y = _place(child, side, zone, rng)
    size = child.half_width * rng.uniform(0.12, 0.22)
    wide, high = size * rng.uniform(0.8, 1.3, 2)
    return Patch(x, y, wide, high, rng.uniform(0.28, 0.5), rng.uniform(0.2, 0.32), 0.0, 0.0)


def shadow(canvas: Canvas, patch: Patch, cloud: Map) -> Map:
    """The share of the air that is lost along each ray, 0 to 1; `cloud` roughens the edge."""
    away = np.hypot((canvas.x - patch.x) / patch.wide, (canvas.y - patch.y) / patch.high)
    core = step((1.5 - away * (1 + patch.ragged * cloud)) / 0.95)
    if patch.kept:
        slope = patch.fissure + 0.06 * np.abs(canvas.x) - canvas.y
        core = core * step(patch.kept * slope / 3 + 0.5)
    return patch.strength * core * clipped(0.86 + 0.14 * cloud, 0, 1)


def cloud(canvas: Canvas, rng: np.random.Generator) -> Map:
    """The noise that makes an opacity look soft and uneven."""
    total = np.zeros(canvas.shape, np.float32)
    for cell, weight in ((20, 0.75), (9, 0.5), (4.5, 0.3), (2.2, 0.2)):
        total += weight * canvas.noise(rng, cell)
    return total


def hidden_borders(canvas: Canvas, child: Child, lost: Map, side: str) -> list[str]:
    """Which outlines on `side` an opacity blots out (the silhouette sign)."""
    sign = -1.0 if side == "right" else 1.0
    y = np.linspace(0.45, 0.95, 40, dtype=np.float32) * child.lung_height
    x = np.linspace(0.25, 0.85, 40, dtype=np.float32) * sign * child.half_width
    domes = np.interp(x, canvas.x[0], diaphragm(canvas, child)[0])
    along_heart = canvas.sampled(lost, heart_border(child, y, sign) + 2 * sign, y)
    above_dome = canvas.sampled(lost, x, domes - 2)
    outlines = (("heart border", along_heart), ("diaphragm", above_dome))
    return [f"the {side} {name}" for name, loss in outlines if np.mean(loss > 0.45) > 0.3]


def described(canvas: Canvas, child: Child, patches: tuple[Patch, ...], lost: Map) -> str:
    """A sentence that teaches where to look; empty without an opacity."""
    if not patches:
        return ""
    if len(patches) == 1:
        side, zone = patches[0].side, patches[0].zone(child)
        hidden = hidden_borders(canvas, child, lost, side)
        edge = "the fissure bounds it" if patches[0].kept else "its edge fades into the lung"
        after = f"it hides {' and '.join(hidden)}" if hidden else edge
        return f"Concentrated opacity in the {side} {zone} zone; {after}."
    zones = [zone for zone in _ZONES if any(patch.zone(child) == zone for patch in patches)]
    where = ", ".join(zones[:-1]) + f" and {zones[-1]}" if len(zones) > 1 else zones[0]
    plural = "zones" if len(zones) > 1 else "zone"
    return f"{len(patches)} soft patches in both lungs, in the {where} {plural}."
