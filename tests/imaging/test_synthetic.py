"""Laws of the synthetic radiographs: the same seed, honest marks, known places."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from overread.imaging.synthetic import (
    Box,
    Finding,
    LookAlike,
    Pattern,
    SyntheticRadiograph,
    collection,
    draw,
    png,
)
from overread.imaging.synthetic.draw import planned
from overread.imaging.synthetic.film import any_film

SMALL = (260, 200)
seeds = st.integers(0, 2**32)
few = settings(max_examples=6, deadline=None)


def small(
    seed: int,
    finding: Finding,
    pattern: Pattern | None = None,
    look_alike: LookAlike = LookAlike.NONE,
) -> SyntheticRadiograph:
    rng = np.random.default_rng(seed)
    return draw(rng, finding, pattern=pattern, look_alike=look_alike, size=SMALL)


def inside(pixels: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    return pixels[box.y : box.y + box.height, box.x : box.x + box.width]


@few
@given(seed=seeds, finding=st.sampled_from(Finding))
def test_same_seed_draws_the_same_image(seed: int, finding: Finding) -> None:
    first, second = small(seed, finding), small(seed, finding)
    assert np.array_equal(first.pixels, second.pixels)
    assert replace(first, pixels=second.pixels) == second


def test_one_generator_draws_different_images_in_a_row() -> None:
    rng = np.random.default_rng(5)
    first = draw(rng, Finding.HEALTHY, size=SMALL)
    second = draw(rng, Finding.HEALTHY, size=SMALL)
    assert not np.array_equal(first.pixels, second.pixels)


def test_global_random_state_is_left_alone() -> None:
    before = np.random.get_state()[1].copy()  # type: ignore[index]
    small(1, Finding.PNEUMONIA)
    assert np.array_equal(before, np.random.get_state()[1])  # type: ignore[index]


@few
@given(seed=seeds, pattern=st.sampled_from([Pattern.CONCENTRATED, Pattern.DIFFUSE]))
def test_boxes_lie_inside_the_image_and_in_the_chest(seed: int, pattern: Pattern) -> None:
    width, height = SMALL
    for box in small(seed, Finding.PNEUMONIA, pattern).opacities:
        assert 0 <= box.x < box.x + box.width <= width
        assert 0 <= box.y < box.y + box.height <= height
        assert 0.08 < (box.x + box.width / 2) / width < 0.92
        assert 0.08 < (box.y + box.height / 2) / height < 0.92


@few
@given(seed=seeds, pattern=st.sampled_from([Pattern.CONCENTRATED, Pattern.DIFFUSE]))
def test_an_opacity_is_brighter_than_the_same_child_healthy(seed: int, pattern: Pattern) -> None:
    ill, healthy = small(seed, Finding.PNEUMONIA, pattern), small(seed, Finding.HEALTHY)
    for box in ill.opacities:
        gain = inside(ill.pixels, box).mean() - inside(healthy.pixels, box).mean()
        assert gain > 2


@few
@given(seed=seeds)
def test_a_concentrated_opacity_changes_little_outside_its_surroundings(seed: int) -> None:
    ill = small(seed, Finding.PNEUMONIA, Pattern.CONCENTRATED)
    healthy = small(seed, Finding.HEALTHY)
    change = np.abs(ill.pixels.astype(float) - healthy.pixels)
    (box,) = ill.opacities
    other_half = change[:, SMALL[0] // 2 + 30 :] if box.x < SMALL[0] // 2 - 30 else change[:, :90]
    assert other_half.mean() < 0.25 * inside(change.astype(np.uint8), box).mean()


def test_only_pneumonia_has_opacities() -> None:
    assert small(3, Finding.HEALTHY).opacities == ()
    assert small(3, Finding.UNREADABLE).opacities == ()
    assert len(small(3, Finding.PNEUMONIA, Pattern.CONCENTRATED).opacities) == 1
    assert len(small(3, Finding.PNEUMONIA, Pattern.DIFFUSE).opacities) >= 4


@pytest.mark.parametrize("look_alike", LookAlike)
def test_every_look_alike_draws(look_alike: LookAlike) -> None:
    drawn = small(11, Finding.HEALTHY, look_alike=look_alike)
    assert drawn.look_alike is look_alike
    assert drawn.pixels.shape == (SMALL[1], SMALL[0])
    plain = small(11, Finding.HEALTHY)
    assert np.array_equal(drawn.pixels, plain.pixels) == (look_alike is LookAlike.NONE)


def test_a_wrong_exposure_shows_in_the_mean_grey() -> None:
    plain, dark, pale = (
        small(2, Finding.HEALTHY, look_alike=kind).pixels.mean()
        for kind in (LookAlike.NONE, LookAlike.OVER_EXPOSURE, LookAlike.UNDER_EXPOSURE)
    )
    assert dark < plain < pale


@few
@given(seed=seeds)
def test_a_drawn_size_is_that_of_a_real_film(seed: int) -> None:
    film = any_film(np.random.default_rng(seed), None)
    assert 900 <= film.width <= 1500
    assert 1.1 < film.width / film.height < 1.7


def test_nuisances_do_not_depend_on_the_finding() -> None:
    for seed in (1, 2):
        healthy = draw(np.random.default_rng(seed), Finding.HEALTHY)
        ill = draw(np.random.default_rng(seed), Finding.PNEUMONIA)
        assert healthy.pixels.shape == ill.pixels.shape
        assert np.array_equal(healthy.pixels > 244, ill.pixels > 244), "the marks lie elsewhere"
        assert (healthy.pixels > 244).any()


@few
@given(seed=seeds)
def test_far_from_the_lungs_ill_and_healthy_look_alike(seed: int) -> None:
    healthy, ill = small(seed, Finding.HEALTHY), small(seed, Finding.PNEUMONIA)
    corners = (slice(0, 12), slice(-12, None))
    for rows in corners:
        change = np.abs(healthy.pixels[rows].astype(int) - ill.pixels[rows])
        assert change.mean() < 3


def test_the_word_synthetic_is_engraved_on_every_film() -> None:
    for seed, finding in enumerate(Finding):
        pixels = draw(np.random.default_rng(seed), finding).pixels
        height = pixels.shape[0] // 14
        edges = np.concatenate((pixels[:height], pixels[-height:]))
        assert (edges > 240).sum() > 200


def test_png_is_grey_and_marked_synthetic() -> None:
    drawn = small(4, Finding.PNEUMONIA)
    with Image.open(io.BytesIO(png(drawn))) as image:
        assert image.mode == "L"
        assert image.size == SMALL
        assert image.info["Synthetic"] == "yes"
        assert image.info["Software"] == "overread"
        assert np.array_equal(np.asarray(image), drawn.pixels)


def test_png_says_nothing_about_the_finding() -> None:
    texts = []
    for finding in Finding:
        with Image.open(io.BytesIO(png(small(4, finding)))) as image:
            texts.append(dict(image.info))
    assert texts[0] == texts[1] == texts[2]


def test_description_names_side_and_zone() -> None:
    words = small(8, Finding.PNEUMONIA, Pattern.CONCENTRATED).description.split()
    assert {"right", "left"} & set(words)
    assert {"upper", "middle", "lower"} & set(words)


@pytest.mark.parametrize(
    ("finding", "pattern"),
    [
        (Finding.PNEUMONIA, Pattern.NONE),
        (Finding.HEALTHY, Pattern.DIFFUSE),
        (Finding.UNREADABLE, Pattern.CONCENTRATED),
    ],
)
def test_a_pattern_that_does_not_fit_is_refused(finding: Finding, pattern: Pattern) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        small(1, finding, pattern)


def test_a_tiny_film_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        draw(np.random.default_rng(1), Finding.HEALTHY, size=(20, 20))


def test_a_shorter_collection_begins_a_longer_one() -> None:
    short, long = list(collection(9, 2, size=SMALL)), list(collection(9, 4, size=SMALL))
    for first, second in zip(short, long, strict=False):
        assert np.array_equal(first.pixels, second.pixels)


def test_a_collection_is_balanced() -> None:
    plans = [planned(3, index)[1:] for index in range(320)]
    findings = [finding for finding, _, _ in plans]
    assert findings.count(Finding.PNEUMONIA) == 160
    assert findings.count(Finding.UNREADABLE) == 10
    assert sum(pattern is Pattern.DIFFUSE for _, pattern, _ in plans) == 80


def test_look_alikes_of_a_collection_fall_on_ill_and_healthy_alike() -> None:
    plans = [planned(5, index)[1:] for index in range(3200)]
    for look_alike in LookAlike:
        found = [finding for finding, _, kind in plans if kind is look_alike]
        ill = found.count(Finding.PNEUMONIA) / len(found)
        assert 0.38 < ill < 0.62
