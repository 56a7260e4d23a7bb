"""An intake from its first byte to its account: all of a table's rows, or none."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from overread.core.problems import Message, Problem, Refused
from overread.core.states import JobState, UnitState
from overread.core.test_questions import Content
from overread.flows import audit
from overread.flows.context import offered_columns
from overread.flows.intake.pictures import keep_picture
from overread.flows.intake.reading import (
    Draft,
    Progress,
    Reading,
    find_golden,
    hold_repeated,
    match_images,
    read_rows,
    rows_from_images,
)
from overread.formats.image_files import ImageFiles
from overread.store.judging import touch
from overread.store.models import Intake, Job, Patient, Team, TestQuestion, Unit, UnitImage, User
from overread.store.queries.design import design_of
from overread.store.queries.intake import rows_by_image, units_without_image
from overread.store.test_questions import add
from overread.store.write import locked, write

ROLES = ("image_column", "label_column", "patient_column", "patient_pattern")


def start_intake(job: Job, *, actor: User | None, at: datetime) -> Intake:
    """Announce an intake, so that its progress can be watched. Raises Refused after launch."""
    with write():
        _only_a_draft(job)
        intake = Intake.objects.create(job=job, created_at=at)
        audit.record("upload", job, actor=actor, at=at, intake=intake.pk)
    return intake


def _only_a_draft(job: Job) -> None:
    if locked(job).state != JobState.DRAFT:
        raise Refused.because(
            Message("This job has been launched; rows are added only before."),
            Message("Make a new job for these images."),
        )


def take_in(
    intake: Intake,
    *,
    table: Path | None,
    name: str,
    images: Sequence[Path],
    progress: Progress,
    group: bool = True,
) -> Intake:
    """Run an intake. What is wrong ends in its problems; nothing is half imported.

    `group` puts file names that a known pattern gives to one patient together.

    A table replaces the draft's rows. Images without a table fill held rows that lack theirs,
    or, in a job without rows, become its rows.
    """
    intake.state = Intake.State.READING
    with write():
        intake.save(update_fields=["state"])
    try:
        with ImageFiles.open(images) as files:
            if table is None and intake.job.units.exists():
                _fill_held(intake, files, progress)
            else:
                reading = read_rows(table, name, design_of(intake.job)) if table else None
                reading = reading or rows_from_images(files)
                _new_rows(intake, reading if group else reading.alone(), name, files, progress)
    except Refused as refused:
        intake.state = Intake.State.REFUSED
        intake.problems = [refused.problem.document()]
        with write():
            intake.save(update_fields=["state", "problems"])
    return intake


def _new_rows(
    intake: Intake, reading: Reading, name: str, files: ImageFiles, progress: Progress
) -> None:
    job = intake.job
    assert reading.columns.image is not None
    match_images(
        reading.drafts,
        files,
        partial(keep_picture, job.team),
        column=reading.columns.image,
        source=name,
        progress=progress,
    )
    hold_repeated(reading.drafts, {}, reading.columns.image, name)
    with write():
        _only_a_draft(job)
        _replace_units(job, reading, intake.created_at)
        touch(job)
        _done(intake, [*reading.problems, *files.problems])


def _replace_units(job: Job, reading: Reading, at: datetime) -> None:
    TestQuestion.objects.filter(unit__job=job).update(current=None)
    job.units.all().delete()
    columns = reading.columns
    _refuse_shown(job, {columns.label, columns.patient})
    job.image_column = columns.image or ""
    job.label_column = columns.label or ""
    job.patient_column = columns.patient or ""
    job.patient_pattern = reading.rule.pattern if reading.rule else ""
    units = Unit.objects.bulk_create(_unit(job, draft, reading) for draft in reading.drafts)
    _add_golden(zip(units, reading.drafts, strict=True), at)
    UnitImage.objects.bulk_create(
        UnitImage(unit=unit, image=draft.image)
        for unit, draft in zip(units, reading.drafts, strict=True)
        if draft.image is not None
    )
    job.context = [name for name in offered_columns(job) if name in job.context]
    job.save(update_fields=[*ROLES, "context"])


def _refuse_shown(job: Job, telling: Collection[str | None]) -> None:
    """A table can't make a column that the form shows its label or its patient."""
    for column in sorted(design_of(job).shown_columns):
        if column in telling:
            raise Refused.because(
                Message(
                    "Contributors see the column “{name}”, which this table makes the label or"
                    " the patient.",
                    name=column,
                ),
                Message("Hide it under Design, and upload the table again."),
            )


def _unit(job: Job, draft: Draft, reading: Reading) -> Unit:
    held = draft.problem.document() if draft.problem else None
    return Unit(
        job=job,
        number=draft.number,
        state=UnitState.HELD if held else UnitState.NEW,
        data=dict(draft.cells),
        given=draft.given,
        held=held,
        patient=_patient(job.team, _patient_key(draft, reading)),
    )


def _add_golden(rows: Iterable[tuple[Unit, Draft]], at: datetime) -> None:
    """Rows that the table says are test questions become some; held ones have to wait."""
    golden = [
        (unit, Content(draft.golden.accepted, draft.golden.reasons))
        for unit, draft in rows
        if draft.golden is not None and draft.problem is None
    ]
    add(golden, actor=None, at=at)


def _patient_key(draft: Draft, reading: Reading) -> str | None:
    if reading.columns.patient:
        return draft.cells[reading.columns.patient].strip() or None
    return reading.rule.key(draft.reference) if reading.rule else None


def _patient(team: Team, key: str | None) -> Patient | None:
    return Patient.objects.get_or_create(team=team, key=key)[0] if key else None


def _fill_held(intake: Intake, files: ImageFiles, progress: Progress) -> None:
    job = intake.job
    units = {unit.number: unit for unit in units_without_image(job)}
    drafts = [
        Draft(unit.number, unit.data, unit.data.get(job.image_column, ""))
        for unit in units.values()
    ]
    design = design_of(job)
    for draft in drafts:
        find_golden(draft, design, "")
    keep = partial(keep_picture, job.team)
    match_images(drafts, files, keep, column=job.image_column, source="", progress=progress)
    hold_repeated(drafts, rows_by_image(job), job.image_column, "")
    with write():
        _only_a_draft(job)
        for draft in drafts:
            _settle(units[draft.number], draft)
        _add_golden(((units[draft.number], draft) for draft in drafts), intake.created_at)
        touch(job)
        _done(intake, files.problems)


def _settle(unit: Unit, draft: Draft) -> None:
    unit.held = draft.problem.document() if draft.problem else None
    unit.state = UnitState.HELD if draft.problem else UnitState.NEW
    unit.save(update_fields=["held", "state"])
    if draft.image is not None:
        UnitImage.objects.create(unit=unit, image=draft.image)


def _done(intake: Intake, problems: Sequence[Problem]) -> None:
    intake.state = Intake.State.DONE
    intake.problems = [problem.document() for problem in problems]
    intake.save(update_fields=["state", "problems"])
