"""Who is one patient: the owner's word on what the file names suggest."""

from collections.abc import Collection
from datetime import datetime

from overread.core.intake import DICOM_PATIENT, suggest_patient_rule
from overread.flows import audit
from overread.flows.unfinished import refuse_unfinished
from overread.store.models import Job, Patient, Team, Unit, User
from overread.store.write import locked, write


def settle_patients(job: Job, *, by_name: bool, actor: User | None, at: datetime) -> None:
    """Confirm that file names tell patients apart, or make every image its own patient.

    A patient column in the table stands above both, and so does what a DICOM file says. Raises
    Refused while an upload is on its way.
    """
    refuse_unfinished(job)
    units = list(job.units.order_by("number")) if by_name else []
    references = [unit.data.get(job.image_column, "") for unit in units]
    rule = suggest_patient_rule(references)
    with write():
        refuse_unfinished(locked(job))
        job.patients_confirmed = True
        if not job.patient_column:
            job.patient_pattern = rule.pattern if rule else ""
            known = Patient.objects.filter(team=job.team, key__startswith=DICOM_PATIENT)
            job.units.exclude(patient__in=known).update(patient=None)
            if rule:
                named = set(job.units.filter(patient__in=known).values_list("pk", flat=True))
                keyed = zip(units, references, strict=True)
                _group(job, [(u, rule.key(name)) for u, name in keyed if u.pk not in named])
        job.save(update_fields=["patients_confirmed", "patient_pattern"])
        audit.record("settle patients", job, actor=actor, at=at, by_name=by_name)


def _group(job: Job, keyed: list[tuple[Unit, str | None]]) -> None:
    known = patients_with(job.team, {key for _, key in keyed if key})
    for unit, key in keyed:
        unit.patient_id = known[key] if key else None
    Unit.objects.bulk_update([unit for unit, _ in keyed], ["patient"], batch_size=500)


def patients_with(team: Team, keys: Collection[str]) -> dict[str, int]:
    """The ids of the team's patients by key; those not known yet are made."""
    made = [Patient(team=team, key=key) for key in sorted(keys)]
    Patient.objects.bulk_create(made, ignore_conflicts=True)
    return dict(Patient.objects.filter(team=team, key__in=keys).values_list("key", "pk"))
