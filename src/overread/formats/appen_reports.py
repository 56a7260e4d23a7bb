"""Write Appen's aggregated and full reports, column by column and format by format.

Columns, order and formats follow the reports that Appen's customers published: LF line endings,
`true`/`false`, `M/D/YYYY HH:MM:SS` in UTC, numbers with at most four decimals.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TextIO

from overread.formats.csv_lines import csv_line

# Without one, as of texts, the answer stands alone.
Second = Literal["confidence", "variance", ""]
AGGREGATED = ("_unit_id", "_golden", "_unit_state", "_trusted_judgments", "_last_judgment_at")
FULL = (
    "_unit_id",
    "_created_at",
    "_golden",
    "_id",
    "_missed",
    "_started_at",
    "_tainted",
    "_channel",
    "_trust",
    "_worker_id",
    "_country",
    "_region",
    "_city",
    "_ip",
)
# Only of a job in which contributors read work again: which reading of theirs a judgment is.
READING, FIRST, AGAIN = "_reading", "first", "again"
# What a column of an owner's table can't be called in a report.
RESERVED = frozenset({*AGGREGATED, *FULL, READING})
# Where a contributor sits is nobody's business: Appen's columns for it stay empty.
_NOWHERE = ("", "", "")


@dataclass(frozen=True)
class Result:
    """The aggregated answers, with a confidence (0 to 1) for each, or with the variance."""

    answer: str
    second: Sequence[float]


@dataclass(frozen=True)
class AggregatedRow:
    """One unit. `last_judgment_at` in milliseconds UTC; results by question, data by column."""

    unit_id: int | str
    golden: bool
    unit_state: str
    trusted_judgments: int
    last_judgment_at: int | None
    results: Mapping[str, Result]
    data: Mapping[str, str]


@dataclass(frozen=True)
class FullRow:
    """One judgment. Instants in milliseconds UTC; several answers are joined by newlines.

    `country` is known of those only who came over with a report that says it; `reading` says of
    work whether it is the contributor's first judgment of it.
    """

    unit_id: int | str
    created_at: int
    golden: bool
    id: int | str
    missed: bool | None
    started_at: int
    tainted: bool
    channel: str
    trust: float | None
    worker_id: str
    answers: Mapping[str, str]
    data: Mapping[str, str]
    country: str = ""
    reading: str = ""


def write_aggregated(
    out: TextIO,
    questions: Mapping[str, Second],
    columns: Sequence[str],
    rows: Iterable[AggregatedRow],
) -> None:
    """One line per unit. `questions` gives the second column of each; `columns` name the data.

    `out` must be opened with `newline=""`.
    """
    names = sorted(questions)
    judged = [title for name in names for title in _judged(name, questions[name])]
    data = _titles(columns, judged)
    out.write(csv_line([*AGGREGATED, *judged, *data]))
    for row in rows:
        cells = [
            str(row.unit_id),
            _boolean(row.golden),
            row.unit_state,
            str(row.trusted_judgments),
            _instant(row.last_judgment_at),
        ]
        for name in names:
            result = row.results.get(name, Result("", []))
            second = "\n".join(map(_number, result.second))
            cells += [result.answer, second] if questions[name] else [result.answer]
        out.write(csv_line([*cells, *(row.data.get(column, "") for column in data.values())]))


def _judged(name: str, second: Second) -> list[str]:
    return [name, f"{name}:{second}"] if second else [name]


def write_full(
    out: TextIO,
    questions: Iterable[str],
    columns: Sequence[str],
    rows: Iterable[FullRow],
    *,
    readings: bool = False,
) -> None:
    """One line per judgment, in the order of `rows`; `columns` name the data. With `readings` each
    says which reading it is.

    `out` must be opened with `newline=""`.
    """
    names = sorted(questions)
    data = _titles(columns, names)
    more = [READING] if readings else []
    out.write(csv_line([*FULL, *more, *names, *data]))
    for row in rows:
        judgment = [
            str(row.unit_id),
            _instant(row.created_at),
            _boolean(row.golden),
            str(row.id),
            "true" if row.missed else "",
            _instant(row.started_at),
            _boolean(row.tainted),
            row.channel,
            _number(row.trust),
            row.worker_id,
            row.country,
        ]
        answers = (row.answers.get(name, "") for name in names)
        rest = (row.data.get(column, "") for column in data.values())
        reading = [row.reading] if readings else []
        out.write(csv_line([*judgment, *_NOWHERE, *reading, *answers, *rest]))


def _titles(columns: Sequence[str], judged: Iterable[str]) -> dict[str, str]:
    """The data columns A to Z by the title they get: `orig_` before a name that is taken.

    A name of either report counts as taken, so that a column is called the same in both.
    """
    taken = {*RESERVED, *judged}
    own = {column for column in columns if column not in taken}
    titles = {column: column for column in own}
    for column in sorted(set(columns) - own):
        title = f"orig_{column}"
        while title in taken or title in titles:
            title = f"orig_{title}"
        titles[title] = column
    return dict(sorted(titles.items()))


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _number(value: float | None) -> str:
    """At most four decimals, no trailing zeros; 1.0 is `1`."""
    if value is None:
        return ""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _instant(milliseconds: int | None) -> str:
    """`8/5/2018 09:40:20`: month and day without a leading zero, the hour with one."""
    if milliseconds is None:
        return ""
    at = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{at.month}/{at.day}/{at.year} {at:%H:%M:%S}"
