"""Pictures into the store: their values, and renditions for every browser."""

import secrets
from collections.abc import Collection, Sequence

from overread.flows.intake.dicom import cells_of, patient_of, study_of
from overread.flows.intake.drafts import Picture, Ready
from overread.imaging.isolation import pool
from overread.imaging.preparing import COLOUR, FULL, JPEG, SIZES, THUMB, VIEW, Drawn
from overread.store import blobs
from overread.store.models import Image, Rendition, Team
from overread.store.write import write

__all__ = ["FULL", "JPEG", "SIZES", "THUMB", "VIEW", "keep_pictures", "look_at", "ready"]


def ready(data: bytes, frame: int = 0) -> Ready:
    """Decode and draw a picture, for any thread: no database is asked.

    Raises imaging.decode.ImageError where the bytes are no image that can be shown.
    """
    prepared = pool().prepare(data, frame)
    return Ready(prepared, frame, cells_of(prepared.facts), patient_of(prepared.facts))


def look_at(pictures: Sequence[Ready]) -> list[Picture]:
    """The pictures as `keep_pictures` would keep them, without keeping them."""
    return [_picture(one, None) for one in pictures]


def keep_pictures(team: Team, pictures: Sequence[Ready]) -> list[Picture]:
    """Store pictures; a pixel-identical one that is there already stays as it is."""
    by_print = {one.fingerprint: one for one in reversed(pictures)}
    known = _complete(team, by_print)
    if new := [one for name, one in by_print.items() if name not in known]:
        known |= _kept(team, new)
    return [_picture(one, known[one.fingerprint]) for one in pictures]


def _picture(one: Ready, image: int | None) -> Picture:
    return Picture(one.fingerprint, image, one.cells, one.patient, one.folder)


def _complete(team: Team, by_print: Collection[str]) -> dict[str, int]:
    """Those that are there; images taken in by an earlier version lack the lossless rendition."""
    found = Image.objects.filter(team=team, fingerprint__in=by_print, renditions__kind=FULL)
    return dict(found.values_list("fingerprint", "pk"))


def _kept(team: Team, new: Sequence[Ready]) -> dict[str, int]:
    """Files first, then rows. Where somebody else stores the same meanwhile, theirs stay."""
    by_print = {one.fingerprint: one.prepared for one in new}
    files = [(name, drawn) for name, prepared in by_print.items() for drawn in prepared.drawn]
    stored = list(zip(files, blobs.put(drawn.data for _, drawn in files), strict=True))
    with write():
        blob = blobs.rows(
            {sha256: (len(drawn.data), drawn.media_type) for (_, drawn), sha256 in stored}
        )
        place = {(name, drawn.kind): blob[sha256] for (name, drawn), sha256 in stored}
        for image in Image.objects.filter(team=team, fingerprint__in=by_print):
            image.greys = by_print[image.fingerprint].greys
            image.save(update_fields=["greys"])
        Image.objects.bulk_create(
            (_image(team, one, place[one.fingerprint, one.prepared.original.kind]) for one in new),
            ignore_conflicts=True,
        )
        made = Image.objects.filter(team=team, fingerprint__in=by_print)
        ids = dict(made.values_list("fingerprint", "pk"))
        Rendition.objects.bulk_create(
            (
                _rendition(ids[name], drawn, place[name, drawn.kind])
                for name, drawn in files
                if drawn.kind != COLOUR
            ),
            ignore_conflicts=True,
        )
    return ids


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
    )


def _rendition(image: int, drawn: Drawn, blob: int) -> Rendition:
    return Rendition(
        image_id=image,
        kind=drawn.kind,
        blob_id=blob,
        width=drawn.width,
        height=drawn.height,
        handle=secrets.token_urlsafe(16),
    )
