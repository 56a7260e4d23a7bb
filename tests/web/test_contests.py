"""Objections, questions and the owner's hand on contributors, in the browser and as JSON."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from overread.core.instants import milliseconds
from overread.flows.contests import answer, contest
from overread.flows.contributors import remove
from overread.flows.discussion import ask, reply
from overread.flows.people import Invitation, invite
from overread.flows.test_questions import revise_test_question
from overread.store.models import Contest, Job, Page, Participation, Remark, TestQuestion, User
from tests.conftest import NOON, now
from tests.judging import page_of, pass_quiz, send
from tests.web.test_judging_api import post

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
LATER = NOON + timedelta(hours=1)


def right_now() -> int:
    return milliseconds(now())


@pytest.fixture
def browser(signed_in: SignIn, olga: User) -> Client:
    """Olga's."""
    return signed_in(olga)


@pytest.fixture
def talking_job(running_job: Job) -> Job:
    """One whose owner takes questions."""
    Job.objects.filter(pk=running_job.pk).update(discussion=True)
    running_job.refresh_from_db()
    return running_job


def miss(who: Invitation, count: int = 1) -> list[dict[str, Any]]:
    """A quiz with misses: the page and place of each."""
    page = page_of(who, right_now())
    told = send(who, page, miss=count, at=right_now())["feedback"]
    return [{"page": str(page.id), "place": one["place"]} for one in told if not one["correct"]]


def object_to(who: Invitation, missed: dict[str, Any], text: str = "Clear lungs.") -> Contest:
    page = Page.objects.get(pk=int(missed["page"]))
    return contest(page, missed["place"], text, at=right_now())


def question_of(made: Contest) -> TestQuestion:
    assert made.judgment.test is not None
    return made.judgment.test


def text_of(reply: Any) -> str:
    """What stands on a page, without the front end's own words."""
    shown = reply.content.decode().split('<script id="messages"')[0]
    return " ".join(shown.split())


# the routes


def test_an_objection_is_answered_with_its_date_and_stored_once(
    client: Client, lena: Invitation
) -> None:
    sent = miss(lena)[0] | {"text": "Clear lungs."}
    job = lena.participation.job_id
    first, again = (post(client, job, "contest", sent, lena.token) for _ in range(2))
    assert first.status_code == 200
    assert first.json() == again.json()
    assert set(first.json()["contest"]) == {"due_at", "decision", "answer"}
    assert first.json()["contest"]["decision"] == ""
    assert Contest.objects.count() == 1


def test_what_was_not_missed_is_no_reason_to_object(client: Client, lena: Invitation) -> None:
    missed = miss(lena)[0]
    job = lena.participation.job_id
    for place in {0, 1, 2, 3, 4, 5, -1, 2**40} - {missed["place"]}:
        sent = missed | {"place": place, "text": "Clear lungs."}
        answer = post(client, job, "contest", sent, lena.token)
        assert answer.status_code == 422
        assert "no test question that you missed" in answer.json()["error"]["message"]


@pytest.mark.parametrize("text", ["", " ", "x" * 2001])
def test_a_text_that_is_none_is_refused(client: Client, lena: Invitation, text: str) -> None:
    sent = miss(lena)[0] | {"text": text}
    answer = post(client, lena.participation.job_id, "contest", sent, lena.token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "refused")
    assert not Contest.objects.exists()


