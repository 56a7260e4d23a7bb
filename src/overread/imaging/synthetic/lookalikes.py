"""What makes a film harder to judge: poses, folds, wrong exposures, and spoilt films."""

from dataclasses import replace

import numpy as np

from overread.imaging.synthetic.canvas import Canvas, Map, clipped
from overread.imaging.synthetic.child import Child
from overread.imaging.synthetic.film import Film
from overread.imaging.synthetic.kinds import LookAlike

TEACHING = {
    LookAlike.NONE: "",
    LookAlike.THYMUS_SAIL: "A large thymus spreads like a sail beside the upper mediastinum.",
    LookAlike.POOR_BREATH: "The child breathed out: high diaphragm, wide heart, crowded vessels.",
    LookAlike.ROTATION: "The child is turned, so that one lung looks darker than the other.",
    LookAlike.SKIN_FOLD: "A skin fold draws a long sharp line across the chest.",
    LookAlike.OVER_EXPOSURE: "The film is over-exposed: the lungs look too dark.",
    LookAlike.UNDER_EXPOSURE: "The film is under-exposed: everything looks pale and grainy.",
}


def posed(child: Child, look_alike: LookAlike, rng: np.random.Generator) -> Child:
    """The child as the look-alike wants it: breathed out, turned, or with a large thymus."""
    side, amount = float(rng.choice((-1.0, 1.0))), rng.uniform(0, 1)
    if look_alike is LookAlike.POOR_BREATH:
        return replace(
            child,
            lung_height=child.lung_height * (0.77 - 0.07 * amount),
            heart_right=child.heart_right * 1.12,
            heart_left=min(child.heart_left * 1.2, 0.76),
            lung_density=child.lung_density + 0.12,
        )
    if look_alike is LookAlike.ROTATION:
        return replace(child, turn=side * (0.22 + 0.12 * amount))
    if look_alike is LookAlike.THYMUS_SAIL:
        return replace(child, sail=-1.0 if side < 0 or amount < 0.5 else 1.0)
    return child


def exposed(film: Film, look_alike: LookAlike, rng: np.random.Generator) -> Film:
    """The film as the look-alike exposes it."""
    amount = rng.uniform(0, 1)
    if look_alike is LookAlike.OVER_EXPOSURE:
        return replace(film, exposure=film.exposure + 0.45 + 0.2 * amount)
    if look_alike is LookAlike.UNDER_EXPOSURE:
        exposure = film.exposure - 0.5 - 0.2 * amount
        return replace(film, exposure=exposure, grain=film.grain * (2.2 + amount))
    return film


def spoilt(film: Film, rng: np.random.Generator) -> tuple[Film, str]:
    """A film that nobody should judge, and why."""
    kind, amount = int(rng.integers(4)), rng.uniform(0, 1)
    side = float(rng.choice((-1.0, 1.0)))
    if kind == 0:
        return replace(film, motion=6 + 5 * amount), "the child moved"
    if kind == 1:
        return replace(film, exposure=1.05 + 0.3 * amount), "the film is burnt black"
    if kind == 2:
        return replace(
            film, exposure=-1.25 - 0.3 * amount, grain=0.03
        ), "too little dose reached it"
    x, y = film.centre
    return replace(
        film, centre=(x + side * (70 + 20 * amount), y - 20)
    ), "half the chest is cut off"


def skin_fold(canvas: Canvas, child: Child, look_alike: LookAlike, rng: np.random.Generator) -> Map:
    """Thickness in mm of a fold of skin: it swells slowly and ends at a sharp, bent line."""
    if look_alike is not LookAlike.SKIN_FOLD:
        return np.zeros(canvas.shape, np.float32)
    side = float(rng.choice((-1.0, 1.0)))
    lean, bend = rng.uniform(0.12, 0.5), rng.uniform(-0.25, 0.25)
    down = canvas.y / child.lung_height
    line = child.half_width * (0.85 - lean * down + bend * (down - 0.5) ** 2)
    before = line - side * canvas.x
    ends = clipped((down + 0.05) / 0.3, 0, 1) * clipped((1.15 - down) / 0.3, 0, 1)
    rise = clipped(before / 0.8 + 0.5, 0, 1)
    return rng.uniform(6, 10) * ends * rise * np.exp(-clipped(before, 0, None) / 14)
