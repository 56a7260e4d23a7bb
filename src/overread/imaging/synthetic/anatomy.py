"""All parts of the child together: how much of the ray each place holds back."""

from typing import NamedTuple

import numpy as np

from overread.imaging.synthetic import bones, soft, vessels
from overread.imaging.synthetic.canvas import Canvas, Map, clipped, resized, softened
from overread.imaging.synthetic.child import Child
from overread.imaging.synthetic.spine import spine

# Per mm, for the rays of a child's chest film (about 65 kV); bone is what exceeds soft tissue.
SOFT_TISSUE = 0.0215
BONE = 0.085


class Lungs(NamedTuple):
    """On a canvas thinned by two: air in mm, and the share of it (0 to 1) that is lost."""

    air: Map
    lost: Map


def attenuation(
    canvas: Canvas, child: Child, lungs: Lungs, fold: Map, rng: np.random.Generator
) -> Map:
    """Natural log of the ray's weakening; `fold` is extra skin in mm on the thinned canvas."""
    coarse = canvas.thinned(2)
    flesh = soft.trunk(coarse, child, rng) + fold - soft.gas(coarse, child, rng)
    flesh = flesh - lungs.air * (1 - child.lung_density) * (1 - lungs.lost)
    lung, lost = (
        resized(part, canvas.shape) for part in (clipped(lungs.air / 40, 0, 1), lungs.lost)
    )
    flesh = resized(flesh, canvas.shape) + lung * _markings(canvas, child, lost, rng)
    flesh = flesh - 0.9 * softened(canvas.summed(soft.windpipe(canvas, child)))
    weak: Map = SOFT_TISSUE * clipped(flesh, 0, None) + BONE * _bone(canvas, child, rng)
    return weak


def _markings(canvas: Canvas, child: Child, lost: Map, rng: np.random.Generator) -> Map:
    """Vessels and the fine net, in mm. Where air is lost the vessels drown in it, and the
    bronchi beside them stand out dark instead: the air bronchogram."""
    tree = softened(canvas.summed(vessels.tree(canvas, child, rng)))
    web = 3.6 * vessels.net(canvas, rng) + 5.0 * vessels.haze(canvas, child)
    markings: Map = 1.5 * tree * (1 - 1.6 * lost) + web * (1 - 0.6 * lost)
    return markings


def _bone(canvas: Canvas, child: Child, rng: np.random.Generator) -> Map:
    total = canvas.summed([*bones.ribs(canvas, child, rng), *bones.limbs(canvas, child, rng)])
    total += spine(canvas, child, rng)
    total += resized(bones.shoulder_blades(canvas.thinned(2), child, rng), canvas.shape)
    uneven = 1 + 0.07 * canvas.noise(rng, 1.2) + 0.1 * canvas.noise(rng, 8)
    return softened(total) * uneven