@pytest.mark.parametrize("route", ["contest", "remarks"])
@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"page": 3}', '{"page": "1", "place": "x", "text": ""}', "\x00"]
)
def test_what_can_not_be_read_is_malformed(
    client: Client, talking_job: Job, lena: Invitation, route: str, body: str
) -> None:
    answer = post(client, talking_job.pk, route, body, lena.token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


def test_too_much_at_once_is_too_large(client: Client, lena: Invitation) -> None:
    sent = {"page": "1", "place": 0, "text": "x" * 30_000}
    assert post(client, lena.participation.job_id, "contest", sent, lena.token).status_code == 413


@pytest.mark.parametrize("page", ["", "x", "-1", "9" * 40, "0"])
def test_a_page_that_is_none_is_not_there(
    client: Client, talking_job: Job, lena: Invitation, page: str
) -> None:
    sent = {"page": page, "place": 0, "text": "Clear lungs."}
    for route in ("contest", "remarks"):
        assert post(client, talking_job.pk, route, sent, lena.token).status_code == 404
    assert get_remarks(client, lena, page, "0").status_code == 404


def get_remarks(client: Client, who: Invitation, page: str, place: str) -> Any:
    return client.get(
        f"/api/jobs/{who.participation.job_id}/remarks",
        {"page": page, "place": place},
        headers={"Authorization": f"Bearer {who.token}"},
    )


def test_another_contributors_page_is_not_there(
    client: Client, talking_job: Job, lena: Invitation, rafael: Invitation
) -> None:
    sent = miss(lena)[0] | {"text": "Clear lungs."}
    for route in ("contest", "remarks"):
        assert post(client, talking_job.pk, route, sent, rafael.token).status_code == 404
    assert get_remarks(client, rafael, sent["page"], str(sent["place"])).status_code == 404
    assert not Contest.objects.exists()
    assert not Remark.objects.exists()


def test_contributors_of_other_jobs_find_nothing(
    client: Client, talking_job: Job, lena: Invitation, make_job: Callable[..., Job]
) -> None:
    other = invite(make_job(launched=True), count=1, actor=None, at=now())[0]
    sent = miss(lena)[0] | {"text": "Clear lungs."}
    for route in ("contest", "remarks"):
        assert post(client, talking_job.pk, route, sent, other.token).status_code == 404


def test_questions_are_asked_only_where_the_owner_takes_them(
    client: Client, lena: Invitation
) -> None:
    page = page_of(lena)
    sent = {"page": str(page.id), "place": 0, "text": "Which side is left?"}
    for refused in (
        post(client, lena.participation.job_id, "remarks", sent, lena.token),
        get_remarks(client, lena, str(page.id), "0"),
    ):
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "no discussion")


def test_a_thread_holds_ones_own_lines_and_the_owners_answers_to_them(
    client: Client, talking_job: Job, lena: Invitation, rafael: Invitation
) -> None:
    page = page_of(lena)
    sent = {"page": str(page.id), "place": 0, "text": "Which side is left?"}
    first = post(client, talking_job.pk, "remarks", sent, lena.token).json()["remarks"]
    assert [(one["from"], one["text"]) for one in first] == [("you", "Which side is left?")]
    unit = talking_job.units.get(pk=page.by_place[0])
    ask(rafael.participation, unit.pk, "I'd say pneumonia.", at=right_now())
    reply(lena.participation, unit, "The marker says it.", actor=None, at=now())
    found = get_remarks(client, lena, str(page.id), "0").json()["remarks"]
    assert [one["from"] for one in found] == ["you", "owner"]
    assert set(found[0]) == {"from", "text", "created_at"}
    assert not Remark.objects.filter(from_owner=True, seen_at=None).exists()


def test_a_lone_surrogate_is_no_reason_to_fall_over(client: Client, lena: Invitation) -> None:
    missed = miss(lena)[0]
    body = f'{{"page": "{missed["page"]}", "place": {missed["place"]}, "text": "a\\ud800b"}}'
    answer = post(client, lena.participation.job_id, "contest", body, lena.token)
    assert answer.status_code in (200, 400)


def test_the_reading_page_says_how_many_answers_are_new(
    signed_in: SignIn, running_job: Job, lena: Invitation
) -> None:
    made = object_to(lena, miss(lena)[0])
    browser = signed_in(lena.participation.user)
    address = f"/work/{running_job.pk}"
    assert '"answered": 0' in browser.get(address).content.decode()
    answer(running_job, [made.pk], "Look again.", actor=None, at=now())
    assert '"answered": 1' in browser.get(address).content.decode()
    assert "Look again." in browser.get(f"{address}/objections").content.decode()
    assert '"answered": 0' in browser.get(address).content.decode()


# the contributor's pages


