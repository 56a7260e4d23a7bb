"""Stored pixel values as PS3.3 C.7.6.3.1 and PS3.5 8.1.1 define them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut


def stored_values(dataset: Dataset, frame: int) -> NDArray[Any]:
    """One frame, (rows, columns) of grey or (rows, columns, 3) of colour; `frame` counts from 1.

    Planar colour comes by pixel, and YBR as RGB (C.7.6.3.1.2, C.7.6.3.1.3).
    """
    decoder = get_decoder(dataset.file_meta.TransferSyntaxUID)
    index = max(frame, 1) - 1
    options: Any = {"correct_unused_bits": False}
    array, _ = decoder.as_array(dataset, index=index, **options)
    if array.ndim == 3:
        return array
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        return apply_color_lut(array, dataset)
    return _used_bits(array, dataset, native=not decoder.is_encapsulated)


def _used_bits(array: NDArray[Any], dataset: Dataset, *, native: bool) -> NDArray[Any]:
    """Without the bits that hold no pixel, which old files use for overlays (PS3.5 8.1.1)."""
    stored = min(int(dataset.BitsStored), array.itemsize * 8)
    high = int(dataset.get("HighBit", stored - 1))
    raw = array.view(f"u{array.itemsize}")
    if native and high >= stored:
        raw = raw >> (high + 1 - stored)
    if int(raw.max()) >> stored:
        raw = raw & ((1 << stored) - 1)
    if not dataset.get("PixelRepresentation", 0):
        return raw
    sign = 1 << (stored - 1)
    return (raw.astype(np.int32) ^ sign) - sign


def colour_picture(colour: NDArray[Any], dataset: Dataset) -> NDArray[np.uint8]:
    """Eight bits a sample; grey where every pixel is."""
    bits = int(dataset.BitsStored)
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        bits = colour.itemsize * 8  # tables are of 8 or 16 bits whatever the pixels (C.7.6.3.1.6)
    if bits != 8:
        colour = np.rint(colour * (255 / ((1 << bits) - 1)))
    pixels = colour.astype(np.uint8)
    grey = pixels[..., 0]
    if (grey == pixels[..., 1]).all() and (grey == pixels[..., 2]).all():
        return np.ascontiguousarray(grey)
    return pixels
