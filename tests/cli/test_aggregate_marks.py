"""overread aggregate on tables of marks, and by columns of the table."""

import csv
import json
import random
import re
from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
from typer.testing import CliRunner, Result

from overread.cli.commands import app
from overread.core.aggregation.marks import Fusing
from overread.core.problems import Message
from overread.flows.aggregating_marks import aggregate_marks
from overread.formats.judged_marks import marks_table
from overread.formats.judgment_files import read_judgments

FILES = ("consensus.csv", "contributors.csv", "report.json", "report.html")
OURS = [{"kind": "box", "points": [[10, 10], [30, 40]], "label": "opacity"}]
APPENS = [
    {
        "class": "opacity",
        "type": "box",
        "coordinates": {"x": 12, "y": 10, "w": 20, "h": 30},
        "id": "1",
    }
]
Row = tuple[str, ...]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["aggregate", *map(str, arguments)])


def write(path: Path, rows: list[Row], header: str = "task,worker,label,age") -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def rows() -> list[Row]:
    """Lena and rafael draw the same opacity, each in another form; a stranger sees nothing."""
    return [
        ("1", "lena", json.dumps(OURS), "0-1"),
        ("1", "rafael", json.dumps(APPENS), "0-1"),
        ("1", "stranger", "[]", "0-1"),
        ("2", "lena", "", "2-5"),
        ("2", "rafael", "[]", "2-5"),
    ]


