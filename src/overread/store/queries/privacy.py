"""What there is of a patient."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from overread.store.models import (
    AuditEntry,
    Custodian,
    DatasetVersion,
    Erasure,
    Image,
    Patient,
    Team,
    Unit,
    UnitImage,
)

# What the audit calls uploads that an erasure dropped.
DROPPED_UPLOADS = "drop uploads of erased patient"


@dataclass(frozen=True)
class Holdings:
    """In figures; `shared` images stay, since rows of others show them too, and `images` go."""

    rows: int
    images: int
    shared: int
    jobs: int
    datasets: int


def rows_of(patient: Patient) -> QuerySet[Unit]:
    """Rows of the patient by their table or file name, and rows that show one of the patient's
    DICOM images whatever their table says.
    """
    shown = UnitImage.objects.filter(image__study__patient=patient).values("unit")
    return Unit.objects.filter(Q(patient=patient) | Q(pk__in=shown)).order_by("pk")


def images_of(patient: Patient) -> QuerySet[Image]:
    """Images that came in as the patient's, whether a row shows them or not."""
    return Image.objects.filter(study__patient=patient).order_by("pk")


def patients_called(key: str, teams: QuerySet[Team] | Team) -> QuerySet[Patient]:
    """Whom a key means: one patient of each team that knows it."""
    within = Q(team=teams) if isinstance(teams, Team) else Q(team__in=teams)
    return Patient.objects.filter(within, key=key).order_by("team")


def teams_knowing(key: str, teams: QuerySet[Team]) -> QuerySet[Team]:
    """Those of the teams that have a patient of this key."""
    return teams.filter(pk__in=Patient.objects.filter(key=key).values("team")).order_by("pk")


def sealing_custodian(team: Team) -> Custodian | None:
    """For whom identities of the team are sealed: who has chosen a passphrase."""
    return Custodian.objects.filter(team=team).exclude(public_key=b"").order_by("pk").first()


def patients_of_row(team: Team, job: int, row: int) -> list[Patient]:
    """Whom a row is of: by its table or file name, and by its DICOM images."""
    units = Unit.objects.filter(job__team=team, job=job, number=row)
    shown = Patient.objects.filter(studies__images__unit_images__unit__in=units)
    named = Patient.objects.filter(units__in=units)
    return list(Patient.objects.filter(Q(pk__in=shown) | Q(pk__in=named)).order_by("pk"))


def holdings(patient: Patient) -> Holdings:
    rows = rows_of(patient)
    images = set(UnitImage.objects.filter(unit__in=rows).values_list("image", flat=True))
    others = UnitImage.objects.filter(image__in=images).exclude(unit__in=rows)
    shared = set(others.values_list("image", flat=True))
    jobs = set(rows.values_list("job", flat=True))
    ready = DatasetVersion.objects.filter(job__in=jobs, state=DatasetVersion.State.READY)
    return Holdings(
        rows=rows.count(),
        images=len((images | set(images_of(patient).values_list("pk", flat=True))) - shared),
        shared=len(shared),
        jobs=len(jobs),
        datasets=ready.count(),
    )


def erasures_of(teams: QuerySet[Team]) -> list[Erasure]:
    """Newest first."""
    return list(Erasure.objects.filter(team__in=teams).select_related("actor").order_by("-pk"))


def uploads_dropped(erasure: Erasure) -> dict[int, int]:
    """How many of each job went, since they held something of the patient or nobody could say."""
    said = AuditEntry.objects.filter(action=DROPPED_UPLOADS, subject=f"erasure {erasure.pk}")
    found: Counter[int] = Counter()
    for details in said.order_by("pk").values_list("details", flat=True):
        found[details["job"]] += details["count"]
    return dict(found)
