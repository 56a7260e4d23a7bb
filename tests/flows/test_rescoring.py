"""An edit of a test question scores everybody anew, and brings back whom it had sent away."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

import pytest
from django.db.models import F

from overread.core.instants import milliseconds
from overread.core.removal import Tally
from overread.core.states import JobState
from overread.core.test_questions import MISSED_BY_MOST
from overread.flows import background
from overread.flows.judging import rescoring
from overread.flows.judging.answers import Given
from overread.flows.judging.pages import next_page
from overread.flows.judging.rescoring import (
    hold_missed_by_most,
    recount,
    rescore,
)
from overread.flows.people import Invitation, invite
from overread.flows.test_questions import (
    mark_reviewed,
    put_on_hold,
    revise_test_question,
    set_enabled,
)
from overread.store.hot.rows import PageRow
from overread.store.judging import mark_one
from overread.store.models import (
    AuditEntry,
    Job,
    Judgment,
    Page,
    Participation,
    Slot,
    TestQuestion,
    Unit,
)
from overread.store.queries.aggregation import contributors
from overread.store.queries.quality import Fared, fared_with_most, to_review
from tests.conftest import NOON, now
from tests.judging import ask, counts, give, hidden_tests, page_of, send, units_of

pytestmark = pytest.mark.django_db
MakeJob = Callable[..., Job]
# Test questions are made at noon: all this happens later.
START = NOON + timedelta(hours=1)


def at(minute: int) -> int:
    return milliseconds(START + timedelta(minutes=minute))


def moment(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def tally_of(who: Invitation) -> Tally:
    return Tally.from_document(json.loads(Participation.objects.get(pk=who.participation.pk).tally))


def state_of(who: Invitation) -> str:
    return Participation.objects.get(pk=who.participation.pk).state


def accept_both(question: TestQuestion, minute: int) -> None:
    """The owner sees that either answer will do."""
    question.refresh_from_db()
    revise_test_question(
        question,
        accepted={"finding": ["healthy", "pneumonia"]},
        reasons={},
        actor=None,
        at=moment(minute),
    )
    rescore(question, actor=None, at=moment(minute))


def missed_questions(who: Invitation) -> list[TestQuestion]:
    """The test questions that a contributor missed, by the answers accepted at first."""
    answers = Judgment.objects.filter(participation=who.participation, test__isnull=False)
    missed = [one for one in answers if one.answers["finding"] != one.unit.given["finding"]]
    return [one.test for one in missed if one.test]


def lose(who: Invitation, minute: int) -> list[TestQuestion]:
    """Pass the quiz with one miss, work, and be removed by two more misses."""
    send(who, page_of(who, at(minute)), miss=1, at=at(minute))
    send(who, page_of(who, at(minute + 1)), at=at(minute + 1))
    for later in (2, 3):
        send(who, page_of(who, at(minute + later)), miss=1, at=at(minute + later))
    assert state_of(who) == "removed"
    return missed_questions(who)


def test_a_failed_quiz_is_passed_when_a_test_question_was_wrong(lena: Invitation) -> None:
    assert send(lena, page_of(lena, at(0)), miss=2, at=at(0))["state"] == "failed quiz"
    accept_both(missed_questions(lena)[0], 1)
    assert state_of(lena) == "working"
    assert (tally_of(lena).total, tally_of(lena).trust) == ((5, 2, 1), 0.8)
    assert page_of(lena, at(2)).mode == "work"


def test_a_removed_contributor_comes_back_and_the_judgments_count_again(
    running_job: Job, lena: Invitation
) -> None:
    missed = lose(lena, 0)
    assert counts(running_job) == (0, 0)
    accept_both(missed[0], 9)
    assert state_of(lena) == "working"
    assert tally_of(lena).trust == 0.75
    assert counts(running_job) == (0, 10)
    restored = Participation.objects.get(pk=lena.participation.pk)
    assert (restored.removed_for, restored.settle_from) == ("", None)
    assert AuditEntry.objects.filter(action="restore").count() == 1


def test_units_that_others_have_finished_meanwhile_go_over_and_are_kept(make_job: MakeJob) -> None:
    job = make_job(launched=True)
    crowd = invite(job, count=4, actor=None, at=now())
    missed = lose(crowd[0], 0)
    for minute in range(10, 18):
        for who in crowd[1:]:
            page = ask(who, at(minute)).page
            if page is not None:
                send(who, page, at=at(minute))
    job.refresh_from_db()
    assert job.state == JobState.FINISHED
    accept_both(missed[0], 30)
    assert Slot.objects.filter(job=job, counted__gt=F("wanted")).exists()
    assert sum(Slot.objects.filter(job=job).values_list("counted", flat=True)) == 4 * 10
    job.refresh_from_db()
    assert job.state == JobState.FINISHED


def test_who_comes_back_finishes_a_job_that_waited_for_replacements(make_job: MakeJob) -> None:
    job = make_job(launched=True)
    Job.objects.filter(pk=job.pk).update(judgments_per_unit=1, revision=F("revision") + 1)
    Slot.objects.filter(job=job).update(wanted=1)
    [who] = invite(job, count=1, actor=None, at=now())
    missed = lose(who, 0)
    job.refresh_from_db()
    assert (job.state, counts(job)) == (JobState.RUNNING, (0, 0))
    accept_both(missed[0], 9)
    job.refresh_from_db()
    assert (job.state, counts(job)) == (JobState.FINISHED, (0, 10))


def test_somebody_whom_the_owner_removed_stays_removed(running_job: Job, lena: Invitation) -> None:
    missed = lose(lena, 0)
    Participation.objects.filter(pk=lena.participation.pk).update(removed_for="owner")
    accept_both(missed[0], 9)
    assert state_of(lena) == "removed"
    assert tally_of(lena).forgiven == 1
    assert counts(running_job) == (0, 0)


def test_an_edit_removes_nobody(lena: Invitation) -> None:
    send(lena, page_of(lena, at(0)), at=at(0))
    for question in TestQuestion.objects.all():
        wrong = {"healthy": "pneumonia", "pneumonia": "healthy"}[question.unit.given["finding"]]
        revise_test_question(
            question, accepted={"finding": [wrong]}, reasons={}, actor=None, at=moment(1)
        )
        rescore(question, actor=None, at=moment(1))
    assert state_of(lena) == "working"
    assert tally_of(lena).total == (5, 0, 0)


def test_a_test_question_on_hold_excuses_its_misses_until_it_is_used_again(
    lena: Invitation,
) -> None:
    send(lena, page_of(lena, at(0)), miss=1, at=at(0))
    [question] = missed_questions(lena)
    put_on_hold(question, "the label is in doubt", actor=None, at=moment(1))
    rescore(question, actor=None, at=moment(1))
    assert (tally_of(lena).total, tally_of(lena).trust) == ((5, 1, 1), 1)
    set_enabled(question, True, actor=None, at=moment(2))
    rescore(question, actor=None, at=moment(2))
    assert (tally_of(lena).total, tally_of(lena).trust) == ((5, 1, 0), 0.8)


def test_a_page_that_was_out_when_its_test_question_went_on_hold_is_excused_too(
    lena: Invitation,
) -> None:
    send(lena, page_of(lena, at(0)), at=at(0))
    page = page_of(lena, at(1))
    [unit] = hidden_tests(page).values()
    put_on_hold(unit.test_question, "in doubt", actor=None, at=moment(1))
    assert send(lena, page, miss=1, at=at(2))["feedback"] == []
    assert tally_of(lena).total == (6, 1, 1)
    assert recount(lena.participation.pk) == tally_of(lena)


def test_scoring_anew_twice_changes_nothing_more(lena: Invitation) -> None:
    missed = lose(lena, 0)
    accept_both(missed[0], 9)
    again = rescore(missed[0], actor=None, at=moment(10))
    assert (again.answered, again.restored) == (1, 0)


def test_a_page_that_comes_in_meanwhile_is_scored_too(
    lena: Invitation, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(lena, page_of(lena, at(0)), miss=1, at=at(0))
    [question] = missed_questions(lena)
    looked: list[Tally] = []

    def look_and_let_others_in(participation: int) -> Tally:
        looked.append(recount(participation))
        if len(looked) == 1:
            send(lena, page_of(lena, at(1)), at=at(1))
        return looked[-1]

    monkeypatch.setattr(rescoring, "recount", look_and_let_others_in)
    accept_both(question, 2)
    assert [one.seen for one in looked] == [5, 6]
    assert tally_of(lena).total == (6, 1, 1)


# the law


def some_answers(page: PageRow, rng: Random, accuracy: float) -> list[Given]:
    given = []
    for place, unit in units_of(page).items():
        right = unit.given.get("finding", "healthy")
        wrong = {"healthy": "pneumonia", "pneumonia": "healthy"}[right]
        answer = right if rng.random() < accuracy else wrong
        more = {"signs": ["one_place"]} if answer == "pneumonia" else {}
        given.append(Given(place, {"finding": answer, **more}))
    return given


def change_something(rng: Random, minute: int) -> None:
    """An edit of any test question by the owner, as the screens make it."""
    question = rng.choice(list(TestQuestion.objects.order_by("pk")))
    when = moment(minute)
    choice = rng.random()
    if choice < 0.6:
        answers = rng.choice([["healthy"], ["pneumonia"], ["healthy", "pneumonia"], ["unsure"]])
        revise_test_question(
            question, accepted={"finding": answers}, reasons={}, actor=None, at=when
        )
    elif choice < 0.8:
        set_enabled(question, rng.random() < 0.5, actor=None, at=when)
    else:
        put_on_hold(question, "in doubt", actor=None, at=when)
    background.score_anew(question, actor=None)


def work_a_page(who: Invitation, rng: Random, accuracy: float, minute: int) -> None:
    seeded = Random(rng.random())
    offer = next_page(who.participation.pk, at=at(minute), rng=seeded, retake=rng.random() < 0.5)
    if offer.page is not None and rng.random() < 0.9:
        given = some_answers(offer.page, rng, accuracy)
        give(who, offer.page, given, at=at(minute))


@pytest.mark.parametrize("seed", range(6))
def test_a_tally_is_what_the_judgments_say_whatever_happened(make_job: MakeJob, seed: int) -> None:
    rng = Random(f"history {seed}")
    job = make_job(rows=40, labelled=18, launched=True)
    Job.objects.filter(pk=job.pk).update(
        practice_length=rng.choice([0, 2]),
        quiz_retakes=1,
        when_tests_run_out=rng.choice(["stop", "go on", "repeat"]),
        removal_rule=rng.choice(["accuracy", "sensitivity and specificity", "sequential"]),
        revision=F("revision") + 1,
    )
    crowd = [
        (who, rng.choice([0.6, 0.8, 0.95])) for who in invite(job, count=4, actor=None, at=now())
    ]
    for minute in range(60):
        who, accuracy = rng.choice(crowd)
        work_a_page(who, rng, accuracy, minute)
        if rng.random() < 0.25:
            change_something(rng, minute)
    for who, _accuracy in crowd:
        assert recount(who.participation.pk) == tally_of(who)
    assert_counts_are_right(job)


def assert_counts_are_right(job: Job) -> None:
    """Every slot counts the judgments of those who are neither removed nor out, and no others."""
    tainted = [one.participation.pk for one in contributors(job).values() if one.tainted]
    for slot in Slot.objects.filter(job=job):
        judgments = Judgment.objects.filter(unit=slot.unit_id)
        assert slot.counted == judgments.exclude(participation__in=tainted).count()
        out = Page.objects.filter(participation__job=job, state="open", mode="work")
        assert slot.outstanding == sum(slot.unit_id in page.places.values() for page in out)
        assert slot.open == (slot.outstanding + slot.counted < slot.wanted)


# on hold by itself


def everybody_answers(job: Job, count: int, *, miss: bool, minute: int = 0) -> list[Invitation]:
    """`count` people answer the quiz; with `miss` they all miss the questions on row 1 to 10."""
    crowd = invite(job, count=count, actor=None, at=now())
    for who in crowd:
        page = page_of(who, at(minute))
        send(who, page, miss=len(hidden_tests(page)) if miss else 0, at=at(minute))
    return crowd


# Rows of five test questions: a quiz of fourteen is failed over them.
MISSED = {1, 2, 3, 4, 5}


def one_answer(place: int, unit: Unit, *, miss: bool) -> Given:
    """An answer to a test question."""
    is_pneumonia = (unit.given["finding"] == "pneumonia") != miss
    if is_pneumonia:
        return Given(place, {"finding": "pneumonia", "signs": ["one_place"]})
    return Given(place, {"finding": "healthy"})


def all_miss(job: Job, rows: set[int], *, people: int) -> list[Invitation]:
    """Some people answer a page each, all wrong on the same rows and right on the others."""
    crowd = invite(job, count=people, actor=None, at=now())
    for who in crowd:
        page = page_of(who, at(0))
        given = [
            one_answer(place, unit, miss=unit.number in rows)
            for place, unit in units_of(page).items()
        ]
        give(who, page, given, at=at(0))
    return crowd


@pytest.fixture
def ten_tests_quiz(make_job: MakeJob) -> Job:
    """Everybody gets all ten test questions in the quiz."""
    job = make_job(launched=True)
    Job.objects.filter(pk=job.pk).update(quiz_length=10, revision=F("revision") + 1)
    return job


def test_a_test_question_that_most_miss_goes_on_hold_and_they_come_back(
    make_job: MakeJob,
) -> None:
    job = make_job(rows=30, labelled=14, launched=True)
    Job.objects.filter(pk=job.pk).update(quiz_length=14, revision=F("revision") + 1)
    crowd = all_miss(job, MISSED, people=10)
    assert {state_of(who) for who in crowd} == {"failed quiz"}
    hold_missed_by_most(0, at=moment(1))
    held = TestQuestion.objects.filter(state="on hold", on_hold_for=MISSED_BY_MOST)
    assert set(held.values_list("unit__number", flat=True)) == MISSED
    assert {state_of(who) for who in crowd} == {"working"}
    assert {tally_of(who).trust for who in crowd} == {1}
    assert not TestQuestion.objects.filter(to_score=True).exists()


def test_one_that_quiz_and_hidden_test_questions_need_stays_in_use_and_is_marked(
    ten_tests_quiz: Job,
) -> None:
    everybody_answers(ten_tests_quiz, 10, miss=True)
    hold_missed_by_most(0, at=moment(1))
    assert TestQuestion.objects.filter(state="on hold").count() == 2
    assert to_review(ten_tests_quiz).count() == ten_tests_quiz.units_per_page + 3
    marked = AuditEntry.objects.count()
    hold_missed_by_most(0, at=moment(2))
    assert AuditEntry.objects.count() == marked
    for question in to_review(ten_tests_quiz)[:3]:
        mark_reviewed(question, actor=None, at=moment(3))
    assert to_review(ten_tests_quiz).count() == ten_tests_quiz.units_per_page
    accept_both(to_review(ten_tests_quiz)[0], 4)
    assert to_review(ten_tests_quiz).count() == ten_tests_quiz.units_per_page - 1


@pytest.mark.parametrize("says", ["reviewed", "not in use", "corrected"])
def test_what_the_owner_says_meanwhile_stands(
    ten_tests_quiz: Job, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    everybody_answers(ten_tests_quiz, 10, miss=True)

    def act(own: TestQuestion) -> None:
        if says == "reviewed":
            mark_reviewed(own, actor=None, at=moment(1))
        elif says == "corrected":
            accept_both(own, 1)
        else:
            set_enabled(own, False, actor=None, at=moment(1))

    def look_while_the_owner_acts(questions: Sequence[TestQuestion]) -> dict[int, Fared]:
        found = fared_with_most(questions)
        for question in questions:
            act(TestQuestion.objects.get(pk=question.pk))
        return found

    monkeypatch.setattr(rescoring, "fared_with_most", look_while_the_owner_acts)
    hold_missed_by_most(0, at=moment(2))
    assert not TestQuestion.objects.exclude(on_hold_for="").exists()
    assert not TestQuestion.objects.filter(state="on hold").exists()


def test_nine_answers_are_too_few_to_hold_one(ten_tests_quiz: Job) -> None:
    everybody_answers(ten_tests_quiz, 9, miss=True)
    hold_missed_by_most(0, at=moment(1))
    assert not TestQuestion.objects.filter(state="on hold").exists()


def test_one_that_the_owner_reviewed_stays_in_use(ten_tests_quiz: Job) -> None:
    everybody_answers(ten_tests_quiz, 10, miss=True)
    TestQuestion.objects.update(reviewed=True)
    hold_missed_by_most(0, at=moment(1))
    assert not TestQuestion.objects.filter(state="on hold").exists()


def test_a_second_look_sees_only_what_is_new(ten_tests_quiz: Job) -> None:
    everybody_answers(ten_tests_quiz, 10, miss=False)
    latest = hold_missed_by_most(0, at=moment(1))
    assert latest == Judgment.objects.order_by("-pk")[0].pk
    assert hold_missed_by_most(latest, at=moment(2)) == latest


# a worker that was killed


def accept_both_and_die(question: TestQuestion) -> None:
    """The owner's change is stored; whoever was to score everybody anew is killed."""
    question.refresh_from_db()
    answers = {"finding": ["healthy", "pneumonia"]}
    revise_test_question(question, accepted=answers, reasons={}, actor=None, at=moment(9))


