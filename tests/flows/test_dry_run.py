"""A dry run works through a copy in a process of its own, and the job stays as it was."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.test import Client
from typer.testing import CliRunner

from overread.cli.commands import app
from overread.core.problems import Refused
from overread.flows import dry_run
from overread.flows.dry_run import Report, report_of, script_of
from overread.store.models import Job, Judgment, Participation, TestQuestion, Unit, User

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])


def kept() -> tuple[int, ...]:
    models: list[Any] = [Job, Unit, Participation, Judgment]
    return tuple(model.objects.count() for model in models)


def test_a_copy_is_worked_through_elsewhere(job: Job) -> None:
    before = kept()
    found = dry_run.dry_run(job, guessers=0.2)
    assert found.finished
    assert (found.rows, found.done) == (10, 10)
    assert found.people >= 3  # three judgments for each row
    assert found.judgments > 30
    assert found.pages > 0
    assert kept() == before


def test_the_script_holds_no_cell_name_or_picture(job: Job) -> None:
    sent = msgspec.json.encode(script_of(job)).decode()
    for hidden in ("scan-", ".png", job.title):
        assert hidden not in sent
    assert len(script_of(job).rows) == 20


def test_truths_are_labels_where_they_are_known_and_drawn_elsewhere(
    make_job: Callable[..., Job],
) -> None:
    rows = script_of(make_job(tests=False)).rows
    assert {row.truth for row in rows} == {"healthy", "pneumonia"}
    assert all(row.accepted is None for row in rows)


def test_hidden_and_disabled_test_questions_are_what_they_are(job: Job) -> None:
    TestQuestion.objects.filter(unit__number=1).update(hidden=True)
    TestQuestion.objects.filter(unit__number=2).update(state=TestQuestion.State.DISABLED)
    rows = script_of(job).rows
    assert sum(row.hidden for row in rows) == 1
    assert sum(row.accepted is not None for row in rows) == 9
    assert len(rows) == 20


def test_a_job_that_cannot_be_launched_is_refused(make_job: Callable[..., Job]) -> None:
    with pytest.raises(Refused, match="No row of this job can be judged"):
        dry_run.dry_run(make_job(rows=4, labelled=4))


def test_the_reason_of_the_other_process_is_told(job: Job) -> None:
    TestQuestion.objects.update(hidden=True)
    with pytest.raises(Refused, match="only 0 are not hidden"):
        dry_run.dry_run(job)


def test_the_launch_tab_starts_one_and_shows_how_it_went(
    job: Job,
    olga: User,
    signed_in: Callable[[User], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = dry_run.Rehearsed(10, 10, 8, 7, 1, 1, 2, 20, 80, 10, 0.9)
    monkeypatch.setattr(dry_run, "dry_run", lambda _: found)
    browser = signed_in(olga)
    assert "Start a dry run" in browser.get(f"/jobs/{job.pk}/launch").content.decode()
    browser.post(f"/jobs/{job.pk}/dry-run")
    report = report_of(job)
    assert report is not None
    assert (report.state, report.revision) == ("done", job.revision)
    shown = browser.get(f"/jobs/{job.pk}/dry-run").content.decode()
    assert "All 10 rows were finished by 8 people." in shown
    Job.objects.update(revision=job.revision + 1)
    assert "The job was changed since" in browser.get(f"/jobs/{job.pk}/launch").content.decode()


def test_what_a_worker_left_running_is_said_to_have_failed(job: Job) -> None:
    dry_run._keep(job, Report("running", job.revision, "2026-05-04"))
    dry_run.clear_up()
    report = report_of(job)
    assert report is not None
    assert report.state == "failed"


def test_a_job_whose_work_never_ends_exits_with_3(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = dry_run.Rehearsed(10, 4, 40, 0, 40, 0, 0, 40, 200, 200, None)
    monkeypatch.setattr(dry_run, "dry_run", lambda *_, **__: found)
    said = CliRunner().invoke(app, ["job", "dry-run", str(job.pk)])
    assert said.exit_code == 3
    assert "finished: False" in said.stdout
