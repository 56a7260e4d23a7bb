"""One picture into the store: its original, and renditions for every browser."""

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import asdict

from overread.flows.intake.dicom import cells_of, patient_of, study_of
from overread.flows.intake.drafts import Picture
from overread.imaging.facts import Facts
from overread.imaging.isolation import pool
from overread.imaging.preparing import FULL, JPEG, SIZES, THUMB, VIEW, Drawn, Prepared
from overread.imaging.text import Box
from overread.store import blobs
from overread.store.models import Image, Rendition, Team
from overread.store.write import keeping_files, write

__all__ = ["FULL", "JPEG", "SIZES", "THUMB", "VIEW", "Kept", "keep_picture"]
_Stored = tuple[Drawn, str]


class Kept(NamedTuple):
    """A stored picture, and what its DICOM file says of it."""

    image: Image
    facts: Facts | None


def keep_picture(team: Team, data: bytes, frame: int = 0) -> Kept:
    """Decode, render and store a picture; a pixel-identical one is returned as it is.

    Raises imaging.decode.ImageError where the bytes are no image that can be shown.
    """
    prepared = pool().prepare(data, frame)
    known = Image.objects.filter(team=team, fingerprint=prepared.fingerprint).first()
    if known is not None:
        return Kept(_completed(known, prepared), prepared.facts)
    with keeping_files():
        return Kept(_stored(team, data, frame, prepared), prepared.facts)


def _stored(team: Team, data: bytes, frame: int, prepared: Prepared) -> Image:
    bytes_kept = data if prepared.original is None else prepared.original
    original = blobs.put(bytes_kept)
    drawn = [(one, blobs.put(one.data)) for one in prepared.drawn]
    with write():
        image, made = Image.objects.get_or_create(
            team=team,
            fingerprint=prepared.fingerprint,
            defaults={
                "original": blobs.row(original, len(bytes_kept), prepared.media_type),
                "width": prepared.width,
                "height": prepared.height,
                "study": study_of(team, prepared.facts),
                "frame": max(frame - 1, 0),
                "synthetic": prepared.synthetic,
                "greys": prepared.greys,
                "traces": prepared.traces,
                "look": prepared.look,
                "text": text_boxes(prepared.text),
                "suspected": suspected(prepared),
            },
        )
        if made:
            keep_renditions(image, drawn)
    return image


def look_at(data: bytes, frame: int) -> Picture:
    """The picture as `keep_picture` would keep it, without keeping it."""
    prepared = pool().prepare(data, frame)
    facts = prepared.facts
    return Picture(
        prepared.fingerprint,
        cells=cells_of(facts),
        patient=patient_of(facts),
        suspected=suspected(prepared),
        attributes=pool().account(data) if facts else {},
    )


def suspected(prepared: Prepared) -> str:
    """As Image.suspected."""
    if prepared.says_text:
        return Image.Suspected.SAID
    return Image.Suspected.SEEN if prepared.text else ""


def text_boxes(boxes: Sequence[Box]) -> list[dict[str, float]]:
    """As Image.text."""
    return [asdict(box) for box in boxes]


def _completed(image: Image, prepared: Prepared) -> Image:
    """With the lossless rendition, which images taken in by an earlier version lack."""
    if image.renditions.filter(kind=FULL).exists():
        return image
    with keeping_files():
        drawn = [(one, blobs.put(one.data)) for one in prepared.drawn if one.kind == FULL]
        _complete(image, prepared, drawn)
    return image


def _complete(image: Image, prepared: Prepared, drawn: Sequence[_Stored]) -> None:
    with write():
        if not image.renditions.filter(kind=FULL).exists():
            keep_renditions(image, drawn)
            image.greys = prepared.greys
            image.save(update_fields=["greys"])


def keep_renditions(image: Image, drawn: Sequence[_Stored]) -> None:
    for one, sha256 in drawn:
        Rendition.objects.create(
            image=image,
            kind=one.kind,
            blob=blobs.row(sha256, len(one.data), one.media_type),
            width=one.width,
            height=one.height,
            handle=secrets.token_urlsafe(16),
        )
