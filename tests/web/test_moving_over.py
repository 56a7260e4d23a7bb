"""A job that moved over, in the browser and on the command line."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from typer.testing import CliRunner

from overread.cli.commands import app
from overread.flows.design import create_job
from overread.flows.judging.launching import launch
from overread.store.models import Job, Judgment, User
from tests.appen import CML, FULL_HEADER, a_job, full_report, lines_of, saved, written
from tests.conftest import NOON, picture, write_images
from tests.web.test_owner_pages import send

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])


@pytest.fixture
def draft(team: Any) -> Job:
    return create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)


@pytest.fixture
def browser(signed_in: Callable[[User], Client], olga: User) -> Client:
    return signed_in(olga)


@pytest.fixture
def moved(browser: Client, draft: Job) -> Job:
    """Handed over in the browser: the report, the CML, the images."""
    files = [SimpleUploadedFile(f"scan-{n}.png", picture(n)) for n in range(20)]
    report = SimpleUploadedFile("f1563702.csv", full_report(a_job()).encode())
    cml = SimpleUploadedFile("job.cml", CML.encode())
    send(browser, draft, {"table": [report, cml], "images": files})
    draft.refresh_from_db()
    return draft


def page(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_report_is_uploaded_like_any_table(browser: Client, moved: Job) -> None:
    assert Judgment.objects.filter(unit__job=moved).count() == len(a_job())
    said = page(browser, f"/jobs/{moved.pk}/data")
    assert "45 judgments by 5 contributors come over, and 6 test questions." in said


def test_who_came_over_is_marked_with_both_figures(browser: Client, moved: Job) -> None:
    job = launch(moved, actor=None, at=NOON, rng=Random(1))
    assert page(browser, f"/jobs/{job.pk}/monitor").count("moved over") == 5
    who = job.participations.get(imported__key="505")
    said = page(browser, f"/jobs/{job.pk}/contributors/{who.pk}")
    assert "moved over" in said
    assert "Trust there: 60" in said
    assert "own count of the same test answers: 100" in said


def test_the_platforms_ids_reach_the_full_report_alone(browser: Client, moved: Job) -> None:
    for tab in ("data", "design", "quality", "launch", "monitor", "results"):
        assert "clixsense" not in page(browser, f"/jobs/{moved.pk}/{tab}")
    answer = browser.get(f"/jobs/{moved.pk}/results/full.csv")
    report = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert {line["_worker_id"] for line in lines_of(report)} == {f"50{n}" for n in range(1, 6)}


def test_the_command_reports_every_judgment_that_was_left_out(draft: Job, tmp_path: Path) -> None:
    lines = lines_of(full_report(a_job()))
    lines[3]["pneumonia_present"] = "maybe"
    lines[8]["_created_at"] = "later"
    sources = [
        saved(tmp_path / "f1.csv", written(FULL_HEADER, lines)),
        saved(tmp_path / "job.cml", CML),
        write_images(tmp_path / "images", 20),
    ]
    report = tmp_path / "problems.csv"
    arguments = ["intake", str(draft.pk), *map(str, sources), "--report", str(report)]
    would = CliRunner().invoke(app, [*arguments, "--what-if"])
    assert (would.exit_code, draft.units.count(), draft.designs.count()) == (3, 0, 1)
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 3, done.stderr
    problems = csv.DictReader(io.StringIO(report.read_text()))
    left_out = [(one["row"], one["column"]) for one in problems if one["source"] == "f1.csv"]
    assert [one for one in left_out if one[0]] == [
        ("1", "hosted_image"), ("4", "pneumonia_present"), ("9", "_created_at"),
    ]  # fmt: skip
