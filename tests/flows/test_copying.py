"""A copy of a job: its design, settings and rows; its judgments stay behind."""

from collections.abc import Callable
from dataclasses import asdict, replace
from random import Random

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from typer.testing import CliRunner

from overread.cli.commands import app
from overread.core.checks import Approval
from overread.core.design import Instructions
from overread.core.states import JobState, UnitState
from overread.flows.copying import Copied, copy_job
from overread.flows.design import approve, revise_instructions
from overread.flows.judging.launching import launch
from overread.flows.people import Invitation
from overread.flows.reports import REPORTED
from overread.flows.settings import Settings, set_settings
from overread.store.models import Job, Judgment, Report, TestQuestion, User
from overread.store.queries.checks import approval_of
from overread.store.queries.design import current_design, design_of
from overread.store.queries.design_versions import versions_of
from tests.conftest import NOON
from tests.judging import pass_quiz

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])


def copied(job: Job, units: Copied = Copied.ALL) -> Job:
    return copy_job(job, units, actor=None, at=NOON)


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    return done.exit_code, done.stdout


def test_a_copy_is_a_draft_with_the_newest_design_and_the_settings(running_job: Job) -> None:
    revise_instructions(running_job, Instructions("New."), actor=None, at=NOON)
    copy = copied(running_job)
    assert (copy.state, copy.title) == (JobState.DRAFT, running_job.title)
    assert Settings.of(copy) == Settings.of(running_job)
    assert current_design(copy).number == 1
    assert design_of(copy) == design_of(running_job)


def test_a_copy_asks_anew_about_what_reports_held_back(running_job: Job, lena: Invitation) -> None:
    question = TestQuestion.objects.filter(unit__job=running_job)[0]
    running_job.turning = False
    running_job.save(update_fields=["turning"])
    unit = question.unit
    unit.state, unit.held = UnitState.HELD, {"problem": "Reported."}
    unit.save(update_fields=["state", "held"])
    question.state, question.on_hold_for = TestQuestion.State.ON_HOLD, REPORTED
    question.save(update_fields=["state", "on_hold_for"])
    Report.objects.create(
        unit=unit, participation=lena.participation, reason="blurred", held=True, created_at=0
    )
    copy = copied(running_job)
    again = copy.units.get(number=unit.number)
    assert (again.state, again.held) == (UnitState.NEW, None)
    assert again.test_question.state == TestQuestion.State.ENABLED
    assert not copy.turning


def test_all_rows_come_along_with_images_labels_patients_and_why_they_are_held(
    make_job: Callable[..., Job],
) -> None:
    job = make_job(without_image=2)
    copy = copied(job)
    columns = ("number", "state", "data", "given", "held", "patient", "images")
    rows = [list(one.units.order_by("number").values_list(*columns)) for one in (job, copy)]
    assert rows[0] == rows[1]
    assert copy.units.filter(state=UnitState.HELD).count() == 2
    assert copy.image_column == "image"


def test_test_questions_come_along_as_they_are_now(job: Job) -> None:
    first = TestQuestion.objects.get(unit__job=job, unit__number=1)
    first.state, first.hidden = TestQuestion.State.DISABLED, True
    first.save()
    columns = ("unit__number", "state", "hidden", "current__accepted", "current__reasons")
    copy = copied(job, Copied.TEST_QUESTIONS)
    found = [
        list(TestQuestion.objects.filter(unit__job=one).order_by("unit").values_list(*columns))
        for one in (job, copy)
    ]
    assert found[0] == found[1]
    assert copy.units.count() == 10


def test_a_copy_may_have_no_rows(job: Job) -> None:
    assert not copied(job, Copied.NONE).units.exists()


def test_judgments_and_the_approval_stay_behind(running_job: Job, lena: Invitation) -> None:
    pass_quiz(lena)
    approve(running_job, Approval("The board", "7"), actor=None, at=NOON)
    copy = copied(running_job)
    assert Judgment.objects.filter(participation__job=running_job).exists()
    assert not copy.participations.exists()
    assert approval_of(copy) is None
    assert copy.units.filter(state=UnitState.NEW).count() == 20


def test_a_copy_can_be_launched(running_job: Job) -> None:
    copy = launch(copied(running_job), actor=None, at=NOON, rng=Random(1))
    assert copy.slots.count() == running_job.slots.count()


def test_a_copy_that_fails_leaves_nothing(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("overread.flows.copying.add", fail)
    with pytest.raises(OSError, match="full"):
        copied(job)
    assert list(Job.objects.all()) == [job]


def test_a_larger_job_takes_no_more_queries(make_job: Callable[..., Job]) -> None:
    counts = []
    for rows in (20, 80):
        job = make_job(rows=rows)
        with CaptureQueriesContext(connection) as queries:
            copied(job)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("units", "rows"), [("all", 20), ("test-questions", 10), ("none", 0)])
def test_the_command_prints_the_copys_id(job: Job, units: str, rows: int) -> None:
    code, said = run("job", "copy", job.pk, "--units", units, "--title", "Again")
    copy = Job.objects.get(pk=int(said))
    assert (code, copy.title, copy.units.count()) == (0, "Again", rows)


def test_an_owner_copies_in_the_browser(
    job: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(olga)
    assert "Copy this job" in browser.get(f"/jobs/{job.pk}/launch").content.decode()
    answer = browser.post(f"/jobs/{job.pk}/copy", {"title": "Again", "units": "test-questions"})
    copy = Job.objects.get(title="Again")
    assert answer.headers["Location"] == f"/jobs/{copy.pk}/design"
    assert browser.post(f"/jobs/{job.pk}/copy", {"units": "some"}).status_code == 200
    assert Job.objects.count() == 2


def test_changes_of_the_design_are_shown_with_what_they_mean(
    running_job: Job, lena: Invitation, olga: User, signed_in: Callable[[User], Client]
) -> None:
    pass_quiz(lena)
    browser, address = signed_in(olga), f"/jobs/{running_job.pk}/design"
    parts = {**_parts(running_job), "overview": "Look twice."}
    answer = browser.post(address, {"title": running_job.title, **parts}, follow=True)
    assert "Judgments made before count as they are" in answer.content.decode()
    shown = browser.get(f"{address}/changes").content.decode()
    assert "<ins>Look twice.</ins>" in shown
    assert "1 page was judged by earlier versions" in shown
    assert [(one.number, one.pages) for one in versions_of(running_job)] == [(2, 0), (1, 1)]
    assert browser.get(f"{address}/changes?from=1&to=9").status_code == 404
    code, said = run("job", "changes", running_job.pk)
    assert code == 0
    assert "+ Look twice." in said
    assert run("job", "changes", running_job.pk, "--to", 9)[0] == 2


def test_a_drafts_change_means_nothing_for_results(
    job: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(olga)
    parts = {**_parts(job), "overview": "Look twice."}
    answer = browser.post(f"/jobs/{job.pk}/design", {"title": job.title, **parts}, follow=True)
    assert "Judgments made before" not in answer.content.decode()


def _parts(job: Job) -> dict[str, str]:
    instructions = design_of(job).instructions
    return {name: getattr(instructions, name) for name in ("steps", "rules", "examples")}


def test_settings_are_copied_one_by_one(job: Job) -> None:
    settings = replace(Settings.of(job), quiz_length=7, minimum_accuracy=0.8, discussion=True)
    set_settings(job, settings, actor=None, at=NOON)
    job.refresh_from_db()
    assert asdict(Settings.of(copied(job))) == asdict(settings)
