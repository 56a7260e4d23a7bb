"""What decoding gives: pixels and what they mean, or why there are none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from overread.core.greys import Greys
from overread.core.problems import Message, Refused
from overread.imaging.facts import Facts

Pixels = NDArray[np.uint8]
Values = NDArray[np.uint8] | NDArray[np.uint16]
MAX_PIXELS = 64_000_000
COPY_AGAIN = Message("Copy the file again from where it came from, or leave the row out.")
SAVE_AS_PNG = Message("Save the image as an 8-bit PNG and try again.")


class ImageError(Refused):
    """The file is no image that can be shown."""


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """Upright pixels, (height, width) for grey or (height, width, 3) for colour.

    `format` is Pillow's name of the file's format, or DICOM; `mode` its name of the file's colour
    mode, and `tables` are a JPEG's of quantisation. `synthetic`: drawn by this software.
    `deep` holds the stored values where `pixels` are only a view of them, of 16-bit grey and of
    DICOM; `greys` says what they mean. `facts` is what a DICOM file says beside its pixels, and
    `says_text` that text is burned into them.
    """

    pixels: Pixels
    format: str
    synthetic: bool
    deep: Values | None = None
    greys: Greys = field(default_factory=Greys)
    facts: Facts | None = field(default=None, repr=False)
    says_text: bool = False
    mode: str = ""
    tables: Mapping[int, Sequence[int]] = field(default_factory=dict)

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


def too_large(max_pixels: int) -> ImageError:
    return ImageError.because(
        Message("The image has more than {limit} million pixels.", limit=max_pixels // 1_000_000),
        Message("Save it with fewer pixels."),
    )
