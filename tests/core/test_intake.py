"""What columns mean, and which images are one patient's."""

import csv

import pytest

from overread.core.intake import (
    Columns,
    PatientRule,
    Recognition,
    assigned,
    file_name,
    normal_label,
    recognise,
    suggest_patient_rule,
)
from overread.core.problems import Refused
from tests.shared_data import shared_data

GIVEN = {"0": "healthy", "1": "pneumonia", "normal": "healthy"}


def test_the_missions_own_columns_are_recognised() -> None:
    rows = [{"hosted_image": "https://host/a/b.jpeg", "label": "0"}, {"hosted_image": "c.jpeg"}]
    found = recognise(("hosted_image", "label"), rows, GIVEN)
    assert found == Columns("hosted_image", "label", None)


def test_a_label_column_is_found_by_what_stands_in_it() -> None:
    rows = [{"file": "a.png", "result": "Normal", "subject_id": "7"}]
    assert recognise(("file", "result", "subject_id"), rows, GIVEN) == Columns(
        "file", "result", "subject_id"
    )


def test_labels_that_begin_late_are_found_and_enough_cells_decide() -> None:
    late = [{"file": "a.png", "result": "", "note": "x"}] * (Recognition.ENOUGH + 1)
    late += [{"file": "", "result": "Normal", "note": "normal"}] * (Recognition.ENOUGH * 2)
    found = recognise(("file", "note", "result"), late, GIVEN)
    assert found.label == "result"


def test_patient_study_age_sex_and_view_are_known_by_name() -> None:
    names = ("image", "Study", "age", "PatientSex", "view_position", "note")
    found = recognise(names, [dict.fromkeys(names, "") | {"image": "a.png"}], GIVEN)
    assert found.roles() == {
        "image": "image",
        "Study": "study",
        "age": "age",
        "PatientSex": "sex",
        "view_position": "view",
    }


def test_the_owner_says_what_a_column_is() -> None:
    found = assigned(("a", "b", "c"), {"b": "image", "a": "prior"})
    assert found == Columns("b", None, None, prior="a")


@pytest.mark.parametrize(
    ("roles", "says"),
    [
        ({"a": "image", "b": "image"}, "“a” and “b” have the same role"),
        ({"d": "image"}, "“d” can't be “image”"),
        ({"a": "colour"}, "“a” can't be “colour”"),
    ],
)
def test_a_role_that_makes_no_sense_is_refused(roles: dict[str, str], says: str) -> None:
    with pytest.raises(Refused, match=says):
        assigned(("a", "b", "c"), roles)


def test_a_table_without_images_has_no_image_column() -> None:
    assert recognise(("a", "b"), [{"a": "x", "b": "y"}], GIVEN).image is None


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["lateral", "prior", "frontal"], ("frontal", "lateral", "prior")),
        (
            ["Image URL", "Lateral image", "Previous exam"],
            ("Image URL", "Lateral image", "Previous exam"),
        ),
        (["image", "lat_file", "prior_finding"], ("image", "lat_file", None)),
        (["lateral"], ("lateral", None, None)),
        (["prior", "lateral"], ("lateral", None, "prior")),
    ],
)
def test_other_pictures_of_a_row_are_found_by_their_columns_names(
    names: list[str], found: tuple[str | None, ...]
) -> None:
    rows = [dict.fromkeys(names, f"{number}.png") for number in range(3)]
    columns = recognise(names, rows, GIVEN)
    assert (columns.image, columns.lateral, columns.prior) == found


def test_a_column_called_lateral_that_names_no_image_is_none() -> None:
    columns = recognise(["image", "lateral"], [{"image": "a.png", "lateral": "yes"}], GIVEN)
    assert columns == Columns("image", None, None)


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("https://host/topher/2019/im-0030.jpeg?x=1", "im-0030.jpeg"),
        ("folder\\scan 1.png", "scan 1.png"),
        ("https://host/a%20b.png", "a b.png"),
        ("scan.png", "scan.png"),
    ],
)
def test_a_reference_is_read_by_its_last_part(reference: str, name: str) -> None:
    assert file_name(reference) == name


@pytest.mark.parametrize(
    ("cell", "label"), [("0.0", "0"), (" Normal ", "normal"), ("1", "1"), ("0.5", "0.5")]
)
def test_a_label_is_compared_without_case_blanks_and_trailing_zero(cell: str, label: str) -> None:
    assert normal_label(cell) == label


def test_one_child_with_two_causes_of_the_same_number_is_two_children() -> None:
    rule = suggest_patient_rule(
        ["person3_virus_1.jpeg", "person3_virus_2.jpeg", "person3_bacteria_1.jpeg"]
    )
    assert rule is not None
    keys = [rule.key(f"person3_{cause}_9.jpeg") for cause in ("virus", "bacteria")]
    assert keys == ["person3-virus", "person3-bacteria"]


def test_one_rule_holds_for_all_names_of_the_childrens_x_rays() -> None:
    names = [
        "person123_virus_1.jpeg",
        "person123_virus_2.jpeg",
        "person123_bacteria_7.jpeg",
        "IM-0115-0001.jpeg",
        "IM-0115-0001-0002.jpeg",
        "NORMAL2-IM-0374-0001.jpeg",
    ]
    rule = suggest_patient_rule(names)
    assert rule is not None
    assert list(dict.fromkeys(map(rule.key, names))) == [
        "person123-virus",
        "person123-bacteria",
        "im-0115",
        "normal2-im-0374",
    ]


def test_names_that_put_nobody_together_suggest_no_rule() -> None:
    assert suggest_patient_rule(["scan-1.png", "scan-2.png", "im-0030.jpeg"]) is None


def test_a_name_outside_the_rule_has_no_key() -> None:
    assert PatientRule("any", r"(a\d+)-\d+$").key("b1-2.png") is None


def test_the_missions_file_names_give_the_true_patients() -> None:
    with shared_data("udacity", "derived_truth.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["have_224"] == "1"]
    rule = suggest_patient_rule([row["hosted_image"] for row in rows])
    assert rule is not None
    ours: dict[str, set[str]] = {}
    for row in rows:
        key = rule.key(row["hosted_image"]) or row["file"]
        ours.setdefault(key, set()).add(row["patient"])
    assert all(len(patients) == 1 for patients in ours.values())
    assert len(ours) == len({row["patient"] for row in rows})
