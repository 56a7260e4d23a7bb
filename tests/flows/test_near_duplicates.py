"""Rows that show the same film: found in the background, shown to olga, kept together."""

import csv
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image, ImageOps

from overread.core.checks import Mark
from overread.core.export import joined
from overread.core.intake import REPEATED
from overread.core.states import UnitState
from overread.flows.background import compare_images
from overread.flows.design import create_job
from overread.flows.export import export_folders
from overread.flows.intake import Options, start_intake, take_in
from overread.flows.judging.launching import launch
from overread.flows.near_duplicates import compare
from overread.imaging.synthetic import Finding, draw
from overread.store.models import Job, Resemblance, Team, Unit, User
from overread.store.queries.checks import checked
from overread.store.queries.near_duplicates import is_comparing, otherwise_labelled, undecided
from overread.store.queries.standing import standing
from tests.conftest import NOON
from tests.shared_data import shared_data

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])

PLAIN = Options()


@cache
def film(seed: int) -> Image.Image:
    made = draw(np.random.default_rng(seed), Finding.HEALTHY, size=(200, 160))
    return Image.fromarray(made.pixels)


def saved(image: Image.Image, path: Path, **options: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)


@pytest.fixture
def alike(team: Team, tmp_path: Path) -> Job:
    """Row 1 comes again as row 3, saved anew and otherwise labelled; row 2 mirrored as row 4."""
    saved(film(1), tmp_path / "in/a.png")
    saved(film(2), tmp_path / "in/b.png")
    saved(film(1).crop((4, 3, 196, 158)), tmp_path / "in/c.jpg", quality=60)
    saved(ImageOps.mirror(film(2)), tmp_path / "in/d.png")
    saved(film(3), tmp_path / "in/e.png")
    table = tmp_path / "table.csv"
    table.write_text("image,label\na.png,0\nb.png,1\nc.jpg,1\nd.png,\ne.png,0\n")
    job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    taken_in(job, table, tmp_path / "in")
    return job


def taken_in(job: Job, *sources: Path, options: Options = PLAIN) -> None:
    intake = start_intake(job, actor=None, at=NOON)
    take_in(intake, sources, progress=lambda *_: None, options=options)
    job.refresh_from_db()


def numbers(job: Job) -> list[tuple[int, int, bool]]:
    found = undecided(job).order_by("first__number", "second__number")
    return [(one.first.number, one.second.number, one.mirrored) for one in found]


def state(job: Job, row: int) -> str:
    return str(job.units.get(number=row).state)


def test_pairs_are_found_once_in_the_background(alike: Job) -> None:
    assert is_comparing(alike)
    compare_images()
    assert numbers(alike) == [(1, 3, False), (2, 4, True)]
    assert not is_comparing(alike)
    with CaptureQueriesContext(connection) as queries:
        compare_images()
    assert len(queries) == 1
    assert numbers(alike) == [(1, 3, False), (2, 4, True)]


def test_only_what_came_in_since_is_compared(alike: Job, tmp_path: Path) -> None:
    compare_images()
    Resemblance.objects.update(decision=Resemblance.Decision.BOTH)
    saved(film(3).resize((170, 136)), tmp_path / "more/f.png")
    taken_in(alike, tmp_path / "more")
    compare_images()
    assert numbers(alike) == [(5, 6, False)]
    assert Resemblance.objects.count() == 3


