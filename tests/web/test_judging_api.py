"""The two JSON routes, as their document says (docs/reference/judging-api.md)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from overread.flows.judging.launching import pause
from overread.flows.people import Invitation
from overread.store.models import Image, Job, Judgment, Page, Rendition, Unit, User
from overread.web.images import owner_address
from tests.conftest import NOON

pytestmark = pytest.mark.django_db


def post(
    client: Client, job: int, route: str, body: object, token: str = "", **headers: str
) -> Any:
    if token:
        headers["Authorization"] = f"Bearer {token}"
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(
        f"/api/jobs/{job}/{route}", text, content_type="application/json", headers=headers
    )


def first_page(client: Client, who: Invitation) -> dict[str, Any]:
    answer = post(client, who.participation.job_id, "page", {}, who.token)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def healthy(page: dict[str, Any]) -> dict[str, Any]:
    return {
        "page": page["id"],
        "judgments": [
            {"place": unit["place"], "answers": {"finding": "healthy"}} for unit in page["units"]
        ],
    }


def test_a_page_says_what_it_shows_and_nothing_of_what_it_is(
    client: Client, lena: Invitation
) -> None:
    reply = first_page(client, lena)
    assert set(reply) == {"outcome", "state", "page", "progress"}
    assert (reply["outcome"], reply["state"]) == ("page", "quiz")
    page = reply["page"]
    assert set(page) == {"id", "mode", "design", "expires_at", "minimum_seconds", "units"}
    for place, unit in enumerate(page["units"]):
        assert (unit["place"], set(unit)) == (place, {"place", "images"})
        image = unit["images"][0]
        assert set(image) == {"role", "address", "width", "height", "synthetic", "full"}
        assert set(image["full"]) == {"address", "width", "height", "greys"}


def test_the_lossless_image_holds_the_pixels_and_is_served_as_the_small_one_is(
    client: Client, lena: Invitation, rafael: Invitation
) -> None:
    full = first_page(client, lena)["page"]["units"][0]["images"][0]["full"]
    image = client.get(full["address"], headers={"Authorization": f"Bearer {lena.token}"})
    assert image.content[:4] == b"OVRG"
    assert (full["width"], full["height"], full["greys"]["bits"]) == (24, 18, 8)
    for headers in ({}, {"Authorization": f"Bearer {rafael.token}"}):
        assert client.get(full["address"], headers=headers).status_code == 404


def test_what_must_not_be_seen_is_served_to_no_contributor(
    client: Client, lena: Invitation, olga: User, signed_in: Callable[[User], Client]
) -> None:
    addresses = first_page(client, lena)["page"]["units"][0]["images"][0]
    Image.objects.update(hidden=True)
    for address in (addresses["address"], addresses["full"]["address"]):
        answer = client.get(address, headers={"Authorization": f"Bearer {lena.token}"})
        assert answer.status_code == 404
    shown = owner_address(Rendition.objects.filter(kind="view")[0], olga)
    assert signed_in(olga).get(shown).status_code == 200


def test_an_image_is_served_to_the_one_it_was_addressed_to(
    client: Client, lena: Invitation, rafael: Invitation
) -> None:
    address = first_page(client, lena)["page"]["units"][0]["images"][0]["address"]
    image = client.get(address, headers={"Authorization": f"Bearer {lena.token}"})
    assert image.headers["Content-Type"] == "image/jpeg"
    assert "private" in image.headers["Cache-Control"]
    assert "immutable" in image.headers["Cache-Control"]
    assert not {"Last-Modified", "ETag", "Content-Disposition"} & set(image.headers)
    assert image.content[:2] == b"\xff\xd8"
    for headers in ({}, {"Authorization": f"Bearer {rafael.token}"}):
        assert client.get(address, headers=headers).status_code == 404


def test_a_changed_or_expired_image_address_is_not_there(client: Client, lena: Invitation) -> None:
    address = first_page(client, lena)["page"]["units"][0]["images"][0]["address"]
    token = {"Authorization": f"Bearer {lena.token}"}
    handle, query = address.split("?")
    signature = query.split("s=")[1]
    for spoiled in (
        handle,
        f"{handle}?e=1&s={signature}",
        f"{handle}?e=99999999999999&s={signature}",
        f"{handle}?e=x&s={signature}",
        f"/i/other?{query}",
        address[:-1] + ("A" if address[-1] != "A" else "B"),
    ):
        assert client.get(spoiled, headers=token).status_code == 404


def test_a_submission_sent_twice_is_answered_the_same_and_stored_once(
    client: Client, lena: Invitation
) -> None:
    page, job = first_page(client, lena)["page"], lena.participation.job_id
    answers = [post(client, job, "submission", healthy(page), lena.token) for _ in range(2)]
    assert answers[0].status_code == 200
    assert answers[0].content == answers[1].content
    assert Judgment.objects.count() == 5


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"page": 3}', '{"page": "a", "judgments": [{"place": "x"}]}', "\x00"]
)
def test_what_is_no_submission_is_refused_as_malformed(
    client: Client, lena: Invitation, body: str
) -> None:
    answer = post(client, lena.participation.job_id, "submission", body, lena.token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


def test_a_missing_answer_is_named_by_place_and_question(client: Client, lena: Invitation) -> None:
    sent = healthy(first_page(client, lena)["page"])
    sent["judgments"][3]["answers"] = {}
    answer = post(client, lena.participation.job_id, "submission", sent, lena.token)
    assert answer.status_code == 422
    problem = answer.json()["error"]["problems"][0]
    assert (problem["place"], problem["question"]) == (3, "finding")
    assert problem["message"]


def test_an_unknown_page_and_another_contributors_page_are_not_there(
    client: Client, lena: Invitation, rafael: Invitation
) -> None:
    sent = healthy(first_page(client, lena)["page"])
    job = lena.participation.job_id
    assert post(client, job, "submission", sent, rafael.token).status_code == 404
    assert post(client, job, "submission", sent | {"page": "x"}, lena.token).status_code == 404


def test_an_expired_page_says_what_to_do(client: Client, lena: Invitation) -> None:
    sent = healthy(first_page(client, lena)["page"])
    lena.participation.pages.update(state="expired")
    answer = post(client, lena.participation.job_id, "submission", sent, lena.token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "page expired")


def test_a_paused_job_has_no_page(client: Client, running_job: Job, lena: Invitation) -> None:
    pause(running_job, actor=None, at=NOON)
    assert first_page(client, lena)["outcome"] == "paused"


@pytest.mark.parametrize("token", ["", "wrong"])
def test_without_an_invitation_there_is_nothing(
    client: Client, running_job: Job, token: str
) -> None:
    assert post(client, running_job.pk, "page", {}, token).status_code == 401


def test_an_invitation_is_good_for_its_own_job_only(
    client: Client, lena: Invitation, make_job: Callable[..., Job]
) -> None:
    other = make_job(launched=True)
    assert post(client, other.pk, "page", {}, lena.token).status_code == 404


def test_a_session_needs_the_csrf_token_and_an_invitation_does_not(lena: Invitation) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.get(f"/join/{lena.token}")
    job = lena.participation.job_id
    assert post(browser, job, "page", {}).status_code == 403
    browser.get(f"/work/{job}")
    csrf = browser.cookies["overread_csrf"].value
    assert post(browser, job, "page", {}, "", **{"X-CSRFToken": csrf}).status_code == 200
    assert post(Client(enforce_csrf_checks=True), job, "page", {}, lena.token).status_code == 200


def test_somebody_who_takes_no_part_finds_no_page(
    running_job: Job, stranger: User, signed_in: Callable[[User], Client]
) -> None:
    assert post(signed_in(stranger), running_job.pk, "page", {}).status_code == 404


def test_which_unit_a_place_stands_for_is_known_to_the_store_alone(
    client: Client, lena: Invitation
) -> None:
    page = first_page(client, lena)["page"]
    text = json.dumps(page)
    for unit in Unit.objects.filter(pk__in=Page.objects.get(pk=page["id"]).places.values()):
        assert unit.data["image"] not in text
