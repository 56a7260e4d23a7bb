"""Rows in bulk, in plain SQL for both databases: the ORM takes several times as long."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from overread.store.models import Job, TestQuestion, Unit

AT_ONCE = 200


class NewRow(NamedTuple):
    """The columns of a unit; what is JSON is text."""

    number: int
    state: str
    data: str
    given: str
    held: str | None
    patient: int | None


def add_rows(job: int, rows: Iterable[NewRow]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into store_unit (job_id, number, state, data, given, held, patient_id)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            [(job, *row) for row in rows],
        )


def show(pictures: Iterable[tuple[int, int, int, str, str]]) -> None:
    """Unit, image, position, folder and role, of images that units show."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into store_unitimage (unit_id, image_id, position, folder, role)"
            " values (%s, %s, %s, %s, %s)",
            list(pictures),
        )


class NewRendition(NamedTuple):
    """The columns of a rendition."""

    image: int
    kind: str
    blob: int
    width: int
    height: int
    handle: str


def add_renditions(renditions: Iterable[NewRendition]) -> None:
    """Those that are not there yet."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into store_rendition (image_id, kind, blob_id, width, height, handle)"
            " values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
            list(renditions),
        )


def remove_some(job: Job, last: int) -> bool:
    """Remove some of a draft's rows up to the id `last`; whether there may be more."""
    some = list(
        job.units.filter(pk__lte=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
    )
    TestQuestion.objects.filter(unit__in=some).update(current=None)
    Unit.objects.filter(pk__in=some).delete()
    return len(some) == AT_ONCE
