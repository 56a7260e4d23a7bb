"""Pages, submissions, counts: nothing twice, nothing lost, nothing over."""

from collections.abc import Callable
from random import Random

import pytest

from overread.core.judging import Outcome
from overread.core.problems import Refused
from overread.core.states import JobState, PageState, StepError
from overread.flows.judging.answers import Given, InvalidAnswers
from overread.flows.judging.launching import cancel, launch, pause, resume
from overread.flows.judging.submission import NoSuchPage, PageClosed
from overread.flows.people import Invitation, invite
from overread.store.models import Job, Judgment, Page, Slot
from overread.store.queries.monitor import status_of
from tests.conftest import NOON, now
from tests.judging import (
    AT,
    ask,
    counts,
    give,
    hidden_tests,
    page_of,
    pass_quiz,
    right_answers,
    send,
    units_of,
)

pytestmark = pytest.mark.django_db


def test_a_quiz_comes_first_and_takes_no_unit(running_job: Job, lena: Invitation) -> None:
    page = page_of(lena)
    assert page.mode == "quiz"
    assert (len(hidden_tests(page)), len(page.unit_ids), counts(running_job)) == (5, 5, (0, 0))


def test_after_the_quiz_a_page_hides_one_test_question(running_job: Job, lena: Invitation) -> None:
    pass_quiz(lena)
    page = page_of(lena)
    assert (page.mode, len(hidden_tests(page)), len(page.unit_ids)) == ("work", 1, 5)
    assert counts(running_job) == (4, 0)


def test_a_reload_gives_the_same_page(lena: Invitation) -> None:
    assert page_of(lena).id == page_of(lena, AT + 5).id


def test_a_submission_is_marked_counted_and_answered(running_job: Job, lena: Invitation) -> None:
    pass_quiz(lena)
    result = send(lena, page_of(lena))
    assert (result["outcome"], result["state"], result["feedback"]) == ("accepted", "working", [])
    assert result["progress"]["judgments"] == 10
    assert counts(running_job) == (0, 4)


def test_the_same_page_sent_again_gets_its_stored_result(lena: Invitation) -> None:
    page = page_of(lena)
    first = send(lena, page)
    assert send(lena, page, miss=3, at=AT + 9) == first
    assert Judgment.objects.count() == 5


def test_quiz_feedback_names_every_place_with_its_reason(lena: Invitation) -> None:
    feedback = send(lena, page_of(lena), miss=1)["feedback"]
    assert [one["place"] for one in feedback] == [0, 1, 2, 3, 4]
    assert [one["correct"] for one in feedback].count(False) == 1
    assert all(one["reasons"]["finding"] for one in feedback)


def test_a_missed_hidden_test_question_is_told_with_its_reason(lena: Invitation) -> None:
    pass_quiz(lena)
    page = page_of(lena)
    [(place, unit)] = hidden_tests(page).items()
    feedback = send(lena, page, miss=1)["feedback"]
    assert [one["place"] for one in feedback] == [place]
    assert feedback[0]["accepted"] == unit.test_question.current.accepted


def test_two_misses_of_five_fail_the_quiz_for_good(lena: Invitation) -> None:
    result = send(lena, page_of(lena), miss=2)
    assert (result["state"], result["quiz"]["passed"]) == ("failed quiz", False)
    assert ask(lena).outcome == Outcome.FAILED_QUIZ


def test_falling_below_the_minimum_removes_and_gives_the_units_back(
    running_job: Job, lena: Invitation
) -> None:
    send(lena, page_of(lena), miss=1)
    send(lena, page_of(lena))
    assert counts(running_job) == (0, 4)
    result = send(lena, page_of(lena), miss=1)
    assert result["progress"]["accuracy"] == 0.7143
    assert send(lena, page_of(lena), miss=1)["state"] == "removed"
    assert ask(lena).outcome == Outcome.REMOVED
    assert counts(running_job) == (0, 0)
    assert status_of(running_job)["finalized"] == 0
    assert Judgment.objects.count() == 5 + 5 + 5 + 3


def test_every_unit_gets_its_judgments_and_the_job_finishes(running_job: Job) -> None:
    crowd = invite(running_job, count=4, actor=None, at=now())
    for _turn in range(8):
        for who in crowd:
            offer = ask(who)
            if offer.page is not None:
                send(who, offer.page)
            assert not Slot.objects.filter(job=running_job, counted__gt=3).exists()
    running_job.refresh_from_db()
    assert running_job.state == JobState.FINISHED
    assert ask(crowd[0]).outcome == Outcome.FINISHED
    assert set(Slot.objects.values_list("counted", "outstanding", "open")) == {(3, 0, False)}
    assert status_of(running_job)["finalized"] == 10


def test_outstanding_units_are_never_handed_out_past_the_maximum(running_job: Job) -> None:
    crowd = invite(running_job, count=9, actor=None, at=now())
    for who in crowd:
        pass_quiz(who)
        ask(who)
    for slot in Slot.objects.filter(job=running_job):
        assert slot.outstanding + slot.counted <= 3
        assert slot.open == (slot.outstanding + slot.counted < 3)


