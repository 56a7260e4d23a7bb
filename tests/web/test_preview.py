"""The preview to click through: what a contributor would see and hear, and nothing is kept."""

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.test import Client

from overread.flows.context import show_beside
from overread.flows.judging.launching import launch
from overread.flows.people import invite
from overread.store.models import Job, Judgment, Page, Participation, TestQuestion, Unit, User
from tests.conftest import NOON, now
from tests.web.test_judging_api import first_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(signed_in: Callable[[User], Client], olga: User) -> Client:
    return signed_in(olga)


def ask(browser: Client, job: Job) -> dict[str, Any]:
    answer = browser.post(f"/jobs/{job.pk}/preview/page", {}, content_type="application/json")
    found: dict[str, Any] = answer.json()
    return found


def send(browser: Client, job: Job, page: dict[str, Any], answer: str) -> dict[str, Any]:
    judgments = [{"place": one["place"], "answers": {"finding": answer}} for one in page["units"]]
    sent = {"page": page["id"], "judgments": judgments}
    reply = browser.post(
        f"/jobs/{job.pk}/preview/submission", sent, content_type="application/json"
    )
    found: dict[str, Any] = reply.json()
    return found


def go_through(browser: Client, job: Job) -> list[dict[str, Any]]:
    """Every page until the end."""
    assert browser.get(f"/jobs/{job.pk}/preview").status_code == 200
    pages = []
    while (page := ask(browser, job)["page"]) is not None:
        pages.append(page)
        send(browser, job, page, "healthy")
    return pages


def test_it_leads_through_quiz_and_work_to_the_end(browser: Client, job: Job) -> None:
    pages = go_through(browser, job)
    assert [page["mode"] for page in pages] == ["quiz", "work", "work", "work"]
    assert [len(page["units"]) for page in pages] == [5, 5, 5, 3]
    assert ask(browser, job)["outcome"] == "finished"
    assert go_through(browser, job) != []  # and from its beginning again


def test_practice_comes_first_where_there_is_one(browser: Client, job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(practice_length=2)
    assert [page["mode"] for page in go_through(browser, job)][:2] == ["practice", "quiz"]


def test_without_test_questions_there_is_only_work(
    browser: Client, make_job: Callable[..., Job]
) -> None:
    pages = go_through(browser, make_job(tests=False))
    assert {page["mode"] for page in pages} == {"work"}


def test_the_images_can_be_fetched(browser: Client, job: Job) -> None:
    for page in go_through(browser, job):
        for unit in page["units"]:
            assert browser.get(unit["images"][0]["address"]).status_code == 200


def test_a_quiz_says_what_was_right_and_why(browser: Client, job: Job) -> None:
    browser.get(f"/jobs/{job.pk}/preview")
    page = ask(browser, job)["page"]
    reply = send(browser, job, page, "healthy")
    right = sum(one["correct"] for one in reply["feedback"])
    assert reply["quiz"]["correct"] == right
    assert reply["quiz"]["passed"] == (right >= 4)  # of 5, where 70 % are asked
    assert all(one["reasons"]["finding"] for one in reply["feedback"])


def test_a_hidden_test_question_is_told_only_when_missed_and_without_its_answer(
    browser: Client, job: Job
) -> None:
    TestQuestion.objects.filter(unit__job=job, unit__number__in=[1, 2]).update(hidden=True)
    browser.get(f"/jobs/{job.pk}/preview")
    for _ in range(4):
        page = ask(browser, job)["page"]
        feedback = send(browser, job, page, "unsure")["feedback"]
        assert len(feedback) == (5 if page["mode"] == "quiz" else 1)
        assert all(one["accepted"] or page["mode"] == "work" for one in feedback)


def without_signatures(units: list[dict[str, Any]]) -> list[str]:
    """Units in an order of their own, with addresses cut before who may use them until when."""
    texts = [json.dumps({**one, "place": 0}, sort_keys=True) for one in units]
    return sorted(re.sub(r"\?e=[^\"]*", "", text) for text in texts)


def embedded(page: str, name: str) -> dict[str, Any]:
    text = page.split(f'<script id="{name}" type="application/json">')[1].split("</script>")[0]
    found: dict[str, Any] = json.loads(text)
    return found


def test_an_image_is_shown_as_the_reading_page_shows_it(
    browser: Client, make_job: Callable[..., Job], client: Client
) -> None:
    job = make_job(rows=10, labelled=5)
    for unit in job.units.order_by("number"):
        Unit.objects.filter(pk=unit.pk).update(data=unit.data | {"age": f"{unit.number} years"})
    show_beside(job, ["age"], turning=False, actor=None, at=NOON)
    previewed = browser.get(f"/jobs/{job.pk}/preview").content.decode()
    tried = ask(browser, job)["page"]
    designed = embedded(browser.get(f"/jobs/{job.pk}/design").content.decode(), "design-data")
    [lena] = invite(launch(job, actor=None, at=NOON, rng=Random(1)), count=1, actor=None, at=now())
    quiz = first_page(client, lena)["page"]
    assert without_signatures(tried["units"]) == without_signatures(quiz["units"])
    assert set(without_signatures(quiz["units"])) <= set(without_signatures(designed["units"]))
    full = tried["units"][0]["images"][0]["full"]
    assert browser.get(full["address"]).status_code == 200

    client.force_login(lena.participation.user)
    read = embedded(client.get(f"/work/{job.pk}").content.decode(), "reading-data")
    shown = embedded(previewed, "reading-data")
    same = ("design", "turning", "cannot_be_judged", "reasons", "messages")
    assert {name: shown[name] for name in same} == {name: read[name] for name in same}
    assert (read["turning"], designed["turning"]) == (False, False)


def test_nothing_is_kept(browser: Client, job: Job) -> None:
    go_through(browser, job)
    assert not Judgment.objects.exists()
    assert not Page.objects.exists()
    assert not Participation.objects.exists()


def test_what_is_no_submission_is_refused(browser: Client, job: Job) -> None:
    browser.get(f"/jobs/{job.pk}/preview")
    page = ask(browser, job)["page"] | {"id": "1"}
    assert send(browser, job, page, "healthy")["error"]["code"] == "no such page"
    address = f"/jobs/{job.pk}/preview/submission"
    answer = browser.post(address, "no JSON", content_type="application/json")
    assert answer.status_code == 400


def test_the_file_can_be_fetched(browser: Client, job: Job) -> None:
    answer = browser.get(f"/jobs/{job.pk}/preview.html")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert b"Sample test questions" in answer.content