def test_boxes_become_one_box_with_who_drew_it(rows: list[Row], tmp_path: Path) -> None:
    result = run(write(tmp_path / "t.csv", rows), "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(FILES)
    first, second = read(tmp_path / "out" / "consensus.csv")
    (mark,) = json.loads(first["label"])
    assert mark["coordinates"] == {"x": 11, "y": 10, "w": 20, "h": 30}
    assert (mark["class"], mark["drawn_by"], mark["readers"]) == ("opacity", 2, 3)
    assert first["probability"] == first["p_opacity"] == "0.666667"
    assert (second["label"], second["probability"], second["judgments"]) == ("[]", "1", "2")
    lena, _, stranger = read(tmp_path / "out" / "contributors.csv")
    assert (lena["marks"], lena["found"], lena["kept"]) == ("1", "1", "1")
    assert (stranger["marks"], stranger["found"], stranger["kept"]) == ("0", "0", "")


def test_agreement_by_overlap_is_reported_by_a_column(rows: list[Row], tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", rows)
    assert run(table, "--subgroup", "age", "--out", tmp_path).exit_code == 0
    report = json.loads((tmp_path / "report.json").read_text())
    by_age = report["subgroups"]["age"]
    overlaps = {
        age: one["agreement"]["overlap of marks"]["estimate"] for age, one in by_age.items()
    }
    assert overlaps == {"0-1": pytest.approx(9 / 11 / 3, abs=1e-5), "2-5": 1}
    assert by_age["0-1"]["labels"]["opacity"]["estimate"] == 1
    assert by_age["2-5"]["labels"][""]["estimate"] == 0
    assert "By age" in (tmp_path / "report.html").read_text()


def test_any_order_of_rows_and_parquet_give_the_same_bytes(tmp_path: Path) -> None:
    rng = random.Random(3)
    rows = []
    for task in range(30):
        for worker in "abcd":
            left, top = rng.randrange(9), rng.randrange(9)
            mark = {"kind": "box", "points": [[left, top], [left + 20, top + 30]]}
            rows.append((f"{task}", worker, json.dumps([mark]), f"{task % 3}"))
    table = write(tmp_path / "a.csv", rows)
    shuffled = write(tmp_path / "b.csv", rng.sample(rows, len(rows)))
    names = ("task", "worker", "label", "age")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    parquet.write_table(arrow.table(columns), tmp_path / "c.parquet")
    written = []
    for path in (table, shuffled, tmp_path / "c.parquet"):
        out = tmp_path / f"out-{path.stem}"
        assert run(path, "--subgroup", "age", "--out", out).exit_code == 0
        report = json.loads((out / "report.json").read_text()) | {"table": ""}
        written.append([report, *((out / name).read_bytes() for name in FILES[:2])])
    assert all(one == written[0] for one in written)


def test_a_full_report_weighs_by_trust_and_an_empty_cell_is_nothing_drawn(tmp_path: Path) -> None:
    rows = [
        ("1", "a", "1", "false", json.dumps(APPENS)),
        ("1", "b", "0.5", "false", ""),
        ("1", "c", "0.9", "true", ""),
    ]
    table = write(tmp_path / "full.csv", rows, "_unit_id,_worker_id,_trust,_tainted,where")
    result = run(table, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    (row,) = read(tmp_path / "consensus.csv")
    assert (row["probability"], row["judgments"]) == ("0.666667", "2")
    assert "1 rows left out: tainted" in result.output


def test_marks_that_can_not_be_used_are_left_out_and_counted(tmp_path: Path) -> None:
    marks = [
        '{"kind": "box", "points": [[NaN, 1], [2, 3]]}',
        '{"kind": "box", "points": [[5, 5], [5, 9]]}',
        '{"kind": "box", "points": [[-9, -9], [-1, -1]]}',
        '{"kind": "polygon", "points": [[1, 1], [2, 2]]}',
        '{"type": "ellipse", "coordinates": {"x": 1, "y": 2}}',
        '{"kind": "polygon", "points": [[0, 0], [20, 20], [20, 0], [0, 20]]}',
    ]
    table = write(tmp_path / "t.csv", [("1", "a", f"[{','.join(marks)}]", "")])
    result = run(table, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["marks_left_out"] == {
        "a coordinate is no number": 1,
        "no box, dot, polygon or line": 1,
        "outside the image": 1,
        "too few or too many points": 1,
        "without any size": 1,
    }
    (kept,) = json.loads(read(tmp_path / "consensus.csv")[0]["label"])
    assert kept["type"] == "polygon"


@pytest.mark.parametrize(
    ("label", "options", "says"),
    [
        ("not a list", (), "“not a list” is no list of marks"),
        ("[{broken", (), "is no list of marks"),
        ("[]", ("--method", "glad"), "glad is for labels; these are marks"),
        ("[]", ("--subgroup", "shoe size"), "column shoe size: There is no such column"),
    ],
)
def test_what_can_not_be_read_is_refused(
    label: str, options: Row, says: str, rows: list[Row], tmp_path: Path
) -> None:
    table = write(tmp_path / "t.csv", [*rows, ("3", "lena", label, "0-1")])
    result = run(table, *options, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert says in result.output.replace("\n", " ")
    assert not (tmp_path / "out").exists()


def test_methods_for_marks_are_refused_where_labels_are_none(tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", [("1", "a", "healthy", "")])
    result = run(table, "--method", "median", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "median is for marks" in result.output


def test_dots_are_one_within_the_radius_that_is_given(tmp_path: Path) -> None:
    dots = [[{"kind": "dot", "points": [[x, 50]]}] for x in (50, 58)]
    table = write(
        tmp_path / "t.csv",
        [("1", who, json.dumps(one), "") for who, one in zip("ab", dots, strict=True)],
    )
    for radius, found in ((5, 2), (8, 1)):
        assert run(table, "--radius", radius, "--out", tmp_path).exit_code == 0
        assert len(json.loads(read(tmp_path / "consensus.csv")[0]["label"])) == found


def test_labels_are_told_apart_by_columns_of_the_table(tmp_path: Path) -> None:
    rows = []
    for task in range(12):
        answers = ("yes", "yes", "yes") if task % 2 else ("yes", "no", "no")
        machine = "old" if task == 3 else "new"
        for worker, answer in zip("abc", answers, strict=True):
            site = worker if task == 0 else "here"
            rows.append((f"{task}", worker, answer, ("0-1", "2-5")[task % 2], site, machine))
    header = "task,worker,label,age,site,machine"
    table = write(tmp_path / "t.csv", rows, header)
    gold = write(tmp_path / "gold.csv", [("1", "yes"), ("2", "yes")], "task,gold")
    columns = dict(zip(header.split(","), zip(*rows, strict=True), strict=True))
    parquet.write_table(arrow.table(columns), tmp_path / "t.parquet")
    asked = ("--subgroup", "age", "--subgroup", "site", "--gold", gold, "--method", "majority")
    found = []
    for path in (table, tmp_path / "t.parquet"):
        result = run(path, *asked, "--out", tmp_path / "out")
        assert result.exit_code == 0, result.output
        found.append(json.loads((tmp_path / "out" / "report.json").read_text())["subgroups"])
    assert found[0] == found[1]
    young, old = found[0]["age"]["0-1"], found[0]["age"]["2-5"]
    assert (young["tasks"], young["judgments"]) == (6, 18)
    assert old["agreement"]["percent agreement"]["estimate"] == 1
    assert young["agreement"]["percent agreement"]["estimate"] == pytest.approx(1 / 3)
    assert young["answers"]["estimate"] == pytest.approx(1 / 3, abs=1e-5)
    assert [one["estimate"] for one in old["prevalence"]] == [0, 1]
    assert young["prevalence"][0]["low"] < young["prevalence"][0]["estimate"]
    assert young["expected"]["estimate"] < old["expected"]["estimate"]
    assert {cell: one["tasks"] for cell, one in found[0]["site"].items()} == {
        "(several)": 1,
        "here": 11,
    }
    assert "By site" in (tmp_path / "out" / "report.html").read_text()


def test_the_page_speaks_the_readers_language(rows: list[Row], tmp_path: Path) -> None:
    table = read_judgments(write(tmp_path / "t.csv", rows), subgroups=["age"])

    def say(message: Message) -> str:
        return f"¡{message}!"

    aggregate_marks("t.csv", marks_table("t.csv", table), Fusing.FUSION, tmp_path / "out", say)
    page = (tmp_path / "out" / "report.html").read_text()
    text = re.sub(r"(?s)<style>.*?</style>|<[^>]+>", "\n", page)
    said = [line for line in text.splitlines() if re.search("[a-z]{4}", line)]
    names = {"lena", "rafael", "stranger", "opacity"}
    assert [line for line in said if "¡" not in line and line not in names] == []
