"""Something is wrong with an image: who is asked no more, who sees it no more, what is owed."""

from collections.abc import Callable

import pytest
from django.db.models import F

from overread.core.problems import Refused
from overread.core.reports import MOST_HELD_BY_ONE, Following, Reason, following
from overread.core.states import UnitState
from overread.flows.people import Invitation
from overread.flows.reports import decide, report
from overread.store.models import Image, Job, Page, Report, Slot, TestQuestion, Unit
from tests.conftest import NOON
from tests.judging import AT, ask, counts, give, page_of, pass_quiz, right_answers, send

pytestmark = pytest.mark.django_db


def work_place(who: Invitation) -> tuple[Page, int, Unit]:
    """A place of a page of work that is no test question."""
    shown = Page.objects.select_related("participation__job").get(pk=page_of(who).id)
    for place, unit in shown.places.items():
        if not TestQuestion.objects.filter(unit=unit).exists():
            return shown, place, Unit.objects.get(pk=unit)
    raise AssertionError("a page of work holds work")


def test_a_visible_name_hides_the_image_from_everyone_and_holds_the_unit(lena: Invitation) -> None:
    pass_quiz(lena)
    page, place, unit = work_place(lena)
    found = report(page, place, Reason.NAME_VISIBLE, "top left", at=AT)
    assert found == Following(held=True, hidden=True, dropped=True)
    unit.refresh_from_db()
    assert unit.state == UnitState.HELD
    assert unit.held is not None
    assert "a name is visible" in unit.held["problem"]["template"]
    assert Image.objects.get(unit_images__unit=unit).hidden
    assert not Slot.objects.filter(unit=unit).exists()


def test_no_judgment_of_a_held_unit_is_asked_for_or_taken(
    lena: Invitation, rafael: Invitation
) -> None:
    for who in (lena, rafael):
        pass_quiz(who)
    page, place, unit = work_place(lena)
    others = page_of(rafael)
    assert unit.pk in others.unit_ids
    before = right_answers(others)
    report(page, place, Reason.NOT_SHOWN, "", at=AT)
    assert place not in page_of(lena).by_place
    assert send(lena, page_of(lena))["outcome"] == "accepted"
    # Rafael had loaded the page before: what he says about the unit is not taken, the rest is.
    answered = give(rafael, others, before)
    assert answered["outcome"] == "accepted"
    assert answered["late"] == 0
    assert not unit.judgments.exists()


def open_page(who: Invitation) -> Page:
    return Page.objects.select_related("participation__job").get(pk=page_of(who).id)


def test_one_reader_is_spared_a_test_question_and_two_put_it_on_hold(
    lena: Invitation, rafael: Invitation
) -> None:
    quiz = open_page(lena)
    question = TestQuestion.objects.get(unit=quiz.places[0])
    spared = Following(held=False, hidden=False, dropped=True)  # as of any other unit
    assert report(quiz, 0, Reason.NOT_SHOWN, "", at=AT) == spared
    assert 0 not in page_of(lena).by_place
    question.refresh_from_db()
    assert question.state == TestQuestion.State.ENABLED
    other = open_page(rafael)
    other.units = f"[{question.unit_id}]"
    other.save()
    assert report(other, 0, Reason.NOT_SHOWN, "", at=AT).held
    question.refresh_from_db()
    assert question.state == TestQuestion.State.ON_HOLD
    decide(question.unit, release=True, actor=None, at=NOON)
    question.refresh_from_db()
    assert question.state == TestQuestion.State.ENABLED


def test_reporting_the_images_of_a_quiz_is_no_way_past_it(lena: Invitation) -> None:
    for _ in range(2):
        quiz = open_page(lena)
        for place in quiz.places:
            report(quiz, place, Reason.NOT_SHOWN, "", at=AT)
        answered = send(lena, page_of(lena))
        assert (answered["state"], answered["quiz"]) == ("quiz", None)
    assert send(lena, page_of(lena))["quiz"]["passed"]


def test_a_released_unit_reported_once_more_stays_and_is_counted(
    running_job: Job, lena: Invitation
) -> None:
    pass_quiz(lena)
    page, place, unit = work_place(lena)
    report(page, place, Reason.NOT_SHOWN, "", at=AT)
    decide(unit, release=True, actor=None, at=NOON)
    while unit.pk not in page_of(lena).unit_ids:  # it went behind all others
        send(lena, page_of(lena))
    again = open_page(lena)
    there = next(place for place, one in again.places.items() if one == unit.pk)
    before = counts(running_job)
    assert not report(again, there, Reason.NOT_SHOWN, "", at=AT).dropped
    assert counts(running_job) == before
    assert there in page_of(lena).by_place


def test_a_page_that_was_submitted_meanwhile_stays_as_it_was_judged(lena: Invitation) -> None:
    quiz = open_page(lena)
    send(lena, page_of(lena))
    with pytest.raises(Refused, match="closed"):
        report(quiz, 0, Reason.NOT_SHOWN, "", at=AT)
    assert None not in Page.objects.get(pk=quiz.pk).places.values()


