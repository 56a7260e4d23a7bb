"""Pictures as the search for near-duplicates sees them."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from overread.core.near_duplicates import LOOK_SIDE, LOOK_SIZE, SIDE, look
from overread.imaging.decode import decode
from overread.imaging.decoded import Pixels


def look_of(pixels: Pixels) -> bytes:
    """What sets a picture apart from others, as it is stored."""
    return look(_square(pixels, LOOK_SIDE)).tobytes()


def looks_from(stored: list[bytes]) -> NDArray[np.float16]:
    """The looks that were stored, one in each row."""
    return np.frombuffer(b"".join(stored), np.float16).reshape(-1, LOOK_SIZE)


def square_of(rendition: bytes) -> Pixels:
    """A picture to be laid over another, from a JPEG of our own."""
    return _square(decode(rendition).pixels, SIDE)


def _square(pixels: Pixels, side: int) -> Pixels:
    image = Image.fromarray(pixels).convert("L")
    return np.asarray(image.resize((side, side), Image.Resampling.BOX))
