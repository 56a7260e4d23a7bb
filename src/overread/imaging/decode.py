"""Bytes of an image file to pixels: 8 bits, and 16 where the file has them."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.TiffImagePlugin import PHOTOMETRIC_INTERPRETATION, TiffImageFile

from overread.core.problems import Message, Refused

Pixels = NDArray[np.uint8]
Deep = NDArray[np.uint16]
MAX_PIXELS = 64_000_000
_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP")
_COPY_AGAIN = Message("Copy the file again from where it came from, or leave the row out.")
_SAVE_AS_PNG = Message("Save the image as an 8-bit PNG and try again.")


class ImageError(Refused):
    """The file is no image that can be shown."""


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """Upright pixels, (height, width) for grey or (height, width, 3) for colour.

    `format` is Pillow's name of the file's format. `synthetic`: drawn by this software. `deep`
    holds the stored values of 16-bit grey, bright ones being high; None for any other file.
    """

    pixels: Pixels
    format: str
    synthetic: bool
    deep: Deep | None = None

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


def decode(data: bytes, *, max_pixels: int = MAX_PIXELS) -> DecodedImage:
    """Read a JPEG, PNG, TIFF, WebP or BMP of at most `max_pixels`. Raises ImageError.

    The EXIF orientation is applied. 16-bit grey is scaled by the full range of its type, 0 to
    65535, whatever range the image uses. Transparent parts become black. Colour that is grey in
    every pixel becomes grey.
    """
    if not data:
        raise ImageError.because(Message("The image file is empty."), _COPY_AGAIN)
    try:
        image = _open(data)
        _check(image, max_pixels)
        image.load()
        upright = ImageOps.exif_transpose(image)
        deep = _deep(upright, negative=_is_negative(image))
        pixels = _pixels(upright) if deep is None else _full_range(deep)
    except ImageError:
        raise
    except Exception as error:  # decoders fail on a broken file in every way there is
        raise ImageError.because(
            Message("The image is broken or cut short ({reason}).", reason=str(error)), _COPY_AGAIN
        ) from error
    name = "JPEG" if image.format == "MPO" else str(image.format)
    return DecodedImage(pixels, name, image.info.get("Synthetic") == "yes", deep)


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise ImageError.because(
            Message("The file is not a JPEG, PNG, TIFF, WebP or BMP image."), _SAVE_AS_PNG
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(MAX_PIXELS) from error


def _check(image: Image.Image, max_pixels: int) -> None:
    """Refuse, before any pixel is decoded, what is too large or not one picture."""
    if image.width * image.height > max_pixels:
        raise _too_large(max_pixels)
    # A camera's MPO holds the photograph first and a preview after it.
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        raise ImageError.because(
            Message("The file holds {count} pictures.", count=getattr(image, "n_frames", 1)),
            Message("Save each picture as a file of its own, with a row of its own."),
        )
    if image.mode in ("I", "F"):
        raise ImageError.because(Message("The image has 32 bits per pixel."), _SAVE_AS_PNG)


def _is_negative(image: Image.Image) -> bool:
    """A 16-bit TIFF in which 0 is white: Pillow turns only those of 8 bits and fewer."""
    if not isinstance(image, TiffImageFile) or not image.mode.startswith("I;16"):
        return False
    return bool(image.tag_v2.get(PHOTOMETRIC_INTERPRETATION) == 0)


def _deep(image: Image.Image, *, negative: bool) -> Deep | None:
    if not image.mode.startswith("I;16"):
        return None
    values = np.asarray(image).astype(np.uint16)
    return np.subtract(65535, values, dtype=np.uint16) if negative else values


def _full_range(deep: Deep) -> Pixels:
    return ((deep.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _pixels(image: Image.Image) -> Pixels:
    if image.mode in ("1", "L") and "transparency" not in image.info:
        return np.asarray(image.convert("L"))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layer.size, (0, 0, 0, 255)), layer)
    colour = np.asarray(image.convert("RGB"))
    grey = colour[..., 0]
    if (grey == colour[..., 1]).all() and (grey == colour[..., 2]).all():
        return np.ascontiguousarray(grey)
    return colour


def _too_large(max_pixels: int) -> ImageError:
    return ImageError.because(
        Message("The image has more than {limit} million pixels.", limit=max_pixels // 1_000_000),
        Message("Save it with fewer pixels."),
    )
