"""Copy a job: its design and settings, with all rows, only its test questions, or none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet

from overread.core.states import UnitState
from overread.flows import audit
from overread.flows.reports import REPORTED
from overread.flows.settings import Settings
from overread.flows.test_questions import content_of
from overread.flows.unfinished import refuse_unfinished
from overread.store.models import DesignVersion, Job, Report, TestQuestion, Unit, UnitImage, User
from overread.store.queries.design import current_design
from overread.store.test_questions import add
from overread.store.write import write

# So many rows are written in one go, so that nobody who judges meanwhile waits long.
AT_ONCE = 500
COLUMNS = (*Job.ROLES, "turning", "compared_by")


class Copied(StrEnum):
    """Which rows a copy gets."""

    ALL = "all"
    TEST_QUESTIONS = "test-questions"
    NONE = "none"


def copy_job(job: Job, units: Copied, *, title: str = "", actor: User | None, at: datetime) -> Job:
    """A draft with the newest design and the settings of another job.

    Judgments, invitations and the approval stay behind. Test questions come with what they accept
    now. The examples of the design come along unless there are no rows. A copy that fails leaves
    nothing. Raises Refused while an upload is on its way.
    """
    refuse_unfinished(job)
    document = current_design(job).document
    copy = _start(job, document, title, actor, at)
    try:
        new = _copy_units(copy, _chosen(job, document, units), actor, at)
        with write():
            copy.designs.update(document=_with_examples(document, new))
            audit.record("copy", copy, actor=actor, at=at, of=job.pk, units=units.value)
    except BaseException:
        with write():
            copy.delete()
        raise
    return copy


def _start(
    job: Job, document: Mapping[str, Any], title: str, actor: User | None, at: datetime
) -> Job:
    """A draft without rows, and so without examples."""
    kept = {name: getattr(job, name) for name in COLUMNS}
    settings = asdict(Settings.of(job))
    with write():
        copy = Job.objects.create(
            team=job.team,
            title=title or job.title,
            template=job.template,
            created_at=at,
            **settings,
            **kept,
        )
        DesignVersion.objects.create(
            job=copy,
            number=1,
            document=_with_examples(document, {}),
            created_at=at,
            created_by=actor,
        )
    return copy


def _chosen(job: Job, document: Mapping[str, Any], units: Copied) -> QuerySet[Unit]:
    """The rows to copy; test questions bring the rows that the examples show."""
    kept = job.units.exclude(state=UnitState.ERASED)
    if units == Copied.NONE:
        return kept.none()
    if units == Copied.ALL:
        return kept
    examples = [one["unit"] for one in document.get("examples", ())]
    return kept.filter(Q(test_question__isnull=False) | Q(pk__in=examples))


def _copy_units(
    copy: Job, units: QuerySet[Unit], actor: User | None, at: datetime
) -> dict[int, int]:
    """Copy rows with their images and test questions; the new ids by the old ones."""
    reported = set(Report.objects.filter(unit__in=units, held=True).values_list("unit", flat=True))
    found = units.select_related("test_question__current").order_by("number")
    new: dict[int, int] = {}
    for block in _blocks(list(found)):
        images = UnitImage.objects.filter(unit__in=block)
        with write():
            made = Unit.objects.bulk_create(
                _copy_of(unit, copy, released=unit.pk in reported) for unit in block
            )
            ids = {old.pk: unit.pk for old, unit in zip(block, made, strict=True)}
            UnitImage.objects.bulk_create(
                UnitImage(
                    unit_id=ids[one.unit_id],
                    image_id=one.image_id,
                    role=one.role,
                    position=one.position,
                    folder=one.folder,
                )
                for one in images
            )
            _copy_test_questions(block, made, actor, at)
        new |= ids
    return new


def _blocks(units: Sequence[Unit]) -> Iterator[Sequence[Unit]]:
    for first in range(0, len(units), AT_ONCE):
        yield units[first : first + AT_ONCE]


def _copy_of(unit: Unit, job: Job, *, released: bool) -> Unit:
    """Reports stay behind, and so does what they held back: nobody could release it in the copy."""
    kept = {UnitState.WITHDRAWN} if released else {UnitState.HELD, UnitState.WITHDRAWN}
    return Unit(
        job=job,
        number=unit.number,
        state=unit.state if unit.state in kept else UnitState.NEW,
        data=unit.data,
        given=unit.given,
        held=None if released else unit.held,
        patient_id=unit.patient_id,
    )


def _copy_test_questions(
    old: Sequence[Unit], new: Sequence[Unit], actor: User | None, at: datetime
) -> None:
    pairs = [
        (unit, one.test_question)
        for one, unit in zip(old, new, strict=True)
        if hasattr(one, "test_question") and one.test_question.current
    ]
    made = add([(unit, content_of(question)) for unit, question in pairs], actor=actor, at=at)
    for copied, (_, question) in zip(made, pairs, strict=True):
        copied.state, copied.hidden = question.state, question.hidden
        copied.on_hold_for, copied.reviewed = question.on_hold_for, question.reviewed
        if question.on_hold_for == REPORTED:
            copied.state, copied.on_hold_for = TestQuestion.State.ENABLED, ""
    fields = ["state", "hidden", "on_hold_for", "reviewed"]
    TestQuestion.objects.bulk_update(made, fields)


def _with_examples(document: Mapping[str, Any], new: Mapping[int, int]) -> dict[str, Any]:
    """The design with its examples on the copied rows; others are left out."""
    if "examples" not in document:
        return dict(document)
    examples = [
        {**one, "unit": new[one["unit"]]} for one in document["examples"] if one["unit"] in new
    ]
    return {**document, "examples": examples}