def test_a_contributor_objects_without_a_script_and_reads_the_answer(
    signed_in: SignIn, running_job: Job, lena: Invitation
) -> None:
    browser, missed = signed_in(lena.participation.user), miss(lena)[0]
    address = f"/work/{running_job.pk}/objections"
    assert "Object to this one" in text_of(browser.get(address))
    page = text_of(browser.post(address, missed | {"text": "Clear <b>lungs</b>."}, follow=True))
    assert "Your objection was sent" in page
    assert "Clear &lt;b&gt;lungs&lt;/b&gt;." in page
    assert "The owner answers until" in page
    assert "Object to this one" not in page
    made = Contest.objects.get()
    accept = {"finding": ["healthy", "pneumonia"]}
    question = question_of(made)
    revise_test_question(question, accepted=accept, reasons={}, actor=None, at=now())
    answer(running_job, [made.pk], "You are right.", actor=None, at=now())
    page = text_of(browser.get(address))
    assert "your answer counts as right now" in page
    assert "You are right." in page


def test_a_contributors_pages_give_nothing_away(
    signed_in: SignIn, running_job: Job, lena: Invitation, rafael: Invitation
) -> None:
    missed = miss(lena)[0]
    made = object_to(lena, missed)
    TestQuestion.objects.update(hidden=True)
    answer(running_job, [made.pk], "Look again.", actor=None, at=now())
    browser = signed_in(lena.participation.user)
    page = text_of(browser.get(f"/work/{running_job.pk}/objections"))
    assert "<dt>Accepted</dt>" not in page
    for name in ("scan-", f"Row {made.judgment.unit.number}", rafael.participation.pseudonym):
        assert name not in page
    image = page.split('<img src="')[1].split('"')[0].replace("&amp;", "&")
    assert browser.get(image).status_code == 200
    assert signed_in(rafael.participation.user).get(image).status_code == 404


def test_a_contributor_sees_only_their_own(
    signed_in: SignIn, talking_job: Job, lena: Invitation, rafael: Invitation
) -> None:
    object_to(lena, miss(lena)[0], "Lena's words.")
    ask(lena.participation, talking_job.units.all()[0].pk, "Lena's question?", at=right_now())
    address = f"/work/{talking_job.pk}/objections"
    assert "Lena&#x27;s" not in text_of(signed_in(rafael.participation.user).get(address))
    page = text_of(signed_in(lena.participation.user).get(address))
    assert "Lena&#x27;s words." in page
    assert "Lena&#x27;s question?" in page


def test_the_objections_lie_at_hand(signed_in: SignIn, running_job: Job, lena: Invitation) -> None:
    miss(lena)
    browser, own = signed_in(lena.participation.user), f"/work/{running_job.pk}/objections"
    for address in ("/work", f"/work/{running_job.pk}/instructions", f"/work/{running_job.pk}/end"):
        assert f'href="{own}"' in browser.get(address).content.decode()


@pytest.mark.parametrize(
    ("state", "why", "words"),
    [
        ("removed", "accuracy", "fell below what this job asks for, 70%"),
        ("removed", "answers", "The mix of your answers"),
        ("removed", "owner", "The owner of the job ended it"),
        ("failed quiz", "", "Too few of your answers"),
        ("maxed out", "", "as much of this job as one person can"),
        ("working", "", "count towards the result"),
    ],
)
def test_the_end_says_why(
    signed_in: SignIn, running_job: Job, lena: Invitation, state: str, why: str, words: str
) -> None:
    Job.objects.filter(pk=running_job.pk).update(quiz_retakes=0)
    found = Participation.objects.filter(pk=lena.participation.pk)
    found.update(state=state, removed_for=why, quizzes=1, tally='{"healthy": [5, 3, 0]}')
    page = text_of(signed_in(lena.participation.user).get(f"/work/{running_job.pk}/end"))
    assert words in page
    assert ("count towards the result" in page) == (state in ("maxed out", "working"))
    assert "Take the quiz again" not in page


def test_the_end_offers_the_quiz_again_where_that_is_allowed(
    signed_in: SignIn, running_job: Job, lena: Invitation
) -> None:
    Job.objects.filter(pk=running_job.pk).update(quiz_retakes=1)
    miss(lena, 5)
    page = text_of(signed_in(lena.participation.user).get(f"/work/{running_job.pk}/end"))
    assert "Take the quiz again" in page
    assert "What you missed, and objections" in page


# the owner's queues


