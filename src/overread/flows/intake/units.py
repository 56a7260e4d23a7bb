"""What was read goes into a job, some lines at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from overread.core.intake import PICTURES, Columns
from overread.core.problems import Message, Problem, Refused
from overread.core.states import UnitState
from overread.core.test_questions import Content
from overread.flows.intake.journal import Line, encoded
from overread.flows.intake.patients import patients_with
from overread.flows.intake.studies import put_into_studies
from overread.store.models import Image, Job, Unit, UnitImage
from overread.store.queries.design import design_of
from overread.store.rows import NewRow, add_rows, show
from overread.store.test_questions import add

_ERASED = Message("The patient of this image was erased while the files were read.")
_ERASED_ADVICE = Message("Leave the row out, unless the patient may be used after all.")
_HELD, _NEW = UnitState.HELD.value, UnitState.NEW.value
MORE_ROLES = ("study", "age", "sex", "view")


class Kind(StrEnum):
    """What the rows are to a job."""

    REPLACE = "replace"  # the draft's rows are these and no others
    ADD = "add"  # more, behind those that are there
    FILL = "fill"  # held rows get the image that they waited for


class Target(msgspec.Struct, frozen=True):
    """Where the rows go, and the columns' roles; `last` is the highest id of the job's rows
    before. `moves`: they come with reports of a job elsewhere (moving).
    """

    kind: Kind
    last: int
    image: str
    label: str
    patient: str
    pattern: str
    lateral: str = ""
    prior: str = ""
    # Columns of study, age, sex and view, by role; what the owner says that labels mean; and
    # whether the owner has seen who is one patient.
    more: dict[str, str] = {}
    meanings: dict[str, str] = {}
    confirmed: bool = False
    moves: bool = False

    @property
    def columns(self) -> Columns:
        names = (self.image, self.label, self.patient, self.lateral, self.prior)
        return Columns(*(name or None for name in names), **self.more)


def give_roles(job: Job, target: Target) -> None:
    """What the job's columns are from now on. A launched job's stay what they are."""
    if target.kind == Kind.REPLACE:
        job.image_column, job.label_column = target.image, target.label
        job.lateral_column, job.prior_column = target.lateral, target.prior
        job.patient_column, job.patient_pattern = target.patient, target.pattern
        job.more_columns, job.patients_confirmed = target.more, target.confirmed
        job.label_meanings = {}
    elif target.kind == Kind.ADD and not job.label_column:
        job.label_column = target.label
    job.label_meanings = {**job.label_meanings, **target.meanings}
    job.save(update_fields=Job.ROLES)


def put(job: Job, kind: Kind, lines: Sequence[Line], at: datetime) -> None:
    """Store some rows, in the caller's transaction."""
    lines = _without_erased(lines)
    known = patients_with(job.team, {line.patient for line in lines if line.patient})
    rows = {line.number: line for line in lines if line.number}
    if kind == Kind.FILL:
        _fill(job, rows, known)
    else:
        add_rows(job.pk, [_row(line, known) for line in rows.values()])
    used = [line.number for line in rows.values() if line.pictures or line.golden]
    if used:
        _use(job, {number: rows[number] for number in used}, at)
    put_into_studies(rows.values(), known)


def _without_erased(lines: Sequence[Line]) -> Sequence[Line]:
    """A patient may have been erased since an image was read: such rows are held."""
    images = {picture.image for line in lines for picture in line.pictures}
    there = set(Image.objects.filter(pk__in=images).values_list("pk", flat=True))
    return lines if images == there else [_held_if_erased(line, there) for line in lines]


def _held_if_erased(line: Line, there: set[int]) -> Line:
    if all(picture.image in there for picture in line.pictures):
        return line
    problem = Problem("", line.number, None, _ERASED, _ERASED_ADVICE)
    return msgspec.structs.replace(line, problem=encoded(problem.document()), pictures=())


def refuse_shown(job: Job, columns: Columns) -> None:
    """A table can't make a column that the form shows its label or its patient."""
    for column in sorted(design_of(job).shown_columns):
        beside = (columns.lateral, columns.prior)
        if column in (columns.label, columns.patient, columns.study, *beside):
            raise Refused.because(
                Message(
                    "Contributors see the column “{name}”, which this table makes the label, the"
                    " patient, the study or another image.",
                    name=column,
                ),
                Message("Hide it under Design, and upload the table again."),
            )


def _row(line: Line, patients: Mapping[str, int]) -> NewRow:
    return NewRow(
        line.number,
        _HELD if line.problem else _NEW,
        line.data,
        encoded(line.given),
        line.problem or None,
        patients[line.patient] if line.patient else None,
    )


def _fill(job: Job, rows: Mapping[int, Line], patients: Mapping[str, int]) -> None:
    units = list(job.units.filter(number__in=list(rows)))
    for unit in units:
        line = rows[unit.number]
        unit.data = msgspec.json.decode(line.data)
        if line.patient and unit.patient_id is None:
            unit.patient_id = patients[line.patient]
        unit.held = msgspec.json.decode(line.problem) if line.problem else None
        unit.state = UnitState.HELD if line.problem else UnitState.NEW
    Unit.objects.bulk_update(units, ["held", "state", "data", "patient"])
    UnitImage.objects.filter(unit__in=units).delete()  # its line has those that it had, too


def _use(job: Job, rows: Mapping[int, Line], at: datetime) -> None:
    """Show the rows' pictures. Rows that the table says are test questions become some; held
    ones have to wait.
    """
    units = {unit.number: unit for unit in job.units.filter(number__in=list(rows))}
    show(
        (units[number].pk, one.image, PICTURES.index(one.role), one.folder, one.role)
        for number, line in rows.items()
        for one in line.pictures
    )
    golden = [
        (units[number], Content(*line.golden))
        for number, line in rows.items()
        if line.golden and not line.problem
    ]
    add(golden, actor=None, at=at)
