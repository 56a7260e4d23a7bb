"""Drafts become units of a job, a chunk at a time."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from overread.core.intake import Columns
from overread.core.problems import Message, Problem, Refused
from overread.core.states import UnitState
from overread.core.test_questions import Content
from overread.flows.context import offered_columns
from overread.flows.intake.drafts import Draft
from overread.flows.intake.outcome import patient_key
from overread.flows.intake.patients import patients_with
from overread.flows.intake.reading import Reading
from overread.store.models import Image, Job, TestQuestion, Unit, UnitImage
from overread.store.queries.design import design_of
from overread.store.test_questions import add

AT_ONCE = 500
_ERASED = Message("The patient of this image was erased while the files were read.")
_ERASED_ADVICE = Message("Leave the row out, unless the patient may be used after all.")
ROLES = ("image_column", "label_column", "patient_column", "patient_pattern")


def replace_units(job: Job, reading: Reading, drafts: Iterable[Draft], at: datetime) -> None:
    """The draft's rows are these and no others."""
    TestQuestion.objects.filter(unit__job=job).update(current=None)
    job.units.all().delete()
    columns = reading.columns
    refuse_shown(job, columns)
    job.image_column = columns.image or ""
    job.label_column = columns.label or ""
    job.patient_column = columns.patient or ""
    job.patient_pattern = reading.rule.pattern if reading.rule else ""
    _create(job, reading, drafts, at)
    job.context = [name for name in offered_columns(job) if name in job.context]
    job.save(update_fields=[*ROLES, "context"])


def add_units(job: Job, reading: Reading, drafts: Iterable[Draft], at: datetime) -> None:
    """More rows behind those that are there."""
    if reading.columns.label and not job.label_column:
        refuse_shown(job, reading.columns)
        job.label_column = reading.columns.label
        job.save(update_fields=["label_column"])
    _create(job, reading, drafts, at)


def fill_units(job: Job, reading: Reading, drafts: Iterable[Draft], at: datetime) -> None:
    """Held rows get the image that they waited for."""
    for chunk in _chunks(drafts):
        waiting = {unit.number: unit for unit in job.units.filter(number__in=_numbers(chunk))}
        rows = [(waiting[draft.number], draft) for draft in chunk if draft.number in waiting]
        named = {draft.picture.patient for draft in chunk if draft.picture}
        known = patients_with(job.team, named - {""})
        for unit, draft in rows:
            unit.data = dict(draft.cells)
            if draft.picture and draft.picture.patient and unit.patient_id is None:
                unit.patient_id = known[draft.picture.patient]
            unit.held = draft.problem.document() if draft.problem else None
            unit.state = UnitState.HELD if draft.problem else UnitState.NEW
        Unit.objects.bulk_update([unit for unit, _ in rows], ["held", "state", "data", "patient"])
        _show(rows)
        _make_tests(rows, at)


def refuse_shown(job: Job, columns: Columns) -> None:
    """A table can't make a column that the form shows its label or its patient."""
    for column in sorted(design_of(job).shown_columns):
        if column in (columns.label, columns.patient):
            raise Refused.because(
                Message(
                    "Contributors see the column “{name}”, which this table makes the label or"
                    " the patient.",
                    name=column,
                ),
                Message("Hide it under Design, and upload the table again."),
            )


def _create(job: Job, reading: Reading, drafts: Iterable[Draft], at: datetime) -> None:
    for chunk in _chunks(drafts):
        keys = [patient_key(draft, reading) for draft in chunk]
        known = patients_with(job.team, {key for key in keys if key})
        made = Unit.objects.bulk_create(
            _unit(job, draft, known[key] if key else None)
            for draft, key in zip(chunk, keys, strict=True)
        )
        rows = list(zip(made, chunk, strict=True))
        _show(rows)
        _make_tests(rows, at)


def _unit(job: Job, draft: Draft, patient: int | None) -> Unit:
    return Unit(
        job=job,
        number=draft.number,
        state=UnitState.HELD if draft.problem else UnitState.NEW,
        data=dict(draft.cells),
        given=draft.given,
        held=draft.problem.document() if draft.problem else None,
        patient_id=patient,
    )


def _show(rows: Iterable[tuple[Unit, Draft]]) -> None:
    UnitImage.objects.bulk_create(
        UnitImage(unit=unit, image_id=draft.picture.image)
        for unit, draft in rows
        if draft.picture is not None and draft.picture.image is not None
    )


def _hold_erased(chunk: Iterable[Draft]) -> None:
    """A patient may have been erased between the reading of an image and the storing of its row."""
    images = {
        draft.picture.image: draft
        for draft in chunk
        if draft.picture is not None and draft.picture.image is not None
    }
    there = set(Image.objects.filter(pk__in=images.keys()).values_list("pk", flat=True))
    for image, draft in images.items():
        if image not in there:
            draft.picture = None
            draft.problem = Problem(draft.source, draft.row, None, _ERASED, _ERASED_ADVICE)


def _make_tests(rows: Iterable[tuple[Unit, Draft]], at: datetime) -> None:
    """Rows that the table says are test questions become some; held ones have to wait."""
    golden = [
        (unit, Content(draft.golden.accepted, draft.golden.reasons))
        for unit, draft in rows
        if draft.golden is not None and draft.problem is None
    ]
    add(golden, actor=None, at=at)


def _chunks(drafts: Iterable[Draft]) -> Iterator[list[Draft]]:
    left = iter(drafts)
    while chunk := list(islice(left, AT_ONCE)):
        _hold_erased(chunk)
        yield chunk


def _numbers(chunk: list[Draft]) -> list[int]:
    return [draft.number for draft in chunk]
