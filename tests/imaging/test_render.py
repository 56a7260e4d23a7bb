import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from overread.imaging.decode import decode
from overread.imaging.render import fingerprint, lossless, rendition
from tests.shared_data import shared_data


def picture(height: int = 64, width: int = 48, seed: int = 1) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    noise = np.random.default_rng(seed).normal(0, 4, (height, width))
    return (127 + 80 * np.sin(x / 9) * np.cos(y / 7) + noise).clip(0, 255).astype(np.uint8)


def saved(pixels: np.ndarray, kind: str, **options) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def head(jpeg: bytes) -> bytes:
    """Everything before the picture's own data, but for width and height (T.81 B.2.2)."""
    frame = jpeg.index(b"\xff\xc0")
    scan = jpeg.index(b"\xff\xda")
    return jpeg[: frame + 5] + jpeg[frame + 9 : scan + 10]


def sources() -> list[bytes]:
    """The same patient's image as six hospitals would send it."""
    exif = Image.Exif()
    exif[0x010E] = "PNEUMONIA person278_virus"
    return [
        saved(picture(), "JPEG", quality=40, progressive=True, dpi=(300, 300), exif=exif),
        saved(picture(), "JPEG", quality=95, optimize=True, comment=b"normal"),
        saved(np.dstack([picture()] * 3), "JPEG", icc_profile=b"profile"),
        saved(picture(80, 200, seed=2), "PNG", dpi=(72, 72)),
        saved(picture().astype(np.uint16) * 257, "TIFF"),
        saved(np.dstack([picture(), picture(seed=3), picture(seed=4)]), "WEBP"),
    ]


def test_nothing_but_picture_and_size_tells_one_source_from_another():
    renditions = [rendition(decode(data).pixels) for data in sources()]
    assert len({head(jpeg) for jpeg in renditions}) == 1
    for jpeg in renditions:
        image = Image.open(io.BytesIO(jpeg))
        assert (image.mode, image.format, set(image.info)) == (
            "L",
            "JPEG",
            {"jfif", "jfif_density", "jfif_unit", "jfif_version"},
        )
        assert not image.getexif()
        assert jpeg.endswith(b"\xff\xd9")
        assert jpeg.count(b"\xff\xd9") == 1


def test_nothing_but_picture_and_size_tells_the_missions_images_apart():
    small = sorted(shared_data("udacity", "images", "224").glob("*.jpeg"))[:20]
    large = sorted(shared_data("udacity", "images", "original").glob("*.jpeg"))[:3]
    heads = {head(rendition(decode(path.read_bytes()).pixels)) for path in [*small, *large]}
    assert len(heads) == 1


@pytest.mark.parametrize(
    ("height", "width", "size"),
    [
        (3000, 2000, (1067, 1600)),
        (100, 3200, (1600, 50)),
        (1600, 1600, (1600, 1600)),
        (1920, 90, (90, 1920)),
        (1924, 962, (800, 1600)),
        (30, 20, (20, 30)),
        (1, 4000, (1600, 1)),
    ],
)
def test_a_large_image_is_made_smaller_and_a_small_one_never_larger(height, width, size):
    assert Image.open(io.BytesIO(rendition(picture(height, width)))).size == size


def test_the_longest_side_can_be_chosen():
    assert Image.open(io.BytesIO(rendition(picture(400, 200), longest=100))).size == (50, 100)


def test_a_rendition_keeps_the_picture():
    pixels = picture(300, 300)
    shown = decode(rendition(pixels)).pixels
    assert np.abs(shown.astype(int) - pixels).mean() < 3


def test_the_same_pixels_always_give_the_same_bytes():
    assert rendition(picture()) == rendition(picture().copy())
    assert lossless(picture()) == lossless(picture().copy())


def test_an_exported_image_has_no_metadata():
    assert Image.open(io.BytesIO(lossless(picture()))).info == {}


def test_an_exported_synthetic_image_still_says_so():
    image = decode(lossless(picture(), synthetic=True))
    assert image.synthetic
    assert np.array_equal(image.pixels, picture())


PICTURES = st.one_of(
    arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=12)),
    arrays(np.uint8, st.tuples(st.integers(1, 8), st.integers(1, 8), st.just(3))),
)


@given(PICTURES)
def test_an_exported_image_is_the_same_picture(pixels):
    back = decode(lossless(pixels)).pixels
    assert np.array_equal(back if back.ndim == pixels.ndim else np.dstack([back] * 3), pixels)


def test_identical_pixels_share_a_fingerprint_whatever_the_file():
    grey = picture()
    files = [saved(grey, "PNG"), saved(grey, "TIFF"), saved(np.dstack([grey] * 3), "BMP")]
    assert {fingerprint(decode(data).pixels) for data in files} == {fingerprint(grey)}


def test_another_pixel_or_another_shape_gives_another_fingerprint():
    grey = picture(8, 8)
    changed = grey.copy()
    changed[3, 3] ^= 1
    others = [changed, grey.reshape(4, 16), grey.T, np.dstack([grey] * 3)]
    assert len({fingerprint(pixels) for pixels in [grey, *others]}) == 5


def test_a_view_has_the_fingerprint_of_what_it_shows():
    grey = picture()
    assert fingerprint(grey[::2, ::-1]) == fingerprint(grey[::2, ::-1].copy())
