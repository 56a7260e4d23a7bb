"""Rows as pictures: what every grid of an owner's pages shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from overread.store.models import Image, Job, Rendition, Unit, UnitImage

THUMB, VIEW, FULL = "thumb", "view", "full"


@dataclass(frozen=True)
class Thumbnail:
    """A row with its first image, small and as contributors see it; both None without one."""

    unit: Unit
    small: Rendition | None
    large: Rendition | None

    @property
    def image(self) -> Image | None:
        return self.large.image if self.large else None


def thumbnails(units: QuerySet[Unit] | Iterable[Unit]) -> list[Thumbnail]:
    """In the order of `units`; two queries however many there are."""
    shown = list(units)
    renditions = _renditions([unit.pk for unit in shown])
    return [
        Thumbnail(unit, *(renditions.get((unit.pk, kind)) for kind in (THUMB, VIEW)))
        for unit in shown
    ]


def lossless(pictures: Iterable[Thumbnail]) -> dict[int, Rendition]:
    """The lossless renditions of these images, by image."""
    images = [one.image.pk for one in pictures if one.image]
    found = Rendition.objects.filter(image__in=images, kind=FULL)
    return {one.image_id: one for one in found}


def _renditions(units: Sequence[int]) -> dict[tuple[int, str], Rendition]:
    first = UnitImage.objects.filter(unit__in=units, position=0)
    unit_of = dict(first.values_list("image", "unit"))
    found = Rendition.objects.filter(image__in=unit_of, kind__in=(THUMB, VIEW))
    return {(unit_of[one.image_id], one.kind): one for one in found.select_related("image")}


def units_in_order(job: Job, units: Sequence[int]) -> list[Unit]:
    found = job.units.in_bulk(list(units))
    return [found[unit] for unit in units]
