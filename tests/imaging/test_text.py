"""Text that was burned into a picture is found; side markers and anatomy are none."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from overread.imaging.preparing import PLANES, PNG, blacked_out, prepare
from overread.imaging.render import from_planes
from overread.imaging.text import Box, text_in
from tests.imaging.dicom_files import dicom
from tests.shared_data import shared_data

NAMES = ("DOE ANNA 4711", "Doe^Anna", "Mueller, Max", "12.03.2015")


def film(shade: int = 60, size: tuple[int, int] = (320, 400)) -> np.ndarray:
    noise = np.random.default_rng(1).normal(shade, 6, size)
    return np.clip(noise, 0, 255).astype(np.uint8)


def written(
    pixels: np.ndarray, text: str, *, at: tuple[int, int], size: int, ink: int
) -> np.ndarray:
    image = Image.fromarray(pixels)
    ImageDraw.Draw(image).text(at, text, fill=ink, font=ImageFont.load_default(size))
    return np.asarray(image)


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("text", NAMES)
@pytest.mark.parametrize("size", [14, 20, 30])
@pytest.mark.parametrize(("ink", "shade"), [(255, 60), (255, 120), (0, 160), (0, 240)])
def test_a_name_is_found_where_it_stands(text: str, size: int, ink: int, shade: int) -> None:
    found = text_in(written(film(shade), text, at=(40, 200), size=size, ink=ink))
    assert found
    for box in found:
        assert 0.05 < box.x < box.x + box.width < 0.9
        assert 0.6 < box.y < box.y + box.height < 0.8


@pytest.mark.parametrize("marker", ["R", "L", "PA", "AP", "R.", "L H"])
def test_a_side_marker_is_no_text(marker: str) -> None:
    assert not text_in(written(film(), marker, at=(20, 20), size=40, ink=255))


def test_a_picture_without_text_has_none() -> None:
    assert not text_in(film())
    assert not text_in(np.zeros((8, 8), np.uint8))
    assert not text_in(np.full((1, 1), 255, np.uint8))


@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_any_picture_gives_boxes_inside_it(seed: int, height: int, width: int) -> None:
    pixels = np.random.default_rng(seed).choice([0, 100, 255], (height, width)).astype(np.uint8)
    for box in text_in(pixels):
        assert 0 <= box.x < box.x + box.width <= 1 + 1e-9
        assert 0 <= box.y < box.y + box.height <= 1 + 1e-9


def test_the_name_on_a_real_film_is_found() -> None:
    path = shared_data("dicom", "burned_in_png", "0_ORIGINAL.png")
    assert text_in(np.asarray(Image.open(path).convert("L")))


def test_real_films_with_markers_alone_have_no_text() -> None:
    """Of 5,558 films of three collections one was found, on which PORTABLE stands."""
    folder = shared_data("cxr", "kermany_fullsize")
    films = sorted(folder.glob("*/*.jp*g"))
    assert len(films) == 16
    assert not [path for path in films if text_in(np.asarray(Image.open(path).convert("L")))]
    [portable] = [
        path.name
        for path in sorted(shared_data("cxr", "nih_samples").glob("*.png"))
        if text_in(np.asarray(Image.open(path).convert("L")))
    ]
    assert portable == "00000150_002.png"


def test_pixels_in_a_box_are_black_and_all_others_as_they_were() -> None:
    pixels = film()
    made = blacked_out(png(pixels), PNG, {}, [Box(0.1, 0.2, 0.3, 0.4)])
    left = from_planes(made.original.data)
    inside = np.zeros(pixels.shape, bool)
    inside[64:192, 40:160] = True
    assert not left[inside].any()
    assert (left[~inside] == pixels[~inside]).all()
    assert made.fingerprint != prepare(png(pixels)).fingerprint


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_dicom_values_are_shown_black_there_whatever_black_is(photometric: str) -> None:
    values = np.random.default_rng(2).integers(300, 3000, (40, 60)).astype(np.uint16)
    first = prepare(dicom(values, PhotometricInterpretation=photometric, BitsStored=12))
    assert first.original.media_type == PLANES
    made = blacked_out(first.original.data, PLANES, first.greys, [Box(0, 0, 0.5, 0.5)])
    left = from_planes(made.original.data)
    black = values.max() if photometric == "MONOCHROME1" else values.min()
    assert (left[:20, :30] == left[0, 0]).all()
    assert (left[20:] == from_planes(first.original.data)[20:]).all()
    assert left[0, 0] == from_planes(first.original.data)[values == black][0]
    assert made.greys == first.greys


def test_colour_stays_colour() -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    made = blacked_out(png(pixels), PNG, {}, [Box(0, 0, 1, 0.1)])
    left = np.asarray(Image.open(io.BytesIO(made.original.data)))
    assert (left[2:] == pixels[2:]).all()
    assert not left[:2].any()


def test_sixteen_bits_stay_sixteen() -> None:
    values = np.random.default_rng(3).integers(0, 65536, (20, 30)).astype(np.uint16)
    made = blacked_out(png(values), PNG, {}, [Box(0, 0, 1, 0.1)])
    left = from_planes(made.original.data)
    assert (left[2:] == values[2:]).all()
    assert not left[:2].any()
