"""What a file tells beside its picture."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from overread.imaging.decode import decode
from overread.imaging.traces import marker_place, traces


def film(*, letter_at: tuple[float, float] | None = None, size: int = 640) -> Image.Image:
    """A body on black, with ribs, and a letter of lead beside it."""
    image = Image.new("L", (size, size * 4 // 5))
    draw = ImageDraw.Draw(image)
    draw.ellipse((size * 0.2, -size * 0.1, size * 0.8, size * 0.95), fill=120)
    for rib in range(8):
        top = size * (0.1 + 0.08 * rib)
        draw.arc((size * 0.25, top, size * 0.75, top + size * 0.2), 180, 360, fill=190, width=9)
    if letter_at:
        font = ImageFont.load_default(size / 20)
        draw.text((letter_at[0] * size, letter_at[1] * image.height), "R", fill=250, font=font)
    return image


def saved(image: Image.Image, kind: str, **options: int) -> dict[str, str]:
    out = io.BytesIO()
    image.save(out, kind, **options)
    decoded = decode(out.getvalue())
    return traces(out.getvalue(), decoded, decoded.pixels)


@pytest.mark.parametrize(
    ("at", "place"),
    [
        ((0.05, 0.1), "top left"),
        ((0.9, 0.12), "top right"),
        ((0.06, 0.45), "middle left"),
        ((0.9, 0.85), "bottom right"),
    ],
)
def test_a_letter_of_lead_is_found_where_it_stands(at: tuple[float, float], place: str) -> None:
    for size in (320, 640, 1600):
        assert marker_place(np.asarray(film(letter_at=at, size=size))) == place


def test_a_film_without_a_letter_has_no_place() -> None:
    assert marker_place(np.asarray(film())) == ""
    assert marker_place(np.zeros((4, 3), np.uint8)) == ""
    assert marker_place(np.full((500, 600, 3), 200, np.uint8)) == ""


def test_format_colour_and_quantisation_tables_are_told_apart() -> None:
    image = film()
    fine, coarse = saved(image, "JPEG", quality=95), saved(image, "JPEG", quality=60)
    assert fine["tables"] != coarse["tables"]
    assert fine["tables"] == saved(film(size=320), "JPEG", quality=95)["tables"]
    assert saved(image, "PNG")["format"] == "PNG"
    assert saved(image, "PNG")["tables"] == ""
    assert {saved(image.convert("RGB"), "JPEG")["mode"], fine["mode"]} == {"RGB", "L"}
    assert int(fine["bytes"]) > int(coarse["bytes"])
