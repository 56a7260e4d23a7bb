"""The preview to click through: what a contributor would see and hear, and nothing is kept."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from overread.store.models import Job, Judgment, Page, Participation, TestQuestion, User

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
