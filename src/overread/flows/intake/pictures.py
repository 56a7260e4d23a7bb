"""Pictures into the store: their values, and renditions for every browser."""

import secrets
from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import asdict

from overread.flows.intake.dicom import cells_of, patient_of, study_of
from overread.flows.intake.drafts import Picture, Ready
from overread.imaging.isolation import pool
from overread.imaging.preparing import COLOUR, FULL, JPEG, SIZES, THUMB, VIEW, Drawn, Prepared
from overread.imaging.text import Box
from overread.store import blobs
from overread.store.models import Image, Team
from overread.store.rows import NewRendition, add_renditions
from overread.store.write import keeping_files, write

# A file that is in the store: its picture, by fingerprint, what it holds, and its SHA-256.
File = tuple[str, Drawn, str]
# The rows' ids of stored bytes, by fingerprint and kind.
Places = Mapping[tuple[str, str], int]
# Pictures whose rows are written in one go.
_IN_A_WRITE = 32
__all__ = ["FULL", "JPEG", "SIZES", "THUMB", "VIEW", "keep_pictures", "look_at", "ready"]


def ready(data: bytes, frame: int = 0, *, accounted: bool = False) -> Ready:
    """Decode and draw a picture, for any thread: no database is asked.

    `accounted` counts the attributes of a DICOM file. Raises imaging.decode.ImageError where the
    bytes are no image that can be shown.
    """
    prepared = pool().prepare(data, frame)
    facts = prepared.facts
    attributes = pool().account(data) if facts and accounted else {}
    return Ready(prepared, frame, cells_of(facts), patient_of(facts), attributes=attributes)


def look_at(pictures: Sequence[Ready]) -> list[Picture]:
    """The pictures as `keep_pictures` would keep them, without keeping them."""
    return [_picture(one, None, one.suspected) for one in pictures]


def keep_pictures(team: Team, pictures: Sequence[Ready]) -> list[Picture]:
    """Store pictures; a pixel-identical one that is there already stays as it is. Files first,
    settled together; then rows, in short writes."""
    by_print = {one.fingerprint: one for one in reversed(pictures)}
    known = _complete(team, by_print)
    if new := [one for name, one in by_print.items() if name not in known]:
        with keeping_files():
            files = put_files({one.fingerprint: one.prepared for one in new})
            for first in range(0, len(new), _IN_A_WRITE):
                known |= _kept(team, new[first : first + _IN_A_WRITE], files)
    return [_picture(one, *known[one.fingerprint]) for one in pictures]


def _picture(one: Ready, image: int | None, suspected: str) -> Picture:
    return Picture(
        one.fingerprint, image, one.cells, one.patient, one.folder, suspected, one.attributes
    )


def _complete(team: Team, by_print: Collection[str]) -> dict[str, tuple[int, str]]:
    """Those that are there, with what is suspected of them; images taken in by an earlier version
    lack the lossless rendition.
    """
    found = Image.objects.filter(team=team, fingerprint__in=by_print, renditions__kind=FULL)
    rows = found.values_list("fingerprint", "pk", "suspected")
    return {name: (image, suspected) for name, image, suspected in rows}


def _kept(team: Team, new: Sequence[Ready], stored: Sequence[File]) -> dict[str, tuple[int, str]]:
    """The rows of pictures. Where somebody else stores the same meanwhile, theirs stay."""
    by_print = {one.fingerprint: one.prepared for one in new}
    files = [file for file in stored if file[0] in by_print]
    with write():
        places = places_of(files)
        for image in Image.objects.filter(team=team, fingerprint__in=by_print):
            image.greys = by_print[image.fingerprint].greys
            image.save(update_fields=["greys"])
        Image.objects.bulk_create(
            (_image(team, one, places[one.fingerprint, one.prepared.original.kind]) for one in new),
            ignore_conflicts=True,
        )
        made = Image.objects.filter(team=team, fingerprint__in=by_print)
        rows = list(made.values_list("fingerprint", "pk", "suspected"))
        keep_renditions({name: image for name, image, _ in rows}, files, places)
    return {name: (image, suspected) for name, image, suspected in rows}


def put_files(pictures: Mapping[str, Prepared]) -> list[File]:
    """Everything that was drawn of pictures, durable; within `write.keeping_files`."""
    drawn = [(name, one) for name, prepared in pictures.items() for one in prepared.drawn]
    hashes = blobs.put(one.data for _, one in drawn)
    return [(name, one, sha256) for (name, one), sha256 in zip(drawn, hashes, strict=True)]


def places_of(files: Sequence[File]) -> dict[tuple[str, str], int]:
    """The rows of files, in the caller's transaction."""
    rows = blobs.rows({sha256: (len(one.data), one.media_type) for _, one, sha256 in files})
    return {(name, one.kind): rows[sha256] for name, one, sha256 in files}


def keep_renditions(images: Mapping[str, int], files: Sequence[File], places: Places) -> None:
    """What browsers get of images, given by fingerprint; in the caller's transaction."""
    add_renditions(
        NewRendition(
            images[name],
            one.kind,
            places[name, one.kind],
            one.width,
            one.height,
            secrets.token_urlsafe(16),
        )
        for name, one, _ in files
        if one.kind != COLOUR
    )


def text_boxes(boxes: Sequence[Box]) -> list[dict[str, float]]:
    """As Image.text."""
    return [asdict(box) for box in boxes]


def _image(team: Team, one: Ready, original: int) -> Image:
    prepared = one.prepared
    return Image(
        team=team,
        fingerprint=prepared.fingerprint,
        original_id=original,
        width=prepared.width,
        height=prepared.height,
        study=study_of(team, prepared.facts),
        frame=max(one.frame - 1, 0),
        synthetic=prepared.synthetic,
        greys=prepared.greys,
        traces=prepared.traces,
        look=prepared.look,
        text=text_boxes(prepared.text),
        suspected=one.suspected,
    )
