"""Something is wrong with an image: a reader says so, the unit may be held, the owner decides."""

import json
from collections.abc import Collection
from datetime import datetime

from overread.core.golden import read_golden
from overread.core.instants import instant, milliseconds
from overread.core.problems import Message, Problem, Refused
from overread.core.reports import Following, Reason, following
from overread.core.states import JobState, PageState, UnitState, step
from overread.core.test_questions import Content
from overread.flows import audit
from overread.flows.texts import text_of
from overread.store.hot.tables import GAP
from overread.store.imported import NO_IMAGE
from overread.store.judging import touch
from overread.store.models import (
    Image,
    Job,
    Judgment,
    Page,
    Report,
    Slot,
    TestQuestion,
    Unit,
    User,
)
from overread.store.queries.design import design_of
from overread.store.test_questions import add
from overread.store.write import locked, write

# A test question that is on hold for this comes back when its unit is released.
REPORTED = "reported"
WORDS = {
    Reason.NAME_VISIBLE: Message("A reader says that a name is visible on the image."),
    Reason.OTHER_KIND: Message("Readers say that this is another kind of image."),
    Reason.SIDEWAYS: Message("A reader says that the image lies on its side."),
    Reason.UNREADABLE: Message("Readers say that the image can't be read."),
    Reason.UPSETTING: Message("A reader says that the image is upsetting."),
    Reason.URGENT: Message("A reader says that the image looks urgent."),
    Reason.NOT_SHOWN: Message("A reader's browser could not show the image."),
}
ADVICE = Message("Look at it under Monitor, Reported images, and release it or keep it held.")


def report(page: Page, place: int, reason: Reason, text: str, *, at: int) -> Following:
    """Say what is wrong with the image at a place of a contributor's own page.

    Sent again, nothing changes. `at` is milliseconds UTC. Raises KeyError where the page has no
    such place, Refused where the text is too long, or where the page is closed: what was judged
    can't be taken back, but a name that is visible can still be reported.
    """
    clean = text_of(text) if text.strip() else ""
    with write():
        job = locked(page.participation.job)
        page.refresh_from_db(fields=["state", "units"])  # it may have been submitted meanwhile
        _refuse_closed(page, reason)
        unit = Unit.objects.get(pk=page.places[place])
        stored, made = Report.objects.get_or_create(
            participation=page.participation,
            unit=unit,
            reason=reason,
            defaults={"text": clean, "created_at": at},
        )
        is_test = TestQuestion.objects.filter(unit=unit).exists()
        found = following(
            reason,
            readers=unit.reports.filter(reason=reason).count(),
            held_by_this_reader=_held_by(stored),
            is_test=is_test,
        )
        if made and found.held and unit.state != UnitState.HELD:
            _hold(job, unit, reason)
            stored.held = True
            stored.save(update_fields=["held"])
        elif found.dropped and is_test:
            drop(page, {unit.pk})
        if made and found.hidden:
            Image.objects.filter(unit_images__unit=unit).update(hidden=True)
        if made:
            audit.record(
                "report image", unit, actor=None, at=instant(at), why=reason.value, held=found.held
            )
    held = unit.state == UnitState.HELD
    return Following(held, found.hidden, dropped=held or (found.dropped and is_test))


def _refuse_closed(page: Page, reason: Reason) -> None:
    if page.state != PageState.OPEN and reason != Reason.NAME_VISIBLE:
        raise Refused.because(
            Message("This page is closed."),
            Message("Ask the owner about the image instead."),
        )


def _held_by(stored: Report) -> int:
    others = Report.objects.filter(participation=stored.participation_id, held=True, decision="")
    return others.exclude(pk=stored.pk).count()


def _hold(job: Job, unit: Unit, reason: Reason) -> None:
    """Nobody is asked to judge it any more: no slot, no place on an open page."""
    unit.state = step("unit", UnitState(unit.state), UnitState.HELD)
    unit.held = Problem("", unit.number, None, WORDS[reason], ADVICE).document()
    unit.save(update_fields=["state", "held"])
    Slot.objects.filter(unit=unit).delete()
    TestQuestion.objects.filter(unit=unit, state=TestQuestion.State.ENABLED).update(
        state=TestQuestion.State.ON_HOLD, on_hold_for=REPORTED
    )
    for page in Page.objects.filter(participation__job=job, state=PageState.OPEN):
        drop(page, {unit.pk})
    touch(job)


def drop(page: Page, gone: Collection[int]) -> None:
    """Units from an open page; the slot of a unit of work has to be gone, or it would stay
    counted.
    """
    if page.state != PageState.OPEN:
        return
    units = json.loads(page.units)
    left = [None if one in gone else one for one in units]
    if left != units:
        page.units = json.dumps(left)
        page.save(update_fields=["units"])


def decide(unit: Unit, *, release: bool, actor: User | None, at: datetime) -> None:
    """Answer all open reports about a unit: it can be judged, or it stays as it is."""
    decision = Report.Decision.RELEASED if release else Report.Decision.KEPT
    with write():
        job = locked(unit.job)
        unit = Unit.objects.get(pk=unit.pk)
        held = unit.reports.filter(held=True).exists()
        unit.reports.filter(decision="").update(
            decision=decision, decided_at=milliseconds(at), decided_by=actor
        )
        if release:
            _show(unit)
        if release and held and unit.state == UnitState.HELD:
            release_row(job, unit)
        audit.record("decide on reports", unit, actor=actor, at=at, decision=decision.value)


def _show(unit: Unit) -> None:
    """Unless readers of another job, which shows the same image, see a name on it."""
    named = Report.objects.filter(reason=Reason.NAME_VISIBLE).exclude(unit=unit)
    elsewhere = named.exclude(decision=Report.Decision.RELEASED).values("unit__unit_images__image")
    images = Image.objects.filter(unit_images__unit=unit)
    images.exclude(pk__in=elsewhere).update(hidden=False)


def release_row(job: Job, unit: Unit) -> None:
    """A held row can be judged, in the caller's transaction, in which the job is locked."""
    unit.state = step("unit", UnitState.HELD, UnitState.NEW)
    unit.held = None
    unit.save(update_fields=["state", "held"])
    tests = TestQuestion.objects.filter(unit=unit)
    waiting = tests.filter(on_hold_for__in=(REPORTED, NO_IMAGE))
    waiting.update(state=TestQuestion.State.ENABLED, on_hold_for="")
    if job.state != JobState.DRAFT and not tests.exists():
        _add_slot(job, unit)
    elif job.state == JobState.DRAFT and not tests.exists():
        _make_test(job, unit)
    touch(job)


def _make_test(job: Job, unit: Unit) -> None:
    """What its table says it is, had it not been held."""
    golden = read_golden(unit.data, design_of(job))
    if golden is not None:
        add([(unit, Content(golden.accepted, golden.reasons))], actor=None, at=job.created_at)


def _add_slot(job: Job, unit: Unit) -> None:
    """Behind all others, with the judgments that it had before it was held."""
    last = job.slots.order_by("-position").values_list("position", flat=True).first() or 0
    counted = Judgment.objects.filter(unit=unit, page__counted=True, attempt=0).count()
    is_open = counted < job.judgments_per_unit
    Slot.objects.create(
        job=job,
        position=(max(last, job.frontier) // GAP + 1) * GAP,
        unit=unit,
        wanted=job.judgments_per_unit,
        counted=counted,
        open=is_open,
    )
    if job.state == JobState.FINISHED and is_open:
        job.state = step("job", JobState.FINISHED, JobState.RUNNING)
        job.save(update_fields=["state"])
