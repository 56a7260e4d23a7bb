"""Olga looks at held images with text, in the browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from overread.flows.design import create_job
from overread.flows.intake import start_intake, take_in
from overread.store.models import Job, Team, Unit, User
from tests.conftest import NOON
from tests.flows.test_blacking_out import named

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(team: Team, tmp_path: Path) -> Unit:
    job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    (tmp_path / "films").mkdir()
    (tmp_path / "films/1.png").write_bytes(named())
    take_in(
        start_intake(job, actor=None, at=NOON),
        [tmp_path / "films"],
        progress=lambda done, total: None,
    )
    return job.units.get()


def address(unit: Unit) -> str:
    return f"/jobs/{unit.job_id}/data/{unit.pk}/text"


def box(*numbers: str) -> dict[str, str]:
    return dict(zip(("x-text", "y-text", "width-text", "height-text"), numbers, strict=True))


def test_the_page_shows_the_image_and_where_text_was_found(
    unit: Unit, olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(olga)
    assert address(unit) in browser.get(f"/jobs/{unit.job_id}/data").content.decode()
    page = browser.get(address(unit)).content.decode()
    assert "<x-ray" in page
    assert page.count('class="place"') == 2
    assert "Text seems to stand on the picture" in page


def test_she_draws_a_box_over_it(
    unit: Unit, olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(olga)
    said = {"image": unit.images.get().pk, "action": "black out"}
    small = browser.post(address(unit), {**said, **box("0", "0", "1", "1")}, follow=True)
    assert "text still seems to stand there" in small.content.decode()
    wrong = browser.post(address(unit), {**said, **box("90", "0", "20", "1")}, follow=True)
    assert "A place is a box inside the image" in wrong.content.decode()
    done = browser.post(address(unit), {**said, **box("0", "45", "100", "20,5")}, follow=True)
    assert "gone from the store" in done.content.decode()
    assert Unit.objects.get(pk=unit.pk).state == "new"


def test_she_says_that_it_names_nobody(
    unit: Unit, olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(olga)
    said = {"image": unit.images.get().pk, "action": "names nobody"}
    browser.post(address(unit), said)
    assert Unit.objects.get(pk=unit.pk).state == "new"


def test_an_image_of_another_row_is_not_found(
    unit: Unit, job: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    other = job.units.exclude(unit_images=None).first()
    said = {"image": other.images.get().pk, "action": "names nobody"}
    assert signed_in(olga).post(address(unit), said).status_code == 404
    assert signed_in(olga).get(f"/jobs/{job.pk}/data/{unit.pk}/text").status_code == 404
