"""What sources say, before anything of them is stored: rows, roles, labels, problems."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from overread.core.design import Design
from overread.core.golden import accepted_values, is_golden_column, meanings, read_golden
from overread.core.intake import (
    Columns,
    PatientRule,
    Recognition,
    assigned,
    normal_label,
    suggest_patient_rule,
)
from overread.core.problems import Message, Problem, Refused
from overread.flows.intake.drafts import Draft, Options
from overread.formats.appen_reports import RESERVED
from overread.formats.tables import Row, TableReader

# Rows whose file names are looked at for a pattern.
SAMPLE = 20_000
_PLAIN = Options()
Placed = tuple[int, str, Row | Problem]


@dataclass(frozen=True)
class Reading:
    """What the sources say.

    `items` gives the rows, anew each time; a row that could not be read is a problem in its place.
    `given` says what each label cell means, "" for no label.
    """

    columns: Columns
    rule: PatientRule | None
    notes: Sequence[Problem]
    total: int
    items: Callable[[], Iterator[Draft | Problem]]
    given: Mapping[str, str] = field(default_factory=dict)

    def references(self) -> Iterator[str]:
        return (one.reference for one in self.items() if isinstance(one, Draft))

    def grouped(self, options: Options) -> "Reading":
        """With the patients that file names suggest, unless a column or the owner says who."""
        if not options.group or self.columns.patient:
            return self
        return self.by(suggest_patient_rule(list(islice(self.references(), SAMPLE))))

    def by(self, rule: PatientRule | None) -> "Reading":
        return replace(self, rule=rule)


def read_tables(
    tables: Sequence[TableReader],
    design: Design,
    options: Options = _PLAIN,
    *,
    columns: Columns | None = None,
    after: int = 0,
) -> Reading:
    """Tables with the same columns, one after the other, behind the row `after`. What the columns
    mean is found out, unless it is given or the owner says it. Raises Refused.
    """
    _refuse_other_columns(tables)
    names = tables[0].columns
    if columns is None and options.roles is not None:
        columns = assigned(names, options.roles)
    given = label_meanings(design, options)
    found, total = _looked_through(tables, given, recognise=columns is None)
    columns = columns or found
    if columns.image is None:
        raise Refused.because(
            Message("No column names an image: {columns}.", columns=", ".join(names)),
            Message("Add a column with each image's address or file name, such as scan-1.jpeg."),
            source=tables[0].name,
        )

    def items() -> Iterator[Draft | Problem]:
        for number, source, row in _placed(tables, after):
            if isinstance(row, Problem):
                yield row
            else:
                draft = Draft(number, source, row.number, row.cells, row.cells[columns.image or ""])
                yield understood(draft, columns.label, design, given)

    notes = [*(note for table in tables for note in table.notes), *_reserved(tables[0])]
    return Reading(columns, None, notes, total, items, given)


def label_meanings(design: Design, options: Options) -> dict[str, str]:
    """What label cells mean: by the design, and before it by the owner's word. Raises Refused."""
    offered = accepted_values(design.main_question)
    for answer in options.meanings.values():
        if answer and answer not in offered:
            raise Refused.because(
                Message("The question does not offer “{cell}”.", cell=answer),
                Message("Say anew what each label means."),
            )
    return meanings(design.main_question) | dict(options.meanings)


def _refuse_other_columns(tables: Sequence[TableReader]) -> None:
    for table in tables[1:]:
        if set(table.columns) != set(tables[0].columns):
            raise Refused.because(
                Message("Its columns are not those of {other}.", other=tables[0].name),
                Message("Give all tables the same columns, or take them in apart."),
                source=table.name,
            )


def _looked_through(
    tables: Sequence[TableReader], given: Mapping[str, str], *, recognise: bool
) -> tuple[Columns, int]:
    """The columns' roles, and how many rows there are."""
    names = tables[0].columns
    recognition = Recognition([one for one in names if not is_golden_column(one)], given)
    total = 0
    for _, _, row in _placed(tables):
        total += 1
        if recognise and isinstance(row, Row):
            recognition.add(row.cells)
    return recognition.columns(), total


def _placed(tables: Sequence[TableReader], after: int = 0) -> Iterator[Placed]:
    """Each row with its unit's number and its table's name: later tables go on counting."""
    last = after
    for table in tables:
        before = last
        for last, row in enumerate(table, start=before + 1):
            yield last, table.name, row


def _reserved(table: TableReader) -> Iterator[Problem]:
    for column in table.columns:
        if column in RESERVED and not is_golden_column(column):
            yield Problem(
                table.name,
                None,
                column,
                Message("Reports have a column of this name themselves."),
                Message("Nothing to do: there, yours is called {name}.", name=f"orig_{column}"),
                is_note=True,
            )


def understood(draft: Draft, label: str | None, design: Design, given: Mapping[str, str]) -> Draft:
    """With its label, and whether it is a test question."""
    if label is not None:
        _read_label(draft, label, design.main_question.name, given)
    find_golden(draft, design)
    return draft


def _read_label(draft: Draft, column: str, question: str, given: Mapping[str, str]) -> None:
    cell = draft.cells[column]
    if not cell.strip():
        return
    answer = given.get(normal_label(cell))
    if answer is None:
        draft.problem = Problem(
            draft.source,
            draft.row,
            column,
            Message("“{cell}” is not a known label.", cell=cell[:40]),
            Message("Use one of {known}, or leave the cell empty.", known=", ".join(given)),
        )
    elif answer:
        draft.given = {question: answer}


def find_golden(draft: Draft, design: Design) -> None:
    """Whether a row is a test question. A single accepted answer is its label as well."""
    if draft.problem is not None:
        return
    try:
        draft.golden = read_golden(draft.cells, design)
    except Refused as refused:
        draft.problem = replace(refused.problem, source=draft.source, row=draft.row)
        return
    main = design.main_question.name
    accepted = draft.golden.accepted[main] if draft.golden else ()
    if len(accepted) == 1:
        draft.given.setdefault(main, accepted[0])
