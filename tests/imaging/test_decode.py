import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from overread.imaging.decode import ImageError, decode
from tests.shared_data import shared_data

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5
COLOUR = np.dstack([GREY, GREY[::-1], GREY // 2])


def encoded(pixels: np.ndarray | Image.Image, kind: str = "PNG", **options) -> bytes:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def refusal(data: bytes, **options):
    with pytest.raises(ImageError) as refused:
        decode(data, **options)
    return refused.value.problem


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_grey_pixels_come_back_as_they_are(kind):
    image = decode(encoded(GREY, kind))
    assert np.array_equal(image.pixels, GREY)
    assert (image.width, image.height, image.format) == (8, 6, kind)
    assert image.synthetic is False


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_colour_pixels_come_back_as_they_are(kind, options):
    image = decode(encoded(COLOUR, kind, **options))
    assert np.array_equal(image.pixels, COLOUR)
    assert image.pixels.dtype == np.uint8


def test_jpeg_pixels_come_back_nearly():
    image = decode(encoded(np.full((16, 24), 90, np.uint8), "JPEG"))
    assert image.format == "JPEG"
    assert image.pixels.shape == (16, 24)
    assert abs(int(image.pixels.mean()) - 90) <= 1


def test_colour_that_is_grey_in_every_pixel_becomes_grey():
    assert np.array_equal(decode(encoded(np.dstack([GREY] * 3))).pixels, GREY)


@pytest.mark.parametrize("mode", ["1", "P", "CMYK"])
def test_other_kinds_of_pixels_are_converted(mode):
    kind = "TIFF" if mode == "CMYK" else "PNG"
    image = decode(encoded(Image.fromarray(COLOUR).convert(mode), kind))
    assert image.pixels.shape in {(6, 8), (6, 8, 3)}


def test_transparent_parts_become_black():
    alpha = np.full((6, 8), 255, np.uint8)
    alpha[:3] = 0
    image = decode(encoded(np.dstack([COLOUR, alpha])))
    assert not image.pixels[:3].any()
    assert np.array_equal(image.pixels[3:], COLOUR[3:])
    assert not decode(encoded(GREY, transparency=int(GREY[2, 2]))).pixels[2, 2].any()


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_by_the_full_range_of_their_type(kind):
    wide = np.array([[0, 128, 129, 257, 4095, 65535]], np.uint16)
    assert decode(encoded(wide, kind)).pixels.tolist() == [[0, 0, 1, 1, 16, 255]]


def test_a_negative_tiff_is_turned_whatever_its_depth():
    """In a TIFF of photometric interpretation 0 the smallest value is white."""
    wide = np.array([[0, 257, 65535]], np.uint16)
    assert decode(encoded(wide, "TIFF", tiffinfo={262: 0})).pixels.tolist() == [[255, 254, 0]]
    # Pillow stores the 8-bit picture as a negative itself, so it reads as it was.
    narrow = np.array([[0, 1, 255]], np.uint8)
    assert decode(encoded(narrow, "TIFF", tiffinfo={262: 0})).pixels.tolist() == [[0, 1, 255]]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize(("orientation", "turned"), [(1, 0), (3, 2), (6, -1), (8, 1)])
def test_a_turned_image_stands_upright(kind, orientation, turned):
    pixels = np.zeros((32, 16), np.uint8)
    pixels[:8] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = decode(encoded(pixels, kind, exif=exif))
    expected = np.rot90(pixels, turned)
    assert image.pixels.shape[:2] == expected.shape
    assert (
        np.abs(image.pixels.reshape(*expected.shape, -1)[..., 0] - expected.astype(int)).mean() < 5
    )


@pytest.mark.parametrize(("text", "synthetic"), [("yes", True), ("no", False)])
def test_a_synthetic_image_says_so_in_its_file(text, synthetic):
    info = PngInfo()
    info.add_text("Synthetic", text)
    assert decode(encoded(GREY, pnginfo=info)).synthetic is synthetic


def test_an_empty_file_is_refused():
    problem = refusal(b"")
    assert problem.problem == "The image file is empty."
    assert problem.advice.startswith("Copy the file again")


@pytest.mark.parametrize(
    "data", [b"hosted_image,label\n", b"%PDF-1.7", b"GIF89a" + bytes(20), bytes(200)]
)
def test_what_is_no_image_is_refused_with_the_formats_that_are_read(data):
    problem = refusal(data)
    assert problem.problem == "The file is not a JPEG, PNG, TIFF, WebP, BMP or DICOM image."
    assert problem.advice == "Save the image as an 8-bit PNG and try again."


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "BMP"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_an_image_that_is_cut_short_is_refused(kind, share):
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    data = encoded(noise, kind)
    problem = refusal(data[: int(len(data) * share)])
    assert "broken or cut short" in problem.problem or "is not a JPEG" in problem.problem
    assert problem.advice


def test_an_image_with_too_many_pixels_is_refused_before_it_is_decoded():
    problem = refusal(encoded(np.zeros((1001, 1000), np.uint8)), max_pixels=1_000_000)
    assert problem.problem == "The image has more than 1 million pixels."
    assert problem.advice == "Save it with fewer pixels."


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [8001, 9600, 60_000])
def test_a_small_file_that_claims_a_huge_image_is_refused(side):
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))
    assert refusal(bomb).problem == "The image has more than 64 million pixels."


@pytest.mark.parametrize("kind", ["TIFF", "PNG", "WEBP"])
def test_a_file_of_several_pictures_is_refused(kind):
    pages = [Image.fromarray(COLOUR), Image.fromarray(COLOUR[::-1])]
    data = encoded(pages[0], kind, save_all=True, append_images=pages[1:])
    problem = refusal(data)
    assert problem.problem == "The file holds 2 pictures."
    assert "a row of its own" in problem.advice


def test_a_cameras_photograph_with_a_preview_is_the_photograph():
    data = encoded(Image.fromarray(COLOUR), "MPO", append_images=[Image.fromarray(GREY)])
    assert decode(data).format == "JPEG"


def test_an_image_of_32_bits_is_refused():
    assert "32 bits" in refusal(encoded(GREY.astype(np.int32), "TIFF")).problem
    assert "32 bits" in refusal(encoded(GREY.astype(np.float32), "TIFF")).problem


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's own word on damaged tags
@settings(max_examples=60)
@given(st.sampled_from(["JPEG", "PNG", "TIFF", "WEBP", "BMP"]), st.data())
def test_a_damaged_file_is_read_or_refused_and_never_anything_else(kind, data):
    damaged = bytearray(encoded(COLOUR, kind))
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ImageError):
        assert decode(bytes(damaged), max_pixels=1_000_000).pixels.dtype == np.uint8


def test_the_missions_images_are_read():
    paths = sorted(shared_data("udacity", "images", "224").glob("*.jpeg"))
    assert {decode(path.read_bytes()).pixels.shape[:2] for path in paths} == {(224, 224)}
