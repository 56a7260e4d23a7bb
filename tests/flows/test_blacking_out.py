"""A picture with text on it is held with it; olga blacks it out, or says that it names nobody."""

import csv
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from overread.core.problems import Refused
from overread.core.reports import Reason
from overread.flows.design import create_job
from overread.flows.export import export_folders
from overread.flows.intake import Options, Outcome, start_intake, take_in, what_if
from overread.flows.judging.launching import launch
from overread.flows.people import Invitation
from overread.flows.privacy import blacking_out
from overread.flows.privacy.blacking_out import black_out, names_nobody
from overread.flows.reports import report
from overread.imaging.isolation import pool
from overread.imaging.preparing import Prepared
from overread.imaging.render import from_planes
from overread.imaging.text import Box
from overread.store import blobs
from overread.store.models import (
    AuditEntry,
    Blob,
    Image,
    Job,
    Page,
    Patient,
    Rendition,
    Report,
    Slot,
    Study,
    Team,
    Unit,
    User,
)
from tests.conftest import NOON, picture
from tests.flows.test_dicom_intake import child
from tests.imaging.test_text import film, png, written
from tests.judging import page_of, pass_quiz, units_of

pytestmark = pytest.mark.django_db
PLAIN = Options()
NAME = Box(0.0, 0.45, 1.0, 0.2)


def named(shade: int = 60) -> bytes:
    return png(written(film(shade), "DOE ANNA 4711", at=(40, 160), size=24, ink=255))


def taken_in(job: Job, *sources: Path, options: Options = PLAIN) -> Outcome:
    outcome = take_in(
        start_intake(job, actor=None, at=NOON),
        sources,
        options=options,
        progress=lambda done, total: None,
    )
    job.refresh_from_db()
    return outcome


@pytest.fixture
def empty(team: Team) -> Job:
    return create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "1.png").write_bytes(named())
    (folder / "2.png").write_bytes(picture(2))
    return folder


def files(home: Path) -> set[str]:
    found = (home / "blobs").rglob("*")
    return {path.parent.name + path.name for path in found if path.is_file()}


def test_it_is_held_with_its_picture(empty: Job, folder: Path) -> None:
    outcome = taken_in(empty, folder)
    assert (outcome.held, outcome.images) == (1, 2)
    first, second = empty.units.order_by("number")
    assert first.held["problem"]["template"].startswith("Text seems to stand on the picture")
    assert first.images.get().suspected == "seen"
    [box] = first.images.get().text
    assert 0.4 < box["y"] < 0.65
    assert second.held is None


def test_nothing_comes_in_where_all_or_nothing_was_said(empty: Job, folder: Path) -> None:
    assert what_if(
        empty, [folder], options=Options(), report=lambda one: None, progress=lambda a, b: None
    ).outcome.held
    outcome = taken_in(empty, folder, options=Options(all_or_nothing=True))
    assert outcome.refused is not None
    assert not Image.objects.exists()


