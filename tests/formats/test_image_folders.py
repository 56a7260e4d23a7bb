import csv
import errno
from pathlib import Path

import pytest

from overread.formats.image_folders import COLUMNS, FolderError, Item, write_image_folders
from tests.formats.golden_files import assert_golden


def item(unit: int, split: str | None, label: str | None, **fields: str) -> Item:
    return Item(unit, split, label, lambda: b"png %d" % unit, fields)


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def metadata(folder: Path) -> list[dict[str, str]]:
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_images_lie_by_split_and_answer_and_the_rest_is_unresolved(tmp_path):
    units = [
        item(1, "train", "healthy"),
        item(123, "validation", "pneumonia"),
        item(1234567, "test", "pneumonia"),
        item(4, None, "unsure"),
        item(5, "train", None),
    ]
    assert write_image_folders(tmp_path / "set", iter(units)) == 5
    assert files(tmp_path / "set") == [
        "metadata.csv",
        "test/pneumonia/unit-1234567.png",
        "train/healthy/unit-000001.png",
        "unresolved/unit-000004.png",
        "unresolved/unit-000005.png",
        "validation/pneumonia/unit-000123.png",
    ]
    assert (tmp_path / "set/train/healthy/unit-000001.png").read_bytes() == b"png 1"


def test_every_unit_has_its_line_with_or_without_an_image(tmp_path):
    held = Item(2, None, None, None, {"state": "held", "reason": "Zoë's image is broken, again"})
    first = item(
        1, "train", "healthy", patient="p1", synthetic="yes", age="4", label_source="given"
    )
    write_image_folders(tmp_path / "set", [first, held])
    assert_golden("metadata.csv", (tmp_path / "set/metadata.csv").read_bytes())
    rows = metadata(tmp_path / "set")
    assert list(rows[0])[: len(COLUMNS)] == list(COLUMNS)
    assert rows[1]["file_name"] == ""


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ("not sure", "not-sure"),
        ("../../etc", "etc"),
        ("a/b\\c:d", "a-b-c-d"),
        ("..", "answer"),
        ("", "answer"),
        ("con", "con-"),
        ("Lungenentzündung", "Lungenentzündung"),
        ("x" * 300, "x" * 80),
        ("nul.txt", "nul.txt-"),
    ],
)
def test_an_answer_becomes_a_folder_name_that_every_system_takes(tmp_path, answer, name):
    write_image_folders(tmp_path / "set", [item(1, "train", answer)])
    assert files(tmp_path / "set") == ["metadata.csv", f"train/{name}/unit-000001.png"]
    assert metadata(tmp_path / "set")[0]["label"] == answer


def test_two_answers_never_share_a_folder(tmp_path):
    answers = ["a b", "a/b", "A-B", "a b"]
    write_image_folders(tmp_path / "set", [item(n, "test", a) for n, a in enumerate(answers)])
    places = [Path(row["file_name"]).parent.name for row in metadata(tmp_path / "set")]
    assert places == ["a-b", "a-b-2", "A-B-3", "a-b"]


def test_an_empty_folder_is_filled_and_missing_parents_are_made(tmp_path):
    for target in tmp_path / "empty", tmp_path / "not/yet/there":
        if target.name == "empty":
            target.mkdir()
        assert write_image_folders(target, [item(1, "train", "healthy")]) == 1
        assert len(files(target)) == 2


def refusal(folder: Path) -> FolderError:
    with pytest.raises(FolderError) as refused:
        write_image_folders(folder, [item(1, "train", "healthy")])
    assert refused.value.problem.source == folder.name
    return refused.value.problem


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set/olga.txt").write_text("mine")
    problem = refusal(tmp_path / "set")
    assert problem.problem == "The folder is not empty."
    assert problem.advice == "Choose a folder that is empty or not yet there."
    assert files(tmp_path) == ["set/olga.txt"]


def test_a_file_or_a_link_in_the_place_is_refused(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert "a file or a link" in refusal(tmp_path / "file").problem
    assert "a file or a link" in refusal(tmp_path / "link").problem


def full_disk() -> bytes:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_nothing_half_written(tmp_path):
    units = [item(1, "train", "healthy"), Item(2, "train", "healthy", full_disk, {})]
    with pytest.raises(FolderError) as refused:
        write_image_folders(tmp_path / "set", units)
    assert "No space left on device" in refused.value.problem.problem
    assert "Make room" in refused.value.problem.advice
    assert list(tmp_path.iterdir()) == []


def test_whatever_else_goes_wrong_leaves_nothing_behind(tmp_path):
    with pytest.raises(ValueError, match="unit 1: tarin is no split"):
        write_image_folders(tmp_path / "set", [item(1, "tarin", "healthy")])
    assert list(tmp_path.iterdir()) == []
