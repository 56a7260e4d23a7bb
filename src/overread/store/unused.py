"""Images that nothing shows go, with their bytes."""

from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef

from overread.store import blobs
from overread.store.models import Blob, Image, Patient, Rendition, Study, UnitImage
from overread.store.write import write

AT_ONCE = 50


def remove_unused(images: Sequence[int]) -> None:
    """Those of these that no unit shows, some at a time."""
    for first in range(0, len(images), AT_ONCE):
        with write():
            dead = _remove(images[first : first + AT_ONCE])
        for sha256 in dead:
            blobs.remove(sha256)


def _remove(some: Sequence[int]) -> list[str]:
    """Returns the names of bytes that nothing uses any more."""
    shown = Exists(UnitImage.objects.filter(image=OuterRef("pk")))
    unused = list(Image.objects.filter(~shown, pk__in=some).values_list("pk", "original", "study"))
    images = [image for image, _, _ in unused]
    drawn = Rendition.objects.filter(image__in=images)
    bytes_of = {original for _, original, _ in unused} | set(drawn.values_list("blob", flat=True))
    drawn.delete()
    Image.objects.filter(pk__in=images).delete()
    _remove_people({study for _, _, study in unused if study})
    used = Exists(Image.objects.filter(original=OuterRef("pk"))) | Exists(
        Rendition.objects.filter(blob=OuterRef("pk"))
    )
    dead = Blob.objects.filter(~used, pk__in=bytes_of)
    names = list(dead.values_list("sha256", flat=True))
    Blob.objects.filter(sha256__in=names).delete()
    return names


def _remove_people(studies: Collection[int]) -> None:
    """Studies without an image, and patients of whom then nothing is known."""
    empty = Study.objects.filter(pk__in=studies, images=None)
    patients = set(empty.values_list("patient", flat=True))
    Study.objects.filter(pk__in=list(empty.values_list("pk", flat=True))).delete()
    unknown = Patient.objects.filter(pk__in=patients, studies=None, units=None)
    Patient.objects.filter(pk__in=list(unknown.values_list("pk", flat=True))).delete()