def test_olga_sees_both_and_leaves_one_out(
    alike: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser, address = signed_in(olga), f"/jobs/{alike.pk}/data/duplicates"
    waiting = browser.get(address).content.decode()
    assert "still being compared" in waiting
    assert "No two rows" not in waiting
    compare_images()
    page = browser.get(address).content.decode()
    assert page.count("<img") == 4
    assert "mirrored" in page
    assert "The same film, labelled differently" in page
    pair = undecided(alike).get(first__number=1)
    browser.post(address, {"pair": pair.pk, "decision": "second"})
    assert (state(alike, 1), state(alike, 3)) == ("new", "held")
    assert "row 1, which stands for both" in browser.get(f"/jobs/{alike.pk}/data").content.decode()
    browser.post(address, {"pair": pair.pk, "decision": "first"})
    assert (state(alike, 1), state(alike, 3)) == ("held", "new")
    browser.post(address, {"pair": pair.pk, "decision": "both"})
    assert (state(alike, 1), state(alike, 3)) == ("new", "new")
    assert len(numbers(alike)) == 1


@pytest.mark.parametrize("form", [{}, {"pair": "x"}, {"pair": "1", "decision": "neither"}])
def test_a_form_that_says_nothing_changes_nothing(
    alike: Job, olga: User, signed_in: Callable[[User], Client], form: dict[str, str]
) -> None:
    assert signed_in(olga).post(f"/jobs/{alike.pk}/data/duplicates", form).status_code == 404


def test_a_pair_of_another_job_can_not_be_settled_here(
    alike: Job, job: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    compare(alike)
    form = {"pair": undecided(alike)[0].pk, "decision": "both"}
    assert signed_in(olga).post(f"/jobs/{job.pk}/data/duplicates", form).status_code == 404


def test_a_test_question_is_never_left_out(
    make_job: Callable[..., Job], olga: User, signed_in: Callable[[User], Client]
) -> None:
    job = make_job()
    first, second = job.units.order_by("number")[:2]
    pair = Resemblance.objects.create(first=first, second=second, agreement=0.9)
    address = f"/jobs/{job.pk}/data/duplicates"
    form = {"pair": pair.pk, "decision": "first"}
    page = signed_in(olga).post(address, form, follow=True).content.decode()
    assert "Row 1 is a test question." in page
    assert state(job, 1) == UnitState.NEW


def test_a_row_that_is_held_keeps_its_reason(
    alike: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    compare(alike)
    pair = undecided(alike)[0]
    held = {"column": "", "problem": {"template": "x"}}
    Unit.objects.filter(pk=pair.first_id).update(state=UnitState.HELD, held=held)
    form = {"pair": pair.pk, "decision": "first"}
    browser, address = signed_in(olga), f"/jobs/{alike.pk}/data/duplicates"
    assert "is held already" in browser.post(address, form, follow=True).content.decode()
    assert Unit.objects.get(pk=pair.first_id).held == held


def test_after_the_launch_rows_stay(
    alike: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    compare(alike)
    launch(alike, actor=None, at=NOON, rng=Random(1))
    address = f"/jobs/{alike.pk}/data/duplicates"
    form = {"pair": undecided(alike)[0].pk, "decision": "second"}
    browser = signed_in(olga)
    assert "has been launched" in browser.post(address, form, follow=True).content.decode()
    browser.post(address, form | {"decision": "both"})
    assert len(numbers(alike)) == 1


def test_the_checks_name_pairs_and_labels_that_differ(alike: Job) -> None:
    found = {one.check: one for one in checked(standing(alike))}
    assert "still being looked for" in found["near-duplicates"].words
    compare(alike)
    found = {one.check: one for one in checked(standing(alike))}
    assert found["near-duplicates"].mark == Mark.TODO
    assert "2" in found["near-duplicates"].words
    assert "1" in found["duplicates with different labels"].words


def test_pixel_identical_rows_with_different_labels_are_listed(team: Team, tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "c.png"):
        saved(film(4), tmp_path / "in" / name)
    (tmp_path / "t.csv").write_text("image,label\na.png,0\nb.png,1\nc.png,0\n")
    job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    taken_in(job, tmp_path / "t.csv", tmp_path / "in")
    (found,) = otherwise_labelled(job, "finding")
    assert (found.first, found.second, found.labels) == (1, 2, ("healthy", "pneumonia"))


def test_a_pair_lies_in_one_part_of_the_data_set(alike: Job, tmp_path: Path) -> None:
    """Found at the latest now; row 3 stands for row 1 in whichever part it is."""
    export_folders(alike, tmp_path / "out", actor=None, at=NOON)
    lines = (tmp_path / "out/metadata.csv").read_text().splitlines()
    parts = {line.split(",")[1]: line.split(",")[2] for line in lines[1:]}
    assert parts["1"] == parts["3"] != ""


def test_patients_are_joined_however_indirectly() -> None:
    keys = {1: "a", 2: "b", 3: "c", 4: "d", 5: "a"}
    assert joined(keys, [(2, 3), (3, 5), (9, 1)]) == {1: "a", 2: "a", 3: "a", 4: "d", 5: "a"}
    assert joined(keys, []) == keys


def test_the_page_takes_as_many_queries_for_more_pairs(
    alike: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser, counts = signed_in(olga), []
    compare(alike)
    units = list(alike.units.order_by("number"))
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            browser.get(f"/jobs/{alike.pk}/data/duplicates")
        counts.append(len(queries))
        for second in (units[4], units[3]):
            Resemblance.objects.get_or_create(
                first=units[0], second=second, defaults={"agreement": 0.9}
            )
    assert counts[0] == counts[1]


def test_rows_that_go_take_their_pairs_with_them(alike: Job) -> None:
    compare(alike)
    Unit.objects.filter(job=alike, number=1).delete()
    assert numbers(alike) == [(2, 4, True)]


def test_the_training_sets_pixel_identical_groups_are_all_held(team: Team, tmp_path: Path) -> None:
    with (shared_data("cxr") / "kermany224_exact_duplicates.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["file"].startswith("train/")]
    with zipfile.ZipFile(shared_data("cxr", "kermany224_train.zip")) as archive:
        archive.extractall(tmp_path / "in", [row["file"] for row in rows])
    job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    taken_in(job, tmp_path / "in", options=Options(labels_from_folders=True))
    groups = {row["pixel_md5"] for row in rows}
    assert len(groups) == 24  # of 30: the others have an image in the test split
    assert job.units.filter(state=UnitState.NEW).count() == len(groups)
    held = job.units.filter(state=UnitState.HELD, held__problem__template=REPEATED)
    assert held.count() == len(rows) - len(groups)
