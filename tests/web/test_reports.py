"""A reader reports an image; olga sees it at once and decides."""

from collections.abc import Callable

import pytest
from django.test import Client

from overread.flows.people import Invitation
from overread.store.models import Job, Report, Unit, User
from tests.web.test_judging_api import first_page, post

pytestmark = pytest.mark.django_db


def said(client: Client, who: Invitation, **more: object) -> tuple[int, dict[str, object]]:
    page = first_page(client, who)["page"]["id"]
    body = {"page": page, "place": 0, "reason": "name visible", **more}
    answer = post(client, who.participation.job_id, "report", body, who.token)
    return answer.status_code, answer.json()


def test_a_report_is_answered_with_what_follows_and_nothing_else(
    client: Client, lena: Invitation
) -> None:
    """Lena's first page is a quiz: that the unit is a test question shows nowhere."""
    assert said(client, lena) == (200, {"reported": True, "dropped": True})
    assert said(client, lena) == (200, {"reported": True, "dropped": True})
    assert said(client, lena, place=1, reason="urgent") == (
        200,
        {"reported": True, "dropped": False},
    )
    assert Report.objects.count() == 2


def test_what_cannot_be_reported_is_refused_with_the_reason(
    client: Client, lena: Invitation, rafael: Invitation
) -> None:
    page = first_page(client, rafael)["page"]["id"]
    for more, status in (
        ({"reason": "boring"}, 400),
        ({"place": 99}, 404),
        ({"page": page}, 404),
        ({"text": "x" * 3000}, 422),
    ):
        found, answer = said(client, lena, **more)
        assert (found, "error" in answer) == (status, True), more
    assert not Report.objects.exists()


def test_the_owner_is_told_at_once_and_decides(
    client: Client,
    running_job: Job,
    lena: Invitation,
    olga: User,
    signed_in: Callable[[User], Client],
) -> None:
    said(client, lena, text="top left")
    browser = signed_in(olga)
    monitor = browser.get(f"/jobs/{running_job.pk}/monitor").content.decode()
    assert "can&#x27;t wait" in monitor
    address = f"/jobs/{running_job.pk}/reports"
    page = browser.get(address).content.decode()
    assert "hidden from contributors" in page
    assert "top left" in page
    unit = Report.objects.get().unit
    decided = browser.post(address, {"unit": unit.pk, "decision": "release"})
    assert decided.status_code == 302
    assert Unit.objects.get(pk=unit.pk).state == "new"
    assert "No open reports" in browser.get(address).content.decode()
    assert "top left" in browser.get(f"{address}?show=answered").content.decode()