def test_the_owner_answers_all_objections_to_a_question_at_once(
    browser: Client, running_job: Job, lena: Invitation
) -> None:
    made = [object_to(lena, one, f"Text {one['place']}.") for one in miss(lena, 2)]
    address = f"/jobs/{running_job.pk}/objections"
    page = text_of(browser.get(address))
    assert all(one.text in page for one in made)
    assert "Missed" in page
    assert "100% <small>1 of 1" in page
    page = text_of(browser.post(address, {"test": made[0].judgment.test_id}, follow=True))
    assert "The text is empty." in page
    form = {"test": made[0].judgment.test_id, "answer": "Look again."}
    assert "1 objection answered." in text_of(browser.post(address, form, follow=True))
    page = text_of(browser.get(address))
    assert made[0].text not in page
    assert made[1].text in page
    answered = text_of(browser.get(f"{address}?show=answered"))
    assert "Look again." in answered
    assert "kept" in answered
    form = {"contest": made[1].pk, "answer": "Look here."}
    assert "1 objection answered." in text_of(browser.post(address, form, follow=True))
    assert "No open objections" in text_of(browser.get(address))


def test_after_a_change_the_owner_needs_no_words(
    browser: Client, running_job: Job, lena: Invitation
) -> None:
    made = object_to(lena, miss(lena)[0])
    question = question_of(made)
    accept = {"finding": ["healthy", "pneumonia"]}
    revise_test_question(question, accepted=accept, reasons={}, actor=None, at=now())
    address = f"/jobs/{running_job.pk}/objections"
    assert "You have changed this test question since" in text_of(browser.get(address))
    browser.post(address, {"test": question.pk})
    made.refresh_from_db()
    assert made.decision == "changed"


@pytest.mark.parametrize("form", [{}, {"contest": "x"}, {"contest": "9" * 40}, {"test": "-1"}])
def test_an_answer_to_nothing_changes_nothing(
    browser: Client, running_job: Job, lena: Invitation, form: dict[str, str]
) -> None:
    object_to(lena, miss(lena)[0])
    answer = browser.post(f"/jobs/{running_job.pk}/objections", form | {"answer": "Hm."})
    assert answer.status_code == 302
    assert Contest.objects.get().decision == ""


def test_objections_of_another_job_are_out_of_reach(
    browser: Client, job: Job, running_job: Job, lena: Invitation
) -> None:
    made = object_to(lena, miss(lena)[0])
    browser.post(f"/jobs/{job.pk}/objections", {"contest": made.pk, "answer": "Hm."})
    assert Contest.objects.get().decision == ""


def test_overdue_objections_are_marked_and_on_the_monitor(
    browser: Client, running_job: Job, lena: Invitation
) -> None:
    object_to(lena, miss(lena)[0])
    monitor = f"/jobs/{running_job.pk}/monitor"
    assert "Answer 1 objection to test questions." in text_of(browser.get(monitor))
    Contest.objects.update(due_at=1)
    assert "1 is overdue." in text_of(browser.get(monitor))
    assert "was due 1 January 1970" in text_of(browser.get(f"/jobs/{running_job.pk}/objections"))


def test_the_owner_answers_a_question_about_an_image(
    browser: Client, talking_job: Job, lena: Invitation
) -> None:
    unit = talking_job.units.all()[0]
    ask(lena.participation, unit.pk, "Which <side>?", at=right_now())
    address = f"/jobs/{talking_job.pk}/discussion"
    page = text_of(browser.get(address))
    assert "Which &lt;side&gt;?" in page
    assert "a test question: they don't know" in page
    form = {"unit": unit.pk, "participation": lena.participation.pk, "answer": "The marker's."}
    assert "will see your answer" in text_of(browser.post(address, form, follow=True))
    assert "No open questions" in text_of(browser.get(address))
    assert "The marker&#x27;s." in text_of(browser.get(f"{address}?show=answered"))


def test_an_answer_goes_to_those_who_asked_here_only(
    browser: Client, talking_job: Job, job: Job, lena: Invitation, rafael: Invitation
) -> None:
    unit = talking_job.units.all()[0]
    ask(lena.participation, unit.pk, "Which side?", at=right_now())
    form = {"unit": unit.pk, "participation": lena.participation.pk, "answer": "Left."}
    for at, change in (
        (job.pk, {}),
        (talking_job.pk, {"participation": rafael.participation.pk}),
        (talking_job.pk, {"unit": "x"}),
        (talking_job.pk, {"unit": unit.pk + 1}),
    ):
        assert browser.post(f"/jobs/{at}/discussion", form | change).status_code == 404
    assert Remark.objects.count() == 1


