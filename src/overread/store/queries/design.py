"""A job's design and test questions as they stand."""

from django.db.models import Case, Exists, OuterRef, QuerySet, When

from overread.core.design import Design
from overread.core.names import tells_too_much
from overread.core.states import JobState, UnitState
from overread.core.test_questions import MISSED_BY_MOST
from overread.store.models import DesignVersion, Job, TestQuestion, Unit, UnitImage


def current_design(job: Job) -> DesignVersion:
    return job.designs.order_by("-number")[0]


def design_of(job: Job) -> Design:
    return Design.from_document(current_design(job).document)


def test_questions_of(job: Job) -> QuerySet[TestQuestion]:
    """Every test question with its current version, by row."""
    return (
        TestQuestion.objects.filter(unit__job=job)
        .select_related("unit", "current")
        .order_by("unit__number")
    )


def held_by_itself(job: Job) -> QuerySet[TestQuestion]:
    """Test questions on hold that nobody has put there, by row."""
    return test_questions_of(job).filter(
        state=TestQuestion.State.ON_HOLD, on_hold_for=MISSED_BY_MOST
    )


def labelled_rows(job: Job) -> QuerySet[Unit]:
    """Rows with a given label and an image that are no test question yet."""
    shown = Exists(UnitImage.objects.filter(unit=OuterRef("pk")))
    found = job.units.filter(shown, state=UnitState.NEW, test_question__isnull=True)
    return found.exclude(given={}).order_by("number")


def test_question_on(job: Job, unit: int) -> TestQuestion | None:
    return test_questions_of(job).select_related("unit__job").filter(unit=unit).first()


def neighbours(question: TestQuestion) -> tuple[int | None, int | None]:
    """The units of the test questions before and after this one, by row."""
    units = test_questions_of(question.unit.job).values_list("unit", flat=True)
    number = question.unit.number
    before = units.filter(unit__number__lt=number).order_by("-unit__number").first()
    return before, units.filter(unit__number__gt=number).first()


def columns_to_show(job: Job) -> list[str]:
    """The table's columns that an owner may let contributors see: none that tells too much."""
    first = job.units.order_by("number").values_list("data", flat=True).first() or {}
    hidden = job.secret_columns
    return [name for name in first if name not in hidden and not tells_too_much(name)]


def example_rows(job: Job) -> QuerySet[Unit]:
    """Rows that can become examples: before launch, test questions too; labelled ones first."""
    found = pictured_rows(job).filter(state=UnitState.NEW)
    found = found if job.state == JobState.DRAFT else found.none()
    return found.order_by(Case(When(given={}, then=1), default=0), "number")


def example_row(job: Job, unit: int) -> Unit | None:
    return example_rows(job).filter(pk=unit).first()


def row_of(job: Job, unit: int) -> Unit | None:
    """A row of this job; None where it is another one's."""
    return job.units.filter(pk=unit).first()


def pictured_rows(job: Job) -> QuerySet[Unit]:
    """Rows with an image, by row."""
    return job.units.filter(unit_images__isnull=False).order_by("number").distinct()


def free_rows(job: Job) -> QuerySet[Unit]:
    """Rows with an image that are no test question, by row; before launch they may become one."""
    shown = Exists(UnitImage.objects.filter(unit=OuterRef("pk")))
    found = job.units.filter(shown, state=UnitState.NEW, test_question__isnull=True)
    return found.order_by("number")


def free_row(job: Job, unit: int) -> Unit | None:
    return free_rows(job).filter(pk=unit).first()


def free_neighbours(unit: Unit) -> tuple[int | None, int | None]:
    """The free rows before and after this one."""
    units = free_rows(unit.job).values_list("pk", flat=True)
    before = units.filter(number__lt=unit.number).order_by("-number").first()
    return before, units.filter(number__gt=unit.number).first()
