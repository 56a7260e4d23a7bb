"""The Quality tab: what the owner sees of test questions, and does with them."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from overread.core.test_questions import MISSED_BY_MOST, Content, Place
from overread.flows.people import Invitation
from overread.flows.test_questions import content_of, set_hidden
from overread.store.models import Job, Participation, TestQuestion, User
from tests.conftest import NOON
from tests.judging import page_of, send

pytestmark = pytest.mark.django_db
MakeJob = Callable[..., Job]
Form = dict[str, str | list[str]]


@pytest.fixture
def browser(signed_in: Callable[[User], Client], olga: User) -> Client:
    """Olga's."""
    return signed_in(olga)


def quality(browser: Client, job: Job, query: str = "") -> str:
    answer = browser.get(f"/jobs/{job.pk}/quality{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def address(question: TestQuestion) -> str:
    return f"/jobs/{question.unit.job_id}/quality/{question.unit_id}"


def look(browser: Client, question: TestQuestion) -> str:
    return browser.get(address(question)).content.decode()


def act(browser: Client, question: TestQuestion, fields: Form) -> str:
    answer = browser.post(address(question), fields, follow=True)
    assert answer.status_code == 200
    question.refresh_from_db()
    return answer.content.decode()


def first(job: Job) -> TestQuestion:
    return TestQuestion.objects.filter(unit__job=job).order_by("unit__number")[0]


def form(*accepted: str, reason: str = "", places: Form | None = None) -> Form:
    return {
        "question": "finding",
        "accepted-finding": list(accepted),
        "reason-finding": reason,
        **{f"{side}-finding": numbers for side, numbers in (places or {}).items()},
    }


def test_a_good_set_has_nothing_against_it(browser: Client, job: Job) -> None:
    page = quality(browser, job)
    assert "10 test questions in use" in page
    assert "5 Healthy, 5 Signs of pneumonia" in page
    assert "Always giving the same answer passes this quiz 19% of the time" in page
    assert "notice warning" not in page


def test_the_page_says_what_is_wrong_with_a_set(browser: Client, make_job: MakeJob) -> None:
    job = make_job(rows=12, labelled=8)
    for question in TestQuestion.objects.filter(unit__job=job).order_by("pk")[:4]:
        set_hidden(question, True, actor=None, at=NOON)
    assert "only 4 are not hidden" in quality(browser, job)
    few = make_job(rows=14, labelled=4)
    assert "4 are in use, and they begin with 8" in quality(browser, few)


def test_what_is_shown_can_be_chosen(browser: Client, job: Job) -> None:
    set_hidden(first(job), True, actor=None, at=NOON)
    page = quality(browser, job, "?show=hidden")
    assert page.count('class="caption"') == 1
    assert 'aria-current="page">hidden (1)' in page
    assert quality(browser, job, "?show=no+such").count('class="caption"') == 10


def test_more_test_questions_cost_no_more_queries(
    browser: Client, make_job: MakeJob, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    small, large = make_job(rows=12, labelled=8), make_job(rows=40, labelled=30)
    quality(browser, small)
    with CaptureQueriesContext(connection) as few:
        quality(browser, small)
    with django_assert_num_queries(len(few)):
        quality(browser, large)


def test_several_answers_a_reason_and_a_place_are_saved(browser: Client, job: Job) -> None:
    question = first(job)
    places: Form = {"x": ["25", ""], "y": ["50", ""], "width": ["12,5", ""], "height": ["10", ""]}
    page = act(browser, question, form("pneumonia", "unsure", reason=" Here. ", places=places))
    assert content_of(question) == Content(
        {"finding": ["pneumonia", "unsure"]},
        {"finding": "Here."},
        {"finding": [Place(0.25, 0.5, 0.125, 0.1)]},
    )
    assert 'value="12.5"' in page


@pytest.mark.parametrize(
    "numbers",
    [("90", "0", "20", "10"), ("a", "0", "20", "10"), ("", "0", "20", "10"), ("nan", *"000")],
)
def test_a_place_that_is_none_is_refused_with_what_to_do(
    browser: Client, job: Job, numbers: tuple[str, str, str, str]
) -> None:
    question = first(job)
    places: Form = {
        side: [number] for side, number in zip(("x", "y", "width", "height"), numbers, strict=True)
    }
    page = act(browser, question, form("healthy", places=places))
    assert "A place is a box inside the image" in page
    assert f'value="{numbers[2]}"' in page
    assert question.versions.count() == 1


def test_nothing_accepted_is_refused(browser: Client, job: Job) -> None:
    question = first(job)
    assert "needs at least one accepted answer" in act(browser, question, form())
    assert question.versions.count() == 1


def test_a_test_question_is_hidden_held_reviewed_and_used_again(browser: Client, job: Job) -> None:
    question = first(job)
    act(browser, question, {"action": "hide"})
    assert question.hidden
    assert "for a reason" in act(browser, question, {"action": "hold", "why": " "})
    page = act(browser, question, {"action": "hold", "why": "two doctors disagree"})
    assert "two doctors disagree" in page
    assert (question.state, question.on_hold_for) == ("on hold", "two doctors disagree")
    act(browser, question, {"action": "enable"})
    assert (question.state, question.reviewed) == ("enabled", True)
    act(browser, question, {"action": "show"})
    act(browser, question, {"action": "disable"})
    assert (question.state, question.hidden) == ("disabled", False)
    assert browser.post(address(question), {"action": "no such"}).status_code == 404


def test_rows_are_made_test_questions_by_hand_one_after_the_other(
    browser: Client, make_job: MakeJob
) -> None:
    job = make_job(tests=False)
    rows = [job.units.get(number=number) for number in (15, 16)]
    assert (
        "Row 15: make it a test question"
        in browser.get(f"/jobs/{job.pk}/quality/{rows[0].pk}").content.decode()
    )
    answer = browser.post(
        f"/jobs/{job.pk}/quality/{rows[0].pk}", form("healthy") | {"action": "next"}
    )
    assert answer.headers["Location"] == f"/jobs/{job.pk}/quality/{rows[1].pk}"
    assert content_of(TestQuestion.objects.get()).accepted == {"finding": ["healthy"]}


def test_after_launch_a_row_of_work_has_no_such_page(browser: Client, running_job: Job) -> None:
    unit = running_job.units.get(number=20)
    assert browser.get(f"/jobs/{running_job.pk}/quality/{unit.pk}").status_code == 404


def test_how_people_answered_is_shown_with_what_is_accepted(
    browser: Client, running_job: Job, lena: Invitation
) -> None:
    page = page_of(lena)
    send(lena, page, miss=1)
    question = TestQuestion.objects.get(unit=page.by_place[0])
    shown = look(browser, question)
    assert "What people answered" in shown
    assert "Missed 1 of 1 times (100%)" in shown


def test_an_edit_after_launch_brings_back_who_had_failed_over_it(
    browser: Client, running_job: Job, lena: Invitation
) -> None:
    page = page_of(lena)
    assert send(lena, page, miss=2)["state"] == "failed quiz"
    question = TestQuestion.objects.get(unit=page.by_place[0])
    act(browser, question, form("healthy", "pneumonia"))
    assert Participation.objects.get(pk=lena.participation.pk).state == "working"


def test_the_owner_is_told_what_went_on_hold_by_itself(browser: Client, running_job: Job) -> None:
    question = first(running_job)
    TestQuestion.objects.filter(pk=question.pk).update(state="on hold", on_hold_for=MISSED_BY_MOST)
    Job.objects.filter(pk=running_job.pk).update(revision=F("revision") + 1)
    assert "1 test question was put on hold" in quality(browser, running_job)
    monitor = browser.get(f"/jobs/{running_job.pk}/monitor").content.decode()
    assert "1 test question was put on hold" in monitor
    assert "beyond chance" in look(browser, question)


def test_the_owner_is_told_what_would_be_on_hold_were_it_not_needed(
    browser: Client, make_job: MakeJob
) -> None:
    job = make_job(rows=20, labelled=8, launched=True)
    question = first(job)
    TestQuestion.objects.filter(pk=question.pk).update(on_hold_for=MISSED_BY_MOST)
    monitor = browser.get(f"/jobs/{job.pk}/monitor").content.decode()
    for page in (monitor, quality(browser, job)):
        assert "More than half missed 1 test question" in page
        assert "It stays in use" in page
    assert "say that it is right" in look(browser, question)
    act(browser, question, {"action": "review"})
    assert "It stays in use" not in quality(browser, job)


def test_the_owner_is_warned_before_quiz_and_test_questions_go_off(
    browser: Client, make_job: MakeJob
) -> None:
    warning = "need 8 in use, and there are no more"
    assert warning not in look(browser, first(make_job(rows=20, labelled=9, launched=True)))
    question = first(make_job(rows=20, labelled=8, launched=True))
    assert warning in look(browser, question)
    assert warning not in act(browser, question, {"action": "disable"})


def test_a_test_question_is_told_by_its_latest_answers(
    browser: Client, running_job: Job, lena: Invitation, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of(lena)
    send(lena, page, miss=1)
    question = TestQuestion.objects.get(unit=page.by_place[0])
    monkeypatch.setattr("overread.store.queries.quality.LATEST", 1)
    assert "Missed 1 of the latest 1 times (100%)" in look(browser, question)
    assert "missed 1 of the latest 1" in quality(browser, running_job)


def test_the_monitor_looks_at_the_latest_answers_and_says_so(
    browser: Client, running_job: Job, lena: Invitation, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(lena, page_of(lena), miss=5)
    for module in ("web.views.monitor", "store.queries.quality"):
        monkeypatch.setattr(f"overread.{module}.LATEST_OF_JOB", 3)
    monitor = browser.get(f"/jobs/{running_job.pk}/monitor").content.decode()
    assert "Of the latest 3 answers to test questions." in monitor
    assert monitor.count("missed 1 of 1") == 3
