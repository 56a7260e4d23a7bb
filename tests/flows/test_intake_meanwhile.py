"""What an intake read has to be there still when it is stored."""

from collections.abc import Callable
from pathlib import Path

import pytest

from overread.flows.context import show_beside
from overread.flows.intake import Outcome, start_intake, take_in
from overread.store.models import Job, Unit
from tests.conftest import NOON, write_images, write_table

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(make_job: Callable[..., Job]) -> Job:
    return make_job(rows=6, labelled=2, without_image=1, tests=False)


def taken_in(job: Job, source: Path, meanwhile: Callable[[], object]) -> Outcome:
    started, done = start_intake(job, actor=None, at=NOON), []

    def progress(so_far: int, total: int) -> None:
        if not done:
            done.append(meanwhile())

    return take_in(started, [source], progress=progress)


def show(job: Job, columns: list[str]) -> None:
    show_beside(job, columns, turning=job.turning, actor=None, at=NOON)


def test_images_that_were_read_for_other_rows_are_not_stored(job: Job, tmp_path: Path) -> None:
    images = write_images(tmp_path / "more", 6, seed=99)
    rows = list(job.units.order_by("number"))

    def replaced() -> None:
        Unit.objects.create(job=job, number=7, data=rows[0].data, given={}, state="new")

    outcome = taken_in(job, images, replaced)
    assert outcome.refused is not None
    assert "changed while the files were read" in str(outcome.refused)
    assert job.units.count() == 7


def test_a_column_that_is_hidden_meanwhile_stays_hidden(job: Job, tmp_path: Path) -> None:
    table = write_table(tmp_path / "again.csv", 6, 2)
    header, *lines = table.read_text().split()
    table.write_text("\n".join([f"{header},ward", *(f"{line},3" for line in lines), ""]))
    images = write_images(tmp_path / "images", 6, seed=job.pk)
    take_in(
        start_intake(job, actor=None, at=NOON), [table, images], progress=lambda done, total: None
    )
    job.refresh_from_db()
    show(job, ["ward"])
    outcome = taken_in(job, table, lambda: show(job, []))
    assert outcome.refused is None
    job.refresh_from_db()
    assert job.context == []
