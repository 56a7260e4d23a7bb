"""Text on an image: blacked out for good, or found to name nobody. Then its rows come free."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from overread.core.instants import milliseconds
from overread.core.intake import TEXT_SAID, TEXT_SEEN
from overread.core.problems import Message, Refused
from overread.core.reports import Reason
from overread.core.states import UnitState
from overread.flows import audit
from overread.flows.intake.pictures import keep_renditions, places_of, put_files, text_boxes
from overread.flows.reports import WORDS, release_row
from overread.imaging.isolation import pool
from overread.imaging.preparing import Prepared
from overread.imaging.text import Box
from overread.store import blobs
from overread.store.judging import touch
from overread.store.models import Image, Job, Rendition, Report, Unit, UnitImage, User
from overread.store.write import keeping_files, write

# Why a row is held that looking at its text sets free.
_FOR_TEXT = {TEXT_SAID, TEXT_SEEN, WORDS[Reason.NAME_VISIBLE].template}


def black_out(image: Image, boxes: Sequence[Box], *, actor: User | None, at: datetime) -> bool:
    """The blacked-out pixels replace the image in all jobs; what was there is gone.

    True where no text seems to be left, and rows that were held for it come free. Raises Refused.
    """
    if not boxes:
        raise Refused.because(
            Message("No place was marked."), Message("Draw a box over the text first.")
        )
    original = image.original
    prepared = pool().black_out(blobs.read(original), original.media_type, image.greys, list(boxes))
    with keeping_files():
        kept = _replace(image, prepared, actor=actor, at=at, boxes=len(boxes))
    blobs.sweep()
    if not prepared.text:
        names_nobody(kept, actor=actor, at=at)
    return not prepared.text


def names_nobody(image: Image, *, actor: User | None, at: datetime) -> None:
    """An owner has looked: nothing on the image says who it shows.

    Its rows come free, unless another of their images may still name somebody.
    """
    with write():
        jobs = _jobs_showing(image)
        Image.objects.filter(pk=image.pk).update(suspected="", hidden=False)
        rows = Unit.objects.filter(unit_images__image=image).distinct()
        for unit in rows.exclude(Exists(_may_name_somebody())).order_by("pk"):
            _answer_reports(unit, actor, at)
            if unit.state == UnitState.HELD and unit.held and _is_for_text(unit.held):
                release_row(jobs[unit.job_id], unit)
        audit.record("names nobody", image, actor=actor, at=at)


def _may_name_somebody() -> QuerySet[UnitImage]:
    """Images of the outer query's row at which nobody has looked."""
    own = UnitImage.objects.filter(unit=OuterRef("pk"))
    return own.filter(~Q(image__suspected="") | Q(image__hidden=True))


def _is_for_text(held: dict[str, dict[str, str]]) -> bool:
    return held["problem"]["template"] in _FOR_TEXT


def _answer_reports(unit: Unit, actor: User | None, at: datetime) -> None:
    said = unit.reports.filter(reason=Reason.NAME_VISIBLE, decision="")
    said.update(decision=Report.Decision.RELEASED, decided_at=milliseconds(at), decided_by=actor)


def _jobs_showing(image: Image) -> dict[int, Job]:
    """Locked, so that nothing of them is handed out meanwhile."""
    jobs = Job.objects.filter(units__unit_images__image=image).values("pk")
    found = Job.objects.select_for_update().filter(pk__in=jobs).order_by("pk")
    return {job.pk: job for job in found}


def _replace(
    image: Image, prepared: Prepared, *, actor: User | None, at: datetime, boxes: int
) -> Image:
    """Another picture in its place, under new addresses: the old ones answer 404 from now on."""
    files = put_files({prepared.fingerprint: prepared})
    with write():
        jobs = _jobs_showing(image)
        _refuse_changed(image)
        renditions = Rendition.objects.filter(image=image)
        old = {*renditions.values_list("blob", flat=True), image.original_id}
        renditions.delete()
        same = Image.objects.filter(team=image.team_id, fingerprint=prepared.fingerprint)
        known = same.exclude(pk=image.pk).first()
        if known is not None:
            _keep_study(image, known)
            UnitImage.objects.filter(image=image).update(image=known)
            image.delete()
        else:
            places = places_of(files)
            image.original_id = places[prepared.fingerprint, prepared.original.kind]
            image.fingerprint, image.greys = prepared.fingerprint, prepared.greys
            image.text, image.look = text_boxes(prepared.text), prepared.look
            image.save(update_fields=["original", "fingerprint", "greys", "text", "look"])
            keep_renditions({prepared.fingerprint: image.pk}, files, places)
        blobs.drop(old)
        for job in jobs.values():
            touch(job)
        audit.record("black out", known or image, actor=actor, at=at, boxes=boxes)
    return known or image


def _keep_study(image: Image, known: Image) -> None:
    """Whom the image that goes shows is still found by its study; where the one that stays has a
    study of its own, by the rows, unless a table says otherwise.
    """
    if known.study_id is None:
        known.study_id = image.study_id
        known.save(update_fields=["study"])
    elif image.study is not None:
        rows = Unit.objects.filter(unit_images__image=image, patient=None)
        rows.update(patient=image.study.patient_id)


def _refuse_changed(image: Image) -> None:
    """Else the boxes that somebody else drew meanwhile would be undone."""
    now = Image.objects.select_for_update().filter(pk=image.pk, original=image.original_id)
    if not now.exists():
        raise Refused.because(
            Message("Somebody else has changed this image meanwhile."),
            Message("Look at it as it is now."),
        )
