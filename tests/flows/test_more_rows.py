"""Rows for a job that is launched: appended, shuffled, judged behind those that are there."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from overread.core.states import JobState
from overread.flows.intake import Outcome, start_intake, storing, take_in
from overread.flows.judging.launching import launch
from overread.store.models import Job, Slot
from tests.conftest import NOON, picture, write_images

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])
MakeJob = Callable[..., Job]


def add(job: Job, *sources: Path) -> Outcome:
    return take_in(start_intake(job, actor=None, at=NOON), sources)


def more(folder: Path, names: list[str], header: str = "image,label", tail: str = ",") -> Path:
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        (folder / name).write_bytes(picture(number, 77))
    table = folder.parent / "more.csv"
    table.write_text("\n".join([header, *(f"{name}{tail}" for name in names), ""]))
    return table


@pytest.fixture
def names() -> list[str]:
    return [f"more-{number}.png" for number in range(9)]


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.PAUSED])
def test_a_table_brings_more_rows_behind_those_that_are_there(
    running_job: Job, tmp_path: Path, names: list[str], state: JobState
) -> None:
    Job.objects.filter(pk=running_job.pk).update(state=state)
    before = list(running_job.units.order_by("number").values_list("pk", "number"))
    last = running_job.slots.order_by("-position").values_list("position", flat=True)[0]
    table = more(tmp_path / "more", names)
    outcome = add(running_job, table, tmp_path / "more")
    assert (outcome.rows, outcome.held, outcome.replaced) == (9, 0, 0)
    units = list(running_job.units.order_by("number").values_list("pk", "number"))
    assert units[:20] == before
    assert [number for _, number in units] == list(range(1, 30))
    slots = Slot.objects.filter(unit__number__gt=20).order_by("position")
    assert slots.count() == 9
    assert all(slot.open and slot.position > last and slot.wanted == 3 for slot in slots)
    running_job.refresh_from_db()
    assert running_job.state == state


def test_their_order_is_shuffled_and_every_one_is_there_once(
    running_job: Job, tmp_path: Path, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "AT_ONCE", 4)
    monkeypatch.setattr("overread.flows.intake.taking_in.SystemRandom", lambda: Random(3))
    add(running_job, more(tmp_path / "more", names), tmp_path / "more")
    slots = Slot.objects.filter(unit__number__gt=20).order_by("position")
    order = list(slots.values_list("unit__number", flat=True))
    assert sorted(order) == list(range(21, 30))
    assert order != sorted(order)


def test_a_finished_job_runs_again(running_job: Job, tmp_path: Path, names: list[str]) -> None:
    running_job.slots.update(open=False, counted=3)
    Job.objects.filter(pk=running_job.pk).update(state=JobState.FINISHED)
    add(running_job, more(tmp_path / "more", names), tmp_path / "more")
    running_job.refresh_from_db()
    assert running_job.state == JobState.RUNNING


def test_after_a_pilot_they_wait_with_the_rest(
    make_job: MakeJob, tmp_path: Path, names: list[str]
) -> None:
    job = launch(make_job(), actor=None, at=NOON, rng=Random(1), rows=4)
    add(job, more(tmp_path / "more", names), tmp_path / "more")
    assert (job.units.count(), job.slots.count()) == (29, 4)


def test_images_alone_fill_rows_that_wait_and_these_are_judged(
    make_job: MakeJob, tmp_path: Path
) -> None:
    job = make_job(without_image=2, launched=True)
    assert job.slots.count() == 8
    images = write_images(tmp_path / "late", 20, seed=99)
    add(job, images)
    assert (job.units.count(), job.slots.count()) == (20, 10)


def test_a_table_with_other_columns_is_refused_and_nothing_changes(
    running_job: Job, tmp_path: Path, names: list[str]
) -> None:
    for header, tail in (("image,finding", ","), ("image", ""), ("image,label,age", ",,4")):
        outcome = add(running_job, more(tmp_path / "more", names, header, tail), tmp_path / "more")
        assert "more.csv: Its columns are not those of the job: image, label." in str(
            outcome.refused
        )
    assert running_job.units.count() == 20


def test_a_picture_that_the_job_shows_already_is_left_out(
    running_job: Job, tmp_path: Path, names: list[str]
) -> None:
    table = more(tmp_path / "more", names)
    (tmp_path / "more" / names[4]).write_bytes(picture(0, running_job.pk))
    outcome = add(running_job, table, tmp_path / "more")
    assert (outcome.rows, outcome.left_out) == (8, 1)
    assert "the same picture as in row 1." in str(outcome.problems[0])


def test_no_row_becomes_a_test_question_any_more(
    team: object, make_job: MakeJob, tmp_path: Path, names: list[str]
) -> None:
    job = make_job(tests=False)
    header, tail = "image,label,_golden", ",,"
    add(job, more(tmp_path / "more", names, header, tail), tmp_path / "more")
    job = launch(job, actor=None, at=NOON, rng=Random(1))
    table = more(tmp_path / "again", ["x.png"], header, ",,TRUE")
    (tmp_path / "again/x.png").write_bytes(picture(0, 5))
    assert add(job, table, tmp_path / "again").held == 1
    held = job.units.get(number=10).held
    assert held is not None
    assert held["column"] == "_golden"


def test_no_more_than_a_job_with_an_order_for_each_may_have(
    running_job: Job, tmp_path: Path, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("overread.flows.settings.MOST_ROWS_FOR_OWN_ORDER", 25)
    Job.objects.filter(pk=running_job.pk).update(order="per contributor")
    outcome = add(running_job, more(tmp_path / "more", names), tmp_path / "more")
    assert "more than 25 rows" in str(outcome.refused)
    assert running_job.units.count() == 20


def test_a_canceled_job_takes_none(running_job: Job, tmp_path: Path, names: list[str]) -> None:
    table = more(tmp_path / "more", names)
    intake = start_intake(running_job, actor=None, at=NOON)
    Job.objects.filter(pk=running_job.pk).update(state=JobState.CANCELED)
    assert "was canceled" in str(take_in(intake, [table]).refused)
