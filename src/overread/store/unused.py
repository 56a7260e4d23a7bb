"""Images that nothing shows go, with their bytes."""

from collections.abc import Collection, Sequence

from overread.store import blobs
from overread.store.models import Image, Rendition, UnitImage
from overread.store.write import write

AT_ONCE = 50


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
    originals = dict(unused.values_list("pk", "original"))
    drawn = Rendition.objects.filter(image__in=originals.keys())
    bytes_of = {*originals.values(), *drawn.values_list("blob", flat=True)}
    drawn.delete()
    Image.objects.filter(pk__in=originals.keys()).delete()
    blobs.drop(bytes_of)
    return set(originals)
