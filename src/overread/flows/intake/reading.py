"""What an upload says, before anything of it is stored: rows, roles, labels, problems."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from overread.core.design import Design
from overread.core.golden import Golden, is_golden_column, meanings, read_golden
from overread.core.intake import (
    REPEATED,
    Columns,
    PatientRule,
    normal_label,
    recognise,
    suggest_patient_rule,
)
from overread.core.problems import Message, Problem, Refused
from overread.formats.image_files import ImageFiles
from overread.formats.tables import read_table
from overread.store.models import Image

Progress = Callable[[int, int], None]
IMAGE_COLUMN = "image"


@dataclass
class Draft:
    """A row on its way to a unit; `problem` says why it will be held."""

    number: int
    cells: Mapping[str, str]
    reference: str
    given: dict[str, str] = field(default_factory=dict)
    golden: Golden | None = None
    image: Image | None = None
    problem: Problem | None = None


@dataclass
class Reading:
    """Everything that an upload of rows says."""

    drafts: list[Draft]
    columns: Columns
    rule: PatientRule | None
    problems: list[Problem]

    def alone(self) -> "Reading":
        """The same with every image its own patient, unless a column says otherwise."""
        return replace(self, rule=None)


def read_rows(table: Path, name: str, design: Design) -> Reading:
    """Read a table. Raises Refused (a TableError, or no column that names images)."""
    read = read_table(table, name=name)
    question = design.main_question
    given = meanings(question)
    roles = [column for column in read.columns if not is_golden_column(column)]
    columns = recognise(roles, [row.cells for row in read.rows], given)
    if columns.image is None:
        raise Refused.because(
            Message("No column names an image: {columns}.", columns=", ".join(read.columns)),
            Message("Add a column with each image's address or file name, such as scan-1.jpeg."),
            source=name,
        )
    drafts = [Draft(row.number, row.cells, row.cells[columns.image]) for row in read.rows]
    if columns.label is not None:
        for draft in drafts:
            _read_label(draft, columns.label, question.name, given, name)
    for draft in drafts:
        find_golden(draft, design, name)
    references = [draft.reference for draft in drafts]
    rule = None if columns.patient else suggest_patient_rule(references)
    return Reading(drafts, columns, rule, list(read.problems))


def rows_from_images(files: ImageFiles) -> Reading:
    """Without a table every image is a row."""
    drafts = [
        Draft(number, {IMAGE_COLUMN: name}, name)
        for number, name in enumerate(files.names(), start=1)
    ]
    rule = suggest_patient_rule(files.names())
    return Reading(drafts, Columns(IMAGE_COLUMN, None, None), rule, [])


def _read_label(
    draft: Draft, column: str, question: str, given: Mapping[str, str], source: str
) -> None:
    cell = draft.cells[column]
    if not cell.strip():
        return
    answer = given.get(normal_label(cell))
    if answer is None:
        draft.problem = Problem(
            source,
            draft.number,
            column,
            Message("“{cell}” is not a known label.", cell=cell[:40]),
            Message("Use one of {known}, or leave the cell empty.", known=", ".join(given)),
        )
    else:
        draft.given = {question: answer}


def find_golden(draft: Draft, design: Design, source: str) -> None:
    """Whether a row is a test question. A single accepted answer is its label as well."""
    if draft.problem is not None:
        return
    try:
        draft.golden = read_golden(draft.cells, design)
    except Refused as refused:
        draft.problem = replace(refused.problem, source=source, row=draft.number)
        return
    main = design.main_question.name
    accepted = draft.golden.accepted[main] if draft.golden else ()
    if len(accepted) == 1:
        draft.given.setdefault(main, accepted[0])


def match_images(
    drafts: Sequence[Draft],
    files: ImageFiles,
    keep: Callable[[bytes], Image],
    *,
    column: str,
    source: str,
    progress: Progress,
) -> None:
    """Find, decode and store the image of every row that has no problem yet."""
    folder = files.choose_folder([draft.reference for draft in drafts])
    for done, draft in enumerate(drafts):
        progress(done, len(drafts))
        if draft.problem is None:
            _match(draft, files, folder, keep, column, source)
    progress(len(drafts), len(drafts))


def _match(
    draft: Draft,
    files: ImageFiles,
    folder: str,
    keep: Callable[[bytes], Image],
    column: str,
    source: str,
) -> None:
    match = files.find(draft.reference, folder)
    problem = match.problem
    if match.entry is not None:
        try:
            draft.image = keep(files.read(match.entry))
        except Refused as refused:  # unreadable in its archive, or no image
            problem = refused.problem
    if problem is not None:
        draft.problem = replace(problem, source=source, row=draft.number, column=column)


def hold_repeated(
    drafts: Sequence[Draft], rows: Mapping[int, int], column: str, source: str
) -> None:
    """Nobody sees an image twice in a job: a later row with the same picture is held.

    `rows` gives the row of each picture (by id) that the job has already.
    """
    first = dict(rows)
    for draft in drafts:
        if draft.image is None:
            continue
        earlier = first.setdefault(draft.image.pk, draft.number)
        if earlier != draft.number:
            draft.image = None
            draft.problem = Problem(
                source,
                draft.number,
                column,
                Message(REPEATED, row=earlier),
                Message("Nothing to do: row {row} stands for both.", row=earlier),
            )
