"""overread intake: sources in, a report of what was held, and nothing half done."""

import csv
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from overread.cli.commands import app
from overread.core.states import JobState
from overread.flows.design import create_job
from overread.flows.intake import matching, taking_in
from overread.store.models import Blob, Image, Intake, Job, Patient, TestQuestion, Unit
from tests.conftest import NOON, picture, write_images, write_table

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])
Run = Callable[..., Result]


@pytest.fixture
def draft(team: Any) -> Job:
    return create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)


@pytest.fixture
def intake(draft: Job) -> Run:
    """Takes sources into the draft."""
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, ["intake", str(draft.pk), *map(str, arguments)])


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return write_images(tmp_path / "images", 4)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Four rows of which the second has a bad label, and the third a cell too many."""
    path = tmp_path / "rows.csv"
    path.write_text("image,label\nscan-0.png,0\nscan-1.png,maybe\nscan-2.png,1,x\nscan-3.png,\n")
    return path


def rows_of(report: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report.read_text(encoding="utf-8"))))


def stored() -> tuple[int, ...]:
    kinds = (Unit, Image, Blob, Intake, Patient, TestQuestion)
    return tuple(kind.objects.count() for kind in kinds)


def test_good_rows_come_in_and_the_report_has_the_others(
    intake: Run, draft: Job, table: Path, images: Path, tmp_path: Path
) -> None:
    done = intake(table, images, "--report", tmp_path / "report.csv")
    assert done.exit_code == 3, done.stderr
    units = draft.units.order_by("number").values_list("number", "state")
    assert list(units) == [(1, "new"), (2, "held"), (4, "new")]
    assert [list(row.values())[:3] for row in rows_of(tmp_path / "report.csv")] == [
        ["rows.csv", "2", "label"],
        ["rows.csv", "3", "label"],
    ]
    assert list(rows_of(tmp_path / "report.csv")[0]) == [
        "source", "row", "column", "problem", "advice",
    ]  # fmt: skip
    assert "3 rows, 2 images, 1 labelled (1 healthy), 1 held" in done.stderr
    assert "1 row or file left out" in done.stderr


def test_for_one_problem_all_is_refused_where_olga_says_so(
    intake: Run, table: Path, images: Path, tmp_path: Path
) -> None:
    before = stored()
    report = tmp_path / "report.csv"
    refused = intake(table, images, "--on-error", "refuse", "--report", report)
    assert refused.exit_code == 2
    assert "2 rows or files have a problem, so nothing was taken in." in refused.stderr
    assert [row["row"] for row in rows_of(report)] == ["2", "3"]
    assert (*stored()[:3], *stored()[4:]) == (*before[:3], *before[4:])


def test_without_a_problem_all_or_nothing_takes_all(
    intake: Run, draft: Job, images: Path, tmp_path: Path
) -> None:
    table = write_table(tmp_path / "good.csv", 4, 2)
    done = intake(table, images, "--on-error", "refuse", "--report", tmp_path / "report.csv")
    assert done.exit_code == 0, done.stderr
    assert draft.units.filter(state="new").count() == 4
    assert rows_of(tmp_path / "report.csv") == []


def test_what_if_stores_nothing_and_says_what_would_be_done(
    intake: Run, draft: Job, table: Path, images: Path, home: Path
) -> None:
    before, files = stored(), sorted(home.rglob("*"))
    would = intake(table, images, "--what-if")
    assert would.exit_code == 3
    for line in (
        "Column “image” names the image.",
        "Column “label” gives the label.",
        "“0” means healthy: 1 row.",
        "“maybe” is not a known label: 1 row.",
        "2 images",
    ):
        assert line in would.stdout
    assert "“maybe” is not a known label" in would.stderr
    assert stored() == before
    assert [path for path in sorted(home.rglob("*")) if path not in files and path.is_file()] == []
    assert not draft.units.exists()


def test_what_if_finds_the_same_as_the_intake(intake: Run, table: Path, images: Path) -> None:
    would, done = (
        json.loads(intake(table, images, "--json", *more).stdout) for more in (["--what-if"], [])
    )
    assert (would.pop("stored"), done.pop("stored")) == (False, True)
    examples = {name: would.pop(name) for name in would.keys() - done.keys()}
    assert would == done
    assert [row["answer"] for row in examples["first_rows"]] == ["healthy", None, None]
    assert (examples["does"], examples["missing"]) == ("replace", 0)
    assert done["labelled"] == {"healthy": 1}
    assert {role: name for role, name in done["columns"].items() if name} == {
        "image": "image",
        "label": "label",
    }
    assert examples["label_meanings"] == [
        {"cell": "0", "rows": 1, "answer": "healthy"},
        {"cell": "maybe", "rows": 1, "answer": None},
    ]
    assert [one["row"] for one in done["problems"]] == [2, 3]


def test_a_refusal_is_told_in_json_and_on_stderr(intake: Run, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.touch()
    refused = intake(path, "--json", "--report", tmp_path / "report.csv")
    assert refused.exit_code == 2
    assert json.loads(refused.stdout)["refused"].startswith("empty.csv: The file is empty.")
    assert "The file is empty." in refused.stderr
    assert [row["source"] for row in rows_of(tmp_path / "report.csv")] == ["empty.csv"]


def test_a_source_that_is_not_there_and_a_job_that_is_none_are_refused(
    intake: Run, images: Path, draft: Job
) -> None:
    missing = intake(images, images / "none.csv")
    assert (missing.exit_code, "none.csv: It is not there." in missing.stderr) == (2, True)
    other = CliRunner().invoke(app, ["intake", "999999", str(images)])
    assert (other.exit_code, f"there are: {draft.pk}" in other.stderr) == (2, True)


def test_a_canceled_job_takes_nothing_in(intake: Run, draft: Job, images: Path) -> None:
    Job.objects.filter(pk=draft.pk).update(state=JobState.CANCELED)
    for more in ([], ["--what-if"]):
        refused = intake(images, *more)
        assert (refused.exit_code, "was canceled" in refused.stderr) == (2, True)


@pytest.fixture
def stopped(intake: Run, draft: Job, images: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    """Olga presses Ctrl+C at the third picture."""
    keep, calls = taking_in.keep_pictures, iter(range(3))

    def keeping(*arguments: Any) -> Any:
        if next(calls, None) == 2:
            raise KeyboardInterrupt
        return keep(*arguments)

    table = write_table(images.parent / "rows.csv", 5, 2)
    with monkeypatch.context() as patch:
        patch.setattr(matching, "TOGETHER", 1)
        patch.setattr(taking_in, "keep_pictures", keeping)
        return intake(table, images)


def test_after_ctrl_c_it_goes_on_where_it_was(
    stopped: Result, intake: Run, draft: Job, tmp_path: Path
) -> None:
    assert stopped.exit_code == 2
    assert f"overread intake {draft.pk} --go-on" in " ".join(stopped.stderr.split())
    assert not draft.units.exists()
    refused = intake(tmp_path / "rows.csv")
    assert (refused.exit_code, "was stopped" in refused.stderr) == (2, True)
    report = tmp_path / "report.csv"
    done = intake("--go-on", "--report", report)
    assert (done.exit_code, "5 rows, 4 images" in done.stderr) == (3, True), done.stderr
    assert [row["row"] for row in rows_of(report)] == ["5"]
    assert draft.units.count() == 5
    again = intake("--go-on")
    assert (again.exit_code, "no upload of this job waits" in again.stderr) == (2, True)


def test_after_ctrl_c_it_can_be_undone(stopped: Result, intake: Run, draft: Job) -> None:
    assert stopped.exit_code == 2
    assert intake("--undo").exit_code == 0
    assert stored() == (0, 0, 0, 0, 0, 0)


def test_either_sources_or_going_on_or_undoing(intake: Run, images: Path) -> None:
    for arguments in ([], [images, "--go-on"], ["--go-on", "--undo"]):
        refused = intake(*arguments)
        assert (refused.exit_code, "Give sources, or --go-on" in refused.stderr) == (2, True)


def labels(job: Job) -> dict[str, str]:
    units = job.units.order_by("number")
    return {unit.data["image"].split("/")[-1]: unit.given.get("finding", "") for unit in units}


@pytest.mark.parametrize("kind", ["folder", "zip", "tar.gz", "two folders"])
def test_folders_are_labels_where_olga_says_so(
    intake: Run, draft: Job, tmp_path: Path, kind: str
) -> None:
    root = tmp_path / "chest_xray"
    names = ("train/NORMAL/a.png", "train/PNEUMONIA/b.png", "test/NORMAL/deep/c.png")
    for number, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(picture(number))
    sources = {
        "folder": [root],
        "zip": [tmp_path / "x.zip"],
        "tar.gz": [tmp_path / "x.tar.gz"],
        "two folders": [root / "train", root / "test/NORMAL"],
    }[kind]
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in names:
            archive.write(root / name, name)
    with tarfile.open(tmp_path / "x.tar.gz", "w:gz") as packed:
        packed.add(root, "chest_xray")
    done = intake(*sources, "--labels-from-folders")
    assert done.exit_code == 0, done.stderr
    assert labels(draft) == {"a.png": "healthy", "b.png": "pneumonia", "c.png": "healthy"}
    draft.refresh_from_db()
    assert draft.label_column == "label"


def test_without_her_word_folders_are_no_labels(intake: Run, draft: Job, tmp_path: Path) -> None:
    write_images(tmp_path / "NORMAL", 1)
    assert intake(tmp_path / "NORMAL").exit_code == 0
    assert labels(draft) == {"scan-0.png": ""}


def test_a_folder_that_is_no_answer_holds_its_images(
    intake: Run, draft: Job, tmp_path: Path
) -> None:
    write_images(tmp_path / "all/NORMAL", 1)
    write_images(tmp_path / "all/unsorted", 1, seed=1)
    done = intake(tmp_path / "all", "--labels-from-folders")
    assert done.exit_code == 3
    assert "“unsorted” is not a known label." in done.stderr
    assert draft.units.filter(state="held").count() == 1


def test_folders_of_which_none_is_an_answer_are_refused(
    intake: Run, draft: Job, images: Path
) -> None:
    refused = intake(images, "--labels-from-folders")
    assert (refused.exit_code, "No folder is called like an answer" in refused.stderr) == (2, True)
    assert not draft.units.exists()


def test_a_table_and_labels_from_folders_exclude_each_other(
    intake: Run, images: Path, table: Path
) -> None:
    refused = intake(table, images, "--labels-from-folders")
    assert (refused.exit_code, "where a table lists the rows" in refused.stderr) == (2, True)


def test_a_table_inside_the_folder_lists_the_rows(intake: Run, draft: Job, images: Path) -> None:
    write_table(images / "rows.csv", 3, 2)
    done = intake(images)
    assert done.exit_code == 0, done.stderr
    assert labels(draft) == {"scan-0.png": "healthy", "scan-1.png": "pneumonia", "scan-2.png": ""}


def test_a_table_in_an_archive_is_unpacked_beside_the_uploads(
    intake: Run, draft: Job, images: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's temporary folder may be small, and others may look into it."""
    write_table(images / "rows.csv", 3, 2)
    with zipfile.ZipFile(images.parent / "all.zip", "w") as archive:
        for path in images.iterdir():
            archive.write(path, path.name)
    monkeypatch.setattr("tempfile.tempdir", str(images / "nowhere"))
    done = intake(images.parent / "all.zip")
    assert done.exit_code == 0, done.stderr
    assert draft.units.count() == 3
    assert list((home / "uploads").iterdir()) == []


