"""overread aggregate: files in, files out, and what it says of bad input."""

import csv
import gzip
import json
import re
from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
from typer.testing import CliRunner, Result

from overread.cli.commands import app
from overread.core.problems import Message
from overread.flows.aggregating_tables import aggregate_table
from overread.formats.judgment_files import read_judgments
from tests.core.aggregation.crowds import simulate
from tests.shared_data import shared_data

FILES = ("consensus.csv", "contributors.csv", "report.json", "report.html")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["aggregate", *map(str, arguments)])


@pytest.fixture
def rows() -> list[tuple[str, str, str]]:
    crowd = simulate(tasks=60, workers=12, per_task=5)
    names = ("healthy", "pneumonia")
    return [
        (f"unit {task}", f"w{worker}", names[label])
        for task, worker, label in zip(crowd.task, crowd.worker, crowd.label, strict=True)
    ]


def write(path: Path, rows: list[tuple[str, ...]], header: str = "task,worker,label") -> Path:
    lines = [header, *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "method", ["auto", "majority", "appen", "one-coin", "dawid-skene", "glad", "ordinal"]
)
def test_every_method_writes_four_files(method: str, rows: list, tmp_path: Path) -> None:
    table = write(tmp_path / "labels.csv", rows)
    result = run(table, "--method", method, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(FILES)
    labels = read(tmp_path / "out" / "consensus.csv")
    assert list(labels[0])[:5] == ["task", "label", "probability", "judgments", "method"]
    assert list(labels[0])[5:] == ["p_healthy", "p_pneumonia"]
    assert len(labels) == 60
    for row in labels:
        assert float(row["probability"]) == pytest.approx(float(row[f"p_{row['label']}"]))
    assert len(read(tmp_path / "out" / "contributors.csv")) == 12
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["sizes"] == {
        "judgments": 300,
        "tasks": 60,
        "contributors": 12,
        "labels": 2,
        "known": 0,
    }


def test_csv_gzip_parquet_and_any_order_of_rows_give_the_same_bytes(
    rows: list, tmp_path: Path
) -> None:
    plain = write(tmp_path / "labels.csv", rows)
    zipped = tmp_path / "labels.csv.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    shuffled = write(tmp_path / "shuffled.csv", rows[::-1])
    columns = dict(zip(("task", "worker", "label"), zip(*rows, strict=True), strict=True))
    parquet.write_table(arrow.table(columns), tmp_path / "labels.parquet")
    written = []
    for table in (plain, zipped, shuffled, tmp_path / "labels.parquet"):
        out = tmp_path / f"out-{table.name}"
        assert run(table, "--out", out).exit_code == 0
        written.append([(out / name).read_bytes() for name in FILES[:2]])
    assert all(one == written[0] for one in written)


def test_parquet_with_whole_numbers_and_gaps_is_read_in_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("overread.formats.judgment_parquet.BATCH", 7)
    task = arrow.array([5, 5, 10**12, 10**12, 7, None], arrow.int64())
    worker = arrow.array(["b", "a", "b", "a", "a", "b"]).dictionary_encode()
    label = arrow.array([1.0, 1.0, 0.0, 0.0, float("nan"), 1.0])
    table = arrow.table({"task": task, "worker": worker, "label": label})
    parquet.write_table(table, tmp_path / "t.parquet", row_group_size=4)
    result = run(tmp_path / "t.parquet", "--method", "majority", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    rows = read(tmp_path / "out" / "consensus.csv")
    found = [(row["task"], row["label"], row["judgments"]) for row in rows]
    assert found == [("5", "1", "2"), ("7", "", "0"), ("1000000000000", "0", "2")]
    left = json.loads((tmp_path / "out" / "report.json").read_text())["left_out"]
    assert left == {"without task or worker": 1, "without label": 1}


def test_known_labels_stand_and_tell_who_is_right(rows: list, tmp_path: Path) -> None:
    table = write(tmp_path / "labels.csv", rows)
    gold = write(tmp_path / "gold.csv", [("unit 3", "normal"), ("unit 99", "healthy")], "task,gold")
    assert run(table, "--gold", gold, "--out", tmp_path / "out").exit_code == 0
    found = {row["task"]: row for row in read(tmp_path / "out" / "consensus.csv")}
    assert (found["unit 3"]["label"], found["unit 3"]["probability"]) == ("normal", "1")
    assert "unit 99" not in found
    known = [row for row in read(tmp_path / "out" / "contributors.csv") if row["known"] != "0"]
    assert len(known) == 5
    assert {row["right"] for row in known} == {"0"}


def test_who_judged_tasks_twice_is_held_against_themselves(rows: list, tmp_path: Path) -> None:
    """In any order of rows; nobody else has such figures, and all of it counts as it did."""
    other = {"healthy": "pneumonia", "pneumonia": "healthy"}
    own = [row for row in rows if row[1] == "w3"][:6]
    again = [(task, who, other[said] if task == own[0][0] else said) for task, who, said in own]
    written = []
    for name, given in {"t.csv": [*rows, *again], "shuffled.csv": [*again, *rows]}.items():
        out = tmp_path / f"out-{name}"
        table = write(tmp_path / name, given)
        assert run(table, "--method", "majority", "--out", out).exit_code == 0
        written.append((out / "contributors.csv").read_bytes())
    assert written[0] == written[1]
    by_worker = {row["worker"]: row for row in read(out / "contributors.csv")}
    assert (by_worker["w3"]["repeats"], by_worker["w3"]["self_agreement"]) == ("6", "0.833333")
    assert float(by_worker["w3"]["self_alpha_low"]) < float(by_worker["w3"]["self_alpha"]) < 1
    assert (by_worker["w2"]["repeats"], by_worker["w2"]["self_agreement"]) == ("0", "")
    report = json.loads((out / "report.json").read_text())
    assert report["agreement_within"]["repeats"] == 6
    assert report["sizes"]["judgments"] == 306
    assert "Agreement of contributors with themselves" in (out / "report.html").read_text()


def test_second_readings_of_our_own_report_count_for_no_label(tmp_path: Path) -> None:
    """Nor make a class of labels; they are held against the first."""
    rows = [
        ("u1", "lena", "1", "false", "first", "healthy"),
        ("u1", "lena", "1", "false", "again", "unsure"),
        ("u1", "rafael", "1", "false", "first", "healthy"),
        ("u2", "lena", "1", "false", "first", "pneumonia"),
        ("u2", "lena", "1", "false", "again", "pneumonia"),
    ]
    header = "_unit_id,_worker_id,_trust,_tainted,_reading,finding"
    table = write(tmp_path / "full.csv", rows, header)
    result = run(table, "--method", "appen", "--label", "finding", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    labels = read(tmp_path / "out" / "consensus.csv")
    assert [(row["label"], row["judgments"]) for row in labels] == [
        ("healthy", "2"),
        ("pneumonia", "1"),
    ]
    assert "p_unsure" not in labels[0]
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["left_out"] == {"read again by the same worker": 2}
    assert report["agreement_within"]["repeats"] == 2
    assert report["agreement_within"]["percent"]["estimate"] == 0.5


def test_columns_can_be_named(rows: list, tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", rows, "scan,who,says")
    named = ("--task", "scan", "--worker", "who", "--label", "says")
    assert run(table, *named, "--out", tmp_path / "out").exit_code == 0


@pytest.mark.parametrize("name", ["person-video-binary-choice", "relex-multiple-choice"])
def test_an_appen_full_report_is_recognised_by_itself(name: str, tmp_path: Path) -> None:
    report = shared_data("appen_reports", f"{name}.csv")
    result = run(report, "--method", "appen", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert all(row["label"] for row in read(tmp_path / "consensus.csv"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "The file is empty"),
        ("task,worker,label\n", "No row has a task"),
        ("task,label\na,b\n", "No column is called worker"),
        ("task,worker,label\na,b\n", "row 1"),
        ('task,worker,label\n"a,b,c\n', "can't be read"),
        (f"task,worker,label\na,b,{'x' * 10_000_000}\n", "cell of megabytes"),
        (f"task,worker,label\na,b,{'x' * 40_000}\n", "longer than 32767"),
        ("task,worker,label\nnan,b,c\na,,c\na,b,NaN\n", "No row has a task"),
    ],
    ids=["empty", "header", "missing", "short", "quote", "huge", "long", "nothing"],
)
def test_bad_input_is_refused_with_what_to_do(content: str, says: str, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(content)
    result = run(table, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert says in result.output.replace("\n", " ")
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    for name, data in (
        ("a.csv", b"\xff\x00\xfe"),
        ("a.parquet", b"PAR"),
        ("a.csv.gz", b"\x1f\x8bxx"),
    ):
        (tmp_path / name).write_bytes(data)
        assert run(tmp_path / name, "--out", tmp_path / "out").exit_code == 2
    assert run(tmp_path / "none.csv", "--out", tmp_path / "out").exit_code == 2


def test_stated_rules_for_odd_rows(tmp_path: Path) -> None:
    """One class; a task that nobody labelled; somebody who judged twice; names with commas."""
    rows = [("1", "a", "yes"), ("1", "a", "yes"), ("2", "b", "yes"), ("10", "b", "")]
    table = write(tmp_path / "t.csv", [*rows, ('"3, b"', "c", "yes")])
    result = run(table, "--method", "majority", "--out", tmp_path)
    assert "1 rows left out: without label" in result.output
    found = [
        (row["task"], row["label"], row["judgments"]) for row in read(tmp_path / "consensus.csv")
    ]
    assert found == [("1", "yes", "2"), ("10", "", "0"), ("2", "yes", "1"), ("3, b", "yes", "1")]


def test_the_page_escapes_what_the_table_holds(tmp_path: Path) -> None:
    rows = [("<script>1</script>", f"<b>{w}", "<i>x") for w in "abc"]
    assert run(write(tmp_path / "t.csv", rows), "--out", tmp_path).exit_code == 0
    page = (tmp_path / "report.html").read_text()
    assert "<script>" not in page
    assert "<b>a" not in page


def test_whole_numbers_above_what_a_float_holds_stay_apart(tmp_path: Path) -> None:
    tasks = [2**53, 2**53 + 1, 2**53 + 2]
    table = arrow.table({"task": tasks, "worker": [1, 1, 1], "label": [1, 0, 1]})
    parquet.write_table(table, tmp_path / "labels.parquet")
    result = run(tmp_path / "labels.parquet", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    found = {row["task"] for row in read(tmp_path / "out" / "consensus.csv")}
    assert found == {str(task) for task in tasks}


APPEN = "_unit_id,_worker_id,_trust,_tainted,finding,finding_gold"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("1,a,good,false,healthy,", "row 1, column _trust: “good” is no trust"),
        ("1,a,inf,false,healthy,", "row 1, column _trust: “inf” is no trust"),
        ("1,a,-1,false,healthy,", "row 1, column _trust: “-1” is no trust"),
        ("1,a,1,false,healthy,\n2,b", "row 2: The row has 2 cells"),
        ("1,a,1,false,healthy,x\n1,b,1,false,healthy,y", "row 2, column finding_gold: Another row"),
    ],
)
def test_an_appen_report_with_odd_cells_is_refused(rows: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "full.csv").write_text(f"{APPEN}\n{rows}\n")
    result = run(tmp_path / "full.csv", "--label", "finding", "--out", tmp_path / "out")
    assert (result.exit_code, result.exception.__class__) == (2, SystemExit)
    assert says in result.output.replace("\n", " ")


def write_parquet(path: Path, task: object, worker: object, label: object) -> Path:
    parquet.write_table(arrow.table({"task": task, "worker": worker, "label": label}), path)
    return path


def test_odd_columns_of_parquet_follow_the_rules_of_csv(tmp_path: Path) -> None:
    table = write_parquet(
        tmp_path / "odd.parquet",
        arrow.array([2**63 + 1, 2**63 + 1, 7], arrow.uint64()),
        arrow.array([" a", "a ", "b"]),
        arrow.array(["x ", "x", "y"]),
    )
    (tmp_path / "gold.csv").write_text("task,gold\n7,y\n999,never said\n")
    result = run(table, "--gold", tmp_path / "gold.csv", "--method", "majority", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    found = read(tmp_path / "consensus.csv")
    assert [row["task"] for row in found] == ["7", str(2**63 + 1)]
    assert list(found[0])[5:] == ["p_x", "p_y"]
    assert [row["worker"] for row in read(tmp_path / "contributors.csv")] == ["a", "b"]


@pytest.mark.parametrize(
    ("task", "label", "says"),
    [
        (arrow.array([None, None], arrow.int64()), ["x", "y"], "No row has a task"),
        (arrow.array([1, 2]), ["x" * 40_000, "y"], "longer than 32767 characters"),
    ],
)
def test_parquet_that_can_not_be_read_is_refused(
    task: object, label: object, says: str, tmp_path: Path
) -> None:
    table = write_parquet(tmp_path / "bad.parquet", task, ["a", "b"], label)
    result = run(table, "--out", tmp_path / "out")
    assert (result.exit_code, says in result.output.replace("\n", " ")) == (2, True)


def test_the_page_speaks_the_readers_language(rows: list, tmp_path: Path) -> None:
    """Every sentence of the page can be translated; numbers and names stay."""
    table = read_judgments(write(tmp_path / "t.csv", rows))
    spoken: list[str] = []

    def say(message: Message) -> str:
        spoken.append(message.template)
        return f"¡{message}!"

    aggregate_table("t.csv", table, "auto", tmp_path / "out", say=say)
    page = (tmp_path / "out" / "report.html").read_text()
    text = re.sub(r"(?s)<style>.*?</style>|<[^>]+>", "\n", page)
    said = [line for line in text.splitlines() if re.search("[a-z]{4}", line)]
    names = {name for row in rows for name in row}
    assert [line for line in said if "¡" not in line and line not in names] == []
    assert "Method: {method}." in spoken
