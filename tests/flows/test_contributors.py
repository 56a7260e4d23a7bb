"""The owner removes and restores contributors; the counts follow, and nothing is lost."""

from collections.abc import Callable
from random import Random

import pytest

from overread.core.judging import Outcome
from overread.core.states import JobState, ParticipationState, StepError
from overread.flows.contributors import remove, restore
from overread.flows.judging.launching import launch
from overread.flows.judging.slots import PAGES_AT_ONCE
from overread.flows.people import Invitation, invite
from overread.store.models import AuditEntry, Job, Judgment, Participation, Slot, User
from overread.store.queries.leaving import leaving
from tests.conftest import NOON, now
from tests.judging import ask, counts, page_of, pass_quiz, send

pytestmark = pytest.mark.django_db


def work(who: Invitation, pages: int) -> None:
    """Pass the quiz and submit so many pages; one more stays open."""
    pass_quiz(who)
    for _ in range(pages):
        send(who, page_of(who))
    assert ask(who).page


def again(who: Invitation) -> Participation:
    return Participation.objects.select_related("job").get(pk=who.participation.pk)


@pytest.fixture
def roomy_job(running_job: Job) -> Job:
    """One that a single contributor can go through page by page."""
    running_job.when_tests_run_out = "go on"
    running_job.save(update_fields=["when_tests_run_out"])
    return running_job


def test_removal_takes_judgments_out_of_the_counts_and_keeps_them(
    roomy_job: Job, lena: Invitation, olga: User
) -> None:
    work(lena, 1)
    judged = Judgment.objects.count()
    remove(lena.participation, actor=olga, at=NOON)
    removed = again(lena)
    assert (removed.state, removed.removed_for) == ("removed", "owner")
    assert (removed.settle_from, counts(roomy_job)) == (None, (0, 0))
    assert Judgment.objects.count() == judged
    assert removed.judgments_made == judged


def test_the_open_page_goes_to_others_and_no_new_one_comes(lena: Invitation) -> None:
    work(lena, 0)
    page = page_of(lena)
    remove(lena.participation, actor=None, at=NOON)
    assert ask(lena).outcome == Outcome.REMOVED
    assert not Slot.objects.filter(unit__in=page.unit_ids, open=False).exists()


def test_a_page_sent_after_the_removal_is_kept_and_not_counted(
    roomy_job: Job, lena: Invitation
) -> None:
    work(lena, 0)
    page = page_of(lena)
    remove(lena.participation, actor=None, at=NOON)
    assert send(lena, page)["state"] == "removed"
    assert Judgment.objects.filter(page=page.id).exists()
    assert counts(roomy_job) == (0, 0)


@pytest.mark.parametrize("pages", [0, 1, 2])
def test_restoring_undoes_a_removal(roomy_job: Job, lena: Invitation, pages: int) -> None:
    work(lena, pages)
    before = again(lena)
    counted = counts(roomy_job)[1]
    remove(lena.participation, actor=None, at=NOON)
    restore(lena.participation, actor=None, at=NOON)
    after = again(lena)
    assert counts(roomy_job) == (0, counted)
    assert (after.state, after.removed_for, after.settle_from) == ("working", "", None)
    assert (after.tally, after.given, after.trust_from) == (
        before.tally,
        before.given,
        before.trust_from,
    )
    assert Slot.objects.filter(job=roomy_job).exclude(open=True).count() == 0


def test_more_pages_than_one_step_takes_are_settled(make_job: Callable[..., Job]) -> None:
    job = make_job(rows=40, labelled=10)
    job.units_per_page, job.when_tests_run_out = 2, "go on"
    job.save()
    launch(job, actor=None, at=NOON, rng=Random(1))
    lena = invite(job, count=1, actor=None, at=now())[0]
    pass_quiz(lena)
    while (found := ask(lena)).page:
        send(lena, found.page)
    assert again(lena).pages.filter(mode="work").count() > 2 * PAGES_AT_ONCE
    assert counts(job) == (0, 30)
    remove(lena.participation, actor=None, at=NOON)
    assert counts(job) == (0, 0)
    restore(lena.participation, actor=None, at=NOON)
    assert counts(job) == (0, 30)


def test_one_who_had_not_passed_the_quiz_goes_back_to_it(lena: Invitation) -> None:
    page_of(lena)
    remove(lena.participation, actor=None, at=NOON)
    restore(lena.participation, actor=None, at=NOON)
    assert again(lena).state == ParticipationState.QUIZ
    assert page_of(lena).mode == "quiz"


def test_a_finished_job_goes_on_after_a_removal_and_ends_after_the_restoration(
    roomy_job: Job, lena: Invitation
) -> None:
    others = invite(roomy_job, count=2, actor=None, at=now())
    for who in (lena, *others):
        pass_quiz(who)
        while (found := ask(who)).page:
            send(who, found.page)
    roomy_job.refresh_from_db()
    assert roomy_job.state == JobState.FINISHED
    remove(lena.participation, actor=None, at=NOON)
    roomy_job.refresh_from_db()
    assert roomy_job.state == JobState.RUNNING
    restore(lena.participation, actor=None, at=NOON)
    roomy_job.refresh_from_db()
    assert roomy_job.state == JobState.FINISHED


def test_what_can_not_be_done_is_refused_and_changes_nothing(lena: Invitation) -> None:
    for act in (remove, restore):
        with pytest.raises(StepError):
            act(lena.participation, actor=None, at=NOON)
    page_of(lena)
    remove(lena.participation, actor=None, at=NOON)
    with pytest.raises(StepError):
        remove(lena.participation, actor=None, at=NOON)
    assert AuditEntry.objects.filter(action__in=("remove", "restore")).count() == 1


def test_who_removed_and_restored_whom_is_on_record(lena: Invitation, olga: User) -> None:
    page_of(lena)
    remove(lena.participation, actor=olga, at=NOON)
    restore(lena.participation, actor=olga, at=NOON)
    found = AuditEntry.objects.filter(subject=f"participation {lena.participation.pk}")
    assert list(found.values_list("action", "actor").order_by("pk")) == [
        ("remove", olga.pk),
        ("restore", olga.pk),
    ]


def test_the_end_says_why(running_job: Job, lena: Invitation, rafael: Invitation) -> None:
    assert leaving(again(lena)).why is None
    page_of(lena)
    remove(lena.participation, actor=None, at=NOON)
    assert leaving(again(lena)).why == "owner"
    send(rafael, page_of(rafael), miss=5)
    assert leaving(again(rafael)).why == "accuracy"


def test_a_failed_quiz_can_be_taken_again_where_there_are_fresh_questions(
    running_job: Job, rafael: Invitation
) -> None:
    Job.objects.filter(pk=running_job.pk).update(quiz_retakes=0)
    send(rafael, page_of(rafael), miss=5)
    assert not leaving(again(rafael)).may_retake
    Job.objects.filter(pk=running_job.pk).update(quiz_retakes=1, revision=99)
    assert leaving(again(rafael)).may_retake
    assert ask(rafael).retakes
    assert page_of_retake(rafael) == "quiz"
    Job.objects.filter(pk=running_job.pk).update(state=JobState.PAUSED)
    Participation.objects.filter(pk=rafael.participation.pk).update(state="failed quiz")
    assert not leaving(again(rafael)).may_retake


def page_of_retake(who: Invitation) -> str:
    page = ask(who, retake=True).page
    assert page is not None
    return page.mode
