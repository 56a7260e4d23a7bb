"""What the reference platform's reports say is read as it was written."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.core.answers import as_values
from overread.core.design import (
    Choice,
    Design,
    Instructions,
    Marks,
    Number,
    OneChoice,
    Rating,
    SeveralChoices,
    Text,
    YesNo,
)
from overread.core.marks import read_marks
from overread.core.problems import Refused
from overread.core.text_formats import TextFormat
from overread.formats.appen_reading import Kind, Layout, kind_of, read_instant, read_judgment
from overread.formats.appen_reports import AGGREGATED, FULL, FullRow, write_full
from overread.formats.cml.shapes import write_shapes

CHOICES = (Choice("yes", "Yes"), Choice("no", "No"), Choice("not sure", "Not sure"))
DESIGN = Design(
    instructions=Instructions(),
    nodes=(
        OneChoice(name="finding", label="", choices=CHOICES, tested=True),
        SeveralChoices(name="signs", label="", choices=CHOICES, required=False),
        YesNo(name="tube", label="", required=False),
        Rating(name="likely", label="", required=False),
        Number(name="age", label="", required=False),
        Text(name="words", label="", required=False, long=True, format=TextFormat.ANY),
        Marks(name="boxes", label="", required=False),
    ),
)
VALUES = [choice.value for choice in CHOICES]
corner = st.tuples(st.integers(0, 5000), st.integers(0, 5000))
BOXES = st.lists(
    st.tuples(corner, st.tuples(st.integers(1, 900), st.integers(1, 900))), min_size=1, max_size=3
)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1, max_size=40)


@st.composite
def answers(draw: st.DrawFn) -> dict[str, object]:
    found: dict[str, object] = {
        "finding": draw(st.sampled_from(VALUES)),
        "signs": draw(st.lists(st.sampled_from(VALUES), unique=True)),
        "tube": draw(st.sampled_from(["true", "false", None])),
        "likely": draw(st.integers(1, 5) | st.none()),
        "age": draw(st.integers(0, 99) | st.just(2.5) | st.none()),
        "words": draw(WORDS.filter(str.strip) | st.none()),
        "boxes": [
            {"kind": "box", "label": "", "points": ((x, y), (x + w, y + h))}
            for (x, y), (w, h) in draw(BOXES | st.just([]))
        ],
    }
    return {name: answer for name, answer in found.items() if answer not in (None, [])}


def printed(name: str, answer: object) -> str:
    marks = read_marks(answer) if name == "boxes" else None
    return write_shapes(marks, "1") if marks else "\n".join(as_values(answer))


instants = st.integers(0, 4_000_000_000).map(lambda seconds: seconds * 1000)


@given(
    answers(),
    instants,
    st.integers(0, 100_000),
    st.none() | st.integers(0, 10_000).map(lambda n: n / 10_000),
    st.booleans(),
    st.booleans(),
)
def test_a_judgment_is_read_as_it_was_written(
    given_: dict[str, object],
    started: int,
    seconds: int,
    trust: float | None,
    tainted: bool,
    missed: bool,
) -> None:
    row = FullRow(
        unit_id="1856505106",
        created_at=started + 1000 * seconds,
        golden=False,
        id="3974554217",
        missed=missed,
        started_at=started,
        tainted=tainted,
        channel="clixsense",
        trust=trust,
        worker_id="90000008",
        answers={name: printed(name, answer) for name, answer in given_.items()},
        data={"image": "a.png"},
        country="GBR",
    )
    out = io.StringIO(newline="")
    write_full(out, [one.name for one in DESIGN.questions], ["image"], [row])
    [cells] = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    read = read_judgment(cells, DESIGN)
    assert (read.unit, read.key, read.worker) == (row.unit_id, row.id, row.worker_id)
    assert (read.started, read.created) == (row.started_at, row.created_at)
    assert (read.trust, read.tainted, read.missed) == (trust, tainted, missed)
    assert (read.channel, read.country) == ("clixsense", "GBR")
    assert {name: printed(name, one) for name, one in read.answers.items()} == row.answers


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (FULL, Kind.FULL),
        (AGGREGATED, Kind.AGGREGATED),
        (("_unit_id", "_golden", "image"), Kind.SOURCE),
        (("_unit_id", "_created_at", "_canary", "_id", "_worker_id"), Kind.FULL),
        (("_unit_id", "image"), None),
        (("_trust", "image"), None),
    ],
)
def test_a_report_is_known_by_its_columns(columns: tuple[str, ...], kind: Kind | None) -> None:
    assert kind_of(columns) == kind


@pytest.mark.parametrize(
    "cell", ["8/5/2018 09:40:20", "2018-08-05 09:40:20", "2018-08-05T09:40:20Z"]
)
def test_times_are_read_as_spreadsheets_write_them_too(cell: str) -> None:
    at = datetime(2018, 8, 5, 9, 40, 20, tzinfo=UTC)
    assert read_instant(cell) == int(at.timestamp() * 1000)


@pytest.mark.parametrize("cell", ["", "13/45/2018 09:40:20", "8/5/2018", "noon", "1" * 4000])
def test_what_is_no_time_is_none(cell: str) -> None:
    assert read_instant(cell) is None


@given(st.dictionaries(st.sampled_from([*FULL, *(one.name for one in DESIGN.questions)]), WORDS))
def test_whatever_the_cells_hold_a_judgment_is_read_or_refused(cells: dict[str, str]) -> None:
    full = {name: cells.get(name, "") for name in (*FULL, *(one.name for one in DESIGN.questions))}
    refused = None
    try:
        read_judgment(full, DESIGN)
    except Refused as error:
        refused = error.problem
    assert refused is None or refused.column in full


def test_appens_own_columns_and_answers_are_no_data() -> None:
    columns = [*FULL, "finding", "finding_gold", "finding_gold_reason", "_ward", "image", "mood"]
    found = Layout.of([*columns, "mood_gold", "orig_finding"], DESIGN)
    assert list(found.data) == ["_ward", "image", "mood_gold", "orig_finding"]
    assert list(found.unasked) == ["mood"]
