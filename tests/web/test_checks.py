"""The same list of checks on the Launch page and on the command line."""

import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from typer.testing import CliRunner

from overread.cli.commands import app
from overread.core.checks import Finding, Mark
from overread.flows.design import create_job, rename
from overread.flows.documents import datasheet
from overread.flows.intake import start_intake, take_in
from overread.store.models import Image, Job, Patient, Team, Unit, UnitImage, User
from overread.store.queries.checks import approval_of, checked
from overread.store.queries.leaks import powers_of
from overread.store.queries.standing import standing
from tests.conftest import NOON
from tests.shared_data import shared_data

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])


@pytest.fixture
def browser(signed_in: Callable[[User], Client], olga: User) -> Client:
    return signed_in(olga)


def findings(job: Job) -> dict[str, Finding]:
    return {one.check: one for one in checked(standing(job))}


def test_page_and_command_show_the_same_list(browser: Client, job: Job) -> None:
    shown = browser.get(f"/jobs/{job.pk}/launch").content.decode()
    said = CliRunner().invoke(app, ["job", "check", str(job.pk), "--json"])
    assert said.exit_code == 0
    listed = json.loads(said.stdout)
    assert [one["check"] for one in listed] == list(findings(job))
    for one in listed:
        assert one["address"] == f"/jobs/{job.pk}/{one['tab']}"
        assert one["reason"].split(".")[0].split("'")[0] in shown, one
    plain = CliRunner().invoke(app, ["job", "check", str(job.pk)]).stdout
    assert all(one["words"] in plain for one in listed)


def test_a_job_that_cannot_be_launched_exits_with_3(make_job: Callable[..., Job]) -> None:
    job = make_job(rows=2, labelled=2)
    said = CliRunner().invoke(app, ["job", "check", str(job.pk)])
    assert said.exit_code == 3
    assert "wrong: Rows to be judged: 0." in said.stdout


def test_an_approval_is_noted_with_who_and_where(browser: Client, job: Job) -> None:
    address = f"/jobs/{job.pk}/launch"
    assert browser.post(address, {"approve": "yes", "by": "The board"}).status_code == 422
    assert findings(job)["approval"].mark == Mark.TODO
    browser.post(address, {"approve": "yes", "by": "The board", "reference": "2026-117"})
    assert findings(job)["approval"].mark == Mark.DONE
    again = ["job", "approve", str(job.pk), "--by", "The ministry", "--reference", "8"]
    assert CliRunner().invoke(app, again).exit_code == 0
    found = approval_of(job)
    assert found is not None
    assert (found.by, found.reference) == ("The ministry", "8")


def test_drawings_need_no_approval(job: Job) -> None:
    Image.objects.update(synthetic=True)
    assert findings(job)["approval"].mark == Mark.DONE


def test_a_file_or_patient_named_in_a_text_is_found(job: Job) -> None:
    assert "names in texts" not in findings(job)
    patient = Patient.objects.create(team=job.team, key="Doe, Jane")
    Unit.objects.filter(job=job, number=12).update(patient=patient)
    rename(job, "scan-3.png and Doe, Jane", actor=None, at=NOON)
    assert "2" in findings(job)["names in texts"].words


def test_a_column_beside_the_image_is_looked_at_too(make_job: Callable[..., Job]) -> None:
    job = make_job(rows=60, labelled=40)
    for unit in job.units.all():
        unit.data |= {"ward": f"ward {unit.data['label'] or 'unknown'}", "note": unit.data["image"]}
        unit.save(update_fields=["data"])
    assert findings(job)["label given away"].mark == Mark.NOTE
    assert "names in texts" not in findings(job)
    job.context = ["ward", "note"]
    job.save(update_fields=["context"])
    assert findings(job)["label given away"].mark == Mark.WRONG
    assert "names in texts" in findings(job)


def test_names_that_tell_the_label_are_found(make_job: Callable[..., Job]) -> None:
    job = make_job(rows=40, labelled=30)
    assert findings(job)["label given away"].mark == Mark.DONE
    for unit in job.units.all():
        unit.data["image"] = f"{unit.data['label'] or 'x'}-{unit.number}.png"
        unit.save()
    assert findings(job)["label given away"].mark == Mark.NOTE


def test_what_the_files_were_is_found_too(browser: Client, make_job: Callable[..., Job]) -> None:
    job = make_job(rows=40, labelled=30)
    for shown in UnitImage.objects.filter(unit__job=job).select_related("unit", "image"):
        label = shown.unit.data["label"]
        shown.folder = {"healthy": "aaaa/bbbb", "pneumonia": "aaaa/cccc"}.get(label, "aaaa/dddd")
        shown.save(update_fields=["folder"])
        shown.image.traces |= {"marker": {"healthy": "top left"}.get(label, "")}
        shown.image.save(update_fields=["traces"])
    found = findings(job)
    assert found["label given away by the file"].mark == Mark.NOTE
    assert found["label given away by a side marker"].mark == Mark.TODO
    page = browser.get(f"/jobs/{job.pk}/data/leaks").content.decode()
    assert page.count("30 of 30") == page.count("gives it away") == 2
    assert f"/jobs/{job.pk}/data/leaks" in browser.get(f"/jobs/{job.pk}/data").content.decode()
    told = datasheet(job)
    assert "The folder of the files tells the label of 30 of 30 labelled rows." in told
    assert "side marker" in told


def test_without_labels_the_page_says_so(browser: Client, make_job: Callable[..., Job]) -> None:
    job = make_job(rows=4, labelled=0, tests=False)
    assert "No row has a label yet" in browser.get(f"/jobs/{job.pk}/data/leaks").content.decode()


def test_the_missions_own_table_gives_its_sixteen_labels_away(team: Team) -> None:
    job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    table = shared_data("udacity") / "xray_image_data.csv"
    images = shared_data("udacity") / "images/224"
    take_in(start_intake(job, actor=None, at=NOON), [table, images], progress=lambda *_: None)
    found = findings(job)["label given away"]
    assert "“hosted_image” tells the label of 16 of 16 labelled rows." in found.words
    told = {one.column: one for one in powers_of(job).images}
    assert told["name"].gives_away
    assert told["address"].gives_away
    assert "hosted_image" in datasheet(job)


def test_the_checks_take_as_many_queries_for_a_larger_job(make_job: Callable[..., Job]) -> None:
    counts = []
    for rows in (20, 60):
        found = standing(make_job(rows=rows, labelled=rows // 2))
        with CaptureQueriesContext(connection) as queries:
            checked(found)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_estimate_is_a_range_and_has_a_price(browser: Client, job: Job) -> None:
    shown = browser.get(f"/jobs/{job.pk}/launch").content.decode()
    assert "if nobody had to be replaced" in shown
    assert "Cost" not in shown
    priced = browser.get(f"/jobs/{job.pk}/launch?price=0.10&per=page&fee=20").content.decode()
    assert "<dt>Cost</dt>" in priced
    wrong = browser.get(f"/jobs/{job.pk}/launch?price=-1&per=page").content.decode()
    assert "greater than or equal to 0" in wrong


def test_the_command_says_the_same_estimate(job: Job) -> None:
    arguments = ["job", "estimate", str(job.pk), "--price", "0.1", "--fee", "20", "--json"]
    said = json.loads(CliRunner().invoke(app, arguments).stdout)
    assert said["cost"]["low"] == pytest.approx(said["pages"]["low"] * 0.12)
    assert said["plain_cost"] == pytest.approx(said["plain"] * 0.12)
    assert "hours: " in CliRunner().invoke(app, ["job", "estimate", str(job.pk)]).stdout
