"""What an owner's settings change: dynamic judgments, practice, retakes, limits, order."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from overread.core.design import Instructions
from overread.core.judging import Order, Outcome, RunOut
from overread.core.states import JobState
from overread.core.stopping import StoppingRule
from overread.flows.design import revise_instructions
from overread.flows.judging.answers import Given
from overread.flows.judging.launching import launch
from overread.flows.judging.submission import PageClosed
from overread.flows.people import Invitation, invite
from overread.store.hot.knowledge import Cache
from overread.store.judging import touch
from overread.store.models import Job, Judgment, Page, Participation, Slot, TestQuestion
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
)

pytestmark = pytest.mark.django_db


TWO_THAT_MATCH = {
    "rows": 5,
    "judgments_per_unit": 2,
    "maximum_judgments_per_unit": 3,
    "stopping_rule": StoppingRule.MATCHING,
}


@pytest.fixture
def job_with(make_job: Callable[..., Job]) -> Callable[..., Job]:
    """A running job with settings; without enough test questions unless told."""

    def make(*, rows: int = 12, labelled: int = 0, **settings: Any) -> Job:
        job = make_job(rows=rows, labelled=labelled)
        Job.objects.filter(pk=job.pk).update(**settings)
        return launch(job, actor=None, at=NOON, rng=Random(1))

    return make


def crowd(job: Job, count: int) -> list[Invitation]:
    return invite(job, count=count, actor=None, at=now())


def say(who: Invitation, finding: str, at: int = AT) -> dict[str, Any]:
    """Judge a page, every unit alike."""
    page = page_of(who, at)
    more = {"signs": ["one_place"]} if finding == "pneumonia" else {}
    return give(who, page, [Given(place, {"finding": finding, **more}) for place in page.by_place])


def test_who_passes_the_quiz_has_a_page_reserved(running_job: Job, lena: Invitation) -> None:
    pass_quiz(lena)
    assert counts(running_job) == (4, 0)
    assert Page.objects.get(state="open").pk == page_of(lena).id


def test_two_who_agree_are_enough_where_two_matching_judgments_stop(
    job_with: Callable[..., Job],
) -> None:
    job = job_with(**TWO_THAT_MATCH)
    first, second, _third = crowd(job, 3)
    say(first, "healthy")
    say(second, "healthy")
    assert status_of(job)["finalized"] == 5
    job.refresh_from_db()
    assert job.state == JobState.FINISHED


def test_two_who_disagree_ask_for_a_third_and_no_fourth(job_with: Callable[..., Job]) -> None:
    job = job_with(**TWO_THAT_MATCH)
    first, second, third = crowd(job, 3)
    say(first, "healthy")
    say(second, "pneumonia")
    assert status_of(job)["finalized"] == 0
    assert ask(first).outcome == Outcome.NOTHING_LEFT
    say(third, "healthy")
    assert set(Slot.objects.values_list("counted", "wanted", "open")) == {(3, 3, False)}


def test_practice_gives_reasons_and_does_not_count(job_with: Callable[..., Job]) -> None:
    job = job_with(rows=40, labelled=20, practice_length=3)
    [who] = crowd(job, 1)
    page = page_of(who)
    assert (page.mode, len(page.unit_ids)) == ("practice", 3)
    result = send(who, page, miss=3)
    assert (result["state"], len(result["feedback"])) == ("quiz", 3)
    assert result["progress"]["accuracy"] is None
    assert not set(page.unit_ids) & set(page_of(who).unit_ids)
    pass_quiz(who)
    assert Participation.objects.get(pk=who.participation.pk).state == "working"


def test_a_failed_quiz_is_taken_again_with_fresh_questions_where_allowed(
    job_with: Callable[..., Job],
) -> None:
    job = job_with(rows=40, labelled=20, quiz_retakes=1)
    [who] = crowd(job, 1)
    first = page_of(who)
    send(who, first, miss=5)
    offer = ask(who)
    assert (offer.outcome, offer.retakes) == (Outcome.FAILED_QUIZ, True)
    again = ask(who, retake=True).page
    assert again is not None
    assert not set(first.unit_ids) & set(again.unit_ids)
    assert send(who, again)["progress"]["accuracy"] == 1.0


def test_a_second_failure_is_final(job_with: Callable[..., Job]) -> None:
    job = job_with(rows=40, labelled=20, quiz_retakes=1)
    [who] = crowd(job, 1)
    send(who, page_of(who), miss=5)
    again = ask(who, retake=True).page
    assert again is not None
    send(who, again, miss=5)
    offer = ask(who, retake=True)
    assert (offer.outcome, offer.retakes) == (Outcome.FAILED_QUIZ, False)


def test_nobody_judges_more_than_the_owner_allows(job_with: Callable[..., Job]) -> None:
    job = job_with(rows=12, maximum_judgments_per_contributor=7)
    [who] = crowd(job, 1)
    say(who, "healthy")
    assert len(page_of(who).unit_ids) == 2
    say(who, "healthy")
    assert ask(who).outcome == Outcome.MAXED_OUT


def test_test_questions_come_again_where_the_owner_says_so(job_with: Callable[..., Job]) -> None:
    job = job_with(rows=60, labelled=8, when_tests_run_out=RunOut.REPEAT)
    [who] = crowd(job, 1)
    for _page in range(8):
        send(who, page_of(who))
    assert Judgment.objects.filter(attempt__gte=1).count() == 4
    participation = Participation.objects.get(pk=who.participation.pk)
    assert participation.state == "working"


def test_or_work_goes_on_without_them(job_with: Callable[..., Job]) -> None:
    job = job_with(rows=60, labelled=8, when_tests_run_out=RunOut.GO_ON)
    [who] = crowd(job, 1)
    for _page in range(4):
        send(who, page_of(who))
    assert not hidden_tests(page_of(who))


def test_each_has_an_order_of_their_own_where_the_owner_says_so(
    job_with: Callable[..., Job],
) -> None:
    job = job_with(rows=60, order=Order.PER_CONTRIBUTOR)
    pages = [page_of(who).unit_ids for who in crowd(job, 2)]
    assert len({tuple(sorted(units)) for units in pages}) == 2
    [who] = crowd(job, 1)
    seen: list[int] = []
    while (page := ask(who).page) is not None:
        seen += page.unit_ids
        give(who, page, [Given(place, {"finding": "healthy"}) for place in page.by_place])
    assert sorted(seen) == sorted(job.units.values_list("pk", flat=True))


def test_a_page_sent_too_soon_is_told_when(job_with: Callable[..., Job]) -> None:
    job = job_with(minimum_page_seconds=20)
    [who] = crowd(job, 1)
    page = page_of(who)
    with pytest.raises(PageClosed, match="too soon") as refused:
        give(who, page, right_answers(page), at=AT + 12_500)
    assert refused.value.seconds == 8
    assert give(who, page, right_answers(page), at=AT + 20_000)["outcome"] == "accepted"


def test_a_late_page_is_taken_for_the_units_that_still_need_it(
    job_with: Callable[..., Job],
) -> None:
    job = job_with(rows=5, judgments_per_unit=1)
    slow, quick = crowd(job, 2)
    page = page_of(slow)
    Slot.objects.filter(unit__in=page.unit_ids[:2]).update(wanted=2, open=True)
    late = page.expires_at
    say(quick, "healthy", at=late)
    result = send(slow, page, at=late + 5)
    assert (result["late"], result["progress"]["judgments"]) == (3, 2)
    assert set(Slot.objects.values_list("outstanding", flat=True)) == {0}
    assert send(slow, page, at=late + 9) == result


def test_a_late_page_that_nobody_needs_is_refused(job_with: Callable[..., Job]) -> None:
    job = job_with(rows=5, judgments_per_unit=1)
    slow, quick = crowd(job, 2)
    page = page_of(slow)
    say(quick, "healthy", at=page.expires_at)
    with pytest.raises(PageClosed, match="page expired"):
        send(slow, page, at=page.expires_at + 5)
    assert Judgment.objects.count() == 5


def test_a_finished_job_runs_again_when_judgments_have_to_be_replaced(
    job_with: Callable[..., Job],
) -> None:
    job = job_with(rows=22, labelled=10, judgments_per_unit=1)
    [who] = crowd(job, 1)
    pass_quiz(who)
    for _page in range(3):
        page = page_of(who)
        send(who, page)
    job.refresh_from_db()
    assert job.state == JobState.FINISHED
    Participation.objects.filter(pk=who.participation.pk).update(state="removed", settle_from=0)
    touch(job)
    ask(crowd(job, 1)[0])
    job.refresh_from_db()
    assert (job.state, counts(job)) == (JobState.RUNNING, (0, 0))


def test_a_removed_contributors_many_pages_are_all_counted_out(
    job_with: Callable[..., Job],
) -> None:
    job = job_with(rows=160, labelled=30)
    [who] = crowd(job, 1)
    pass_quiz(who)
    for _page in range(15):
        send(who, page_of(who))
    assert counts(job) == (0, 60)
    while send(who, page_of(who), miss=1)["state"] == "working":
        pass
    assert counts(job) == (0, 0)
    assert set(Slot.objects.values_list("open", flat=True)) == {True}


def test_an_edit_of_the_design_leaves_pages_that_are_out_as_they_were(
    running_job: Job, lena: Invitation
) -> None:
    page = page_of(lena)
    revise_instructions(running_job, Instructions(overview="New"), actor=None, at=NOON)
    assert send(lena, page)["outcome"] == "accepted"


def test_a_repeated_page_holds_no_test_question_twice(job_with: Callable[..., Job]) -> None:
    job = job_with(rows=80, labelled=9, test_questions_per_page=2, when_tests_run_out=RunOut.REPEAT)
    [who] = crowd(job, 1)
    for _page in range(9):
        page = page_of(who)
        assert len(set(page.unit_ids)) == 5
        assert send(who, page)["late"] == 0


def test_a_restored_contributor_whose_answers_differ_asks_for_another(
    job_with: Callable[..., Job],
) -> None:
    job = job_with(**TWO_THAT_MATCH)
    first, second, third = crowd(job, 3)
    say(first, "healthy")
    Participation.objects.filter(pk=first.participation.pk).update(state="removed", settle_from=0)
    say(second, "pneumonia")
    Participation.objects.filter(pk=first.participation.pk).update(state="working", settle_from=0)
    say(third, "healthy")
    assert set(Slot.objects.values_list("counted", "wanted", "open")) == {(3, 3, False)}


def test_ones_own_page_that_ran_out_is_not_shown_again(job_with: Callable[..., Job]) -> None:
    job = job_with(rows=200)
    people = crowd(job, 12)
    pages = [page_of(who) for who in people]
    late = pages[-1].expires_at
    assert page_of(people[-1], late).id != pages[-1].id


def test_with_every_test_question_hidden_nobody_fails_a_quiz_unseen(
    job_with: Callable[..., Job],
) -> None:
    job = job_with(rows=40, labelled=10)
    for question in TestQuestion.objects.filter(unit__job=job):
        question.hidden = True
        question.save()
    touch(job)
    [who] = crowd(job, 1)
    assert page_of(who).mode == "work"


def test_an_edit_reaches_a_server_that_remembers_the_job(
    running_job: Job, lena: Invitation
) -> None:
    """One cache, as the server's, across a change of the design."""
    cache = Cache()
    before = Job.objects.get(pk=running_job.pk).revision
    first = cache.of(running_job.pk, before)
    revise_instructions(running_job, Instructions(overview="New"), actor=None, at=NOON)
    after = Job.objects.get(pk=running_job.pk).revision
    assert cache.of(running_job.pk, after).design != first.design