def test_scoring_that_a_killed_worker_left_is_done_after_a_restart(
    running_job: Job, lena: Invitation
) -> None:
    [first, *_] = lose(lena, 0)
    accept_both_and_die(first)
    assert state_of(lena) == "removed"
    background.look_after_jobs(0)
    assert state_of(lena) == "working"
    assert counts(running_job) == (0, 10)
    assert not TestQuestion.objects.filter(to_score=True).exists()
    scored = AuditEntry.objects.filter(action="score anew").count()
    background.look_after_jobs(0)
    assert AuditEntry.objects.filter(action="score anew").count() == scored


def test_one_put_on_hold_by_itself_is_scored_after_a_restart(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(rows=30, labelled=14, launched=True)
    Job.objects.filter(pk=job.pk).update(quiz_length=14, revision=F("revision") + 1)
    crowd = all_miss(job, MISSED, people=10)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(rescoring, "rescore", die)
    with pytest.raises(KeyboardInterrupt):
        hold_missed_by_most(0, at=moment(1))
    monkeypatch.setattr(rescoring, "rescore", rescore)
    assert TestQuestion.objects.filter(state="on hold", to_score=True).count() == 1
    background.look_after_jobs(Judgment.objects.order_by("-pk")[0].pk)
    assert {tally_of(who).forgiven for who in crowd} == {1}


def test_counts_that_a_killed_worker_left_become_right_though_nobody_asks(
    running_job: Job, lena: Invitation
) -> None:
    lose(lena, 0)
    Participation.objects.filter(pk=lena.participation.pk).update(state="working", settle_from=0)
    background.look_after_jobs(0)
    assert counts(running_job) == (0, 10)
    assert Participation.objects.get(pk=lena.participation.pk).settle_from is None


def test_units_of_a_page_that_ran_out_return_though_nobody_asks(
    running_job: Job, lena: Invitation
) -> None:
    send(lena, page_of(lena, at(0)), at=at(0))
    assert counts(running_job)[0] > 0
    background.look_after_jobs(0)  # long after it ran out
    assert counts(running_job) == (0, 0)
    assert not Page.objects.filter(state="open").exists()


def test_a_change_while_people_are_scored_is_scored_too(
    lena: Invitation, monkeypatch: pytest.MonkeyPatch
) -> None:
    [question, *_] = lose(lena, 0)
    done = recount

    def change_it_again(participation: int) -> Tally:
        found = done(participation)
        monkeypatch.setattr(rescoring, "recount", done)
        put_on_hold(question, "in doubt after all", actor=None, at=moment(10))
        return found

    monkeypatch.setattr(rescoring, "recount", change_it_again)
    accept_both(question, 9)
    assert TestQuestion.objects.get(pk=question.pk).to_score
    background.look_after_jobs(0)
    assert not TestQuestion.objects.get(pk=question.pk).to_score


def test_the_watch_goes_on_after_what_it_can_not_do_and_logs_no_data(
    lena: Invitation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    [question, *_] = lose(lena, 0)
    accept_both_and_die(question)

    def fail(*_: object, **__: object) -> None:
        raise ValueError("Jane Doe")

    monkeypatch.setattr(rescoring, "rescore", fail)
    assert background.look_after_jobs(0) > 0
    assert "scoring anew failed: ValueError" in caplog.text
    assert "Jane Doe" not in caplog.text


# when an answer came in


def test_an_answer_that_overtook_a_change_stays_as_it_was_marked(lena: Invitation) -> None:
    page = page_of(lena, at(0))
    question = TestQuestion.objects.get(unit=page.by_place[0])
    send(lena, page, miss=1, at=at(5))
    accept_both(question, 4)  # pressed before, and waited for a turn to write
    [judgment] = Judgment.objects.filter(test=question)
    marked = mark_one(judgment, TestQuestion.objects.get(pk=question.pk))
    assert (marked.missed, marked.right, marked.forgiven) == (True, True, True)


# more test questions in use


def test_who_had_seen_all_test_questions_goes_on_with_one_more(
    make_job: MakeJob,
) -> None:
    job = make_job(rows=60, labelled=9, launched=True)
    question = TestQuestion.objects.filter(unit__job=job)[0]
    set_enabled(question, False, actor=None, at=START)
    [who] = invite(job, count=1, actor=None, at=now())
    for minute in range(9):
        page = ask(who, at(minute)).page
        if page is not None:
            send(who, page, at=at(minute))
    assert state_of(who) == "maxed out"
    set_enabled(question, True, actor=None, at=moment(10))
    assert question.unit_id in page_of(who, at(11)).unit_ids
