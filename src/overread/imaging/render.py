"""Pixels to the bytes that people see, and to the name that identical pixels share."""

import hashlib
import io
import json
import struct

import numpy as np
from isal import igzip_lib, isal_zlib
from numpy.typing import NDArray
from PIL import Image
from PIL.Image import Resampling
from PIL.PngImagePlugin import PngInfo

from overread.core.greys import Greys as Meaning

Pixels = NDArray[np.uint8]
Greys = NDArray[np.uint8] | NDArray[np.uint16]
PLANES_MAGIC = b"OVRG"
_PLANES_HEAD = len(PLANES_MAGIC) + struct.calcsize("<III")
LONGEST = 1600
_QUALITY = 92
_COARSE = 512
# A window of 512 bytes: films hardly repeat themselves further away, and it is looked through in
# less time.
_LEVEL, _WINDOW_BITS = 2, 9


def rendition(pixels: Pixels, *, longest: int = LONGEST) -> bytes:
    """The JPEG that a contributor sees: grey, never enlarged, reduced as `reduced` says.

    Every image goes through this one encoder, with one quality and the standard tables, so that
    nothing but the picture and its size differs between a test question and work.
    """
    return jpeg(reduced(pixels, longest))


def reduced(pixels: Pixels, longest: int, by: Resampling = Resampling.LANCZOS) -> Image.Image:
    """The picture without colour, its longest side `longest` where it is more than a fifth longer:
    a slight reduction takes more time than the bytes that it saves are worth, and blurs."""
    image = Image.fromarray(grey(pixels))
    if 5 * max(image.size) > 6 * longest:
        image.thumbnail((longest, longest), by)
    return image


def jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY, optimize=False, progressive=False)
    return out.getvalue()


def coarse(pixels: Pixels) -> Pixels:
    """The picture by the means of small squares, its longest side from 512 pixels on: a fraction of
    the pixels, for what needs no more."""
    squares = max(pixels.shape) // _COARSE
    return pixels if squares < 2 else np.asarray(Image.fromarray(pixels).reduce(squares))


def grey(pixels: Pixels) -> Pixels:
    """The picture without colour, (height, width)."""
    return pixels if pixels.ndim == 2 else np.asarray(Image.fromarray(pixels).convert("L"))


def planes(values: Greys) -> bytes:
    """Exactly these greys, (height, width) of 8 or 16 bits, as the reading page fetches them.

    "OVRG", then bits, width and height as little-endian 32-bit numbers, then a zlib stream: each
    value less its left neighbour; of 16 bits the signed differences 0, -1, 1, -2 … as 0, 1, 2,
    3 …, first all high bytes, then all low ones. Smaller than PNG and quicker on both sides
    (docs/decisions/0005-images.md, 0013-pictures.md).
    """
    height, width = values.shape
    bits = values.dtype.itemsize * 8
    header = PLANES_MAGIC + struct.pack("<III", bits, width, height)
    steps = values.copy()
    steps[:, 1:] -= values[:, :-1]
    packed = igzip_lib.compress(
        steps if bits == 8 else _split(steps.astype(np.uint16, copy=False)),
        level=_LEVEL,
        flag=igzip_lib.COMP_ZLIB,
        hist_bits=_WINDOW_BITS,
    )
    return header + packed


def _split(steps: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """High bytes, then low ones, of signed steps folded to 0, 1, 2 …"""
    folded = (steps << 1) ^ (steps >> 15) * np.uint16(0xFFFF)
    return np.stack([(folded >> 8).astype(np.uint8), folded.astype(np.uint8)])


def from_planes(data: bytes) -> Greys:
    """The greys that `planes` wrote."""
    bits, width, height = struct.unpack("<III", data[len(PLANES_MAGIC) : _PLANES_HEAD])
    steps = np.frombuffer(isal_zlib.decompress(data[_PLANES_HEAD:]), np.uint8)
    if bits == 8:
        return np.cumsum(steps.reshape(height, width), axis=1, dtype=np.uint8)
    high, low = steps.reshape(2, height, width).astype(np.uint16)
    folded = high << 8 | low
    sign = (folded & 1) * np.uint16(0xFFFF)
    return np.cumsum((folded >> 1) ^ sign, axis=1, dtype=np.uint16)


def lossless(pixels: Greys, *, synthetic: bool = False) -> bytes:
    """A PNG of exactly these pixels, with no metadata but the mark of a synthetic image."""
    info = PngInfo()
    if synthetic:
        info.add_text("Synthetic", "yes")
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def fingerprint(pixels: Greys, meaning: Meaning | None = None) -> str:
    """SHA-256, in hex, of shape and pixels: the same picture from any file has the same one.

    Where `meaning` shows values otherwise than as they are, it belongs to the picture.
    """
    shape = "x".join(map(str, pixels.shape))
    digest = hashlib.sha256(f"{shape}\n".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    if meaning and (meaning.windows or meaning.curve or meaning.inverted):
        first = meaning.first
        look = [first.centre, first.width, *meaning.curve, meaning.inverted]
        digest.update(json.dumps(look).encode())
    return digest.hexdigest()