def test_an_expired_page_gives_its_units_back_and_is_refused(
    running_job: Job, lena: Invitation
) -> None:
    pass_quiz(lena)
    page = page_of(lena)
    late = page.expires_at
    renewed = page_of(lena, late)
    assert renewed.id != page.id
    assert counts(running_job) == (4, 0)
    with pytest.raises(PageClosed, match="page expired"):
        send(lena, page, at=late)


def test_a_late_page_that_nobody_took_back_is_still_taken(lena: Invitation) -> None:
    page = page_of(lena)
    assert send(lena, page, at=page.expires_at + 1)["outcome"] == "accepted"


def test_whoever_has_seen_all_test_questions_is_maxed_out(
    make_job: Callable[..., Job],
) -> None:
    job = make_job(rows=60, labelled=8, launched=True)
    who = invite(job, count=1, actor=None, at=now())[0]
    for _page in range(4):
        send(who, page_of(who))
    offer = ask(who)
    assert (offer.outcome, offer.contributor.state) == (Outcome.MAXED_OUT, "maxed out")


def test_nothing_left_is_told_from_maxed_out(running_job: Job, lena: Invitation) -> None:
    for who in invite(running_job, count=9, actor=None, at=now()):
        pass_quiz(who)
    assert not Slot.objects.filter(job=running_job, open=True).exists()
    pass_quiz(lena)
    offer = ask(lena)
    assert (offer.outcome, offer.contributor.state) == (Outcome.NOTHING_LEFT, "working")


def test_without_enough_test_questions_work_begins_at_once(make_job: Callable[..., Job]) -> None:
    job = make_job(rows=12, labelled=4, launched=True)
    who = invite(job, count=1, actor=None, at=now())[0]
    page = page_of(who)
    assert (page.mode, len(page.unit_ids)) == ("work", 5)
    assert not any(unit.test_question.state == "enabled" for unit in hidden_tests(page).values())


def test_an_image_that_cannot_be_judged_counts_without_an_answer(
    running_job: Job, lena: Invitation
) -> None:
    pass_quiz(lena)
    page = page_of(lena)
    given = [
        one if units_of(page)[one.place].given else Given(one.place, cannot_be_judged=True)
        for one in right_answers(page)
    ]
    give(lena, page, given)
    assert Judgment.objects.filter(cannot_be_judged=True, answers={}).count() == 4
    assert counts(running_job) == (0, 4)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda given: given[:-1],
        lambda given: [*given, Given(9, {"finding": "healthy"})],
        lambda given: [*given, Given(0, {"finding": "unsure", "how_likely": 3})],
        lambda given: [Given(0, {}), *given[1:]],
        lambda given: [Given(0, {"finding": "cancer"}), *given[1:]],
        lambda given: [Given(0, {"finding": "pneumonia"}), *given[1:]],
        lambda given: [Given(0, {"finding": "healthy"}, cannot_be_judged=True), *given[1:]],
    ],
    ids=["place missing", "place extra", "place twice", "empty", "not offered", "half", "both"],
)
def test_a_page_with_something_wrong_stores_nothing(
    lena: Invitation, spoil: Callable[[list[Given]], list[Given]]
) -> None:
    page = page_of(lena)
    with pytest.raises(InvalidAnswers):
        give(lena, page, spoil(right_answers(page)))
    assert (Page.objects.get(pk=page.id).state, Judgment.objects.count()) == (PageState.OPEN, 0)


def test_another_contributors_page_is_not_there(lena: Invitation, rafael: Invitation) -> None:
    with pytest.raises(NoSuchPage):
        give(rafael, page_of(lena), [])


def test_a_paused_job_hands_out_nothing_and_takes_what_is_out(
    running_job: Job, lena: Invitation
) -> None:
    page = page_of(lena)
    pause(running_job, actor=None, at=NOON)
    assert ask(lena).outcome == Outcome.PAUSED
    assert send(lena, page)["outcome"] == "accepted"
    resume(Job.objects.get(pk=running_job.pk), actor=None, at=NOON)
    assert ask(lena).outcome == Outcome.PAGE


def test_a_canceled_job_takes_nothing_more(running_job: Job, lena: Invitation) -> None:
    page = page_of(lena)
    cancel(running_job, actor=None, at=NOON)
    assert ask(lena).outcome == Outcome.FINISHED
    with pytest.raises(PageClosed, match="canceled"):
        send(lena, page)


def test_a_job_is_launched_once(running_job: Job) -> None:
    with pytest.raises(StepError):
        launch(running_job, actor=None, at=NOON, rng=Random(1))


def test_a_job_without_an_image_is_not_launched(make_job: Callable[..., Job]) -> None:
    with pytest.raises(Refused, match="No row of this job can be judged"):
        make_job(rows=3, labelled=0, without_image=3, launched=True)


def test_units_near_the_front_finish_while_others_are_untouched(
    make_job: Callable[..., Job],
) -> None:
    job = make_job(rows=120, labelled=40, launched=True)
    crowd = invite(job, count=10, actor=None, at=now())
    for who in crowd:
        pass_quiz(who)
    needed = status_of(job)["needed"]
    while counts(job)[1] < needed / 2:
        for who in crowd:
            send(who, page_of(who))
    assert status_of(job)["finalized"] >= 0.4 * status_of(job)["units"]
