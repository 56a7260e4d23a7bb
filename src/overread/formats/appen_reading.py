"""Read the reference platform's source, aggregated and full reports: columns, cells, answers.

What its columns mean stands in docs/how-to/move-from-appen.md.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec

from overread.core.answers import Wrong
from overread.core.design import AnyQuestion, Design, Marks, Number, Rating, SeveralChoices, Text
from overread.core.golden import GOLD, REASON, meant
from overread.core.instants import milliseconds
from overread.core.problems import Message, Problem, Refused
from overread.formats.appen_reports import RESERVED
from overread.formats.cml.shapes import read_shapes

UNIT, STATE, JUDGMENT, WORKER = "_unit_id", "_unit_state", "_id", "_worker_id"
CREATED, STARTED, TRUST, TAINTED = "_created_at", "_started_at", "_trust", "_tainted"
COUNT, MISSED, CHANNEL, COUNTRY = "_trusted_judgments", "_missed", "_channel", "_country"
# Where somebody sat is nobody's business.
DROPPED = ("_region", "_city", "_ip")
# What a full report can't do without.
NEEDED = (UNIT, JUDGMENT, WORKER, CREATED, STARTED)
# Of older reports, and of the report on test questions.
_MORE = {"_canary", "_pct_missed", "_judgments", "_gold_pool", "_difficulty", "_hidden"}
OWN = RESERVED | _MORE | {"_contention", "_pct_contested"}
_SECOND = (":confidence", ":variance")
_INSTANT = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_FLAGS = {"true": True, "false": False, "": False}
SHOWN = 40  # characters of a cell
LONGEST = 100  # characters of an id


class Kind(StrEnum):
    """In the order in which they are read: what says most comes first."""

    FULL = "full"
    AGGREGATED = "aggregated"
    SOURCE = "source"


def kind_of(columns: Collection[str]) -> Kind | None:
    """Which report has these columns; None where they are no report's."""
    if UNIT not in columns:
        return None
    if JUDGMENT in columns or WORKER in columns:
        return Kind.FULL
    if STATE in columns or COUNT in columns:
        return Kind.AGGREGATED
    return Kind.SOURCE if len(OWN.intersection(columns)) > 1 else None


def unit_of(cells: Mapping[str, str]) -> str:
    """The platform's id of the row; "" where a line has none that can be kept."""
    key = cells[UNIT].strip()
    return key if len(key) <= LONGEST else ""


def lacking(columns: Collection[str]) -> list[str]:
    """What a full report lacks."""
    return [column for column in NEEDED if column not in columns]


@dataclass(frozen=True)
class Layout:
    """What the columns of a report are: `data` the owner's own, `unasked` answers to questions
    that the design does not have.
    """

    data: Sequence[str]
    unasked: Sequence[str]

    @classmethod
    def of(cls, columns: Sequence[str], design: Design) -> "Layout":
        judged = {question.name for question in design.questions}
        tested = {one.name for one in design.questions if one.tested}
        printed = {f"{name}{end}" for name in tested for end in (GOLD, REASON)}
        answered = {name for name in columns if _is_answered(name, columns)}
        free = [name for name in columns if name not in OWN | judged | printed]
        data = [name for name in free if name not in answered and not name.endswith(_SECOND)]
        return cls(data, [name for name in free if name in answered])


def _is_answered(name: str, columns: Collection[str]) -> bool:
    """Whether contributors filled a column in: it has accepted answers, or a confidence."""
    return any(f"{name}{end}" in columns for end in (GOLD, *_SECOND))


@dataclass(frozen=True)
class Reported:
    """One judgment of a full report. Instants in milliseconds UTC."""

    unit: str
    key: str
    worker: str
    started: int
    created: int
    trust: float | None
    tainted: bool
    missed: bool
    channel: str
    country: str
    answers: Mapping[str, Any]

    @property
    def sent(self) -> tuple[str, int, int]:
        """What was sent together has these in common."""
        return self.worker, self.started, self.created


def read_judgment(cells: Mapping[str, str], design: Design) -> Reported:
    """Raises Refused, with the column, for what can't be taken over."""
    for column in (UNIT, JUDGMENT, WORKER):
        if not cells[column].strip():
            raise _refused(
                column,
                Message("The cell is empty, so nobody knows whose judgment this is."),
                Message("Download the full report again: each line has all three ids."),
            )
        if len(cells[column].strip()) > LONGEST:
            raise _refused(
                column,
                Message("“{cell}” is too long for an id.", cell=cells[column][:SHOWN]),
                Message("Download the full report again."),
            )
    started, created = _instant(cells, STARTED), _instant(cells, CREATED)
    if created < started:
        raise _refused(
            CREATED,
            Message("The judgment ends before it starts."),
            Message("Correct one of the two times, or leave the judgment out."),
        )
    return Reported(
        unit=cells[UNIT].strip(),
        key=cells[JUDGMENT].strip(),
        worker=cells[WORKER].strip(),
        started=started,
        created=created,
        trust=read_share(cells, TRUST),
        tainted=read_flag(cells, TAINTED),
        missed=read_flag(cells, MISSED),
        channel=cells.get(CHANNEL, "").strip()[:LONGEST],
        country=cells.get(COUNTRY, "").strip()[:LONGEST],
        answers=read_answers(cells, design),
    )


