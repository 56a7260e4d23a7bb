"""A row that comes again, as lena and the owner see it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from overread.flows.refitting import refit
from overread.store.models import Image, Job, Page, Rendition, User
from tests.conftest import NOON, now
from tests.flows.test_repeats import Work, answered_twice

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(signed_in: Callable[[User], Client], olga: User) -> Client:
    return signed_in(olga)


@pytest.fixture
def work() -> Work:
    return Work()


def shape(value: Any) -> Any:
    """A document without its values."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    return [shape(one) for one in value] if isinstance(value, list) else type(value).__name__


def test_lena_can_not_tell_it_from_any_other_row() -> None:
    """Neither in the page as it is sent, nor in what she hears after it."""
    work = Work(at=now() - timedelta(hours=2))
    image = Image.objects.get()
    Rendition.objects.create(
        image=image, kind="view", handle="h" * 22, blob=image.original, width=1, height=1
    )
    list(work.pages(2))
    lena, address = Client(), f"/api/jobs/{work.job.pk}"
    token = {"Authorization": f"Bearer {work.lena.token}"}
    sent = {"content_type": "application/json", "headers": token}
    page = lena.post(f"{address}/page", "{}", **sent).json()["page"]
    again = json.loads(Page.objects.get(pk=page["id"]).again)
    assert again
    assert len({json.dumps(shape(unit), sort_keys=True) for unit in page["units"]}) == 1
    assert [unit["place"] for unit in page["units"]] == [0, 1, 2, 3, 4]
    answers = [
        {"place": place, "answers": {"finding": "healthy"}} for place in range(len(page["units"]))
    ]
    body = json.dumps({"page": page["id"], "judgments": answers})
    heard = lena.post(f"{address}/submission", body, **sent).json()
    assert (heard["outcome"], heard["late"], heard["feedback"]) == ("accepted", 0, [])
    assert heard["progress"]["judgments"] == 15
    for unit in again:
        assert str(unit) not in json.dumps(page["units"])


def test_the_owner_sees_how_far_readers_agree_with_themselves(browser: Client, work: Work) -> None:
    answered_twice(work)
    refit(work.job, at=NOON)
    monitor = " ".join(browser.get(f"/jobs/{work.job.pk}/monitor").content.decode().split())
    assert "Agrees with themselves" in monitor
    assert '33% <small class="muted">3 rows</small>' in monitor
    lena = work.lena.participation.pk
    own = browser.get(f"/jobs/{work.job.pk}/contributors/{lena}").content.decode()
    assert "of 3 rows read again" in own
    assert "1 row read again is left out" in own
    found = browser.get(f"/jobs/{work.job.pk}/results").content.decode()
    assert "Agreement of readers with themselves" in found
    assert "judged twice: 3; readers who did: 1." in found


def test_a_job_in_which_nothing_came_again_says_nothing_of_it(browser: Client) -> None:
    work = Work(repeat_share=0.0)
    list(work.pages(2))
    refit(work.job, at=NOON)
    pages = ("monitor", f"contributors/{work.lena.participation.pk}", "results")
    for page in pages:
        text = browser.get(f"/jobs/{work.job.pk}/{page}").content.decode()
        for words in ("Agrees with themselves", "of readers with themselves", "read again"):
            assert words not in text


def test_the_form_shows_days_and_keeps_hours(browser: Client, job: Job) -> None:
    address = f"/jobs/{job.pk}/launch"
    assert 'name="repeat_hours" value="7"' in browser.get(address).content.decode()
    browser.post(address, {"repeat_share": "10", "repeat_hours": "0.5"})
    job.refresh_from_db()
    assert (job.repeat_share, job.repeat_hours) == (0.1, 12)
