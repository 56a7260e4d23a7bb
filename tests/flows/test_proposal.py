"""The proposal: figures filled in, the rest asked, nothing that has to stay here."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from django.test import Client
from typer.testing import CliRunner

from overread.cli.commands import app
from overread.core.intake import file_name
from overread.core.proposal import Ask, Curve, Pictures, Section, Table, Text, to_markdown
from overread.flows.design import rename
from overread.flows.documents import proposal_html, proposal_markdown
from overread.formats.job_templates import job_templates
from overread.formats.proposal_texts import known_biases, proposal_texts
from overread.store.models import Job, Patient, Unit, User
from overread.store.queries.design import design_of
from tests.conftest import NOON
from tests.shared_data import shared_data

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


@pytest.mark.parametrize("template", job_templates())
def test_no_template_speaks_of_one_source(template: str) -> None:
    said = " ".join(proposal_texts(template).values())
    assert not re.search("Kermany|one hospital|73 %", said)


@pytest.mark.parametrize("template", ["healthy-or-pneumonia", "your-own"])
def test_biases_of_a_source_are_said_for_its_images_alone(job: Job, template: str) -> None:
    Job.objects.update(template=template)
    job.refresh_from_db()
    asked = "Which ages, places and devices do the images come from"
    elsewhere = biases_of(job)
    assert asked in elsewhere
    assert "Who gave the labels that were there before" in elsewhere
    assert "Kermany" not in elsewhere
    for number, unit in enumerate(job.units.order_by("number")[:6]):
        unit.data["image"] = f"https://host.example/img{number}-0101-7.jpeg"
        unit.save()
    here = biases_of(job)
    assert asked not in here
    assert "73 % show pneumonia" in here
    assert "Whom do these images leave out" in here
    assert "img1" not in here


def test_biases_of_a_source_are_said_where_the_owner_names_it(job: Job) -> None:
    notice = "Images: Kermany, Zhang and Goldbaum 2018."
    document = msgspec.structs.replace(design_of(job), notice=notice).document()
    job.designs.create(number=2, document=document, created_at=NOON)
    assert "one hospital" in biases_of(job)


def test_the_missions_own_table_is_known_by_its_names() -> None:
    with shared_data("udacity", "xray_image_data.csv").open() as table:
        names = [file_name(row["hosted_image"]) for row in csv.DictReader(table)]
    assert "one hospital" in known_biases(names, [])
    assert known_biases(["IM-0001-0001.jpeg", "scan.png"], ["Lungs"]) == ""


def test_an_uneven_share_of_labels_is_computed(make_job: Callable[..., Job]) -> None:
    job = make_job()
    assert "always says so looks good" not in biases_of(job)
    Unit.objects.filter(job=job, number__in=[2, 4]).update(given={"finding": "healthy"})
    assert "70% of the labelled rows are “Healthy”" in biases_of(job)


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("healthy-or-pneumonia-with-boxes", "78 of 100"),
        ("who-paediatric-chest-x-ray", "kappa near .5"),
        ("normal-abnormal-pneumonia", "kappa near .5"),
        ("image-quality", ""),
        ("your-own", ""),
    ],
)
def test_how_well_experts_agree_is_said_where_it_is_known_and_asked(
    job: Job, template: str, says: str
) -> None:
    Job.objects.update(template=template)
    job.refresh_from_db()
    biases = biases_of(job)
    assert says in biases
    assert ("kappa" in biases) == bool(says)
    assert "How well do experts agree on this" in biases
    assert "new rows, or a copy of it" in proposal_markdown(job)


def biases_of(job: Job) -> str:
    written = proposal_markdown(job)
    return written[written.index("## Biases") : written.index("## What it takes")]


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
