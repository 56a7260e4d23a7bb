"""What is said of reports from the reference platform as a whole: what comes over, and what not."""

from collections.abc import Iterator

from overread.core.design import Design
from overread.core.problems import Message, Problem
from overread.formats.appen_reading import DROPPED, Kind, Layout, kind_of
from overread.formats.tables import TableReader

_WHERE = Message("This says where contributors sat.")
_DROPPED = Message("Nothing to do: it is not kept.")
_UNASKED = Message("The job does not ask this question, so its answers are not kept.")
_UNANSWERED = Message("The report has no answers to this question of the job.")
_ASK_IT = Message("Give the job's CML with the report, so that both ask the same.")
_UNKNOWN = Message("This column is not known.")
_IS_DATA = Message("Nothing to do: it is kept as data of the row.")


def of_columns(table: TableReader, layout: Layout, design: Design) -> Iterator[Problem]:
    """What becomes of columns that are neither answers nor the owner's own, and what lacks one."""
    yield from table.notes
    if kind_of(table.columns) == Kind.FULL:
        for question in design.questions:
            if question.name not in table.columns and not question.is_computed:
                yield _note(table.name, question.name, _UNANSWERED, _ASK_IT)
    dropped = [name for name in DROPPED if name in table.columns]
    if dropped:
        yield _note(table.name, ", ".join(dropped), _WHERE, _DROPPED)
    for name in layout.unasked:
        yield _note(table.name, name, _UNASKED, _ASK_IT)
    for name in layout.data:
        if name.startswith("_"):
            yield _note(table.name, name, _UNKNOWN, _IS_DATA)


def account(judgments: int, people: int, tests: int) -> Problem:
    said = Message(
        "{judgments} judgments by {people} contributors come over, and {tests} test questions.",
        judgments=judgments,
        people=people,
        tests=tests,
    )
    return _note("", None, said, Message("Contributors from there can't sign in here."))


def _note(source: str, column: str | None, said: Message, advice: Message) -> Problem:
    return Problem(source, None, column, said, advice, is_note=True)