def test_what_a_dicom_file_says_of_itself_holds_it_too(empty: Job, tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    (tmp_path / "films/1.dcm").write_bytes(child(1, BurnedInAnnotation="YES"))
    taken_in(empty, tmp_path / "films")
    unit = empty.units.get()
    assert unit.held["problem"]["template"].startswith("The file says that text is burned")
    assert unit.images.get().suspected == "said"
    names_nobody(unit.images.get(), actor=None, at=NOON)
    assert empty.units.get().held is None


def test_blacked_out_the_old_pixels_are_gone_and_the_row_is_free(
    empty: Job, folder: Path, home: Path, olga: User
) -> None:
    taken_in(empty, folder)
    unit = empty.units.get(number=1)
    image = unit.images.get()
    before, handles = files(home), set(image.renditions.values_list("handle", flat=True))
    old = image.original.sha256
    with pytest.raises(Refused, match="No place was marked"):
        black_out(image, [], actor=olga, at=NOON)
    assert black_out(image, [NAME], actor=olga, at=NOON)
    unit.refresh_from_db()
    assert (unit.state, unit.held) == ("new", None)
    image = unit.images.get()
    assert image.original.sha256 != old
    assert old not in files(home)
    assert files(home) == set(Blob.objects.values_list("sha256", flat=True)) != before
    assert not handles & set(Rendition.objects.values_list("handle", flat=True))
    left = from_planes(blobs.read(image.original))
    assert (left[int(0.45 * 320) : int(0.65 * 320)] == left.min()).all()
    log = AuditEntry.objects.filter(subject=f"image {image.pk}").order_by("pk")
    assert [(one.action, one.actor) for one in log] == [("black out", olga), ("names nobody", olga)]


def test_where_text_is_left_the_row_stays_held(empty: Job, folder: Path) -> None:
    taken_in(empty, folder)
    unit = empty.units.get(number=1)
    assert not black_out(unit.images.get(), [Box(0, 0, 0.1, 0.1)], actor=None, at=NOON)
    unit.refresh_from_db()
    assert unit.state == "held"


def test_a_picture_that_names_nobody_is_held_in_no_other_job(
    empty: Job, folder: Path, team: Team
) -> None:
    taken_in(empty, folder)
    names_nobody(empty.units.get(number=1).images.get(), actor=None, at=NOON)
    assert empty.units.filter(state="new").count() == 2
    other = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    assert taken_in(other, folder).held == 0


def test_no_data_set_holds_a_picture_that_may_name_somebody(
    empty: Job, folder: Path, tmp_path: Path
) -> None:
    (folder / "3.png").write_bytes(picture(3))
    taken_in(empty, folder)
    reported = empty.units.get(number=3).images.get()
    Image.objects.filter(pk=reported.pk).update(hidden=True)  # for what a reader says elsewhere
    assert export_folders(empty, tmp_path / "out", actor=None, at=NOON) == 1
    assert [one.name for one in (tmp_path / "out").rglob("*.png")] == ["unit-000002.png"]
    rows = list(csv.DictReader((tmp_path / "out/metadata.csv").open()))
    assert [bool(row["file_name"]) for row in rows] == [False, True, False]
    assert "Text seems to stand" in rows[0]["reason"]
    assert rows[2]["reason"]


def test_two_rows_that_become_the_same_picture_share_it(
    empty: Job, folder: Path, team: Team, home: Path
) -> None:
    other = written(film(), "MEIER PAUL 12", at=(40, 160), size=24, ink=255)
    (folder / "3.png").write_bytes(png(other))
    taken_in(empty, folder)
    for unit in empty.units.filter(state="held").order_by("number"):
        assert black_out(unit.images.get(), [NAME], actor=None, at=NOON)
    assert Image.objects.count() == 2
    assert not empty.units.filter(state="held").exists()
    assert files(home) == set(Blob.objects.values_list("sha256", flat=True))


def test_whom_it_shows_is_known_where_two_pictures_become_one(
    empty: Job, team: Team, tmp_path: Path
) -> None:
    (tmp_path / "films").mkdir()
    for shade in (1, 2, 3):
        (tmp_path / f"films/{shade}.png").write_bytes(named(shade))
    taken_in(empty, tmp_path / "films")
    images = [empty.units.get(number=number).images.get() for number in (1, 2, 3)]
    for image, name in zip(images[1:], ("b", "c"), strict=True):
        patient = Patient.objects.create(team=team, key=f"dicom:{name}")
        image.study = Study.objects.create(patient=patient, uid=name)
        image.save()
    for image in images:
        black_out(image, [Box(0.0, 0.0, 1.0, 1.0)], actor=None, at=NOON)
    assert Image.objects.get().study.uid == "b"
    assert empty.units.get(number=3).patient.key == "dicom:c"


def test_a_row_that_its_table_makes_a_test_question_becomes_one(
    empty: Job, folder: Path, tmp_path: Path
) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("file,_golden,finding_gold\n1.png,TRUE,healthy\n2.png,,\n")
    taken_in(empty, table, folder)
    unit = empty.units.get(number=1)
    assert not hasattr(unit, "test_question")
    black_out(unit.images.get(), [NAME], actor=None, at=NOON)
    assert Unit.objects.get(pk=unit.pk).test_question.current.accepted == {"finding": ["healthy"]}


def test_what_a_reader_reported_is_blacked_out_and_judged_again(
    running_job: Job, lena: Invitation, olga: User
) -> None:
    pass_quiz(lena)
    page = page_of(lena)
    place = next(
        place for place, unit in units_of(page).items() if not hasattr(unit, "test_question")
    )
    unit = units_of(page)[place]
    report(Page.objects.get(pk=page.id), place, Reason.NAME_VISIBLE, "top left", at=1)
    image = unit.images.get()
    assert image.hidden
    assert black_out(image, [Box(0, 0, 0.3, 0.3)], actor=olga, at=NOON)
    unit.refresh_from_db()
    assert (unit.state, unit.images.get().hidden) == ("new", False)
    assert Slot.objects.get(unit=unit).open
    assert Report.objects.get().decision == "released"


def test_a_launched_job_gets_the_row_once_it_is_free(
    make_job: Callable[..., Job], tmp_path: Path
) -> None:
    job = make_job(tests=False)
    image = job.units.get(number=20).images.get()
    unit = job.units.get(number=20)
    unit.state, unit.held = "held", {"problem": {"template": "x"}}
    unit.save()
    launch(job, actor=None, at=NOON, rng=Random(1))
    black_out(image, [Box(0, 0, 0.3, 0.3)], actor=None, at=NOON)
    unit.refresh_from_db()
    assert unit.state == "held"
    assert not Slot.objects.filter(unit=unit).exists()


def test_a_row_stays_held_until_nobody_is_named_on_any_of_its_images(
    empty: Job, folder: Path, tmp_path: Path
) -> None:
    (folder / "3.png").write_bytes(named(90))
    table = tmp_path / "rows.csv"
    table.write_text("frontal,lateral_image,label\n1.png,3.png,0\n2.png,,1\n")
    taken_in(empty, table, folder)
    frontal, lateral = empty.units.get(number=1).images.order_by("unit_images__position")
    names_nobody(lateral, actor=None, at=NOON)
    assert empty.units.get(number=1).state == "held"
    names_nobody(frontal, actor=None, at=NOON)
    assert empty.units.get(number=1).state == "new"


def test_a_row_whose_other_image_comes_later_is_held_for_the_text_then(
    empty: Job, folder: Path, tmp_path: Path
) -> None:
    table, late = tmp_path / "rows.csv", tmp_path / "late"
    table.write_text("frontal,lateral_image,label\n1.png,3.png,0\n2.png,,1\n")
    taken_in(empty, table, folder)
    assert empty.units.get(number=1).held["column"] == "lateral_image"
    late.mkdir()
    (late / "3.png").write_bytes(picture(3))
    assert taken_in(empty, late).held == 1
    unit = empty.units.get(number=1)
    assert (unit.state, unit.held["column"]) == ("held", "frontal")
    assert unit.held["problem"]["template"].startswith("Text seems to stand on the picture")


def test_boxes_that_two_draw_at_once_do_not_undo_one_another(
    empty: Job, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_in(empty, folder)
    image, same = (empty.units.get(number=1).images.get() for _ in range(2))

    class Meanwhile:
        def black_out(self, *asked: Any) -> Prepared:
            monkeypatch.undo()
            assert black_out(same, [NAME], actor=None, at=NOON)
            return pool().black_out(*asked)

    monkeypatch.setattr(blacking_out, "pool", Meanwhile)
    with pytest.raises(Refused, match="changed this image"):
        black_out(image, [Box(0, 0, 0.1, 0.1)], actor=None, at=NOON)
    left = from_planes(blobs.read(Image.objects.get(pk=image.pk).original))
    assert (left[int(0.45 * 320) : int(0.65 * 320)] == left.min()).all()