def test_of_two_tables_inside_olga_has_to_name_one(intake: Run, images: Path) -> None:
    for name in ("rows.csv", "truth.csv"):
        write_table(images / name, 3, 2)
    refused = intake(images)
    assert refused.exit_code == 2
    assert "images: There are several tables: images/rows.csv, images/truth.csv." in refused.stderr
    assert intake(images / "rows.csv", images).exit_code == 0


def test_two_tables_are_one_after_the_other(
    intake: Run, draft: Job, images: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("image,label\nscan-0.png,0\nscan-1.png,1\n")
    second.write_text("label;image\n;scan-2.png\nmaybe;scan-3.png\n")
    done = intake(first, second, images)
    assert "b.csv, row 2, column label: “maybe” is not a known label." in done.stderr
    assert list(draft.units.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]
    other = tmp_path / "c.csv"
    other.write_text("image,age\nscan-0.png,4\n")
    refused = intake(first, other, images)
    assert (refused.exit_code, "c.csv: Its columns are not those of a.csv." in refused.stderr) == (
        2,
        True,
    )


def test_images_fill_rows_that_wait_then_become_rows_and_never_come_twice(
    intake: Run, draft: Job, images: Path, tmp_path: Path
) -> None:
    table = write_table(tmp_path / "rows.csv", 6, 0)
    assert intake(table, images).exit_code == 3
    more = write_images(tmp_path / "more", 6)
    assert intake(more).exit_code == 0
    assert draft.units.filter(state="new").count() == 6
    (more / "scan-0.png").rename(more / "again.png")
    (more / "new.png").write_bytes(picture(99))
    added = intake(more)
    assert added.exit_code == 3
    assert "This is the same picture as in row 1." in added.stderr
    assert [unit.data for unit in draft.units.filter(number__gt=6)] == [{"image": "more/new.png"}]


def test_images_that_no_row_names_are_told_while_rows_wait(
    intake: Run, draft: Job, images: Path, tmp_path: Path
) -> None:
    table = write_table(tmp_path / "rows.csv", 6, 0)
    assert intake(table, images).exit_code == 3
    more = write_images(tmp_path / "more", 6)
    (more / "new.png").write_bytes(picture(99))
    done = intake(more, "--report", tmp_path / "report.csv")
    assert done.exit_code == 3
    [told] = rows_of(tmp_path / "report.csv")
    assert (told["source"], told["row"]) == ("more/new.png", "")
    assert "No row names this image" in told["problem"]
    assert draft.units.filter(state="new").count() == 6 == draft.units.count()


def test_a_column_that_reports_have_themselves_is_told(
    intake: Run, draft: Job, images: Path, tmp_path: Path
) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("_unit_id,image\n7,scan-0.png\n")
    done = intake(table, images, "--report", tmp_path / "report.csv")
    assert done.exit_code == 0, done.stderr
    [note] = rows_of(tmp_path / "report.csv")
    assert (note["column"], note["row"]) == ("_unit_id", "")
    assert "orig__unit_id" in note["advice"]


def test_an_address_that_is_none_holds_its_row(intake: Run, images: Path, tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("image\nscan-0.png\nhttp://[broken/b.png\n")
    assert intake(table, images).exit_code == 3


def test_many_problems_are_all_in_the_report_and_few_on_the_screen(
    intake: Run, images: Path, tmp_path: Path
) -> None:
    table = write_table(tmp_path / "rows.csv", 60, 0)
    done = intake(table, images, "--report", tmp_path / "report.csv")
    assert len(rows_of(tmp_path / "report.csv")) == 56
    assert "36 more problems" in done.stderr
