"""A row with a frontal, a lateral and an earlier picture becomes one unit that shows them all."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from django.test import Client

from overread.flows.design import create_job
from overread.flows.export import export_folders
from overread.flows.intake import Outcome, start_intake, take_in
from overread.flows.judging.launching import launch
from overread.flows.people import invite
from overread.imaging.decode import decode
from overread.store.models import Job, Team, Unit
from overread.store.queries.design import labelled_rows
from tests.conftest import NOON, now, picture
from tests.imaging.dicom_files import dicom

RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)
pytestmark = pytest.mark.django_db
HEADER = "frontal,lateral_image,prior,label\n"
Files = Callable[..., Path]


@pytest.fixture
def empty(team: Team) -> Job:
    return create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A folder of pictures; a number stands for the picture of that number."""

    def make(name: str, **pictures: int | bytes) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for stem, one in pictures.items():
            data = picture(one) if isinstance(one, int) else one
            suffix = "png" if isinstance(one, int) else "dcm"
            (folder / f"{stem}.{suffix}").write_bytes(data)
        return folder

    return make


@pytest.fixture
def table(tmp_path: Path) -> Callable[[str], Path]:
    def write(rows: str) -> Path:
        path = tmp_path / "rows.csv"
        path.write_text(HEADER + rows)
        return path

    return write


def taken_in(job: Job, *sources: Path) -> Outcome:
    outcome = take_in(
        start_intake(job, actor=None, at=NOON), sources, progress=lambda done, total: None
    )
    job.refresh_from_db()
    return outcome


def roles(unit: Unit) -> list[tuple[str, int]]:
    return list(unit.unit_images.values_list("role", "position"))


def test_a_row_shows_what_its_columns_name(
    empty: Job, files: Files, table: Callable[[str], Path]
) -> None:
    outcome = taken_in(
        empty, table("a.png,b.png,c.png,0\nd.png,,,1\n"), files("films", a=1, b=2, c=3, d=4)
    )
    first, second = empty.units.order_by("number")
    assert roles(first) == [("frontal", 0), ("lateral", 1), ("prior", 2)]
    assert roles(second) == [("frontal", 0)]
    assert (outcome.rows, outcome.images, outcome.held) == (2, 4, 0)
    assert empty.secret_columns == {"frontal", "lateral_image", "prior", "label"}
    assert [one.number for one in labelled_rows(empty)] == [1, 2]


def test_a_missing_picture_holds_the_row_until_it_comes(
    empty: Job, files: Files, table: Callable[[str], Path]
) -> None:
    taken_in(empty, table("a.png,b.png,,0\nd.png,,,1\n"), files("films", a=1, d=4))
    first, _ = empty.units.order_by("number")
    assert first.held["column"] == "lateral_image"
    assert first.held["problem"]["values"] == {"name": "b.png"}
    assert roles(first) == [("frontal", 0)]
    assert taken_in(empty, files("late", b=2)).held == 0
    first.refresh_from_db()
    assert (first.state, first.held) == ("new", None)
    assert roles(first) == [("frontal", 0), ("lateral", 1)]


def test_a_row_whose_frontal_picture_is_missing_waits_with_the_others(
    empty: Job, files: Files, table: Callable[[str], Path]
) -> None:
    taken_in(empty, table("a.png,b.png,,0\nd.png,,,1\n"), files("films", b=2, d=4))
    first, _ = empty.units.order_by("number")
    assert (first.held["column"], roles(first)) == ("frontal", [("lateral", 1)])
    taken_in(empty, files("late", a=1))
    assert roles(first) == [("frontal", 0), ("lateral", 1)]


def test_an_earlier_picture_may_be_another_rows_own(
    empty: Job, files: Files, table: Callable[[str], Path]
) -> None:
    taken_in(empty, table("a.png,,,0\nb.png,,a.png,1\n"), files("films", a=1, b=2))
    assert empty.units.filter(state="new").count() == 2


def test_one_picture_twice_in_a_row_holds_it(
    empty: Job, files: Files, table: Callable[[str], Path]
) -> None:
    taken_in(empty, table("a.png,b.png,,0\n"), files("films", a=1, b=1))
    unit = empty.units.get()
    assert unit.held["problem"]["template"].startswith("This is the same picture as another one")
    assert unit.held["column"] == "lateral_image"


def test_pictures_of_two_patients_are_no_row(
    empty: Job, files: Files, table: Callable[[str], Path]
) -> None:
    ours, other = dicom(RAMP, PatientID="1"), dicom(RAMP + 1, PatientID="2")
    taken_in(empty, table("a.dcm,b.dcm,,0\n"), files("films", a=ours, b=other))
    unit = empty.units.get()
    assert "of another patient" in unit.held["problem"]["template"]
    assert roles(unit) == [("frontal", 0)]


def test_a_contributor_gets_all_of_them_and_the_data_set_what_was_judged(
    empty: Job, files: Files, table: Callable[[str], Path], tmp_path: Path
) -> None:
    taken_in(empty, table("b.png,a.png,,0\nd.png,,c.png,\n"), files("films", a=1, b=2, c=3, d=4))
    launch(empty, actor=None, at=NOON, rng=Random(1))
    [lena] = invite(empty, count=1, actor=None, at=now())
    send: dict[str, Any] = {"headers": {"Authorization": f"Bearer {lena.token}"}}
    page = (
        Client()
        .post(f"/api/jobs/{empty.pk}/page", "{}", content_type="application/json", **send)
        .json()["page"]
    )
    shown = [[image["role"] for image in unit["images"]] for unit in page["units"]]
    assert sorted(shown) == [["frontal", "lateral"], ["frontal", "prior"]]
    addresses = [image["address"] for unit in page["units"] for image in unit["images"]]
    assert {Client().get(one, **send).status_code for one in addresses} == {200}
    assert {Client().get(one).status_code for one in addresses} == {404}
    assert export_folders(empty, tmp_path / "out", actor=None, at=NOON) == 2
    written = {decode(one.read_bytes()).pixels.tobytes() for one in tmp_path.glob("out/**/*.png")}
    assert written == {decode(picture(number)).pixels.tobytes() for number in (2, 4)}


def test_no_data_set_holds_what_leads_to_the_study(
    empty: Job, files: Files, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("image,accession,label\na.png,ZQX-1,0\nb.png,ZQX-2,1\n")
    taken_in(empty, tmp_path / "t.csv", files("films", a=1, b=2))
    assert empty.columns.study == "accession"
    assert export_folders(empty, tmp_path / "out", actor=None, at=NOON) == 2
    assert "ZQX" not in (tmp_path / "out/metadata.csv").read_text()
