"""How the film was taken: nuisances that are drawn before, and apart from, any finding."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from overread.imaging.synthetic.canvas import Canvas, Map, blurred, clipped, resized, softened

Place = tuple[float, float]

MARGIN = 1.12
FINENESS = 0.72
SMALLEST = 64
WARP_CELLS = 12


@dataclass(frozen=True)
class Film:
    """One exposure: the window on the body in mm, and what generator and reader did to it."""

    width: int
    height: int
    centre: Place
    scale: float
    roll: float
    warp: NDArray[np.float64]
    exposure: float
    contrast: float
    white: float
    detail: float
    grain: float
    scatter: float
    vignette: float
    shutters: tuple[float, float, float, float]
    letter: str
    letter_size: float
    letter_place: Place
    word_right: bool
    word_low: bool
    ticks: bool
    motion: float


def any_film(rng: np.random.Generator, size: tuple[int, int] | None) -> Film:
    """Draw the nuisances of one film; `size` (width, height) replaces the drawn one.

    Raises ValueError when `size` is too small to show a chest.
    """
    if size and min(size) < SMALLEST:
        raise ValueError(f"A film needs at least {SMALLEST} pixels each way, not {size}.")
    width = int(rng.integers(900, 1501))
    height = round(width / rng.uniform(1.18, 1.6))
    right = rng.random() < 0.85
    beside = rng.uniform(0.012, 0.075)
    return Film(
        width=size[0] if size else width,
        height=size[1] if size else height,
        centre=(rng.normal(0, 3), rng.uniform(46, 60)),
        scale=rng.uniform(0.93, 1.08),
        roll=rng.normal(0, 0.025),
        warp=rng.normal(0, 1, (2, 5, 5)),
        exposure=rng.normal(0, 0.08),
        contrast=rng.uniform(0.75, 1.35),
        white=rng.uniform(205, 235),
        detail=rng.uniform(0.12, 0.5),
        grain=rng.uniform(0.003, 0.007),
        scatter=rng.uniform(0.1, 0.3),
        vignette=rng.uniform(0, 0.12),
        shutters=_shutters(rng),
        letter="R" if right else "L",
        letter_size=rng.uniform(0.026, 0.055),
        letter_place=(beside if right else 0.95 - beside, rng.uniform(0.07, 0.42)),
        word_right=rng.random() < 0.5,
        word_low=rng.random() < 0.8,
        ticks=rng.random() < 0.4,
        motion=0.0,
    )


def _shutters(rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Shares of the width (left, right) and height (top, bottom) that the collimator hides."""
    shut = rng.uniform(0, 0.06, 4) * (rng.random(4) < (0.25, 0.25, 0.2, 0.3))
    return float(shut[0]), float(shut[1]), float(shut[2]), float(shut[3])


def canvas_for(film: Film, body: float) -> Canvas:
    """A sheet a little larger than the film's window, for a child of half width `body` mm.

    Its pixels are wider than the film's: rays blur bones and vessels before they reach it.
    """
    span = 2.62 * body * film.scale * float(np.sqrt(film.width / film.height / 1.35))
    scale = FINENESS * film.width / span
    width, height = (round(FINENESS * MARGIN * side) for side in (film.width, film.height))
    left = film.centre[0] - width / scale / 2
    return Canvas(left, film.centre[1] - height / scale / 2, scale, width, height)


def projected(field: Map, film: Film, canvas: Canvas, shrink: int = 1) -> Map:
    """The field of `canvas` as the film sees it: rolled, bent a little and cut to the window.

    With `shrink` the film comes out smaller by that factor.
    """
    width, height = film.width // shrink, film.height // shrink
    xs = np.linspace(0, width, WARP_CELLS + 1).round().astype(int)
    ys = np.linspace(0, height, WARP_CELLS + 1).round().astype(int)
    column, row = _source(film, canvas, xs / width, ys / height)
    mesh = [
        (
            (int(xs[i]), int(ys[j]), int(xs[i + 1]), int(ys[j + 1])),
            tuple(
                float(part[k])
                for k in ((j, i), (j + 1, i), (j + 1, i + 1), (j, i + 1))
                for part in (column, row)
            ),
        )
        for j in range(WARP_CELLS)
        for i in range(WARP_CELLS)
    ]
    image = Image.fromarray(field)
    seen = image.transform((width, height), Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)
    return np.asarray(seen)


