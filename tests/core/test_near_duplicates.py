"""The same film is found again whatever was done to the file; other children's films are not."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from overread.core.near_duplicates import (
    LOOK_SIDE,
    SAME,
    SIDE,
    Candidate,
    agreement,
    candidates,
    look,
)
from overread.imaging.synthetic import Finding, draw
from tests.shared_data import shared_data

Change = Callable[[Image.Image], Image.Image]


def squared(image: Image.Image, side: int) -> np.ndarray:
    return np.asarray(image.convert("L").resize((side, side), Image.Resampling.BOX))


def saved_anew(image: Image.Image) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=40)
    return Image.open(out)


def cut(image: Image.Image) -> Image.Image:
    wide, high = image.size
    return image.crop((wide // 30, high // 40, wide - wide // 25, high - high // 30))


CHANGES: dict[str, Change] = {
    "saved anew": saved_anew,
    "smaller": lambda image: image.resize((image.width * 2 // 3, image.height * 2 // 3)),
    "cut": cut,
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "more contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.3),
    "cut and saved anew": lambda image: saved_anew(cut(image)),
    "mirrored and cut": lambda image: cut(ImageOps.mirror(image)),
}


@pytest.fixture(scope="module")
def films() -> list[Image.Image]:
    """Real ones of as many children."""
    folder = shared_data("cxr", "kermany224_sample")
    patients: dict[str, Image.Image] = {}
    for path in sorted(folder.rglob("*.jpeg")):
        with Image.open(path) as image:
            patients.setdefault(path.name.rsplit("_", 1)[0][:12], image.convert("L"))
    return list(patients.values())[:90]


@pytest.fixture(scope="module")
def drawn() -> list[Image.Image]:
    """Synthetic ones."""
    kinds = (Finding.HEALTHY, Finding.PNEUMONIA) * 2
    made = [
        draw(np.random.default_rng(seed), kind, size=(360, 280)) for seed, kind in enumerate(kinds)
    ]
    return [Image.fromarray(one.pixels) for one in made]


def pairs_found(images: list[Image.Image]) -> set[tuple[int, int]]:
    looks = np.array([look(squared(image, LOOK_SIDE)) for image in images])
    squares = [squared(image, SIDE) for image in images]

    def same(pair: Candidate) -> bool:
        other = squares[pair.second]
        return agreement(squares[pair.first], other[:, ::-1] if pair.mirrored else other) >= SAME

    return {(pair.first, pair.second) for pair in candidates(looks) if same(pair)}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_film_is_found_among_others(films: list[Image.Image], change: str) -> None:
    changed = [CHANGES[change](image) for image in films[:10]]
    expected = {(number, len(films) + number) for number in range(10)}
    assert pairs_found([*films, *changed]) == expected


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_drawing_is_found_and_other_drawings_are_not(
    drawn: list[Image.Image], change: str
) -> None:
    assert pairs_found([*drawn, CHANGES[change](drawn[0])]) == {(0, len(drawn))}


def test_films_of_different_children_are_told_apart(films: list[Image.Image]) -> None:
    assert pairs_found(films) == set()


def test_one_flat_picture_resembles_nothing(drawn: list[Image.Image]) -> None:
    flat = Image.new("L", (300, 200), 90)
    assert pairs_found([flat, *drawn, Image.new("L", (300, 200), 91)]) == set()


def test_noise_resembles_nothing() -> None:
    rng = np.random.default_rng(1)
    noise = [Image.fromarray(rng.integers(0, 256, (18, 24), np.uint8)) for _ in range(60)]
    assert pairs_found(noise) == set()


def test_agreement_is_the_same_both_ways_within_little(films: list[Image.Image]) -> None:
    one, other = squared(films[0], SIDE), squared(cut(films[0]), SIDE)
    assert agreement(one, one) == pytest.approx(1, abs=1e-3)
    assert agreement(one, other) == pytest.approx(agreement(other, one), abs=0.05)
