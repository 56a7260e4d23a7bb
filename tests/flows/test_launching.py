"""What is launched, when it is refused, and what a launch that broke off leaves."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from overread.core.problems import Refused
from overread.core.states import JobState, StepError
from overread.flows import settings
from overread.flows.intake import start_intake, take_in
from overread.flows.judging import launching
from overread.flows.judging.launching import launch, launch_rest
from overread.flows.people import invite
from overread.flows.settings import Settings, set_settings
from overread.flows.test_questions import set_enabled
from overread.store import slots
from overread.store.hot.tables import GAP
from overread.store.models import AuditEntry, Intake, Job, Slot, TestQuestion
from overread.store.write import write
from tests.conftest import NOON, now, write_images, write_table
from tests.judging import ask, send

pytestmark = pytest.mark.django_db
MakeJob = Callable[..., Job]


def begin(job: Job, rng: Random | None = None, rows: int | None = None) -> Job:
    return launch(job, actor=None, at=NOON, rng=rng or Random(1), rows=rows)


def rest(job: Job, rng: Random | None = None) -> Job:
    return launch_rest(job, actor=None, at=NOON, rng=rng or Random(2))


def state(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state


def launched_rows(job: Job) -> list[int]:
    return sorted(Slot.objects.filter(job=job).values_list("unit__number", flat=True))


def switch_off(job: Job, *rows: int) -> None:
    for question in TestQuestion.objects.filter(unit__job=job, unit__number__in=rows):
        set_enabled(question, False, actor=None, at=NOON)


class Meanwhile(Random):
    """Something else happens while a launch shuffles its units."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__(1)
        self.happens = happens

    def shuffle(self, x: Any) -> None:
        super().shuffle(x)
        self.happens()


@pytest.fixture
def in_threes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "AT_ONCE", 3)


