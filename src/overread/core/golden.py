"""Test questions in an uploaded table, in the reference platform's columns.

`_golden` says TRUE, `{question}_gold` holds the accepted answers, each in a line of the cell, and
`{question}_gold_reason` what is shown on a miss.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from overread.core.design import AnyQuestion, Choosing, Design, Rating, YesNo
from overread.core.intake import normal_label
from overread.core.problems import Message, Problem, Refused

GOLDEN = "_golden"
GOLD, REASON = "_gold", "_gold_reason"
YES, NO = ("true",), ("false", "")
SHOWN = 40  # characters of a cell


@dataclass(frozen=True)
class Golden:
    """The test question that a row is: accepted answers and reasons, by question."""

    accepted: Mapping[str, Sequence[str]]
    reasons: Mapping[str, str]


def is_golden_column(column: str) -> bool:
    name = _normal(column)
    return name == GOLDEN or name.endswith((GOLD, REASON))


@lru_cache(maxsize=64)
def _golden_columns(columns: tuple[str, ...]) -> Mapping[str, str]:
    """By their normal names; every row of a table has the same."""
    return {_normal(column): column for column in columns if is_golden_column(column)}


def read_golden(cells: Mapping[str, str], design: Design) -> Golden | None:
    """The test question that a row is, None where it is none. Raises Refused, with the column."""
    columns = _golden_columns(tuple(cells))
    if not _is_golden(cells, columns.get(GOLDEN)):
        return None
    accepted, reasons = {}, {}
    for question in design.questions:
        name = _normal(question.name)
        if values := _accepted(cells, columns.get(name + GOLD), question):
            accepted[question.name] = values
        if reason := cells.get(columns.get(name + REASON, ""), "").strip():
            reasons[question.name] = reason
    main = design.main_question.name
    if main not in accepted:
        raise _refused(
            columns.get(_normal(main) + GOLD, columns[GOLDEN]),
            Message("This test question has no accepted answer."),
            Message("Fill in the column “{column}” of this row.", column=main + GOLD),
        )
    return Golden(accepted, reasons)


def _is_golden(cells: Mapping[str, str], column: str | None) -> bool:
    flag = cells[column].strip().lower() if column else ""
    if column and flag not in YES + NO:
        raise _refused(
            column,
            Message("“{cell}” is neither TRUE nor FALSE.", cell=flag[:SHOWN]),
            Message("Write TRUE for a test question, FALSE for a row to be judged."),
        )
    return flag in YES


def _accepted(cells: Mapping[str, str], column: str | None, question: AnyQuestion) -> list[str]:
    found: dict[str, None] = {}
    for line in cells[column].splitlines() if column else ():
        value = meant(question, line.strip())
        if value is None and line.strip():
            assert column is not None
            raise _refused(
                column,
                Message("The question does not offer “{cell}”.", cell=line.strip()[:SHOWN]),
                Message("Use {known}; several answers each in a line.", known=_listed(question)),
            )
        if value is not None:
            found[value] = None
    return list(found)


def accepted_values(question: AnyQuestion) -> dict[str, str]:
    """What a test question may accept, each value with its label; nothing where texts, numbers
    or marks are asked for.
    """
    if isinstance(question, Choosing):
        return {choice.value: choice.label for choice in question.choices}
    if isinstance(question, Rating):
        return {str(point): str(point) for point in question.numbers}
    if isinstance(question, YesNo):
        return {value: value for value in (question.yes, question.no) if value}
    return {}


def meant(question: AnyQuestion, cell: str) -> str | None:
    """A value itself, its label, or what a label column may say for it."""
    return cell if cell in accepted_values(question) else meanings(question).get(normal_label(cell))


def meanings(question: AnyQuestion) -> dict[str, str]:
    """What a cell may say for each answer, by the cell's normal form."""
    offered = accepted_values(question)
    means = {normal_label(value): value for value in offered}
    means |= {normal_label(label): value for value, label in offered.items()}
    if isinstance(question, Choosing):
        means |= {normal_label(cell): one.value for one in question.choices for cell in one.given}
    return means


def _listed(question: AnyQuestion) -> str:
    return ", ".join(accepted_values(question))


def _normal(column: str) -> str:
    return column.strip().lower()


def _refused(column: str, what: Message, advice: Message) -> Refused:
    return Refused(Problem("", None, column, what, advice))
