"""Where a job stands, in the few figures that every page's head needs."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from overread.core.states import JobState, ParticipationState, UnitState
from overread.store.judging import rules_of
from overread.store.models import DatasetVersion, Intake, Job, TestQuestion, Unit, UnitImage
from overread.store.queries import reports
from overread.store.queries.intake import latest_intake

HIDDEN_STATES = (TestQuestion.State.ENABLED, TestQuestion.State.ON_HOLD)


@dataclass(frozen=True)
class Standing:
    """`offered` counts labelled rows that may become test questions; `work` rows to be judged;
    `pressing` reported images that can't wait.
    """

    job: Job
    intake: Intake | None
    rows: int
    held: int
    work: int
    finalized: int
    offered: int
    test_questions: int
    contributors: int
    joined: int
    simulated: bool
    datasets: int
    pressing: int

    @property
    def is_draft(self) -> bool:
        return self.job.state == JobState.DRAFT

    @property
    def is_reading(self) -> bool:
        states = (Intake.State.WAITING, Intake.State.READING, Intake.State.STORING)
        return self.intake is not None and self.intake.state in states

    @property
    def is_stopped(self) -> bool:
        """The latest upload waits until the owner goes on with it, or undoes it."""
        return self.intake is not None and self.intake.state == Intake.State.STOPPED

    @property
    def is_looking(self) -> bool:
        return self.intake is not None and self.intake.state == Intake.State.LOOKING

    @property
    def is_fetching(self) -> bool:
        """What was asked of an archive is not here yet."""
        return self.is_looking and self.intake is not None and not self.intake.sources

    @property
    def is_previewed(self) -> bool:
        """The latest upload waits for the owner's word."""
        return self.intake is not None and self.intake.state == Intake.State.PREVIEWED

    @property
    def is_refused(self) -> bool:
        return self.intake is not None and self.intake.state == Intake.State.REFUSED

    @property
    def left_out(self) -> list[dict[str, Any]]:
        """What the latest intake left out, as documents of problems."""
        return [one for one in self._problems if not one.get("note")]

    @property
    def notes(self) -> list[dict[str, Any]]:
        """How the latest intake read its sources, where that has to be said."""
        return [one for one in self._problems if one.get("note")]

    @property
    def _problems(self) -> list[dict[str, Any]]:
        return self.intake.problems if self.intake else []

    @property
    def test_questions_needed(self) -> int:
        """How many turn quiz and hidden test questions on."""
        return self.job.units_per_page + 3

    @property
    def tests_are_on(self) -> bool:
        return rules_of(self.job).tests_are_on(self.test_questions)

    @property
    def none_to_spare(self) -> bool:
        """With one test question less in use, quiz and hidden test questions go off."""
        return rules_of(self.job).needs_all(self.test_questions)


def standing(job: Job) -> Standing:
    """The same number of queries for every job."""
    shown = Exists(UnitImage.objects.filter(unit=OuterRef("pk")))
    with_image = Q(shown)
    free = Q(test_question__isnull=True)
    hidden = Q(test_question__state__in=HIDDEN_STATES)
    new = Q(state=UnitState.NEW)
    units = job.units.aggregate(
        rows=Count("pk"),
        held=Count("pk", filter=Q(state=UnitState.HELD)),
        work=Count("pk", filter=Q(slot__isnull=False) | new & with_image & ~hidden),
        finalized=Count("pk", filter=new & Q(slot__counted__gte=F("slot__wanted"))),
        offered=Count("pk", filter=new & with_image & free & ~Q(given={})),
        test_questions=Count("pk", filter=Q(test_question__state=TestQuestion.State.ENABLED)),
    )
    people = job.participations.aggregate(
        contributors=Count("pk"),
        joined=Count("pk", filter=~Q(state=ParticipationState.INVITED)),
        simulations=Count("pk", filter=Q(simulated=True)),
    )
    return Standing(
        job,
        latest_intake(job),
        **units,
        contributors=people["contributors"],
        joined=people["joined"],
        simulated=people["simulations"] > 0,
        datasets=job.datasets.filter(state=DatasetVersion.State.READY).count(),
        pressing=reports.waiting(job).pressing,
    )


def offered_rows(job: Job) -> QuerySet[Unit]:
    """Labelled rows with an image that are no test question yet, by row."""
    shown = Exists(UnitImage.objects.filter(unit=OuterRef("pk")))
    return (
        job.units.filter(shown, state=UnitState.NEW, test_question__isnull=True)
        .exclude(given={})
        .select_related("test_question")
        .order_by("number")
    )