# the owner's hand on contributors


def test_the_monitor_counts_test_questions_as_the_reference_platform_does(
    browser: Client, running_job: Job, lena: Invitation
) -> None:
    miss(lena)
    Participation.objects.update(tally='{"healthy": [8, 3, 1]}')
    page = text_of(browser.get(f"/jobs/{running_job.pk}/monitor"))
    row = page.split("</th><td><span")[1].split("</tr>")[0]
    numbers = [cell.split("</td>")[0] for cell in row.split('<td class="number">')[1:]]
    assert numbers == ["5", "8", "3", "1", "75%"]


def test_removing_and_restoring_ask_first_and_need_no_script(
    browser: Client, running_job: Job, lena: Invitation
) -> None:
    pass_quiz(lena)
    monitor = f"/jobs/{running_job.pk}/monitor"
    address = f"/jobs/{running_job.pk}/contributors/{lena.participation.pk}"
    assert f'href="{address}#remove"' in browser.get(monitor).content.decode()
    page = text_of(browser.get(address))
    assert "others judge those images again" in page
    assert "was removed." in text_of(browser.post(address, {"action": "remove"}, follow=True))
    page = text_of(browser.get(monitor))
    assert 'removed</span> <small class="muted">by an owner</small>' in page
    assert f'href="{address}#restore"' in browser.get(monitor).content.decode()
    assert "was restored." in text_of(browser.post(address, {"action": "restore"}, follow=True))
    assert "nothing was changed" in text_of(
        browser.post(address, {"action": "restore"}, follow=True)
    )
    assert Participation.objects.get(pk=lena.participation.pk).state == "working"


def test_restoring_warns_where_the_rules_would_remove_again(
    browser: Client, running_job: Job, lena: Invitation
) -> None:
    pass_quiz(lena)
    remove(lena.participation, actor=None, at=now())
    address = f"/jobs/{running_job.pk}/contributors/{lena.participation.pk}"
    assert "would be removed again" not in text_of(browser.get(address))
    Participation.objects.update(tally='{"healthy": [8, 4, 0]}')
    assert "would be removed again" in text_of(browser.get(address))


def test_a_contributor_of_another_job_is_not_found(
    browser: Client, running_job: Job, job: Job, lena: Invitation
) -> None:
    pass_quiz(lena)
    address = f"/jobs/{job.pk}/contributors/{lena.participation.pk}"
    assert browser.get(address).status_code == 404
    assert browser.post(address, {"action": "remove"}).status_code == 404
    assert Participation.objects.get(pk=lena.participation.pk).state == "working"


@pytest.mark.parametrize(
    "page", ["objections", "objections?show=answered", "discussion", "contributors/{who}"]
)
def test_a_page_asks_as_much_of_a_busy_job_as_of_a_quiet_one(
    page: str,
    browser: Client,
    make_job: Callable[..., Job],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    counts = []
    for people in (1, 4):
        who = busy(make_job, people, answered="answered" in page)
        path = page.format(who=who.participation.pk)
        with django_assert_max_num_queries(40) as seen:
            assert browser.get(f"/jobs/{who.participation.job_id}/{path}").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_contributors_own_page_asks_as_much_for_many_as_for_one(
    signed_in: SignIn,
    make_job: Callable[..., Job],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    counts = []
    for misses in (2, 5):
        who = busy(make_job, 1, misses=misses)
        browser = signed_in(who.participation.user)
        with django_assert_max_num_queries(40) as seen:
            browser.get(f"/work/{who.participation.job_id}/objections")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def busy(
    make_job: Callable[..., Job], people: int, *, misses: int = 3, answered: bool = False
) -> Invitation:
    """A job in which so many have missed, objected to all but one, and asked."""
    job = make_job(launched=True)
    Job.objects.filter(pk=job.pk).update(discussion=True)
    invited = invite(job, count=people, actor=None, at=now())
    for who in invited:
        who.participation.job.refresh_from_db()
        made = [object_to(who, one) for one in miss(who, misses)[1:]]
        for unit in job.units.all()[: misses - 1]:
            ask(who.participation, unit.pk, "Which side?", at=right_now())
        if answered:
            answer(job, [one.pk for one in made], "Look again.", actor=None, at=now())
    return invited[0]
