"""Lena begins a page on one device and goes on with another (docs/reference/judging-api.md)."""

from typing import Any

import pytest
from django.test import Client

from overread.flows.people import Invitation
from overread.store.models import PageDraft
from tests.web.test_judging_api import first_page, healthy, post

pytestmark = pytest.mark.django_db


def unsent(**answers: str) -> dict[str, Any]:
    return {
        "answers": answers,
        "cannot_be_judged": False,
        "milliseconds": 900,
        "prefilled": False,
    }


def put_by(client: Client, who: Invitation, page: str, places: dict[int, Any]) -> tuple[int, Any]:
    body = {"page": page, "places": places}
    answer = post(client, who.participation.job_id, "draft", body, who.token)
    return answer.status_code, answer.json()


def kept(client: Client, who: Invitation, page: str) -> tuple[int, Any]:
    address = f"/api/jobs/{who.participation.job_id}/draft?page={page}"
    answer = client.get(address, headers={"Authorization": f"Bearer {who.token}"})
    return answer.status_code, answer.json()


def test_another_device_goes_on_with_what_was_answered(client: Client, lena: Invitation) -> None:
    page = first_page(client, lena)["page"]["id"]
    assert kept(client, lena, page) == (200, {"places": {}})
    healthy_, unsure = unsent(finding="healthy"), unsent(finding="unsure")
    assert put_by(client, lena, page, {0: healthy_, 1: healthy_}) == (200, {"kept": True})
    assert put_by(client, lena, page, {1: unsure}) == (200, {"kept": True})
    assert kept(client, lena, page) == (200, {"places": {"0": healthy_, "1": unsure}})


def test_what_was_submitted_is_no_draft_and_the_next_page_begins_empty(
    client: Client, lena: Invitation
) -> None:
    page, job = first_page(client, lena)["page"], lena.participation.job_id
    put_by(client, lena, page["id"], {0: unsent(finding="healthy")})
    assert post(client, job, "submission", healthy(page), lena.token).status_code == 200
    assert kept(client, lena, page["id"]) == (200, {"places": {}})
    assert put_by(client, lena, page["id"], {0: unsent()})[0] == 409
    if reply := first_page(client, lena)["page"]:
        assert kept(client, lena, reply["id"]) == (200, {"places": {}})
        put_by(client, lena, reply["id"], {1: unsent(finding="unsure")})
        assert list(kept(client, lena, reply["id"])[1]["places"]) == ["1"]
    assert PageDraft.objects.count() == 1


def test_what_is_no_draft_of_ones_own_page_is_refused(
    client: Client, lena: Invitation, rafael: Invitation
) -> None:
    page = first_page(client, lena)["page"]["id"]
    first_page(client, rafael)
    for who, places, status in (
        (rafael, {0: unsent()}, 404),
        (lena, {99: unsent()}, 404),
        (lena, {0: {"answers": 1}}, 400),
        (lena, {0: unsent(finding="x" * 300_000)}, 413),
    ):
        found, answer = put_by(client, who, page, places)
        assert (found, "error" in answer) == (status, True)
    assert kept(client, rafael, page)[0] == 404
    assert not PageDraft.objects.exists()