def test_what_was_judged_can_not_be_reported_away(lena: Invitation) -> None:
    quiz = open_page(lena)
    send(lena, page_of(lena), miss=1)
    quiz.refresh_from_db()
    with pytest.raises(Refused, match="closed"):
        report(quiz, 0, Reason.NOT_SHOWN, "", at=AT)
    assert report(quiz, 0, Reason.NAME_VISIBLE, "", at=AT).hidden


def test_an_image_that_another_job_hides_stays_hidden(
    lena: Invitation, make_job: Callable[..., Job]
) -> None:
    pass_quiz(lena)
    page, place, unit = work_place(lena)
    report(page, place, Reason.NAME_VISIBLE, "", at=AT)
    again = make_job(rows=20, labelled=10, launched=True)
    copy = again.units.get(number=19)
    copy.unit_images.update(image=Image.objects.get(unit_images__unit=unit))
    decide(copy, release=True, actor=None, at=NOON)
    assert Image.objects.get(unit_images__unit=unit).hidden
    decide(unit, release=True, actor=None, at=NOON)
    assert not Image.objects.get(unit_images__unit=unit).hidden


def test_every_place_of_a_page_may_be_held(lena: Invitation) -> None:
    pass_quiz(lena)
    page = Page.objects.select_related("participation__job").get(pk=page_of(lena).id)
    for place in page.places:
        report(page, place, Reason.NOT_SHOWN, "", at=AT)
    assert send(lena, page_of(lena))["outcome"] == "accepted"


def test_two_lay_readers_hold_what_one_may_be_wrong_about(
    lena: Invitation, rafael: Invitation
) -> None:
    for who in (lena, rafael):
        pass_quiz(who)
    page, place, unit = work_place(lena)
    assert not report(page, place, Reason.UNREADABLE, "", at=AT).held
    assert not report(page, place, Reason.UNREADABLE, "", at=AT).held
    others = Page.objects.select_related("participation__job").get(pk=page_of(rafael).id)
    there = next(place for place, one in others.places.items() if one == unit.pk)
    assert report(others, there, Reason.UNREADABLE, "", at=AT).held
    assert Report.objects.count() == 2


@pytest.mark.parametrize("reason", [Reason.SIDEWAYS, Reason.UPSETTING, Reason.URGENT])
def test_other_reports_only_tell_the_owner(lena: Invitation, reason: Reason) -> None:
    pass_quiz(lena)
    page, place, unit = work_place(lena)
    assert report(page, place, reason, "", at=AT) == Following(False, False)
    unit.refresh_from_db()
    assert unit.state == UnitState.NEW


def test_a_released_unit_is_judged_again_with_the_judgments_it_had(
    running_job: Job, lena: Invitation, rafael: Invitation
) -> None:
    for who in (lena, rafael):
        pass_quiz(who)
    shared = set(page_of(lena).unit_ids) & set(page_of(rafael).unit_ids)
    assert shared
    send(lena, page_of(lena))
    page = Page.objects.select_related("participation__job").get(pk=page_of(rafael).id)
    place, unit = next((p, u) for p, u in page.places.items() if u in shared)
    before = counts(running_job)
    report(page, place, Reason.NAME_VISIBLE, "", at=AT)
    decide(Unit.objects.get(pk=unit), release=True, actor=None, at=NOON)
    slot = Slot.objects.get(unit=unit)
    assert (slot.counted, slot.outstanding, slot.open) == (1, 0, True)
    assert not Image.objects.get(unit_images__unit=unit).hidden
    # Rafael's place is gone: what was on its way is not any more.
    assert counts(running_job) == (before[0] - 1, before[1])


def test_what_the_owner_keeps_stays_held_and_leaves_the_queue(lena: Invitation) -> None:
    pass_quiz(lena)
    page, place, unit = work_place(lena)
    report(page, place, Reason.NAME_VISIBLE, "", at=AT)
    decide(unit, release=False, actor=None, at=NOON)
    unit.refresh_from_db()
    assert unit.state == UnitState.HELD
    assert Report.objects.get().decision == "kept"


def test_one_reader_alone_can_hold_only_so_many(
    make_job: Callable[..., Job], lena: Invitation
) -> None:
    most = MOST_HELD_BY_ONE
    assert following(Reason.NOT_SHOWN, readers=1, held_by_this_reader=most - 1).held
    assert not following(Reason.NOT_SHOWN, readers=1, held_by_this_reader=most).held
    assert following(Reason.NAME_VISIBLE, readers=1, held_by_this_reader=most).hidden


def test_a_job_whose_last_open_unit_is_held_finishes(lena: Invitation, running_job: Job) -> None:
    pass_quiz(lena)
    page, place, _ = work_place(lena)
    report(page, place, Reason.NOT_SHOWN, "", at=AT)
    Slot.objects.filter(job=running_job, outstanding=0).delete()
    Slot.objects.filter(job=running_job).update(wanted=F("outstanding"), open=False)
    send(lena, page_of(lena))
    assert ask(lena).outcome != "page"
    running_job.refresh_from_db()
    assert running_job.state == "finished"