@pytest.fixture
def breaks_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Launching is killed at its third block."""
    add, calls = slots.add_slots, Counter[str]()

    def add_some(job: Job, block: Any) -> None:
        calls["made"] += 1
        if calls["made"] == 3:
            raise KeyboardInterrupt
        add(job, block)

    with monkeypatch.context() as patch:
        patch.setattr(launching, "add_slots", add_some)
        yield


# test questions that are switched off


def test_a_test_question_that_is_switched_off_after_the_launch_is_no_work(job: Job) -> None:
    begin(job, rows=4)
    switch_off(job, 1)
    rest(job)
    assert launched_rows(job) == list(range(11, 21))


def test_everybody_can_go_on_when_one_is_switched_off_while_it_is_judged(job: Job) -> None:
    begin(job, rows=4)
    [lena] = invite(job, count=1, actor=None, at=now())
    page = ask(lena).page
    assert page is not None
    seen = list(job.units.filter(pk__in=page.unit_ids).values_list("number", flat=True))
    switch_off(job, seen[0])
    rest(job)
    assert send(lena, page)["state"] == "working"


def test_rows_that_were_switched_off_before_are_in_the_pilot(job: Job) -> None:
    switch_off(job, 1, 2)
    begin(job, rows=4)
    assert {1, 2} <= set(launched_rows(job))
    assert len(launched_rows(job)) == 4
    rest(job)
    assert launched_rows(job) == [1, 2, *range(11, 21)]


def test_a_pilot_grows_where_more_than_its_rows_were_switched_off(job: Job) -> None:
    switch_off(job, 1, 2, 3)
    assert begin(job, rows=2).pilot_rows == 3
    assert launched_rows(job) == [1, 2, 3]


# in blocks


def test_a_launch_never_holds_the_turn_to_write_for_more_than_a_block(
    job: Job, in_threes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    added: list[int] = []

    @contextmanager
    def counted() -> Iterator[None]:
        before = Slot.objects.count()
        with write():
            yield
        added.append(Slot.objects.count() - before)

    monkeypatch.setattr(launching, "write", counted)
    begin(job, rows=5)
    rest(job)
    assert max(added) == 3
    assert sum(added) == 10


def test_a_job_whose_launch_broke_off_is_a_draft_and_can_be_launched_again(
    job: Job, in_threes: None, breaks_off: None
) -> None:
    with pytest.raises(KeyboardInterrupt):
        begin(job)
    assert state(job) == JobState.DRAFT
    assert Slot.objects.filter(job=job).count() == 6
    job.refresh_from_db()
    changed = Settings.of(job).__dict__ | {"judgments_per_unit": 5}
    set_settings(job, Settings(**changed), actor=None, at=NOON)
    assert begin(job, Random(7)).state == JobState.RUNNING
    assert launched_rows(job) == list(range(11, 21))
    assert set(Slot.objects.values_list("wanted", flat=True)) == {5}
    positions = Slot.objects.order_by("position").values_list("position", flat=True)
    assert list(positions) == [number * GAP for number in range(10)]


def test_a_rest_that_broke_off_goes_on_where_it_was(
    job: Job, in_threes: None, breaks_off: None
) -> None:
    begin(job, rows=3)
    with pytest.raises(KeyboardInterrupt):
        rest(job)
    assert len(launched_rows(job)) == 6
    rest(job)
    assert launched_rows(job) == list(range(11, 21))
    assert Job.objects.get(pk=job.pk).pilot_rows is None


def test_a_rest_that_broke_off_at_its_very_end_can_be_ended(job: Job) -> None:
    begin(job, rows=3)
    rest(job)
    Job.objects.filter(pk=job.pk).update(pilot_rows=3)
    assert rest(job).pilot_rows is None
    with pytest.raises(Refused, match="No row"):
        rest(job)


def test_of_two_launches_at_once_one_succeeds(job: Job, in_threes: None) -> None:
    other = Job.objects.get(pk=job.pk)
    with pytest.raises(StepError):
        begin(job, Meanwhile(lambda: begin(other)))
    assert launched_rows(job) == list(range(11, 21))
    assert AuditEntry.objects.filter(action="launch").count() == 1


def test_a_launch_gives_way_to_one_that_began_later(job: Job) -> None:
    with pytest.raises(Refused, match="changed while"):
        begin(job, Meanwhile(lambda: launching._begin(job)))
    assert state(job) == JobState.DRAFT


def test_two_who_launch_the_rest_at_once_launch_it_once(job: Job, in_threes: None) -> None:
    begin(job, rows=2)
    rest(job, Meanwhile(lambda: rest(job)))
    assert launched_rows(job) == list(range(11, 21))


def test_what_is_changed_during_a_launch_stops_it(job: Job) -> None:
    with pytest.raises(Refused, match="changed while"):
        begin(job, Meanwhile(lambda: switch_off(job, 1)))
    assert state(job) == JobState.DRAFT
    begin(job)
    assert 1 in launched_rows(job)


# uploads


@pytest.mark.parametrize("reading", [Intake.State.WAITING, Intake.State.READING])
def test_a_job_is_not_launched_while_an_upload_is_read(job: Job, reading: str) -> None:
    upload = start_intake(job, actor=None, at=NOON)
    Intake.objects.filter(pk=upload.pk).update(state=reading)
    with pytest.raises(Refused, match="still being read"):
        begin(job)
    Intake.objects.filter(pk=upload.pk).update(state=Intake.State.REFUSED)
    assert begin(job).state == JobState.RUNNING


def test_an_upload_that_begins_during_a_launch_stops_it(job: Job) -> None:
    with pytest.raises(Refused, match="still being read"):
        begin(job, Meanwhile(lambda: start_intake(job, actor=None, at=NOON)))
    assert state(job) == JobState.DRAFT


def read_while(job: Job, tmp_path: Path, happens: Callable[[], object], *, table: bool) -> Intake:
    """An upload, read as if something happened when its last picture was done."""
    images = write_images(tmp_path / "late", 21, seed=99)
    rows = write_table(tmp_path / "late.csv", 21, 0) if table else None

    def progress(done: int, total: int) -> None:
        if done == total:
            happens()

    upload = start_intake(job, actor=None, at=NOON)
    # As the worker reads the job with it.
    upload = Intake.objects.select_related("job__team").get(pk=upload.pk)
    take_in(upload, [*([rows] if rows else []), images], progress=progress)
    return upload


def launched_elsewhere(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)


@pytest.mark.parametrize("table", [True, False])
def test_an_upload_that_ends_after_the_launch_changes_nothing(
    make_job: MakeJob, tmp_path: Path, table: bool
) -> None:
    job = make_job(without_image=1)
    units = set(job.units.values_list("pk", "state"))
    upload = read_while(job, tmp_path, lambda: launched_elsewhere(job), table=table)
    assert upload.state == Intake.State.REFUSED
    assert "launched" in upload.problems[0]["problem"]["template"]
    assert state(job) == JobState.RUNNING
    assert set(job.units.values_list("pk", "state")) == units


@pytest.mark.parametrize("table", [True, False])
def test_an_upload_leaves_settings_alone_and_says_that_test_questions_changed(
    make_job: MakeJob, tmp_path: Path, table: bool
) -> None:
    job = make_job(without_image=1)
    changed = Settings(**Settings.of(job).__dict__ | {"quiz_length": 7})
    upload = read_while(
        job,
        tmp_path,
        lambda: set_settings(job, changed, actor=None, at=NOON),
        table=table,
    )
    assert upload.state == Intake.State.DONE
    found = Job.objects.get(pk=job.pk)
    assert (found.quiz_length, found.revision) == (7, job.revision + 2)


# what stands in the way


def test_another_order_for_each_is_refused_where_there_are_too_many_rows(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    Job.objects.filter(pk=job.pk).update(order="per contributor")
    monkeypatch.setattr(settings, "MOST_ROWS_FOR_OWN_ORDER", 19)
    with pytest.raises(Refused, match="more than 19 rows"):
        begin(job)
    monkeypatch.setattr(settings, "MOST_ROWS_FOR_OWN_ORDER", 20)
    assert begin(job).state == JobState.RUNNING


def test_too_few_test_questions_that_are_not_hidden_are_refused(job: Job) -> None:
    hidden = TestQuestion.objects.filter(unit__job=job, unit__number__lte=6)
    hidden.update(hidden=True)
    with pytest.raises(Refused, match="asks for 5 test questions; only 4 are not hidden"):
        begin(job)
    hidden.filter(unit__number=1).update(hidden=False)
    assert begin(job).state == JobState.RUNNING


def test_without_a_quiz_hidden_test_questions_stand_in_no_way(make_job: MakeJob) -> None:
    job = make_job(labelled=2)
    TestQuestion.objects.filter(unit__job=job).update(hidden=True)
    assert begin(job).state == JobState.RUNNING
