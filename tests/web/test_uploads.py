"""The addresses of an upload in parts: who may, where it goes on, what is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from overread.store.models import Job, Membership, Team, User
from overread.store.models.people import Role
from overread.web.views.uploading import PART
from tests.conftest import NOON, picture

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])
CONTENT = [picture(number, seed=7) for number in range(4)]


@pytest.fixture
def browser(signed_in: Callable[[User], Client], olga: User) -> Client:
    return signed_in(olga)


def begun(browser: Client, job: Job, **changes: Any) -> dict[str, Any]:
    files = [
        {"path": f"more/{n}.png", "size": len(data), "modified": 5, **changes}
        for n, data in enumerate(CONTENT)
    ]
    answer = browser.post(
        f"/jobs/{job.pk}/uploads", json.dumps(files), content_type="application/json"
    )
    assert answer.status_code == 201
    assert answer.headers["Location"] == answer.json()["address"]
    found: dict[str, Any] = answer.json()
    return found


def sent(browser: Client, address: str, offset: object, data: bytes) -> Any:
    return browser.patch(
        address,
        data,
        content_type="application/offset+octet-stream",
        headers={"Upload-Offset": str(offset)},
    )


def test_parts_become_rows_from_wherever_they_were_broken_off(browser: Client, job: Job) -> None:
    whole, upload = b"".join(CONTENT), begun(browser, job)
    address = upload["address"]
    assert (upload["offset"], upload["length"]) == (0, len(whole))
    assert sent(browser, address, 0, whole[:300]).headers["Upload-Offset"] == "300"
    head = browser.head(address)
    assert (head.status_code, head.headers["Upload-Offset"]) == (204, "300")
    assert head.headers["Upload-Length"] == str(len(whole))
    again = begun(browser, job)
    assert (again["address"], again["offset"]) == (address, 300)
    page = browser.get(f"/jobs/{job.pk}/data").content.decode()
    assert "broken off" in page
    assert sent(browser, address, 300, whole[300:]).status_code == 204
    assert browser.post(address).json() == {"address": f"/jobs/{job.pk}/data"}
    assert job.units.count() == 24
    assert browser.head(address).status_code == 404


def test_the_wrong_place_is_answered_with_the_right_one(browser: Client, job: Job) -> None:
    address = begun(browser, job)["address"]
    sent(browser, address, 0, b"abc")
    for offset in (0, 2, 4):
        answer = sent(browser, address, offset, b"def")
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "3")
    early = browser.post(address)
    assert (early.status_code, early.headers["Upload-Offset"]) == (409, "3")


@pytest.mark.parametrize("offset", ["", "-1", "1.5", "x", "9" * 40])
def test_a_part_without_a_place_is_refused(browser: Client, job: Job, offset: str) -> None:
    assert sent(browser, begun(browser, job)["address"], offset, b"abc").status_code == 400


def test_parts_that_are_too_large_are_refused(browser: Client, job: Job) -> None:
    address = begun(browser, job)["address"]
    assert sent(browser, address, 0, bytes(PART + 1)).status_code == 413
    assert sent(browser, address, 0, bytes(20_000)).status_code == 400
    assert browser.head(address).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize("body", ["", "{}", "[1]", '[{"path": 1, "size": 2}]', "\xff", "[]"])
def test_what_is_no_list_of_files_is_refused(browser: Client, job: Job, body: str) -> None:
    answer = browser.post(f"/jobs/{job.pk}/uploads", body, content_type="application/json")
    assert answer.status_code in (400, 409)
    assert answer.json()["error"]["message"]


def test_an_upload_is_its_owners_alone(
    browser: Client, job: Job, team: Team, signed_in: Callable[[User], Client]
) -> None:
    address = begun(browser, job)["address"]
    mate = User.objects.create(name="Mia", email="mia@example.org", created_at=NOON)
    Membership.objects.create(user=mate, team=team, role=Role.OWNER)
    other = signed_in(mate)
    assert other.head(address).status_code == 404
    assert sent(other, address, 0, b"abc").status_code == 404
    assert other.delete(address).status_code == 404


def test_a_canceled_upload_is_gone(browser: Client, job: Job, home: Any) -> None:
    address = begun(browser, job)["address"]
    sent(browser, address, 0, b"abc")
    assert browser.delete(address).status_code == 204
    assert browser.head(address).status_code == 404
    assert not list((home / "uploads/.unfinished").iterdir())


def test_a_foreign_page_can_send_nothing(job: Job, olga: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(olga, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/jobs/{job.pk}/uploads"
    assert strict.post(address, "[]", content_type="application/json").status_code == 403
    for method in (strict.patch, strict.delete, strict.post):
        assert method(f"{address}/{'0' * 32}").status_code == 403
