"""Images that nothing shows go, with their bytes."""

from collections.abc import Collection, Sequence

from overread.store import blobs
from overread.store.models import Identity, Image, Patient, Rendition, Study, UnitImage
from overread.store.write import write

AT_ONCE = 50


def unshown() -> list[int]:
    """Images of no unit; while an intake goes on it may be about to show them."""
    return list(Image.objects.filter(unit_images=None).order_by("pk").values_list("pk", flat=True))


def remove_unused(images: Sequence[int]) -> None:
    """Those of these that no unit shows, some at a time."""
    for first in range(0, len(images), AT_ONCE):
        with write():
            drop_unused(images[first : first + AT_ONCE])
        blobs.sweep()


def drop_unused(images: Collection[int]) -> set[int]:
    """The same in the caller's transaction; `blobs.sweep` then deletes the files.

    Returns those that went.
    """
    shown = UnitImage.objects.filter(image__in=images).values_list("image", flat=True)
    unused = Image.objects.filter(pk__in=set(images) - set(shown))
    found = list(unused.values_list("pk", "original", "study"))
    gone = {image for image, _, _ in found}
    drawn = Rendition.objects.filter(image__in=gone)
    bytes_of = {*(original for _, original, _ in found), *drawn.values_list("blob", flat=True)}
    drawn.delete()
    Image.objects.filter(pk__in=gone).delete()
    _remove_people({study for _, _, study in found if study})
    blobs.drop(bytes_of)
    return gone


def _remove_people(studies: Collection[int]) -> None:
    """Studies without an image, who they are of, and patients of whom then nothing is known."""
    empty = list(Study.objects.filter(pk__in=studies, images=None).order_by("pk"))
    for study in empty:
        Identity.objects.filter(patient=study.patient_id, study=study.uid).delete()
    patients = {study.patient_id for study in empty}
    Study.objects.filter(pk__in=[study.pk for study in empty]).delete()
    unknown = Patient.objects.filter(pk__in=patients, studies=None, units=None)
    Patient.objects.filter(pk__in=list(unknown.values_list("pk", flat=True))).delete()
