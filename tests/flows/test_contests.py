"""Objections to missed test questions, and questions about images: asked, answered, seen."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from overread.core.instants import milliseconds
from overread.core.problems import Refused
from overread.flows import contests
from overread.flows.contests import DAY_MS, answer, contest, see_answers
from overread.flows.discussion import MOST_LINES, NoDiscussion, ask, reply, see_replies
from overread.flows.people import Invitation
from overread.flows.test_questions import put_on_hold, revise_test_question, set_hidden
from overread.flows.texts import MOST_CHARACTERS, text_of
from overread.store.models import AuditEntry, Contest, Job, Page, Remark, TestQuestion, User
from overread.store.queries import contests as queries
from overread.store.queries.contests import open_misses, own_contests, unseen_answers, waiting
from overread.store.queries.discussion import own_lines, threads, threads_of
from tests.conftest import NOON
from tests.judging import give, hidden_tests, page_of, pass_quiz, right_answers, send

pytestmark = pytest.mark.django_db
# Test questions are made at noon: all this happens later.
LATER = NOON + timedelta(hours=1)
AT = milliseconds(LATER)
BOTH = {"finding": ["healthy", "pneumonia"]}


def miss_one(who: Invitation) -> tuple[Page, int]:
    """A quiz with one miss: the page, and the place that was told to be wrong."""
    page = page_of(who, AT)
    told = send(who, page, miss=1, at=AT)
    place = next(one["place"] for one in told["feedback"] if not one["correct"])
    return Page.objects.get(pk=page.id), place


def question_at(page: Page, place: int) -> TestQuestion:
    return TestQuestion.objects.get(unit=page.places[place])


def question_of(made: Contest) -> TestQuestion:
    assert made.judgment.test is not None
    return made.judgment.test


def object_to_one(who: Invitation, text: str = "The lungs are clear.") -> Contest:
    page, place = miss_one(who)
    return contest(page, place, text, at=AT)


def accept_both(question: TestQuestion, at: datetime = LATER + timedelta(minutes=1)) -> None:
    revise_test_question(question, accepted=BOTH, reasons={}, actor=None, at=at)


# the contributor's objection


def test_the_same_objection_sent_twice_at_once_is_stored_once(
    lena: Invitation, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, place = miss_one(lena)
    first = []

    def meanwhile(text: str) -> str:
        monkeypatch.setattr(contests, "text_of", text_of)
        first.append(contest(page, place, "First.", at=AT))
        return text

    monkeypatch.setattr(contests, "text_of", meanwhile)
    assert contest(page, place, "Second.", at=AT) == first[0]
    assert Contest.objects.get().text == "First."


def test_a_missed_test_question_can_be_contested_and_has_a_date(lena: Invitation) -> None:
    made = object_to_one(lena, " The lungs\r\nare clear. ")
    assert (made.text, made.decision) == ("The lungs\nare clear.", "")
    assert made.due_at == AT + lena.participation.job.contest_days * DAY_MS
    assert made.judgment.participation == lena.participation


def test_an_objection_sent_twice_is_stored_once(lena: Invitation) -> None:
    page, place = miss_one(lena)
    first, again = (contest(page, place, text, at=AT) for text in ("Clear.", "Something else."))
    assert (first.pk, again.text) == (again.pk, "Clear.")


def test_what_was_answered_rightly_can_not_be_contested(lena: Invitation) -> None:
    page, missed = miss_one(lena)
    for place in {*page.places, -1, 99} - {missed}:
        with pytest.raises(Refused, match="no test question that you missed"):
            contest(page, place, "Clear.", at=AT)


def test_nothing_of_an_open_page_or_of_the_work_can_be_contested(lena: Invitation) -> None:
    pass_quiz(lena)
    offered = page_of(lena)
    for _submitted in (False, True):
        page = Page.objects.get(pk=offered.id)
        for place in page.places:
            with pytest.raises(Refused, match="no test question"):
                contest(page, place, "Clear.", at=AT)
        if not _submitted:
            send(lena, offered)


def test_a_hidden_test_question_can_be_contested_too(running_job: Job, lena: Invitation) -> None:
    pass_quiz(lena)
    offered = page_of(lena, AT)
    (place, unit), *_ = hidden_tests(offered).items()
    set_hidden(unit.test_question, True, actor=None, at=LATER)
    told = give(lena, offered, right_answers(offered, miss=1), at=AT)
    assert told["feedback"] == [
        {"place": place, "correct": False, "accepted": {}, "reasons": {}, "places": {}}
    ]
    assert contest(Page.objects.get(pk=offered.id), place, "Clear.", at=AT).pk


@pytest.mark.parametrize("text", ["", " \r\n ", "\x00", "x" * (MOST_CHARACTERS + 1)])
def test_an_objection_says_why_in_a_text_that_can_be_read(lena: Invitation, text: str) -> None:
    page, place = miss_one(lena)
    with pytest.raises(Refused, match="text"):
        contest(page, place, text, at=AT)
    assert not Contest.objects.exists()


@for_all(st.text(min_size=1, max_size=200))
def test_a_text_that_was_kept_is_kept_as_it_is(written: str) -> None:
    try:
        kept = text_of(written)
    except Refused:
        return
    assert text_of(kept) == kept
    assert kept.encode()
    assert "\x00" not in kept


def test_what_was_corrected_meanwhile_needs_no_objection(lena: Invitation) -> None:
    page, place = miss_one(lena)
    assert [one.place for one in open_misses(lena.participation)] == [place]
    accept_both(question_at(page, place))
    assert open_misses(lena.participation) == []
    with pytest.raises(Refused, match="corrected since"):
        contest(page, place, "Clear.", at=AT)


# the owner's answer


def test_the_owner_keeps_a_question_and_says_why(
    running_job: Job, lena: Invitation, olga: User
) -> None:
    made = object_to_one(lena)
    with pytest.raises(Refused, match="empty"):
        answer(running_job, [made.pk], " ", actor=olga, at=LATER)
    answer(running_job, [made.pk], "Look at the left base.", actor=olga, at=LATER)
    made.refresh_from_db()
    assert (made.decision, made.answer) == ("kept", "Look at the left base.")
    assert (made.answered_by, made.answered_at) == (olga, AT)


def test_the_decision_is_what_the_owner_did(running_job: Job, lena: Invitation) -> None:
    made = object_to_one(lena)
    accept_both(question_of(made))
    answer(running_job, [made.pk], "", actor=None, at=LATER)
    own = own_contests(lena.participation)[0]
    assert (own.contest.decision, own.marked.right, own.marked.forgiven) == ("changed", True, True)


def test_a_question_put_on_hold_counts_as_changed(running_job: Job, lena: Invitation) -> None:
    made = object_to_one(lena)
    put_on_hold(question_of(made), "in doubt", actor=None, at=LATER)
    answer(running_job, [made.pk], "", actor=None, at=LATER)
    own = own_contests(lena.participation)[0]
    assert (own.contest.decision, own.marked.right, own.marked.forgiven) == ("changed", False, True)


def test_an_answer_stands_and_reaches_no_other_job(
    running_job: Job, job: Job, lena: Invitation
) -> None:
    made = object_to_one(lena)
    assert answer(job, [made.pk], "Not yours.", actor=None, at=LATER) == []
    for text in ("First.", "Second."):
        answer(running_job, [made.pk], text, actor=None, at=LATER)
    made.refresh_from_db()
    assert made.answer == "First."


def test_the_audit_holds_who_answered_and_no_word_of_it(
    running_job: Job, lena: Invitation, olga: User
) -> None:
    made = object_to_one(lena, "Anna Berg, born 2019, had this film before.")
    answer(running_job, [made.pk], "Anna Berg is well.", actor=olga, at=LATER)
    ask_about = lena.participation
    Job.objects.update(discussion=True)
    ask_about.job.refresh_from_db()
    ask(ask_about, made.judgment.unit_id, "Is this Anna Berg?", at=AT)
    reply(ask_about, made.judgment.unit, "Anna Berg it is.", actor=olga, at=LATER)
    entries = AuditEntry.objects.filter(actor=olga)
    assert set(entries.values_list("action", flat=True)) >= {"answer objections", "answer question"}
    assert "Anna" not in str(list(AuditEntry.objects.values_list("details", flat=True)))


def test_an_answer_is_new_until_it_was_seen(running_job: Job, lena: Invitation) -> None:
    made = object_to_one(lena)
    assert unseen_answers(lena.participation) == 0
    answer(running_job, [made.pk], "Look again.", actor=None, at=LATER)
    assert unseen_answers(lena.participation) == 1
    see_answers(lena.participation, at=AT)
    assert unseen_answers(lena.participation) == 0


# the owner's queue


def test_the_queue_says_how_a_question_fared(
    running_job: Job, lena: Invitation, rafael: Invitation
) -> None:
    made = object_to_one(lena)
    send(rafael, page_of(rafael, AT), at=AT)
    test = made.judgment.test_id
    assert list(queries.contested_questions(running_job)) == [test]
    (found,) = queries.objected(running_job, [test or 0], answered=False)
    assert (found.missed, found.contested, found.contests) == (1, 1, [made])
    assert found.contested_share == 1.0
    assert sum(found.given["finding"].values()) == found.judged


def test_objections_past_their_date_are_overdue(running_job: Job, lena: Invitation) -> None:
    made = object_to_one(lena)
    assert waiting(running_job, at=made.due_at).overdue == 0
    assert waiting(running_job, at=made.due_at + 1).overdue == 1
    answer(running_job, [made.pk], "Look again.", actor=None, at=LATER)
    assert waiting(running_job, at=made.due_at + 1).objections == 0
    assert list(queries.contested_questions(running_job, answered=True)) == [made.judgment.test_id]


@pytest.mark.parametrize(
    ("judged", "missed", "contested", "reviewed", "needs"),
    [
        (10, 8, 4, False, True),
        (10, 8, 4, True, False),  # the owner has looked
        (10, 8, 2, False, False),  # few object
        (10, 5, 5, False, False),  # half are right
        (3, 3, 3, False, False),  # too few to say
    ],
)
def test_highly_missed_and_highly_contested_asks_for_a_review(
    judged: int, missed: int, contested: int, reviewed: bool, needs: bool
) -> None:
    question = TestQuestion(reviewed=reviewed)
    found = queries.Objected(question, [], judged, missed, 0, contested)
    assert found.needs_review is needs


# questions about images


@pytest.fixture
def talking_job(running_job: Job, lena: Invitation, rafael: Invitation) -> Job:
    running_job.discussion = True
    running_job.save(update_fields=["discussion"])
    for who in (lena, rafael):
        who.participation.job.refresh_from_db()
    return running_job


def test_nobody_asks_where_the_owner_takes_no_questions(lena: Invitation) -> None:
    with pytest.raises(NoDiscussion):
        ask(lena.participation, page_of(lena).unit_ids[0], "Which side?", at=AT)


def test_a_thread_is_between_one_contributor_and_the_owner(
    talking_job: Job, lena: Invitation, rafael: Invitation, olga: User
) -> None:
    unit = talking_job.units.first()
    assert unit is not None
    for who, text in ((lena, "Is this a shadow?"), (rafael, "Bad quality.")):
        ask(who.participation, unit.pk, text, at=AT)
    reply(lena.participation, unit, "Look at the rib.", actor=olga, at=LATER)
    assert [line.text for line in own_lines(lena.participation, unit.pk)] == [
        "Is this a shadow?",
        "Look at the rib.",
    ]
    assert [line.text for line in own_lines(rafael.participation, unit.pk)] == ["Bad quality."]


def test_threads_are_open_until_they_are_answered_and_open_again(
    talking_job: Job, lena: Invitation, rafael: Invitation
) -> None:
    unit = talking_job.units.all()[0]
    ask(lena.participation, unit.pk, "First?", at=AT)
    ask(rafael.participation, unit.pk, "Second?", at=AT)
    lenas, rafaels = ((unit.pk, who.participation.pk) for who in (lena, rafael))
    assert list(threads_of(talking_job)) == [rafaels, lenas]
    reply(rafael.participation, unit, "Yes.", actor=None, at=LATER)
    assert list(threads_of(talking_job)) == [lenas]
    assert list(threads_of(talking_job, answered=True)) == [rafaels]
    ask(rafael.participation, unit.pk, "Really?", at=AT)
    assert list(threads_of(talking_job)) == [rafaels, lenas]
    last = [one.lines[-1] for one in threads([rafaels, lenas])]
    assert [line.from_owner for line in last] == [False, False]


def test_a_reply_is_new_until_it_was_seen(talking_job: Job, lena: Invitation) -> None:
    unit = talking_job.units.all()[0]
    ask(lena.participation, unit.pk, "First?", at=AT)
    reply(lena.participation, unit, "Yes.", actor=None, at=LATER)
    assert unseen_answers(lena.participation) == 1
    see_replies(lena.participation, unit=unit.pk, at=AT)
    assert unseen_answers(lena.participation) == 0


def test_a_thread_does_not_grow_without_end(talking_job: Job, lena: Invitation) -> None:
    unit = talking_job.units.all()[0].pk
    for number in range(MOST_LINES):
        ask(lena.participation, unit, f"Line {number}", at=AT)
    with pytest.raises(Refused, match="lines about this image"):
        ask(lena.participation, unit, "One more", at=AT)
    assert Remark.objects.count() == MOST_LINES
