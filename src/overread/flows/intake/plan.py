"""What the sources are to a job: its new rows, the images that rows wait for, or more rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from overread.core.design import Design
from overread.core.golden import GOLDEN
from overread.core.intake import Columns, PatientRule
from overread.core.judging import Order
from overread.core.problems import Message, Problem, Refused
from overread.core.states import JobState
from overread.flows.intake.appen import Reports, are_reports
from overread.flows.intake.dicom import study_key
from overread.flows.intake.drafts import Draft, Keep, Options, Picture, Progress
from overread.flows.intake.folders import Named, read_images
from overread.flows.intake.form import designed
from overread.flows.intake.journal import Line, Shown, encoded
from overread.flows.intake.matching import matched
from overread.flows.intake.outcome import Outcome
from overread.flows.intake.reading import Reading, find_golden, read_tables
from overread.flows.intake.sources import Sources
from overread.flows.intake.unclaimed import unclaimed
from overread.flows.intake.units import MORE_ROLES, Kind, Target, refuse_shown
from overread.flows.settings import too_many_for_own_order
from overread.formats.tables import TableReader
from overread.store.models import Job
from overread.store.queries.design import design_of
from overread.store.queries.intake import (
    RowsByPicture,
    column_names,
    last_row,
    units_without_image,
)

# Waiting rows that are read from the store in one go.
AT_ONCE = 500


@dataclass(frozen=True)
class Plan:
    """`shown` gives the row of each picture, by fingerprint, that stays in the job."""

    reading: Reading
    kind: Kind
    question: str
    replaced: int
    shown: Mapping[str, int]
    moves: bool = False

    def begin(self, outcome: Outcome) -> None:
        outcome.columns, outcome.rule = self.reading.columns, self.reading.rule
        outcome.replaced = self.replaced

    def target(self, last: int, options: Options) -> Target:
        columns, rule = self.reading.columns, self.reading.rule
        return Target(
            self.kind,
            last,
            columns.image or "",
            columns.label or "",
            columns.patient or "",
            rule.pattern if rule else "",
            columns.lateral or "",
            columns.prior or "",
            {role: column for column, role in columns.roles().items() if role in MORE_ROLES},
            dict(options.meanings),
            options.confirmed,
            self.moves,
        )

    def lines(
        self,
        found: Sources,
        keep: Keep,
        progress: Progress,
        *,
        done_before: int = 0,
        seen: dict[str, int] | None = None,
    ) -> Iterator[Line]:
        """Remarks on the sources, then each item, ready to be stored.

        Who goes on gets what comes after the lines `done_before`, which showed the pictures `seen`.
        """
        remarks = (*self.reading.notes, *found.missing, *found.files.problems)
        yield from map(Line.of, remarks[done_before:])
        for item in matched(
            self.reading,
            found,
            keep,
            self.shown,
            done_before=max(0, done_before - len(remarks)),
            seen={} if seen is None else seen,
            leave_known=self.kind == Kind.ADD and not self.moves,
            progress=progress,
        ):
            yield Line.of(item) if isinstance(item, Problem) else line_of(item, self.reading)


def line_of(draft: Draft, reading: Reading) -> Line:
    """A row as it is stored."""
    golden = draft.golden
    return Line(
        number=draft.number,
        data=encoded(draft.cells),
        given=draft.given,
        problem=encoded(draft.problem.document()) if draft.problem else "",
        patient=_patient_key(draft, reading),
        pictures=tuple(
            Shown(one.image or 0, one.fingerprint, one.folder, role)
            for role, one in draft.pictures.items()
        ),
        golden=(
            {name: list(values) for name, values in golden.accepted.items()},
            dict(golden.reasons),
        )
        if golden
        else None,
        study=study_key(draft.cells.get(reading.columns.study or "", "")),
    )


def _patient_key(draft: Draft, reading: Reading) -> str:
    """By the table's column, else by the DICOM file, else by the file's name; "" for nobody's."""
    if reading.columns.patient:
        return draft.cells[reading.columns.patient].strip()
    if draft.patient:
        return draft.patient
    return (reading.rule.key(draft.reference) if reading.rule else None) or ""


def plan_for(job: Job, found: Sources, options: Options) -> Plan:
    """Raises Refused."""
    if job.state != JobState.DRAFT or not found.tables:  # what was said of labels still holds
        options = replace(options, meanings={**job.label_meanings, **options.meanings})
    if job.state != JobState.DRAFT:
        _refuse_moving(job, found)
        plan = _plan_for_launched(job, found, options)
        if plan.kind == Kind.ADD:
            rows = last_row(job) + plan.reading.total
            for problem in too_many_for_own_order(Order(job.order), rows):
                raise Refused(problem)
        return replace(plan, reading=_without_tests(plan.reading))
    design, notes = designed(job, found.form)
    plan = _plan_for_draft(job, found, options, design)
    return replace(plan, reading=replace(plan.reading, notes=[*notes, *plan.reading.notes]))


