"""overread job launch and job settings: a pilot, the rest, and how it is judged."""

import json
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from overread.cli.commands import app
from overread.store.models import Job, Slot

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])
Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(one) for one in arguments])


def status(run: Run, job: Job) -> dict[str, object]:
    found: dict[str, object] = json.loads(run("job", "status", job.pk, "--json").stdout)
    return found


def test_a_pilot_is_launched_reported_and_followed_by_the_rest(run: Run, job: Job) -> None:
    assert status(run, job)["pilot"] is None
    assert run("job", "launch", job.pk, "--rows", 4).exit_code == 0
    pilot = status(run, job)["pilot"]
    assert isinstance(pilot, dict)
    assert (pilot["rows"], pilot["rest"], pilot["quiz_pass_rate"]) == (4, 6, None)
    assert pilot["agreement"] | {"method": ""} == {
        "share": None,
        "rows": 0,
        "judgments": 0,
        "method": "",
    }
    assert pilot["estimate_of_the_rest"]["most"] == 18
    assert run("job", "launch", job.pk).exit_code == 0
    assert Slot.objects.filter(job=job).count() == 10
    assert status(run, job)["pilot"] is None
    assert run("job", "launch", job.pk).exit_code == 2


def test_a_second_pilot_is_refused(run: Run, job: Job) -> None:
    run("job", "launch", job.pk, "--rows", 4)
    assert run("job", "launch", job.pk, "--rows", 2).exit_code == 2
    assert Slot.objects.filter(job=job).count() == 4


def test_a_pilot_of_no_rows_is_refused(run: Run, job: Job) -> None:
    assert run("job", "launch", job.pk, "--rows", 0).exit_code == 2
    assert not Slot.objects.exists()


def test_settings_are_shown_and_changed(run: Run, job: Job) -> None:
    made = run(
        "job",
        "settings",
        job.pk,
        "--quiz-length",
        7,
        "--minimum-accuracy",
        0.8,
        "--order",
        "per contributor",
        "--discussion",
        "true",
        "--answer-bounds",
        '{"from": 30, "shares": {"healthy": [0.2, 0.9]}}',
        "--json",
    )
    assert made.exit_code == 0, made.stderr
    shown = json.loads(made.stdout)
    assert (shown["quiz_length"], shown["minimum_accuracy"]) == (7, 0.8)
    assert (shown["order"], shown["discussion"]) == ("per contributor", True)
    assert shown["answer_bounds"]["from"] == 30
    assert "quiz-length: 7" in run("job", "settings", job.pk).stdout
    run("job", "settings", job.pk, "--maximum-judgments-per-contributor", 40)
    run("job", "settings", job.pk, "--maximum-judgments-per-contributor", "null")
    job.refresh_from_db()
    assert job.maximum_judgments_per_contributor is None


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--quiz-length", "many"), "quiz_length: “many” does not fit"),
        (("--quiz-length", "900"), "quiz_length: 900 is out of bounds"),
        (("--quizz", "5"), "There is no setting --quizz"),
        (("quiz-length", "5"), "There is no setting quiz-length"),
        (("--quiz-length",), "--quiz-length has no value"),
        (("--order", "mine"), "order: “mine” does not fit"),
        (("--answer-bounds", "{half}"), "answer_bounds: “{half}” does not fit"),
    ],
)
def test_what_is_no_setting_is_refused_with_a_reason(
    run: Run, job: Job, arguments: tuple[str, ...], reason: str
) -> None:
    refused = run("job", "settings", job.pk, *arguments)
    assert (refused.exit_code, reason in refused.stderr) == (2, True), refused.stderr
    job.refresh_from_db()
    assert (job.quiz_length, job.order) == (5, "shared")


def test_a_locked_setting_is_refused_by_its_name(run: Run, running_job: Job) -> None:
    refused = run("job", "settings", running_job.pk, "--quiz-length", 6)
    assert (refused.exit_code, "quiz_length: This job has been launched" in refused.stderr) == (
        2,
        True,
    )
    assert run("job", "settings", running_job.pk, "--page-seconds", 600).exit_code == 0