def _instant(cells: Mapping[str, str], column: str) -> int:
    found = read_instant(cells[column].strip())
    if found is None:
        raise _refused(
            column,
            Message("“{cell}” is no time.", cell=cells[column][:SHOWN]),
            Message("Times look like 8/15/2018 09:40:20, or 2018-08-15 09:40:20, in UTC."),
        )
    return found


def read_instant(cell: str) -> int | None:
    """`8/15/2018 09:40:20`, or what a spreadsheet makes of it, in milliseconds UTC."""
    with suppress(ValueError, OverflowError):
        if found := _INSTANT.fullmatch(cell):
            month, day, year, hour, minute, second = (int(one or 0) for one in found.groups())
            return milliseconds(datetime(year, month, day, hour, minute, second, tzinfo=UTC))
        if _ISO.match(cell):
            at = datetime.fromisoformat(cell.removesuffix(" UTC"))
            return milliseconds(at if at.tzinfo else at.replace(tzinfo=UTC))
    return None


def read_flag(cells: Mapping[str, str], column: str) -> bool:
    """`true` or `false`, as spreadsheets write them too; an empty cell says no."""
    said = cells.get(column, "").strip()
    if said.lower() not in _FLAGS:
        raise _refused(
            column,
            Message("“{cell}” is neither true nor false.", cell=said[:SHOWN]),
            Message("Write true or false, as the report has it."),
        )
    return _FLAGS[said.lower()]


def read_share(cells: Mapping[str, str], column: str) -> float | None:
    """A number from 0 to 1; None where the cell is empty."""
    said = cells.get(column, "").strip()
    if not said:
        return None
    with suppress(ValueError):
        if 0 <= (share := float(said)) <= 1:
            return share
    raise _refused(
        column,
        Message("“{cell}” is no number from 0 to 1.", cell=said[:SHOWN]),
        Message("Write the share with a point, such as 0.85."),
    )


def read_answers(cells: Mapping[str, str], design: Design) -> dict[str, Any]:
    """The answers as a judgment keeps them; {} where all was left empty. Raises Refused."""
    asked = [one for one in design.questions if not one.is_computed and one.name in cells]
    given = {one.name: _answer(one, cells[one.name]) for one in asked}
    answers = design.completed({name: value for name, value in given.items() if value is not None})
    for wrong in design.wrong_answers({name: value for name, value in given.items() if value}):
        if wrong.wrong != Wrong.MISSING and wrong.question in cells:
            raise _not_offered(wrong.question, cells[wrong.question])
    return answers if any(value is not None for value in given.values()) else {}


def _answer(question: AnyQuestion, cell: str) -> Any:
    """None where nothing was answered."""
    if not cell.strip():
        return None
    match question:
        case Text():
            return cell
        case Marks():
            return _marks(question, cell)
        case Rating() | Number():
            return _number(question.name, cell)
        case SeveralChoices():
            lines = [line.strip() for line in cell.splitlines() if line.strip()]
            return [_offered(question, line) for line in lines]
    return _offered(question, cell.strip())


def _offered(question: AnyQuestion, cell: str) -> str:
    value = meant(question, cell)
    if value is None:
        raise _not_offered(question.name, cell)
    return value


def _number(column: str, cell: str) -> float:
    with suppress(ValueError):
        number = float(cell)
        return int(number) if number.is_integer() else number
    raise _not_offered(column, cell)


def _marks(question: Marks, cell: str) -> Any:
    marks = read_shapes(cell)
    with suppress(ValueError, TypeError, RecursionError):
        if len(msgspec.json.decode(cell)) == len(marks):
            return msgspec.to_builtins(marks) or None
    raise _not_offered(question.name, cell)


def _not_offered(column: str, cell: str) -> Refused:
    return _refused(
        column,
        Message("The question does not take “{cell}” for an answer.", cell=cell.strip()[:SHOWN]),
        Message("Give the job's CML with the report, or add the answer under Design first."),
    )


def _refused(column: str, what: Message, advice: Message) -> Refused:
    return Refused(Problem("", None, column, what, advice))


def figures_of(cells: Mapping[str, str], design: Design) -> dict[str, Any]:
    """What an aggregated report says of a unit: state, count, and each question's two cells."""
    judged = [one for one in design.questions if one.name in cells]
    return {
        "state": cells.get(STATE, "").strip(),
        "judgments": cells.get(COUNT, "").strip(),
        "results": {
            one.name: [cells[one.name], cells.get(f"{one.name}:{one.second_column}", "")]
            for one in judged
            if cells[one.name]
        },
    }
