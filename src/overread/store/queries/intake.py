"""What came in: rows recognised, rows held, images loaded."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, Max, OuterRef, Q, QuerySet, When

from overread.core.intake import PatientRule, suggest_patient_rule
from overread.core.states import JobState, UnitState
from overread.store.models import Intake, Job, Unit, UnitImage
from overread.store.models.intake import SHOWN_FIRST, UNFINISHED

_TESTS_FIRST = Case(When(test_question__isnull=False, then=0), default=1)


@dataclass(frozen=True)
class Account:
    """A job's rows in figures: `labelled` counts rows by their given answer."""

    rows: int
    images: int
    held: int
    labelled: dict[str, int]
    patients: int
    alone: int

    @property
    def labels(self) -> int:
        return sum(self.labelled.values())

    @property
    def people(self) -> int:
        """Patients, each row without one counted as its own."""
        return self.patients + self.alone


def foundation(job: Job) -> dict[str, Any]:
    """What a reading rests on, to be compared when it is stored: the rows and the design.

    A launched job's rows only become more, so that nobody has to count them.
    """
    is_draft = job.state == JobState.DRAFT
    return {
        "draft": is_draft,
        "rows": job.units.count() if is_draft else None,
        "last": job.units.order_by("-pk").values_list("pk", flat=True).first() or 0,
        "design": job.designs.order_by("-pk").values_list("pk", flat=True).first(),
    }


def account(job: Job, question: str) -> Account:
    units = job.units.values_list("state", "given", "patient")
    rows: list[tuple[str, dict[str, Any], int | None]] = list(units)
    patients = [patient for _, _, patient in rows if patient]
    return Account(
        rows=len(rows),
        images=UnitImage.objects.filter(unit__job=job).count(),
        held=sum(state == UnitState.HELD for state, _, _ in rows),
        labelled=dict(Counter(given[question] for _, given, _ in rows if question in given)),
        patients=len(set(patients)),
        alone=len(rows) - len(patients),
    )


def unfinished_intake(job: Job) -> Intake | None:
    """The upload that is not in the job as a whole yet."""
    return job.intakes.filter(state__in=UNFINISHED).order_by("-pk").first()


def previewed_intake(job: Job) -> Intake | None:
    """The upload that is looked at before it is taken in."""
    return job.intakes.filter(state__in=SHOWN_FIRST).select_related("job").order_by("-pk").first()


def latest_intake(job: Job) -> Intake | None:
    return job.intakes.order_by("-pk").first()


def problems_of(job: Job) -> Iterator[dict[str, Any]]:
    """What the latest upload left out, then why each held row is held."""
    latest = latest_intake(job)
    yield from latest.problems if latest else ()
    for held in held_units(job).values_list("held", flat=True).iterator():
        if held:
            yield held


def held_units(job: Job) -> QuerySet[Unit]:
    return job.units.filter(state=UnitState.HELD).order_by("number")


def units_without_image(job: Job) -> QuerySet[Unit]:
    """Held rows that lack the image in the column that is wrong, test questions first: a copy is
    held before them.
    """
    lacking = Q(pk__in=[])
    for role, column in job.picture_columns.items():
        shown = Exists(UnitImage.objects.filter(unit=OuterRef("pk"), role=role))
        lacking |= Q(~shown, held__column=column)
    return held_units(job).filter(lacking).order_by(_TESTS_FIRST, "number")


def pictured(units: Iterable[Unit]) -> set[int]:
    """Those that have an image."""
    return set(UnitImage.objects.filter(unit__in=units).values_list("unit", flat=True))


class RowsByPicture(Mapping[str, int]):
    """The row of each picture, by its fingerprint, that a job has judged; looked up one by one, so
    that it costs the same however many there are.
    """

    def __init__(self, job: Job) -> None:
        self._team = job.team_id
        judged = UnitImage.objects.filter(unit__job=job, role=UnitImage.ImageRole.FRONTAL)
        self._shown = judged.order_by("unit__number")

    def __getitem__(self, fingerprint: str) -> int:
        found = self._shown.filter(image__team=self._team, image__fingerprint=fingerprint)
        number = found.values_list("unit__number", flat=True).first()
        if number is None:
            raise KeyError(fingerprint)
        return number

    def __iter__(self) -> Iterator[str]:
        return self._shown.values_list("image__fingerprint", flat=True).iterator()

    def __len__(self) -> int:
        return self._shown.count()


def last_row(job: Job) -> int:
    """The highest number of a row; 0 in a job without rows."""
    return job.units.aggregate(last=Max("number"))["last"] or 0


def rows_held_first(job: Job) -> QuerySet[Unit]:
    """Every row: held ones before the others, each by number."""
    held_first = Case(When(state=UnitState.HELD, then=0), default=1)
    return job.units.order_by(held_first, "number")


def column_names(job: Job) -> list[str]:
    """The table's columns, in its order."""
    first = job.units.order_by("number").values_list("data", flat=True).first()
    return list(first or ())


def largest_patient(job: Job) -> int:
    """How many rows the patient with most of them has; 0 where no patients are known."""
    counts = job.units.exclude(patient=None).values("patient").annotate(rows=Count("pk"))
    return counts.order_by("-rows").values_list("rows", flat=True).first() or 0


def suggested_rule(job: Job) -> PatientRule | None:
    """How this job's file names would tell patients apart."""
    cells = job.units.order_by("number").values_list("data", flat=True)
    return suggest_patient_rule([data.get(job.image_column, "") for data in cells])
