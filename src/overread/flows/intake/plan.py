"""What the sources are to a job: its new rows, the images that rows wait for, or more rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from overread.core.intake import Columns, PatientRule
from overread.core.problems import Problem
from overread.flows.intake import units
from overread.flows.intake.drafts import Draft, Keep, Options, Picture, Progress, Report
from overread.flows.intake.folders import Named, read_images
from overread.flows.intake.matching import matched
from overread.flows.intake.outcome import Outcome
from overread.flows.intake.pictures import look_at
from overread.flows.intake.reading import Reading, find_golden, read_tables
from overread.flows.intake.sources import Sources
from overread.store.models import Job, Unit
from overread.store.queries.design import design_of
from overread.store.queries.intake import last_row, rows_by_picture, units_without_image

Store = Callable[[Job, Reading, Iterable[Draft], datetime], None]


@dataclass(frozen=True)
class Plan:
    """`shown` gives the row of each picture, by fingerprint, that stays in the job."""

    reading: Reading
    store: Store
    question: str
    replaced: int
    shown: Mapping[str, int]

    def drafts(
        self, found: Sources, keep: Keep, outcome: Outcome, report: Report, progress: Progress
    ) -> Iterator[Draft]:
        """The rows, ready to be stored; `outcome` counts them, `report` gets every problem."""

        def tell(problem: Problem) -> None:
            outcome.note(problem)
            report(problem)

        outcome.columns, outcome.rule = self.reading.columns, self.reading.rule
        outcome.replaced = self.replaced
        for problem in (*self.reading.notes, *found.files.problems):
            tell(problem)
        is_more = self.store is units.add_units
        for item in matched(
            self.reading, found, keep, self.shown, leave_known=is_more, progress=progress
        ):
            if isinstance(item, Problem):
                tell(item)
                continue
            outcome.count(item, self.reading, self.question)
            if item.problem is not None:
                report(item.problem)
            yield item

    def look_through(self, found: Sources, report: Report, progress: Progress) -> Outcome:
        """Everything but the storing."""
        outcome = Outcome()
        for _ in self.drafts(found, look_at, outcome, report, progress):
            pass
        return outcome


def plan_for(job: Job, found: Sources, options: Options) -> Plan:
    """Raises Refused."""
    design, rows = design_of(job), job.units.count()
    question = design.main_question.name
    if found.tables:
        reading = read_tables(found.tables, design).grouped(options)
        units.refuse_shown(job, reading.columns)
        return Plan(reading, units.replace_units, question, rows, {})
    if not rows:
        reading = read_images(found.files, design, options).grouped(options)
        return Plan(reading, units.replace_units, question, 0, {})
    shown = rows_by_picture(job)
    if (waiting := units_without_image(job)) and not options.labels_from_folders:
        return Plan(_read_waiting(job, waiting), units.fill_units, question, 0, shown)
    named = Named(job.image_column, job.label_column or Named.label, after=last_row(job))
    reading = read_images(found.files, design, options, named)
    if job.patient_pattern:
        reading = reading.by(PatientRule("", job.patient_pattern))
    return Plan(reading, units.add_units, question, 0, shown)


def _read_waiting(job: Job, waiting: list[Unit]) -> Reading:
    """The rows that lack an image, as if they came again, with those that they have."""
    design, column = design_of(job), job.image_column

    def items() -> Iterator[Draft | Problem]:
        for unit in waiting:
            draft = Draft(unit.number, "", unit.number, unit.data, unit.data.get(column, ""))
            for one in unit.unit_images.all():
                draft.pictures[one.role] = Picture(one.image.fingerprint, one.image_id)
            find_golden(draft, design)
            yield draft

    columns = Columns(
        column,
        job.label_column or None,
        job.patient_column or None,
        job.lateral_column or None,
        job.prior_column or None,
    )
    return Reading(columns, None, (), len(waiting), items)