def _source(
    film: Film, canvas: Canvas, across: NDArray[np.float64], down: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where on the canvas, in its pixels, the film's shares (across, down) come from."""
    whole = film.width * MARGIN / canvas.width
    u = ((across - 0.5) * film.width)[None] / whole
    v = ((down - 0.5) * film.height)[:, None] / whole
    nodes = (len(down), len(across))
    bent = [resized(part.astype(np.float32), nodes) * 2.2 * canvas.scale for part in film.warp]
    cosine, sine = np.cos(film.roll), np.sin(film.roll)
    column = u * cosine - v * sine + canvas.width / 2 + bent[0]
    row = u * sine + v * cosine + canvas.height / 2 + bent[1]
    return column, row


def developed(attenuation: Map, film: Film, canvas: Canvas, rng: np.random.Generator) -> Map:
    """Grey values 0 to 255 (float) of an exposure through `attenuation` (natural log units)."""
    fine = canvas.scale / FINENESS
    passed = np.exp(-attenuation)
    passed += film.scatter * blurred(passed, 14 * fine)
    dense = -np.log(passed)
    for radius, gain in ((9.0, 1.0), (1.6, 0.7)):
        dense += film.detail * gain * (dense - blurred(dense, radius * fine))
    dense += film.grain * _speckle(dense.shape, rng) / np.sqrt(passed)
    dense -= film.vignette * _from_centre(film)
    # The shoulder of the curve keeps some drawing in the dense belly.
    dense = np.where(dense > 1.75, 1.75 + 0.5 * (dense - 1.75), dense) - film.exposure
    curve = 1 / (1 + np.exp((1.3 - dense) * film.contrast / 0.4))
    return film.white * (0.82 * curve + 0.09 * clipped(dense, 0, 2.0))


def _speckle(shape: tuple[int, ...], rng: np.random.Generator) -> Map:
    """Noise whose neighbours hang together a little, as in a phosphor plate."""
    noise = rng.standard_normal(shape, dtype=np.float32)
    return noise + 2 * softened(noise)


def moved(dense: Map, motion: float, canvas: Canvas) -> Map:
    """The attenuation as a child leaves it who moves `motion` mm during the exposure."""
    reach = round(motion * canvas.scale)
    if not reach:
        return dense
    places = np.linspace(-reach / 2, reach / 2, 14).round().astype(int)
    total = np.zeros_like(dense)
    for place in places:
        total += np.roll(dense, (place, place // 2), (0, 1))
    return total / np.float32(len(places))


def _from_centre(film: Film) -> Map:
    across = np.linspace(-1, 1, film.width, dtype=np.float32)[None]
    down = np.linspace(-1, 1, film.height, dtype=np.float32)[:, None]
    return across * across + down * down


def finished(grey: Map, film: Film) -> NDArray[np.uint8]:
    """The film with its collimator edges, its side letter and the word SYNTHETIC."""
    left, right, top, bottom = film.shutters
    pixels = clipped(grey, 0, 255)
    pixels[:, : int(left * film.width)] = 2
    pixels[:, film.width - int(right * film.width) :] = 2
    pixels[: int(top * film.height)] = 2
    pixels[film.height - int(bottom * film.height) :] = 2
    image = Image.fromarray(pixels.astype(np.uint8))
    letter = film.letter_place[0] * film.width, film.letter_place[1] * film.height
    _stamp(image, film.letter, film.letter_size * film.width, letter, "la")
    if film.ticks:
        _ruler(image)
    margin = 0.03 * film.width
    word = (
        film.width - margin if film.word_right else margin,
        film.height - margin / 2 if film.word_low else margin / 2,
    )
    anchor = ("r" if film.word_right else "l") + ("d" if film.word_low else "a")
    _stamp(image, "SYNTHETIC", 0.0165 * film.width, word, anchor)
    return np.asarray(image)


def _stamp(image: Image.Image, text: str, size: float, place: Place, anchor: str) -> None:
    """Engrave letters that shine like lead, with a thin dark rim so that they always show."""
    font = ImageFont.load_default(max(size, 8))
    rim = max(round(size / 22), 1)
    ImageDraw.Draw(image).text(
        place, text, fill=246, font=font, anchor=anchor, stroke_width=rim, stroke_fill=40
    )


def _ruler(image: Image.Image) -> None:
    """Marks along the edges, as some readers print them."""
    pen = ImageDraw.Draw(image)
    stride, length = image.width / 20, max(image.width // 250, 2)
    for k in range(1, 20):
        at = round(k * stride)
        pen.line((at, 0, at, length), fill=200)
        pen.line((0, at, length, at), fill=200)
        pen.line((image.width - length, at, image.width, at), fill=200)
