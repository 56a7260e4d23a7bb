import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.formats.appen_reports import (
    FULL,
    AggregatedRow,
    FullRow,
    Result,
    write_aggregated,
    write_full,
)
from tests.formats.golden_files import assert_golden
from tests.shared_data import shared_data


def at(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp() * 1000)


def full_row(**changes) -> FullRow:
    row = {
        "unit_id": 1000000001,
        "created_at": at(2018, 8, 5, 9, 40, 20) + 999,
        "golden": False,
        "id": 501,
        "missed": None,
        "started_at": at(2018, 8, 5, 9, 39, 58),
        "tainted": False,
        "channel": "invitation",
        "trust": 5 / 6,
        "worker_id": "lena",
        "answers": {"finding": "pneumonia", "signs": "concentrated\ndiffuse"},
        "data": {"image": "a.png", "_ip": "10.0.0.1"},
    }
    return FullRow(**(row | changes))


def aggregated_row(**changes) -> AggregatedRow:
    row = {
        "unit_id": 1000000001,
        "golden": False,
        "unit_state": "finalized",
        "trusted_judgments": 3,
        "last_judgment_at": at(2018, 8, 5, 9, 40, 20),
        "results": {"finding": Result("pneumonia", [0.61655])},
        "data": {"image": "a.png", "_golden": "false", "finding": "1"},
    }
    return AggregatedRow(**(row | changes))


def written(write, *arguments) -> str:
    out = io.StringIO(newline="")
    write(out, *arguments)
    return out.getvalue()


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_the_aggregated_report_is_appens_to_the_byte():
    rows = [
        aggregated_row(),
        aggregated_row(
            unit_id=1000000002,
            golden=True,
            unit_state="golden",
            trusted_judgments=212,
            last_judgment_at=None,
            results={"finding": Result("healthy", [1.0])},
            data={
                "image": 'b, "two".png',
                "finding_gold": "healthy\nunsure",
                "_golden": "TRUE",
                "finding": "0",
            },
        ),
        aggregated_row(
            unit_id=1000000003,
            unit_state="in progress",
            trusted_judgments=1,
            last_judgment_at=at(2019, 12, 31, 23, 59, 59),
            results={"finding": Result("unsure", [0.0]), "how_likely": Result("2.5", [0.25])},
            data={"image": "c.png"},
        ),
    ]
    questions = {"how_likely": "variance", "finding": "confidence"}
    columns = ["image", "_golden", "finding", "finding_gold"]
    text = written(write_aggregated, questions, columns, iter(rows))
    assert_golden("aggregated.csv", text.encode())


def test_the_full_report_is_appens_to_the_byte():
    missed = full_row(
        unit_id=1000000002,
        created_at=at(2019, 1, 1),
        golden=True,
        id=502,
        missed=True,
        started_at=at(2018, 12, 31, 23, 59, 51),
        tainted=True,
        trust=None,
        worker_id="a stranger",
        answers={"finding": "healthy"},
        data={"image": "b.png", "finding_gold": "pneumonia"},
    )
    columns = ["image", "finding_gold", "_ip"]
    text = written(write_full, ["signs", "finding"], columns, iter([full_row(), missed]))
    assert_golden("full.csv", text.encode())


@pytest.mark.parametrize(
    ("trust", "text"),
    [
        (1.0, "1"),
        (0.85, "0.85"),
        (0.88888, "0.8889"),
        (0.0, "0"),
        (0.00001, "0"),
        (-0.00001, "0"),
        (100.0, "100"),
        (None, ""),
    ],
)
def test_numbers_have_at_most_four_decimals_and_no_trailing_zeros(trust, text):
    [row] = read(written(write_full, [], [], [full_row(trust=trust)]))
    assert row["_trust"] == text


@pytest.mark.parametrize(("missed", "text"), [(True, "true"), (False, ""), (None, "")])
def test_missed_is_true_or_empty(missed, text):
    [row] = read(written(write_full, [], [], [full_row(missed=missed)]))
    assert row["_missed"] == text


def test_where_lena_sits_is_in_no_report():
    [row] = read(written(write_full, ["finding"], ["image"], [full_row()]))
    assert {row[name] for name in ("_country", "_region", "_city", "_ip")} == {""}


def test_a_data_column_keeps_its_name_in_both_reports_unless_either_has_it():
    columns = ["_trust", "_golden", "orig__trust", "age"]
    full = written(write_full, ["finding"], columns, [])
    aggregated = written(write_aggregated, {"finding": "confidence"}, columns, [])
    expected = ",age,orig__golden,orig__trust,orig_orig__trust\n"
    assert full.endswith(",finding" + expected)
    assert aggregated.endswith("finding:confidence" + expected)


def test_rows_are_written_one_by_one_as_they_come():
    out = io.StringIO(newline="")

    def rows():
        yield full_row()
        assert out.getvalue().count("lena") == 1
        yield full_row(worker_id="rafael")

    write_full(out, ["finding"], ["image"], rows())
    assert [row["_worker_id"] for row in read(out.getvalue())] == ["lena", "rafael"]


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(TEXT, TEXT)
def test_whatever_stands_in_an_answer_is_read_back(answer, data):
    row = full_row(answers={"finding": answer}, data={"image": data})
    [back] = read(written(write_full, ["finding"], ["image"], [row]))
    assert (back["finding"], back["image"]) == (answer, data)


@given(st.floats(0, 1))
def test_a_trust_is_read_back_to_four_decimals(trust):
    [row] = read(written(write_full, [], [], [full_row(trust=trust)]))
    assert float(row["_trust"]) == pytest.approx(trust, abs=0.00005001)


REAL = [
    "person-video-binary-choice.csv",
    "person-video-ternary-choice.csv",
    "person-video-sparse-multiple-choice.csv",
]


def milliseconds(text: str) -> int:
    return int(datetime.strptime(text + "+0000", "%m/%d/%Y %H:%M:%S%z").timestamp() * 1000)


def from_real(cells: dict[str, str], questions: list[str], columns: list[str]) -> FullRow:
    return FullRow(
        unit_id=int(cells["_unit_id"]),
        created_at=milliseconds(cells["_created_at"]),
        golden=False,
        id=int(cells["_id"]),
        missed=None,
        started_at=milliseconds(cells["_started_at"]),
        tainted=cells["_tainted"] == "true",
        channel=cells["_channel"],
        trust=float(cells["_trust"]),
        worker_id=cells["_worker_id"],
        answers={name: cells[name] for name in questions},
        data={name: cells[name] for name in columns},
    )


@pytest.mark.parametrize("name", REAL)
def test_a_report_that_appen_made_is_written_again_as_it_is(name):
    """But for what is older (no `_golden`, no `_missed`), for where contributors sat, and for a
    trust of `1.0`, which whoever published the file left in some of its rows."""
    with shared_data("appen_reports", name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    old = [title for title in FULL if title not in ("_golden", "_missed")]
    rest = list(rows[0])[len(old) :]
    questions = [title for title in rest if f"{title}_gold" in rest]
    columns = [title for title in rest if title not in questions]
    text = written(
        write_full, questions, columns, (from_real(row, questions, columns) for row in rows)
    )
    ours = read(text)
    assert [title for title in ours[0] if title not in ("_golden", "_missed")] == list(rows[0])
    changed = dict.fromkeys(("_country", "_region", "_city", "_ip"), "")
    written_again = [{title: row[title] for title in rows[0]} for row in ours]
    assert written_again == [
        row | changed | {"_trust": row["_trust"].removesuffix(".0")} for row in rows
    ]
