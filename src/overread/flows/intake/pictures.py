"""One picture into the store: original bytes untouched, and renditions for every browser."""

import secrets
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from overread.core.greys import Greys, depth_of
from overread.flows.intake.drafts import Picture
from overread.imaging.decode import DecodedImage, decode
from overread.imaging.render import LONGEST, fingerprint, grey, planes, rendition
from overread.store import blobs
from overread.store.models import Image, Rendition, Team
from overread.store.write import write

VIEW, THUMB, FULL = "view", "thumb", "full"
SIZES = {VIEW: LONGEST, THUMB: 256}
# A rendition that is not saved yet, with its stored bytes' SHA-256 and size.
Drawn = tuple[Rendition, str, int]
JPEG, PLANES = "image/jpeg", "application/octet-stream"


def keep_picture(team: Team, data: bytes) -> Image:
    """Decode, render and store a picture; a pixel-identical one is returned as it is.

    Raises imaging.decode.ImageError where the bytes are no image that can be shown.
    """
    decoded = decode(data)
    digest = _digest(decoded)
    known = Image.objects.filter(team=team, fingerprint=digest).first()
    if known is not None:
        return _completed(known, decoded)
    original = blobs.put(data)
    greys = _greys(decoded)
    drawn = _draw(decoded, greys)
    with write():
        image, made = Image.objects.get_or_create(
            team=team,
            fingerprint=digest,
            defaults={
                "original": blobs.row(original, len(data), f"image/{decoded.format.lower()}"),
                "width": decoded.width,
                "height": decoded.height,
                "synthetic": decoded.synthetic,
                "greys": greys.document(),
            },
        )
        if made:
            _keep(image, drawn)
    return image


def look_at(data: bytes) -> Picture:
    """The picture as `keep_picture` would keep it, without keeping it."""
    return Picture(_digest(decode(data)))


def _digest(decoded: DecodedImage) -> str:
    return fingerprint(decoded.pixels if decoded.deep is None else decoded.deep)


def _completed(image: Image, decoded: DecodedImage) -> Image:
    """With the lossless rendition, which images taken in by an earlier version lack."""
    if image.renditions.filter(kind=FULL).exists():
        return image
    greys = _greys(decoded)
    values = grey(decoded.pixels) if decoded.deep is None else decoded.deep
    full = _full(values)
    with write():
        if not image.renditions.filter(kind=FULL).exists():
            _keep(image, [full])
            image.greys = greys.document()
            image.save(update_fields=["greys"])
    return image


def _keep(image: Image, drawn: Sequence[Drawn]) -> None:
    for one, sha256, size in drawn:
        media = PLANES if one.kind == FULL else JPEG
        one.image, one.blob = image, blobs.row(sha256, size, media)
        one.save()


def _greys(decoded: DecodedImage) -> Greys:
    """A 16-bit file rarely says how many of its bits are used: as few as hold its values."""
    if decoded.deep is None:
        return Greys()
    return Greys(bits=depth_of(int(decoded.deep.max())))


def _draw(decoded: DecodedImage, greys: Greys) -> list[Drawn]:
    """The renditions of every kind."""
    deep = decoded.deep
    pixels = decoded.pixels if deep is None else greys.shown(deep)
    drawn = [_jpeg(kind, pixels) for kind in SIZES]
    return [*drawn, _full(grey(pixels) if deep is None else deep)]


def _jpeg(kind: str, pixels: NDArray[np.uint8]) -> Drawn:
    view = rendition(pixels, longest=SIZES[kind])
    shown = decode(view)
    return _stored(kind, view, shown.width, shown.height)


def _full(values: NDArray[np.uint8] | NDArray[np.uint16]) -> Drawn:
    height, width = values.shape
    return _stored(FULL, planes(values), width, height)


def _stored(kind: str, data: bytes, width: int, height: int) -> Drawn:
    handle = secrets.token_urlsafe(16)
    one = Rendition(kind=kind, width=width, height=height, handle=handle)
    return one, blobs.put(data), len(data)
