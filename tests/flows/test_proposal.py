"""The proposal: figures filled in, the rest asked, nothing that has to stay here."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from typer.testing import CliRunner

from overread.cli.commands import app
from overread.core.proposal import Ask, Curve, Pictures, Section, Table, Text, to_markdown
from overread.flows.design import rename
from overread.flows.documents import proposal_html, proposal_markdown
from overread.store.models import Job, Patient, Unit, User
from tests.conftest import NOON

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])
TITLES = [
    "The problem, and who is helped",
    "The data",
    "Why these answers",
    "How many test questions, and why",
    "A test question that everybody misses",
    "When contributors are not satisfied",
    "Biases of the data",
    "What it takes",
    "Designing for longevity",
    "What is still open",
]


def test_markdown_holds_every_part() -> None:
    parts = [
        Text("Said."),
        Ask("Why?"),
        Table(("a", "b"), [("1|2", "3\n4")], [0.5]),
        Curve("x", "y", [(0.5, 0.25)]),
        Pictures([("data:,", "A picture")]),
    ]
    written = to_markdown("T", [Section("S", parts)], "To fill in:")
    assert written == (
        "# T\n\n## S\n\nSaid.\n\n> **To fill in:** Why?\n\n"
        "| a | b |\n| --- | --- |\n| 1\\|2 | 3 4 |\n\n"
        "| x | y |\n| --- | --- |\n| 50% | 25% |\n"
    )


def test_both_forms_have_every_section_and_figures(job: Job) -> None:
    written, shown = proposal_markdown(job), proposal_html(job)
    assert re.findall(r"^## (.+)$", written, re.MULTILINE) == TITLES
    assert re.findall(r"<h2>(.+?)</h2>", shown) == TITLES
    for text in (written, shown):
        assert "10 test questions" in text
        assert "kappa near .5" in text
        assert "3.5 of 5" in text
    assert written.count("> **To fill in:**") == shown.count('class="ask"') > 8
    assert "| test questions | 10 |" in written
    assert "<polyline" in shown
    assert shown.count("data:image/jpeg") == 2


def test_what_the_template_does_not_say_is_asked(job: Job) -> None:
    Job.objects.update(template="")
    job.refresh_from_db()
    written = proposal_markdown(job)
    assert "kappa" not in written
    assert "Whom do these images leave out" in written


def test_a_job_without_anything_has_a_proposal_too(make_job: Callable[..., Job]) -> None:
    job = make_job(rows=2, labelled=0, without_image=2)
    assert "Rows to be judged" not in proposal_markdown(job)
    assert "Quiz and hidden test questions begin with 8" in proposal_html(job)


def test_it_names_no_file_patient_or_address_and_holds_no_script(job: Job) -> None:
    patient = Patient.objects.create(team=job.team, key="Doe, Jane")
    Unit.objects.filter(job=job).update(patient=patient)
    rename(job, "scan-3.png, Doe, Jane, https://img.example/x <script>", actor=None, at=NOON)
    for text in (proposal_markdown(job), proposal_html(job)):
        shown = re.sub(r'"data:[^"]*"', '""', text)
        for hidden in ("scan-", "Doe", "http:", "https:", "//", "<script", "onload"):
            assert hidden not in shown, hidden


def test_the_command_goes_by_the_files_ending(job: Job, tmp_path: Path) -> None:
    for ending, begins in (("html", "<!doctype html>"), ("md", "# ")):
        file = tmp_path / f"proposal.{ending}"
        done = CliRunner().invoke(app, ["job", "proposal", str(job.pk), "-o", str(file)])
        assert done.exit_code == 0
        assert file.read_text().startswith(begins)
    refused = CliRunner().invoke(
        app, ["job", "proposal", str(job.pk), "-o", str(tmp_path / "p.docx")]
    )
    assert (refused.exit_code, "neither .html nor .md" in refused.stderr) == (2, True)


def test_an_owner_fetches_it(job: Job, olga: User, signed_in: Callable[[User], Client]) -> None:
    browser = signed_in(olga)
    for kind in ("html", "md"):
        answer = browser.get(f"/jobs/{job.pk}/proposal.{kind}")
        assert answer.headers["Content-Disposition"].startswith("attachment")
    assert browser.get(f"/jobs/{job.pk}/proposal.pdf").status_code == 404
