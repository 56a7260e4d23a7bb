"""From a seed to a finished film, and a balanced collection of them."""

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from overread.imaging.synthetic import opacity
from overread.imaging.synthetic.anatomy import Lungs, attenuation
from overread.imaging.synthetic.canvas import Canvas, Map
from overread.imaging.synthetic.child import any_child
from overread.imaging.synthetic.film import (
    Film,
    any_film,
    canvas_for,
    developed,
    finished,
    moved,
    projected,
)
from overread.imaging.synthetic.kinds import (
    Box,
    Finding,
    LookAlike,
    Pattern,
    SyntheticRadiograph,
)
from overread.imaging.synthetic.lookalikes import TEACHING, exposed, posed, skin_fold, spoilt
from overread.imaging.synthetic.soft import air

NOTICE = "Synthetic chest radiograph drawn by overread; shows no patient"
CLEAR = "No opacity: the heart borders and both domes of the diaphragm are sharp."
BLOCK = 32
SHRINK = 4


def draw(
    rng: np.random.Generator,
    finding: Finding,
    *,
    look_alike: LookAlike = LookAlike.NONE,
    pattern: Pattern | None = None,
    size: tuple[int, int] | None = None,
) -> SyntheticRadiograph:
    """Draw one frontal chest film of a child that never lived.

    `size` is (width, height) in pixels, drawn when absent; so is the `pattern` of a pneumonia.
    Film and child are drawn before the finding and apart from it: the same state of `rng`
    gives the same size, marker, exposure and body whatever the finding.

    Raises ValueError when the pattern does not fit the finding, or `size` is below 64 pixels.
    """
    film_rng, child_rng, pose_rng, body_rng, finding_rng, grain_rng = _apart(rng, 6)
    film = exposed(any_film(film_rng, size), look_alike, pose_rng)
    child = posed(any_child(child_rng), look_alike, pose_rng)
    pattern = _pattern(finding, pattern, finding_rng)
    film, reason = spoilt(film, finding_rng) if finding is Finding.UNREADABLE else (film, "")
    canvas = canvas_for(film, child.half_width)
    coarse = canvas.thinned(2)
    patches = opacity.patches(child, pattern, finding_rng)
    shadows = _shadows(coarse, patches, finding_rng)
    lungs = Lungs(air(coarse, child), _together(coarse, shadows))
    fold = skin_fold(coarse, child, look_alike, pose_rng)
    body = attenuation(canvas, child, lungs, fold, body_rng)
    dense = projected(moved(body, film.motion, canvas), film, canvas)
    where = opacity.described(coarse, child, patches, lungs.lost)
    return SyntheticRadiograph(
        pixels=finished(developed(dense, film, canvas, grain_rng), film),
        finding=finding,
        pattern=pattern,
        look_alike=look_alike,
        opacities=tuple(_box(lungs.air * shadow, film, coarse) for shadow in shadows),
        description=_sentence(where, look_alike, reason),
    )


def _apart(rng: np.random.Generator, count: int) -> list[np.random.Generator]:
    """Generators that do not disturb each other: what one draws shifts no other's numbers."""
    return [np.random.default_rng(seed) for seed in rng.integers(2**63, size=count)]


def _pattern(finding: Finding, pattern: Pattern | None, rng: np.random.Generator) -> Pattern:
    drawn = Pattern(rng.choice((Pattern.CONCENTRATED, Pattern.DIFFUSE)))
    ill = finding is Finding.PNEUMONIA
    chosen = pattern if pattern is not None else drawn if ill else Pattern.NONE
    if ill == (chosen is Pattern.NONE):
        raise ValueError(f"The pattern {chosen} does not fit the finding {finding}.")
    return chosen


def _shadows(
    canvas: Canvas, patches: tuple[opacity.Patch, ...], rng: np.random.Generator
) -> list[Map]:
    cloud = opacity.cloud(canvas, rng)
    return [opacity.shadow(canvas, patch, cloud) for patch in patches]


def _together(canvas: Canvas, shadows: list[Map]) -> Map:
    """What several losses of air, one after the other, take away in all."""
    left: Map = np.ones(canvas.shape, np.float32)
    for shadow in shadows:
        left = left * (1 - shadow)
    return 1 - left


def _box(loss: Map, film: Film, canvas: Canvas) -> Box:
    """The rectangle in the film's pixels about the lost air `loss` (mm on `canvas`)."""
    seen = projected(loss, film, canvas, SHRINK)
    rows, columns = np.nonzero(seen > 0.35 * seen.max())
    left, right = int(columns.min()), int(columns.max()) + 1
    top, bottom = int(rows.min()), int(rows.max()) + 1
    return Box(left * SHRINK, top * SHRINK, (right - left) * SHRINK, (bottom - top) * SHRINK)


def _sentence(opacities: str, look_alike: LookAlike, reason: str) -> str:
    if reason:
        return f"Nobody can judge this film: {reason}."
    hint = TEACHING[look_alike]
    if not opacities:
        opacities = "There is no opacity." if hint else CLEAR
        return f"{hint} {opacities}".strip()
    return f"{opacities} {hint}".strip()


def collection(
    seed: int, count: int, *, size: tuple[int, int] | None = None
) -> Iterator[SyntheticRadiograph]:
    """Yield `count` films: half pneumonia, half of these concentrated, and about 3 % unreadable.

    A look-alike falls on a third of all films, ill or healthy, so that none of them gives the
    finding away. The films of a shorter collection begin those of a longer one.
    """
    for index in range(count):
        rng, finding, pattern, look_alike = planned(seed, index)
        yield draw(rng, finding, look_alike=look_alike, pattern=pattern, size=size)


def planned(seed: int, index: int) -> tuple[np.random.Generator, Finding, Pattern, LookAlike]:
    """What stands at a place of a collection, and the generator that draws it."""
    block, place = divmod(index, BLOCK)
    order = np.random.default_rng((seed, block)).permutation(BLOCK)
    rng = np.random.default_rng((seed, block, place))
    odd = rng.random() < 1 / 3
    look_alike = LookAlike(rng.choice(list(LookAlike)[1:])) if odd else LookAlike.NONE
    return rng, *_kind(int(order[place])), look_alike


def _kind(place: int) -> tuple[Finding, Pattern]:
    """What stands at a place of the unshuffled block of 32: 1 spoilt, 16 ill, 15 healthy."""
    if place == 0:
        return Finding.UNREADABLE, Pattern.NONE
    if place > BLOCK // 2:
        return Finding.HEALTHY, Pattern.NONE
    return Finding.PNEUMONIA, Pattern.DIFFUSE if place % 2 else Pattern.CONCENTRATED


def png(radiograph: SyntheticRadiograph) -> bytes:
    """The film as an 8-bit grey PNG whose text says that it is synthetic, and no finding."""
    text = PngInfo()
    text.add_text("Synthetic", "yes")
    text.add_text("Software", "overread")
    text.add_text("Description", NOTICE)
    buffer = io.BytesIO()
    Image.fromarray(radiograph.pixels).save(buffer, "PNG", pnginfo=text)
    return buffer.getvalue()
