"""Bytes of an image file to pixels: 8 bits, and what the file has beyond them."""

import io

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.TiffImagePlugin import PHOTOMETRIC_INTERPRETATION, TiffImageFile

from overread.core.greys import Greys, depth_of
from overread.core.problems import Message
from overread.imaging.decoded import (
    COPY_AGAIN,
    MAX_PIXELS,
    SAVE_AS_PNG,
    DecodedImage,
    ImageError,
    Pixels,
    Values,
    too_large,
)
from overread.imaging.dicom import decode_dicom, is_dicom

_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP")

__all__ = ["DecodedImage", "ImageError", "decode"]


def decode(data: bytes, *, max_pixels: int = MAX_PIXELS, frame: int = 0) -> DecodedImage:
    """Read a JPEG, PNG, TIFF, WebP, BMP or DICOM of at most `max_pixels`. Raises ImageError.

    `frame` chooses one picture of a DICOM file that holds several, from 1 on.

    The EXIF orientation is applied. 16-bit grey is scaled by the full range of its type, 0 to
    65535, whatever range the image uses. Transparent parts become black. Colour that is grey in
    every pixel becomes grey.
    """
    if not data:
        raise ImageError.because(Message("The image file is empty."), COPY_AGAIN)
    if is_dicom(data):
        return decode_dicom(data, max_pixels=max_pixels, frame=frame)
    try:
        image = _open(data)
        _check(image, max_pixels)
        image.load()
        mode, tables = image.mode, getattr(image, "quantization", {})
        upright = _upright(image)
        deep = _deep(upright, negative=_is_negative(image))
        pixels = _pixels(upright) if deep is None else _full_range(deep)
    except (ImageError, MemoryError):
        raise
    except Exception as error:  # decoders fail on a broken file in every way there is
        raise ImageError.because(
            Message("The image is broken or cut short ({reason}).", reason=str(error)), COPY_AGAIN
        ) from error
    name = "JPEG" if image.format == "MPO" else str(image.format)
    # A 16-bit file rarely says how many of its bits are used: as few as hold its values.
    greys = Greys() if deep is None else Greys(bits=depth_of(int(deep.max())))
    return DecodedImage(
        pixels,
        name,
        image.info.get("Synthetic") == "yes",
        deep,
        greys,
        mode=mode,
        tables=tables,
    )


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise ImageError.because(
            Message("The file is not a JPEG, PNG, TIFF, WebP, BMP or DICOM image."), SAVE_AS_PNG
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_large(MAX_PIXELS) from error


def _check(image: Image.Image, max_pixels: int) -> None:
    """Refuse, before any pixel is decoded, what is too large or not one picture."""
    if image.width * image.height > max_pixels:
        raise too_large(max_pixels)
    # A camera's MPO holds the photograph first and a preview after it.
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        raise ImageError.because(
            Message("The file holds {count} pictures.", count=getattr(image, "n_frames", 1)),
            Message("Save each picture as a file of its own, with a row of its own."),
        )
    if image.mode in ("I", "F"):
        raise ImageError.because(Message("The image has 32 bits per pixel."), SAVE_AS_PNG)


def _is_negative(image: Image.Image) -> bool:
    """A 16-bit TIFF in which 0 is white: Pillow turns only those of 8 bits and fewer."""
    if not isinstance(image, TiffImageFile) or not image.mode.startswith("I;16"):
        return False
    return bool(image.tag_v2.get(PHOTOMETRIC_INTERPRETATION) == 0)


def _deep(image: Image.Image, *, negative: bool) -> Values | None:
    if not image.mode.startswith("I;16"):
        return None
    values = np.asarray(image).astype(np.uint16)
    return np.subtract(65535, values, dtype=np.uint16) if negative else values


def _full_range(deep: Values) -> Pixels:
    return ((deep.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _upright(image: Image.Image) -> Image.Image:
    """By the EXIF orientation, where there is one."""
    return ImageOps.exif_transpose(image) if image.getexif() else image


def _pixels(image: Image.Image) -> Pixels:
    if image.mode in ("1", "L") and "transparency" not in image.info:
        return np.asarray(image if image.mode == "L" else image.convert("L"))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layer.size, (0, 0, 0, 255)), layer)
    colour = image if image.mode == "RGB" else image.convert("RGB")
    red, green, blue = colour.split()
    grey = np.asarray(red)
    is_grey = all(np.array_equal(grey, np.asarray(band)) for band in (green, blue))
    return grey if is_grey else np.asarray(colour)
