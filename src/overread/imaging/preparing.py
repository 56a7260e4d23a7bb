"""Everything that is made of an image file's bytes: what is stored of it, and what people see."""

from collections.abc import Iterator, Sequence
from math import ceil, floor
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL.Image import Resampling

from overread.core.greys import Greys
from overread.imaging.decode import DecodedImage, decode
from overread.imaging.facts import Facts
from overread.imaging.looks import look_of
from overread.imaging.render import (
    LONGEST,
    coarse,
    fingerprint,
    from_planes,
    grey,
    jpeg,
    lossless,
    planes,
    reduced,
)
from overread.imaging.text import Box, text_in
from overread.imaging.traces import traces

VIEW, THUMB, FULL, COLOUR = "view", "thumb", "full", "colour"
SIZES = {VIEW: LONGEST, THUMB: 256}
_ROUNDING = 1e-6
JPEG, PLANES, PNG = "image/jpeg", "application/octet-stream", "image/png"


class Drawn(msgspec.Struct, frozen=True):
    """The bytes of a rendition."""

    kind: str
    media_type: str
    data: bytes
    width: int
    height: int


class Prepared(msgspec.Struct, frozen=True):
    """A picture ready to be stored: its values, and nothing else of its file.

    `greys` is a core.greys.Greys as a document; `traces` is what else the file tells
    (imaging.traces), `look` what sets the picture apart from others (imaging.looks). `text` is
    where text seems to stand, and `says_text` that the file itself speaks of some.
    """

    fingerprint: str
    width: int
    height: int
    synthetic: bool
    greys: dict[str, Any]
    drawn: list[Drawn]
    facts: Facts | None
    traces: dict[str, str]
    look: bytes
    text: list[Box] = []
    says_text: bool = False

    @property
    def original(self) -> Drawn:
        """What holds every value; it comes last."""
        return self.drawn[-1]


def prepare(data: bytes, frame: int = 0) -> Prepared:
    """Decode a file and draw its renditions. Raises ImageError."""
    return _prepared(decode(data, frame=frame), data)


def _prepared(decoded: DecodedImage, data: bytes) -> Prepared:
    values = decoded.pixels if decoded.deep is None else decoded.deep
    # Of DICOM they are what is shown at first; of other deep files the full range of their type.
    is_shown = decoded.deep is None or decoded.facts is not None
    pixels = decoded.pixels if is_shown else decoded.greys.shown(values)
    shades = grey(pixels)
    small = coarse(shades)
    full = _full(shades if decoded.deep is None else decoded.deep)
    return Prepared(
        fingerprint=fingerprint(values, decoded.greys),
        width=decoded.width,
        height=decoded.height,
        synthetic=decoded.synthetic,
        greys=decoded.greys.document(),
        drawn=[*_seen(shades, small), full, *_colour(pixels)],
        facts=decoded.facts,
        traces=traces(data, decoded, small),
        look=look_of(small),
        text=[] if decoded.synthetic else text_in(shades),  # it says SYNTHETIC on them
        says_text=decoded.says_text,
    )


def _seen(shades: NDArray[np.uint8], small: NDArray[np.uint8]) -> Iterator[Drawn]:
    """What browsers show; the thumbnail is drawn of the `small` picture."""
    view, thumb = reduced(shades, SIZES[VIEW]), reduced(small, SIZES[THUMB], Resampling.HAMMING)
    drawn = jpeg(view)
    yield Drawn(VIEW, JPEG, drawn, *view.size)
    yield Drawn(THUMB, JPEG, drawn if thumb.size == view.size else jpeg(thumb), *thumb.size)


def _colour(pixels: NDArray[np.uint8]) -> Iterator[Drawn]:
    """The values of a picture in colour, which people see in grey."""
    if pixels.ndim == 3:
        height, width, _ = pixels.shape
        yield Drawn(COLOUR, PNG, lossless(pixels), width, height)


def _full(values: NDArray[np.uint8] | NDArray[np.uint16]) -> Drawn:
    height, width = values.shape
    return Drawn(FULL, PLANES, planes(values), width, height)


def blacked_out(
    data: bytes, media_type: str, greys: dict[str, Any], boxes: Sequence[Box]
) -> Prepared:
    """A stored original with boxes as dark as its darkest grey, as a picture of its own."""
    if media_type == PLANES:
        meaning, values = Greys.from_document(greys), from_planes(data).copy()
        ends = np.array([values.min(), values.max()], values.dtype)
        _blacken(values, boxes, int(ends[meaning.shown(ends).argmin()]))
        shown = meaning.shown(values)
        return _prepared(DecodedImage(shown, "DICOM", False, values, meaning, Facts({})), data)
    decoded = decode(data)
    values = (decoded.pixels if decoded.deep is None else decoded.deep).copy()
    _blacken(values, boxes, 0)
    png = lossless(values, synthetic=decoded.synthetic)
    made = prepare(png)
    spacing = {"spacing": greys.get("spacing")}
    return msgspec.structs.replace(made, greys={**made.greys, **spacing})


def _blacken(values: NDArray[Any], boxes: Sequence[Box], black: int) -> None:
    """Every pixel that a box touches by more than rounding."""
    height, width = values.shape[:2]
    for box in boxes:
        top, left = floor(box.y * height + _ROUNDING), floor(box.x * width + _ROUNDING)
        bottom = ceil((box.y + box.height) * height - _ROUNDING)
        right = ceil((box.x + box.width) * width - _ROUNDING)
        values[top:bottom, left:right] = black


def exported(data: bytes, media_type: str, greys: dict[str, Any], *, synthetic: bool) -> bytes:
    """The PNG of a data set, from stored values: as they are shown at first."""
    if media_type == PLANES:
        pixels = Greys.from_document(greys).shown(from_planes(data))
    else:
        pixels = decode(data).pixels
    return lossless(pixels, synthetic=synthetic)
