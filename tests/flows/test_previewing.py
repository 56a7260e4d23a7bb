"""An upload is looked at before anything of it is stored, as often as olga changes her mind."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from overread.core.problems import Refused
from overread.flows import background
from overread.flows.background import hand_over_upload, look_again, read_upload
from overread.flows.design import create_job
from overread.flows.intake import Options, previewing, start_intake
from overread.flows.intake.plan import plan_for
from overread.flows.intake.previewing import TRIES, discard, is_outdated, options_of, problems_of
from overread.flows.judging.launching import launch
from overread.store.models import Blob, Image, Intake, Job, Patient, Team, Unit
from tests.conftest import NOON, picture, write_images

pytestmark = pytest.mark.django_db
Upload = Callable[..., Intake]
TABLE = "image,label,age\nscan-0.png,0,4\nscan-1.png,1,7\nscan-2.png,maybe,2\nscan-9.png,,3\n"
SEEN = {"row": 1, "cells": {"image": "scan-0.png", "label": "0", "age": "4"}}


@pytest.fixture
def draft(team: Team) -> Job:
    return create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)


@pytest.fixture
def upload(draft: Job, home: Path) -> Upload:
    """Hands over a table and three images."""

    def send(table: str | bytes = TABLE, images: int = 3, job: Job = draft) -> Intake:
        folder = home / "uploads" / ".incoming"
        folder.mkdir(parents=True)
        sources = [write_images(folder / "images", images)]
        if table:
            path = folder / "rows.csv"
            path.write_bytes(table.encode() if isinstance(table, str) else table)
            sources.insert(0, path)
        intake = hand_over_upload(job, folder, sources=sources, actor=None, at=NOON)
        intake.refresh_from_db()
        return intake

    return send


def found(intake: Intake) -> dict[str, Any]:
    intake.refresh_from_db()
    seen: dict[str, Any] = intake.preview["found"]
    return seen


def again(intake: Intake, **said: Any) -> dict[str, Any]:
    """What is seen when olga says something else."""
    look_again(intake, Options(**{"roles": options_of(intake).roles, **said}))
    return found(intake)


def folders(home: Path) -> list[str]:
    return [path.name for path in (home / "uploads").iterdir()]


def test_a_preview_says_what_is_in_the_files_and_stores_nothing(upload: Upload) -> None:
    intake = upload()
    assert intake.state == Intake.State.PREVIEWED
    seen = found(intake)
    assert (seen["rows"], seen["images"], seen["missing"], seen["held"]) == (4, 2, 1, 2)
    assert seen["labelled"] == {"healthy": 1, "pneumonia": 1}
    assert options_of(intake).roles == {"image": "image", "label": "label", "age": "age"}
    assert seen["label_meanings"] == [
        {"cell": "0", "rows": 1, "answer": "healthy"},
        {"cell": "1", "rows": 1, "answer": "pneumonia"},
        {"cell": "maybe", "rows": 1, "answer": None},
    ]
    assert seen["first_rows"][0] == {**SEEN, "answer": "healthy", "problem": None}
    assert [one["row"] for one in intake.preview["problems"]] == [3, 4]
    assert not any(kind.objects.exists() for kind in (Unit, Image, Blob, Patient))


def test_taken_in_it_becomes_the_rows_that_were_shown(upload: Upload, draft: Job) -> None:
    intake = upload()
    read_upload(intake)
    intake.refresh_from_db()
    assert (intake.state, intake.preview) == (Intake.State.DONE, {})
    assert [unit.state for unit in draft.units.order_by("number")] == ["new", "new", "held", "held"]
    draft.refresh_from_db()
    assert draft.more_columns == {"age": "age"}


def test_olga_says_what_a_label_means_and_the_counts_follow(upload: Upload, draft: Job) -> None:
    intake = upload()
    seen = again(intake, meanings={"maybe": "pneumonia", "0": ""})
    assert (seen["labelled"], seen["held"]) == ({"pneumonia": 2}, 1)
    read_upload(intake)
    given = draft.units.order_by("number").values_list("given", flat=True)
    assert [one.get("finding") for one in given] == [None, "pneumonia", "pneumonia", None]
    draft.refresh_from_db()
    assert draft.label_meanings == {"maybe": "pneumonia", "0": ""}


def test_olga_says_what_a_column_is(upload: Upload, draft: Job) -> None:
    intake = upload()
    seen = again(intake, roles={"image": "image", "age": "patient"})
    assert (seen["labelled"], seen["held"], seen["patients"]) == ({}, 1, 4)
    read_upload(intake)
    draft.refresh_from_db()
    assert (draft.label_column, draft.patient_column) == ("", "age")
    assert sorted(Patient.objects.values_list("key", flat=True)) == ["2", "3", "4", "7"]


@pytest.mark.parametrize(
    "said",
    [
        {"roles": {"image": "image", "age": "image"}},
        {"roles": {"label": "label"}},
        {"roles": {"image": "image", "weight": "age"}},
        {"meanings": {"maybe": "no such answer"}},
    ],
)
def test_what_makes_no_sense_is_said_and_can_be_put_right(
    upload: Upload, said: dict[str, Any]
) -> None:
    intake = upload()
    again(intake, **said)
    assert intake.preview["refused"] is not None
    with pytest.raises(Refused):
        read_upload(intake)
    assert again(intake, roles={"image": "image"})["rows"] == 4
    assert intake.preview["refused"] is None


def test_file_names_that_are_one_patients_are_shown_and_confirmed(draft: Job, home: Path) -> None:
    names = [
        "person123_virus_1.png",
        "person123_virus_2.png",
        "person123_bacteria_3.png",
        "IM-0115-0001.png",
        "IM-0115-0002.png",
        "NORMAL2-IM-0374-0001.png",
    ]
    folder = home / "uploads/.incoming/images"
    folder.mkdir(parents=True)
    for number, name in enumerate(names):
        (folder / name).write_bytes(picture(number))
    intake = hand_over_upload(draft, folder.parent, sources=[folder], actor=None, at=NOON)
    seen = found(intake)
    assert seen["patients"] == 4
    assert seen["patient_examples"] == [
        ["im-0115", ["IM-0115-0001.png", "IM-0115-0002.png"]],
        ["person123-virus", ["person123_virus_1.png", "person123_virus_2.png"]],
    ]
    alone = again(intake, group=False)
    assert (alone["patients"], alone["patient_rule"]) == (6, seen["patient_rule"])
    again(intake, group=True)
    read_upload(intake)
    draft.refresh_from_db()
    assert draft.patients_confirmed
    assert Patient.objects.count() == 4


def test_for_one_problem_nothing_is_taken_in_and_the_preview_stays(upload: Upload) -> None:
    intake = upload()
    again(intake, all_or_nothing=True)
    with pytest.raises(Refused, match="2 rows or files have a problem"):
        read_upload(intake)
    intake.refresh_from_db()
    assert intake.state == Intake.State.PREVIEWED


def test_discarded_nothing_of_an_upload_is_left(upload: Upload, home: Path) -> None:
    intake = upload()
    assert folders(home) == [str(intake.pk)]
    discard(intake, actor=None, at=NOON)
    assert folders(home) == []
    assert not Intake.objects.exists()
    upload()


def test_an_upload_that_is_refused_as_a_whole_is_gone(upload: Upload, home: Path) -> None:
    intake = upload(b"\n")
    assert intake.state == Intake.State.REFUSED
    assert folders(home) == []


def test_what_is_taken_in_or_discarded_already_is_not_again(upload: Upload) -> None:
    intake, other = upload(), Intake.objects.get()
    read_upload(intake)
    for late in (
        lambda: read_upload(other),
        lambda: look_again(other, Options()),
        lambda: discard(other, actor=None, at=NOON),
    ):
        with pytest.raises(Refused, match="no longer as this page showed it"):
            late()


def test_while_one_upload_waits_no_other_begins_and_nothing_is_launched(
    upload: Upload, job: Job
) -> None:
    upload(job=job)
    with pytest.raises(Refused, match="upload waits for the owner"):
        start_intake(job, actor=None, at=NOON)
    with pytest.raises(Refused, match="upload waits for the owner"):
        launch(job, actor=None, at=NOON, rng=Random(1))


def test_images_alone_say_whether_they_fill_rows_or_add_some(
    upload: Upload, make_job: Callable[..., Job]
) -> None:
    waiting = make_job(rows=4, labelled=0, without_image=1, tests=False)
    seen = found(upload("", images=4, job=waiting))
    assert (seen["does"], seen["rows"], seen["images"]) == ("fill", 1, 1)
    complete = make_job(rows=2, labelled=0, tests=False)
    seen = found(upload("", images=4, job=complete))
    assert (seen["does"], seen["rows"]) == ("add", 4)


def test_names_of_persons_are_not_kept_to_be_shown(upload: Upload) -> None:
    seen = found(upload("image,PatientName\nscan-0.png,Doe^Jane\n"))
    assert "Jane" not in str(seen)
    assert seen["first_rows"][0]["cells"]["PatientName"] == "…"


def test_every_problem_is_in_the_table_however_few_are_shown(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("overread.flows.intake.previewing.KEPT", 2)
    rows = "".join(f"scan-{number}.png\n" for number in range(3, 9))
    intake = upload(f"image\n{rows}")
    assert (len(intake.preview["problems"]), intake.preview["problem_count"]) == (2, 6)
    assert [one.row for one in problems_of(intake)] == [1, 2, 3, 4, 5, 6]


def test_cells_that_all_differ_are_no_mapping_to_fill_in(upload: Upload) -> None:
    rows = "".join(f"scan-{number}.png,note {number}\n" for number in range(300))
    seen = found(upload(f"image,label\n{rows}"))
    assert (len(seen["label_meanings"]), seen["labels_beyond"]) == (200, 100)


def test_a_worker_that_dies_looks_once_more_and_then_says_so(upload: Upload, home: Path) -> None:
    intake = upload()
    Intake.objects.update(state=Intake.State.LOOKING)
    background.clear_up()
    intake.refresh_from_db()
    assert intake.state == Intake.State.PREVIEWED
    Intake.objects.update(state=Intake.State.LOOKING, attempts=TRIES)
    background.clear_up()
    intake.refresh_from_db()
    assert (intake.state, folders(home)) == (Intake.State.REFUSED, [])


def test_an_upload_that_is_discarded_while_it_is_looked_at_is_no_failure(
    upload: Upload, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = upload()

    def discarded(*found: Any) -> Any:
        discard(intake, actor=None, at=NOON)
        return plan_for(*found)

    monkeypatch.setattr(previewing, "plan_for", discarded)
    Intake.objects.update(state=Intake.State.LOOKING)
    background.look_at_upload.enqueue(intake.pk)
    assert not Intake.objects.exists()
    assert folders(home) == []


def test_a_launched_job_shows_what_would_be_added(upload: Upload, running_job: Job) -> None:
    table = "image,label\nscan-0.png,0\nscan-1.png,maybe\n"
    intake = upload(table, job=running_job)
    seen = found(intake)
    assert (seen["does"], seen["rows"], seen["held"]) == ("add", 2, 1)
    seen = again(intake, meanings={"maybe": ""})
    assert (seen["held"], seen["labelled"]) == (0, {"healthy": 1})


def test_a_preview_says_when_the_job_was_changed_since(upload: Upload, job: Job) -> None:
    intake = upload(job=job)
    assert not is_outdated(intake)
    Unit.objects.filter(job=job, number=20).delete()
    assert is_outdated(intake)
    again(intake)
    assert not is_outdated(intake)


def test_images_belong_to_the_studies_that_the_table_names(upload: Upload, draft: Job) -> None:
    rows = ["scan-0.png,p1,s1", "scan-1.png,p1,s1", "scan-2.png,p2,s1", "scan-3.png,,s2"]
    intake = upload("\n".join(["image,patient,study", *rows, ""]), images=4)
    read_upload(intake)
    studies = [unit.images.get().study for unit in draft.units.order_by("number")]
    assert studies[0] == studies[1] != studies[2]
    assert [study and study.patient.key for study in studies] == ["p1", "p1", "p2", None]
    assert not any(study and "s1" in study.uid for study in studies)
    draft.refresh_from_db()
    assert "study" in draft.secret_columns
