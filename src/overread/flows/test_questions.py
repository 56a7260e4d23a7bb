"""Make test questions of rows, and change what they accept, say and are used for.

After launch nothing becomes a test question, and none goes back to work. What changes there
changes the scores of everybody who has answered it: `flows.background.score_anew` does that, and
the worker's watch does it where nobody came to it (`TestQuestion.to_score`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from overread.core.design import Design
from overread.core.instants import instant
from overread.core.problems import Message, Refused
from overread.core.states import JobState, UnitState
from overread.core.test_questions import Content, Place
from overread.flows import audit
from overread.flows.settings import let_go_on
from overread.flows.unfinished import refuse_unfinished
from overread.store.judging import touch
from overread.store.models import Job, Judgment, TestQuestion, Unit, User
from overread.store.queries.design import design_of
from overread.store.test_questions import add, add_version, remove
from overread.store.write import write

State = TestQuestion.State
# Answers are stored nearly in the order of their instants; so many of the latest are looked at.
LATEST = 100


def make_test_questions(
    job: Job, units: Sequence[Unit], *, actor: User | None, at: datetime
) -> list[TestQuestion]:
    """Turn labelled rows into test questions, with the template's reason for each answer."""
    design = design_of(job)
    with write():
        _only_a_draft(job)
        free = [unit for unit in units if unit.given and _is_free(unit)]
        made = add(((unit, _from_label(unit, design)) for unit in free), actor=actor, at=at)
        if made:
            touch(job)
            audit.record("make test questions", job, actor=actor, at=at, count=len(made))
    return made


def _from_label(unit: Unit, design: Design) -> Content:
    reasons = {choice.value: choice.reason for choice in design.main_question.choices}
    return Content(
        {name: [value] for name, value in unit.given.items()},
        {name: reasons[value] for name, value in unit.given.items() if reasons.get(value)},
    )


def _is_free(unit: Unit) -> bool:
    return unit.state == UnitState.NEW and not hasattr(unit, "test_question")


def make_by_hand(unit: Unit, content: Content, *, actor: User | None, at: datetime) -> TestQuestion:
    """Turn any row with an image into a test question; nobody needs to have labelled it."""
    content = content.checked(design_of(unit.job))
    with write():
        _only_a_draft(unit.job)
        if not (_is_free(unit) and unit.unit_images.exists()):
            raise Refused.because(
                Message("This row can't become a test question: it is held, or it is one."),
                Message("Choose another row."),
            )
        [question] = add([(unit, content)], actor=actor, at=at)
        touch(unit.job)
        audit.record("make test questions", unit.job, actor=actor, at=at, count=1)
    return question


def revise_test_question(
    question: TestQuestion,
    *,
    accepted: Mapping[str, Sequence[str]],
    reasons: Mapping[str, str],
    places: Mapping[str, Sequence[Place]] | None = None,
    actor: User | None,
    at: datetime,
) -> None:
    """Change accepted answers, reasons or places; without `places` these stay as they are.

    The same content changes nothing. A change has to be reviewed again.
    """
    current = content_of(question)
    kept = current.places if places is None else places
    content = Content(accepted, reasons, kept).keeping_kinds_of(current)
    content = content.checked(design_of(question.unit.job))
    if content == current:
        return
    with write():
        add_version(question, content, actor=actor, at=_after_the_answers(question, at))
        _save(question, on_hold_for=_why_on_hold(question), reviewed=False, to_score=True)
        audit.record("revise test question", question, actor=actor, at=at)


def _after_the_answers(question: TestQuestion, at: datetime) -> datetime:
    """The instant of a change: an answer that came in while it waited for its turn to write was
    judged by what was accepted before, and has to stay so.
    """
    latest = Judgment.objects.filter(test=question).order_by("-pk")[:LATEST]
    answered = max(latest.values_list("created_at", flat=True), default=None)
    return at if answered is None else max(at, instant(answered) + timedelta(milliseconds=1))


def _why_on_hold(question: TestQuestion) -> str:
    """Nothing speaks against one in use any more that was changed or looked at."""
    return question.on_hold_for if question.state == State.ON_HOLD else ""


def content_of(question: TestQuestion) -> Content:
    version = question.current
    if version is None:
        return Content({})
    places = {name: [Place(**one) for one in boxes] for name, boxes in dict(version.places).items()}
    return Content(version.accepted, version.reasons, places)


def remove_test_question(question: TestQuestion, *, actor: User | None, at: datetime) -> None:
    """Give the row back to work."""
    job = question.unit.job
    with write():
        _only_a_draft(job)
        if question.judgments.exists():
            raise Refused.because(
                Message("Contributors of the job that moved over have answered it."),
                Message("Switch it off instead: then it is shown to nobody."),
            )
        audit.record("remove test question", question.unit, actor=actor, at=at)
        remove([question])
        touch(job)


def set_enabled(question: TestQuestion, enabled: bool, *, actor: User | None, at: datetime) -> None:
    """Switch a test question on or off; a disabled one is shown to nobody.

    Who switches one on that was on hold has looked at it: it is not put on hold by itself again.
    """
    with write():
        if enabled and hasattr(question.unit, "slot"):
            raise Refused.because(
                Message("This row is being judged as work."),
                Message("Rows become test questions only before launch."),
            )
        if enabled and question.unit.state == UnitState.ERASED:
            raise Refused.because(
                Message("The patient of this row was erased."),
                Message("Make test questions of other rows."),
            )
        if enabled and any(one.may_name_somebody for one in question.unit.images.all()):
            raise Refused.because(
                Message("A name may be visible on the image of this row."),
                Message("Look at the image first: black it out, or say that it names nobody."),
            )
        reviewed = question.reviewed or (enabled and question.state == State.ON_HOLD)
        state = State.ENABLED if enabled else State.DISABLED
        _save(question, state=state, on_hold_for="", reviewed=reviewed, to_score=True)
        if enabled:  # who had seen all that were in use goes on with this one
            let_go_on(question.unit.job)
        audit.record(f"{state} test question", question, actor=actor, at=at)


def put_on_hold(question: TestQuestion, reason: str, *, actor: User | None, at: datetime) -> None:
    """Show it to nobody until it was looked at; its misses are excused meanwhile."""
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise Refused.because(
            Message("A test question is put on hold for a reason."),
            Message("Say in a few words what is in doubt."),
        )
    with write():
        _save(question, state=State.ON_HOLD, on_hold_for=reason, reviewed=False, to_score=True)
        audit.record("hold test question", question, actor=actor, at=at, why=reason)


def set_hidden(question: TestQuestion, hidden: bool, *, actor: User | None, at: datetime) -> None:
    """A hidden test question is in no quiz, and never shows its answer."""
    with write():
        _save(question, hidden=hidden)
        name = "hide test question" if hidden else "show test question"
        audit.record(name, question, actor=actor, at=at)


def mark_reviewed(question: TestQuestion, *, actor: User | None, at: datetime) -> None:
    """The owner has looked at it and found it right, however many miss it."""
    with write():
        _save(question, on_hold_for=_why_on_hold(question), reviewed=True)
        audit.record("review test question", question, actor=actor, at=at)


def _save(question: TestQuestion, **fields: object) -> None:
    for name, value in fields.items():
        setattr(question, name, value)
    question.save(update_fields=list(fields))
    touch(question.unit.job)


def _only_a_draft(job: Job) -> None:
    if Job.objects.get(pk=job.pk).state != JobState.DRAFT:
        raise Refused.because(
            Message("This job has been launched."),
            Message("Rows become test questions, or go back to work, only before launch."),
        )
    refuse_unfinished(job)
