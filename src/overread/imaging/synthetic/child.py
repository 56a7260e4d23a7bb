"""The child in front of the detector: its measures in mm, drawn before any finding."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from overread.imaging.synthetic.canvas import Map, curve

# Outer lung border as a share of the chest's half width, by depth below the apex (1 = dome).
_BORDER_AT = (0.0, 0.03, 0.08, 0.15, 0.28, 0.42, 0.6, 0.8, 1.0, 1.3, 1.7, 2.2)
_BORDER = (0.36, 0.47, 0.55, 0.63, 0.75, 0.85, 0.94, 0.99, 1.01, 1.02, 1.0, 0.97)


class Arms(StrEnum):
    """Where the arms lie."""

    RAISED = "raised"
    OUT = "out"
    DOWN = "down"


@dataclass(frozen=True)
class Child:
    """Measures of one child. Lengths in mm, angles in radians, the rest are shares."""

    half_width: float
    lung_height: float
    chest_height: float
    depth: float
    rib_pitch: float
    rib_tilt: float
    rib_height: float
    heart_right: float
    heart_left: float
    heart_turn: float
    left_dome_drop: float
    dome: float
    cone: float
    fat: float
    turn: float
    bone: float
    lung_density: float
    thymus_right: float
    thymus_left: float
    sail: float
    arms: tuple[Arms, Arms]
    arm_swing: float
    chin: float
    stomach: float

    def border(self, y: Map) -> Map:
        """The chest cavity's half width at each height `y`."""
        return self.half_width * curve(_BORDER_AT, _BORDER, y / self.chest_height) ** self.cone


def any_child(rng: np.random.Generator) -> Child:
    """Draw the measures of a child aged about one to five."""
    half_width = rng.uniform(78, 90)
    height = half_width * rng.uniform(1.1, 1.3)
    return Child(
        half_width=half_width,
        lung_height=height,
        chest_height=height,
        depth=half_width * rng.uniform(0.98, 1.08),
        rib_pitch=height * rng.uniform(0.112, 0.124),
        rib_tilt=rng.uniform(0.5, 0.78),
        rib_height=rng.uniform(2.0, 2.7),
        heart_right=rng.uniform(0.26, 0.34),
        heart_left=rng.uniform(0.52, 0.66),
        heart_turn=rng.uniform(-0.04, 0.04),
        left_dome_drop=rng.uniform(1, 8),
        dome=rng.uniform(0.5, 1.0),
        cone=rng.uniform(0.85, 1.3),
        fat=rng.uniform(0.14, 0.26),
        turn=rng.normal(0, 0.03),
        bone=rng.uniform(0.75, 1.1),
        lung_density=rng.uniform(0.22, 0.32),
        thymus_right=rng.uniform(0.14, 0.2),
        thymus_left=rng.uniform(0.17, 0.26),
        sail=0.0,
        arms=_arms(rng),
        arm_swing=rng.normal(0, 0.16),
        chin=rng.uniform(-46, -12),
        stomach=rng.uniform(0, 1),
    )


def _arms(rng: np.random.Generator) -> tuple[Arms, Arms]:
    right = Arms(rng.choice(list(Arms), p=(0.5, 0.25, 0.25)))
    left = Arms(rng.choice(list(Arms), p=(0.5, 0.25, 0.25)))
    return (right, right) if rng.random() < 0.75 else (right, left)