def _refuse_moving(job: Job, found: Sources) -> None:
    if found.form is not None or are_reports(found.tables, job):
        raise Refused.because(
            Message("This job has been launched; another one moves over only before."),
            Message("Make a new job, and give it the reports and the CML."),
        )


def _plan_for_draft(job: Job, found: Sources, options: Options, design: Design) -> Plan:
    question = design.main_question.name
    if are_reports(found.tables, job):
        return _plan_for_reports(job, found, options, design)
    if found.tables:
        reading = read_tables(found.tables, design, options).grouped(options)
        refuse_shown(job, reading.columns)
        return Plan(reading, Kind.REPLACE, question, job.units.count(), {})
    if not job.units.exists():
        reading = read_images(found.files, design, options).grouped(options)
        return Plan(reading, Kind.REPLACE, question, 0, {})
    return _plan_for_images(job, found, options)


def _plan_for_reports(job: Job, found: Sources, options: Options, design: Design) -> Plan:
    """Beside what came over before, else in place of the draft's rows."""
    reports = Reports(job, found.tables, design, options)
    question, reading = design.main_question.name, reports.reading.grouped(options)
    refuse_shown(job, reading.columns)
    if reports.known.units:
        return Plan(reading, Kind.ADD, question, 0, RowsByPicture(job), moves=True)
    return Plan(reading, Kind.REPLACE, question, job.units.count(), {}, moves=True)


def _plan_for_launched(job: Job, found: Sources, options: Options) -> Plan:
    """Its rows stay: a table brings more of them."""
    if not found.tables:
        return _plan_for_images(job, found, options)
    table = found.tables[0]
    _refuse_other_columns(job, table)
    reading = read_tables(
        found.tables,
        design_of(job),
        options,
        columns=_roles(job, table.columns),
        after=last_row(job),
    )
    return _more(job, reading)


def _roles(job: Job, columns: Sequence[str]) -> Columns:
    known = asdict(job.columns).items()
    has = {role: column if column in columns else None for role, column in known}
    return Columns(**has | {"image": job.image_column})


def _without_tests(reading: Reading) -> Reading:
    """After the launch no row becomes a test question: such rows are held."""

    def items() -> Iterator[Draft | Problem]:
        for item in reading.items():
            if isinstance(item, Draft) and item.golden is not None:
                item.golden = None
                item.problem = item.problem or Problem(
                    item.source,
                    item.row,
                    GOLDEN,
                    Message("The job is launched: no row becomes a test question any more."),
                    Message("Write FALSE there to have the row judged, or copy the job."),
                )
            yield item

    return replace(reading, items=items)


def _refuse_other_columns(job: Job, table: TableReader) -> None:
    """Columns that DICOM files filled come with the files."""
    known = [name for name in column_names(job) if not name.startswith("dicom_")]
    if set(known) != set(table.columns):
        raise Refused.because(
            Message("Its columns are not those of the job: {known}.", known=", ".join(known)),
            Message("Give the table the same columns, empty where there is nothing to say."),
            source=table.name,
        )


def _plan_for_images(job: Job, found: Sources, options: Options) -> Plan:
    waiting = units_without_image(job)
    design = design_of(job)
    if not options.labels_from_folders and waiting.exists():
        reading, question = _read_waiting(job, found), design.main_question.name
        return Plan(reading, Kind.FILL, question, 0, RowsByPicture(job))
    named = Named(job.image_column, job.label_column or Named.label, after=last_row(job))
    return _more(job, read_images(found.files, design, options, named))


def _more(job: Job, reading: Reading) -> Plan:
    if job.patient_pattern:
        reading = reading.by(PatientRule("", job.patient_pattern))
    question = design_of(job).main_question.name
    return Plan(reading, Kind.ADD, question, 0, RowsByPicture(job))


def _read_waiting(job: Job, found: Sources) -> Reading:
    """The rows that lack an image, as if they came again, with those that they have."""
    design, column, waiting = design_of(job), job.image_column, units_without_image(job)

    def items() -> Iterator[Draft | Problem]:
        for unit in waiting.prefetch_related("unit_images__image").iterator(AT_ONCE):
            draft = Draft(unit.number, "", unit.number, unit.data, unit.data.get(column, ""))
            for one in unit.unit_images.all():
                draft.pictures[one.role] = Picture(
                    one.image.fingerprint,
                    one.image_id,
                    folder=one.folder,
                    suspected=one.image.suspected,
                )
            find_golden(draft, design)
            yield draft

    return Reading(job.columns, None, unclaimed(job, found.files), waiting.count(), items)
