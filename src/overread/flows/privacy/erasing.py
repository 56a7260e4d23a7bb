"""A patient is erased: pixels, renditions and cells go, an audited tombstone stays.

Done in short turns to write, each of which leaves nothing half done, so that an erasure that broke
off goes on where it stopped.
"""

import hmac
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import F

from overread.core.instants import milliseconds
from overread.core.problems import Message, Problem, Refused
from overread.core.states import UnitState, step
from overread.flows import audit
from overread.flows.export import dataset_file
from overread.flows.privacy.forgetting import forget_rows
from overread.flows.privacy.uploads import erase_waiting
from overread.store import blobs
from overread.store.judging import touch
from overread.store.models import (
    DatasetVersion,
    Erasure,
    Image,
    Job,
    Patient,
    Team,
    Unit,
    UnitImage,
    User,
)
from overread.store.queries.privacy import images_of, rows_of
from overread.store.unused import drop_unused
from overread.store.write import write

# Rows or images that one turn to write deals with.
AT_ONCE = 10
_WITHDRAWN = Problem(
    "",
    None,
    None,
    Message("Somebody in it was erased, so it can't be had any more."),
    Message("Build it again, and delete the copies that were handed on."),
)


class Gone(NamedTuple):
    """Images that were removed, and that stay since other rows show them."""

    images: int
    shared: int


def begin_erasing(team: Team, key: str, *, actor: User | None, at: datetime) -> Erasure:
    """Announce it. An erasure that broke off, or that is done, is returned as it is.

    Raises Refused where no patient of the team has this key.
    """
    hashed = _hashed(key)
    with write():
        patient = Patient.objects.filter(team=team, key=key).first()
        known = Erasure.objects.filter(team=team, key_hash=hashed).order_by("pk").last()
        if known is not None and (patient is None or known.done_at is None):
            if known.done_at is None and patient is not None and known.patient is None:
                known.patient = patient  # who came in again meanwhile
                known.save(update_fields=["patient"])
            return known
        if patient is None:
            raise Refused.because(
                Message("No patient has this key."),
                Message("Give the key exactly as the table or the data shows it."),
            )
        made = Erasure.objects.create(
            team=team, patient=patient, key_hash=hashed, actor=actor, at=at
        )
        audit.record("erase patient", made, actor=actor, at=at)
    return made


def finish_erasing(erasure: Erasure, *, at: datetime) -> Erasure:
    """Everything of it, or what an earlier run left; once more changes nothing."""
    erasure.refresh_from_db()
    if erasure.patient is not None:  # whoever is gone has gone after what waited
        erase_waiting(erasure, erasure.patient, at=at)
    while _erase_some(erasure.pk, at):
        blobs.sweep()
    blobs.sweep()
    _delete_datasets(erasure.team_id)
    with write():
        found = _locked(erasure.pk)
        if found.done_at is None:
            found.done_at = at
            found.save(update_fields=["done_at"])
            figures = {name: getattr(found, name) for name in ("rows", "images", "datasets")}
            audit.record("patient erased", found, actor=found.actor, at=at, **figures)
    _forget_the_log()
    return found


def unfinished_erasures() -> list[Erasure]:
    return list(Erasure.objects.filter(done_at=None).order_by("pk"))


def _hashed(key: str) -> str:
    secret = f"{settings.SECRET_KEY} erased patient"
    return hmac.new(secret.encode(), key.encode(), "sha256").hexdigest()


def _locked(erasure: int) -> Erasure:
    return Erasure.objects.select_for_update().get(pk=erasure)


def _erase_some(erasure: int, at: datetime) -> bool:
    """One turn; whether there may be more to do. The patient goes when nothing else is left."""
    with write():
        found = _locked(erasure)
        patient = found.patient
        if patient is None:
            return False
        if units := list(rows_of(patient).values_list("pk", flat=True)[:AT_ONCE]):
            _erase_rows(found, units, at)
        elif images := list(images_of(patient)[:AT_ONCE]):
            _count(found, _let_go(images))
        else:
            patient.delete()
    return True


def _erase_rows(erasure: Erasure, units: Collection[int], at: datetime) -> None:
    """Rows lose their cells, their images and what was said of them."""
    jobs = Job.objects.select_for_update().filter(units__in=units).order_by("pk")
    for job in {one.pk: one for one in jobs}.values():
        own = list(job.units.filter(pk__in=units).order_by("pk"))
        _withdraw_datasets(erasure, job)
        forget_rows(job, own, at=milliseconds(at))
        shown = list(Image.objects.filter(unit_images__unit__in=own).distinct().order_by("pk"))
        UnitImage.objects.filter(unit__in=own).delete()
        _count(erasure, _let_go(shown))
        for unit in own:
            unit.state = step("unit", UnitState(unit.state), UnitState.ERASED)
            unit.data = dict.fromkeys(unit.data, "")
            unit.given, unit.held, unit.patient = {}, None, None
        Unit.objects.bulk_update(own, ["state", "data", "given", "held", "patient"])
        Erasure.objects.filter(pk=erasure.pk).update(rows=F("rows") + len(own))
        touch(job)


def _withdraw_datasets(erasure: Erasure, job: Job) -> None:
    """Every version, one that is being built too: each was made of all of the job's rows."""
    held = job.datasets.filter(
        state__in=[DatasetVersion.State.READY, DatasetVersion.State.BUILDING]
    )
    count = held.update(state=DatasetVersion.State.WITHDRAWN, reason=_WITHDRAWN.document())
    Erasure.objects.filter(pk=erasure.pk).update(datasets=F("datasets") + count)


def _let_go(images: Collection[Image]) -> Gone:
    """Remove the images that no row shows any more, with their renditions and bytes."""
    gone = drop_unused([one.pk for one in images])
    Image.objects.filter(pk__in=[one.pk for one in images]).update(study=None)
    return Gone(len(gone), len(images) - len(gone))


def _count(erasure: Erasure, gone: Gone) -> None:
    Erasure.objects.filter(pk=erasure.pk).update(
        images=F("images") + gone.images, shared_images=F("shared_images") + gone.shared
    )


def _delete_datasets(team: int) -> None:
    withdrawn = DatasetVersion.objects.filter(state=DatasetVersion.State.WITHDRAWN)
    for version in withdrawn.filter(job__team=team).order_by("pk"):
        dataset_file(version).unlink(missing_ok=True)


def _forget_the_log() -> None:
    """What SQLite's log still holds of the rows as they were goes as soon as nobody reads them."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
