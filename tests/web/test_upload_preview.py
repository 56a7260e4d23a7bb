"""What olga sees of an upload before anything of it is stored, and what she says of it."""

import csv
import io
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from overread.flows.design import create_job
from overread.store.models import Intake, Job, Team, Unit, User
from tests.conftest import NOON, picture

pytestmark = pytest.mark.django_db
TABLE = "image,label,note\nscan-0.png,0,x\nscan-1.png,maybe,y\nscan-9.png,1,z\n"


@pytest.fixture
def browser(signed_in: Callable[[User], Client], olga: User) -> Client:
    """Olga's."""
    return signed_in(olga)


@pytest.fixture
def draft(team: Team) -> Job:
    return create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)


class Form(HTMLParser):
    """What the page's form would send, were nothing changed in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.select = ""
        self.feed(page[page.index('<form class="stack"') :])

    def handle_starttag(self, tag: str, found: list[tuple[str, str | None]]) -> None:
        one = dict(found)
        kind, name, value = one.get("type"), one.get("name") or "", one.get("value") or ""
        if tag == "select":
            self.select = name
        elif tag == "option" and "selected" in one:
            self.fields.append((self.select, value))
        elif tag == "input" and (kind == "hidden" or "checked" in one):
            self.fields.append((name, value))


def upload(browser: Client, job: Job, table: str = TABLE, images: int = 3) -> str:
    """The page that follows."""
    files: list[object] = [SimpleUploadedFile(f"scan-{n}.png", picture(n)) for n in range(images)]
    data = {"images": files, "table": SimpleUploadedFile("rows.csv", table.encode())}
    answer = browser.post(f"/jobs/{job.pk}/data", data, follow=True)
    return answer.content.decode()


def press(browser: Client, job: Job, do: str, **said: Any) -> str:
    """A button of the page's form; the page that follows."""
    address = f"/jobs/{job.pk}/data/preview"
    return browser.post(address, {"do": do, **said}, follow=True).content.decode()


def test_an_upload_is_shown_before_it_is_stored(browser: Client, draft: Job) -> None:
    page = upload(browser, draft)
    assert "3 rows, images in “image”: 1 image found, 1 missing." in page
    assert "2 labelled: 1 Healthy, 1 Signs of pneumonia." in page
    assert "2 rows or files have a problem." in page
    assert "“maybe” is not a known label." in page
    assert "There is no image file called scan-9.png." in page
    assert "Nothing is stored yet." in page
    assert not Unit.objects.exists()


def test_one_button_takes_it_in_as_it_stands(browser: Client, draft: Job) -> None:
    upload(browser, draft)
    page = press(browser, draft, "read")
    assert "3 rows, images in “image”, 1 loaded." in page
    assert draft.units.count() == 3


def test_the_form_sends_what_it_shows_and_that_is_no_change(browser: Client, draft: Job) -> None:
    fields: dict[str, list[str]] = {}
    for name, value in Form(upload(browser, draft)).fields:
        fields.setdefault(name, []).append(value)
    assert fields["column"] == ["image", "label", "note"]
    assert fields["means"] == ["healthy", "pneumonia", "?"]
    press(browser, draft, "read", **fields)
    assert draft.intakes.get().state == Intake.State.DONE


def test_what_olga_changes_is_looked_at_first(browser: Client, draft: Job) -> None:
    upload(browser, draft)
    changed = {"cell": ["0", "maybe", "1"], "means": ["healthy", "", "pneumonia"]}
    page = press(browser, draft, "read", **changed)
    assert "You changed something: this is what comes of it." in page
    assert "2 images found, 1 missing." in page
    assert not Unit.objects.exists()
    press(browser, draft, "read", **changed)
    assert [unit.given for unit in draft.units.order_by("number")] == [
        {"finding": "healthy"},
        {},
        {"finding": "pneumonia"},
    ]


def test_a_column_that_plays_two_parts_is_said_where_olga_chose_it(
    browser: Client, draft: Job
) -> None:
    upload(browser, draft)
    roles = {"column": ["image", "label", "note"], "role": ["image", "label", "label"]}
    page = press(browser, draft, "look", **roles)
    assert "“label” and “note” have the same role." in page
    assert "Below stands what you chose" in page
    assert 'value="read" disabled' in page


def test_discarded_it_is_gone(browser: Client, draft: Job) -> None:
    upload(browser, draft)
    page = press(browser, draft, "discard")
    assert "Nothing of the upload is kept." in page
    assert "Look at the files" in page
    assert not Intake.objects.exists()
    address = f"/jobs/{draft.pk}/data/preview"
    assert browser.post(address, {"do": "read"}).status_code == 404
    assert browser.get(f"{address}/problems.csv").status_code == 404


def test_its_problems_are_a_table_to_download(browser: Client, draft: Job) -> None:
    page = upload(browser, draft)
    address = f"/jobs/{draft.pk}/data/preview/problems.csv"
    assert address in page
    answer = browser.get(address)
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(one["row"], one["column"]) for one in rows] == [("2", "label"), ("3", "image")]
    assert list(rows[0]) == ["source", "row", "column", "problem", "advice"]


def test_a_script_waits_until_the_server_has_looked(browser: Client, draft: Job) -> None:
    upload(browser, draft)
    address = f"/jobs/{draft.pk}/data/preview"
    part = {"X-Part": "1"}
    assert browser.get(address, headers=part).content.decode().lstrip().startswith("<form")
    Intake.objects.update(state=Intake.State.LOOKING)
    assert browser.get(address, headers=part).status_code == 202
    progress = browser.get(f"/jobs/{draft.pk}/data/progress").content.decode()
    assert "Looking at your files" in progress
    assert "Discard the upload" in browser.get(f"/jobs/{draft.pk}/data").content.decode()
    Intake.objects.update(state=Intake.State.DONE)
    assert browser.get(address, headers=part).status_code == 302


def test_opened_by_itself_its_address_leads_to_the_whole_page(browser: Client, draft: Job) -> None:
    upload(browser, draft)
    page = browser.get(f"/jobs/{draft.pk}/data/preview", follow=True).content.decode()
    assert page.lstrip().lower().startswith("<!doctype html")
    assert "What is in your files" in page


def test_a_table_for_rows_that_are_there_says_what_it_replaces(browser: Client, job: Job) -> None:
    page = upload(browser, job)
    assert "This replaces the 20 rows of the draft and their test questions." in page
    press(browser, job, "discard")
    assert job.units.count() == 20


def test_a_longer_table_asks_the_database_no_more(browser: Client, draft: Job) -> None:
    asked = []
    for rows in (3, 60):
        upload(browser, draft, "image\n" + "".join(f"scan-{n}.png\n" for n in range(rows)))
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(f"/jobs/{draft.pk}/data").status_code == 200
        asked.append(len(queries))
        press(browser, draft, "discard")
    assert asked[0] == asked[1]


def test_images_that_no_file_has_are_fetched_where_olga_ticks_it(
    browser: Client, draft: Job
) -> None:
    table = "image,label\nscan-0.png,0\nhttps://images.example.org/scan-8.png,1\n"
    page = upload(browser, draft, table)
    assert "1 image found, 1 missing." in page
    page = press(browser, draft, "look", option="fetch")
    assert "2 images found." in page
    assert "until then they count as found" in page
