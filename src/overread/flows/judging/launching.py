"""launch, pause, resume, cancel; a pilot first, then the rest."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from random import Random

from overread.core.judging import Order
from overread.core.problems import Message, Refused
from overread.core.states import JobState, StepError, step
from overread.flows import audit
from overread.flows.settings import too_many_for_own_order
from overread.flows.unfinished import refuse_unfinished, refuse_waiting
from overread.store.judging import rules_of, test_questions, touch
from overread.store.models import Job, Slot, TestQuestion, User
from overread.store.slots import AT_ONCE, add_slots, work_units
from overread.store.write import locked, write


def launch(
    job: Job, *, actor: User | None, at: datetime, rng: Random, rows: int | None = None
) -> Job:
    """Shuffle the units into slots and open the job to contributors.

    With `rows`, only so many units are launched, as a pilot. The job stays a draft until all
    slots are there: a launch that was broken off is done again from its start. Raises StepError
    unless the job is a draft, Refused where it can't be judged as it is.
    """
    job = _begin(job)
    units = _shuffled(job, rng)
    _refuse_nothing(units)
    if rows is not None:
        units, rows = _pilot(job, units, rows, rng)
    for block in _blocks(units):
        with write():
            add_slots(_as_begun(job), block)
    with write():
        job = _as_begun(job)
        refuse_unfinished(job)
        refuse_waiting(job)
        job.state = step("job", JobState.DRAFT, JobState.RUNNING)
        job.launched_at = at
        job.pilot_rows = rows
        if not job.slots.filter(open=True).exists():  # all of it was judged before it came over
            job.state, job.finished_at = step("job", JobState.RUNNING, JobState.FINISHED), at
        job.save(update_fields=["state", "launched_at", "finished_at", "pilot_rows"])
        touch(job)
        audit.record("launch", job, actor=actor, at=at, units=len(units), pilot=rows is not None)
    return job


def _begin(job: Job) -> Job:
    """A draft without slots. A new revision marks this launch, so that `_as_begun` can tell."""
    with write():
        job = locked(job)
        step("job", JobState(job.state), JobState.RUNNING)
        if job.state != JobState.DRAFT:
            raise StepError("job", job.state, "launched")
        refuse_unfinished(job)
        refuse_waiting(job)
        _refuse_short_quiz(job)
        _refuse_own_order(job)
        touch(job)
        job.refresh_from_db(fields=["revision"])
    left_over = Slot.objects.filter(job=job)
    while left_over.exists():
        with write():
            _as_begun(job)
            left_over.filter(pk__in=left_over.values("pk")[:AT_ONCE]).delete()
    return job


def _as_begun(begun: Job) -> Job:
    """The draft, unless it was changed since, or somebody else began to launch it."""
    job = locked(begun)
    if job.state != JobState.DRAFT:
        raise StepError("job", job.state, "launched")
    if job.revision != begun.revision:
        raise Refused.because(
            Message("The job was changed while it was being launched."),
            Message("Look at what changed, then launch it again."),
        )
    return job


def _refuse_short_quiz(job: Job) -> None:
    """A hidden test question is in no quiz."""
    in_use = test_questions(job)
    for_quiz = in_use.filter(hidden=False).count()
    if rules_of(job).tests_are_on(in_use.count()) and for_quiz < job.quiz_length:
        raise Refused.because(
            Message(
                "The quiz asks for {quiz} test questions; only {tests} are not hidden.",
                quiz=job.quiz_length,
                tests=for_quiz,
            ),
            Message("Show more of them in the quiz, or make the quiz shorter."),
        )


def _refuse_own_order(job: Job) -> None:
    for problem in too_many_for_own_order(Order(job.order), job.units.count()):
        raise Refused(problem)


def _pilot(job: Job, units: list[int], rows: int, rng: Random) -> tuple[list[int], int | None]:
    """What a pilot launches, and its number of rows; None where that is all of them.

    After the launch no test question becomes work, so those that are switched off go first.
    """
    if rows < 1:
        raise Refused.because(
            Message("A pilot needs at least one row."), Message("Give a larger number of rows.")
        )
    tests = TestQuestion.objects.filter(unit__job=job)
    off = set(tests.values_list("unit", flat=True)) & set(units)
    chosen = sorted(units, key=lambda unit: unit not in off)[: max(rows, len(off))]
    if off:
        rng.shuffle(chosen)
    return chosen, len(chosen) if len(chosen) < len(units) else None


def launch_rest(job: Job, *, actor: User | None, at: datetime, rng: Random) -> Job:
    """After a pilot: a new shuffled block behind what was launched.

    Slots can be handed out as soon as they are there. What was broken off goes on where it was.
    """
    job = _launched(Job.objects.get(pk=job.pk))
    units = _shuffled(job, rng)
    if job.pilot_rows is None:
        _refuse_nothing(units)
    for block in _blocks(units):
        with write():
            add_slots(_launched(locked(job)), block)
    with write():
        job = _launched(locked(job))
        if job.state == JobState.FINISHED and job.slots.filter(open=True).exists():
            job.state = step("job", JobState.FINISHED, JobState.RUNNING)
        job.pilot_rows = None
        job.save(update_fields=["state", "pilot_rows"])
        touch(job)
        audit.record("launch the rest", job, actor=actor, at=at, units=len(units))
    return job


def _launched(job: Job) -> Job:
    if job.state == JobState.DRAFT or job.state == JobState.CANCELED:
        raise StepError("job", job.state, "running")
    return job


def _shuffled(job: Job, rng: Random) -> list[int]:
    units = list(work_units(job).order_by("pk").values_list("pk", flat=True))
    rng.shuffle(units)
    return units


def _blocks(units: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(units), AT_ONCE):
        yield units[first : first + AT_ONCE]


def _refuse_nothing(units: Sequence[int]) -> None:
    if not units:
        raise Refused.because(
            Message("No row of this job can be judged yet."),
            Message("Upload a table and its images first."),
        )


def pause(job: Job, *, actor: User | None, at: datetime) -> Job:
    """Hand out no more pages; those that are out can still be submitted."""
    return _move(job, JobState.PAUSED, "pause", actor, at)


def resume(job: Job, *, actor: User | None, at: datetime) -> Job:
    if job.state != JobState.PAUSED:
        raise StepError("job", job.state, "resumed")
    return _move(job, JobState.RUNNING, "resume", actor, at)


def cancel(job: Job, *, actor: User | None, at: datetime) -> Job:
    """Stop for good; every judgment is kept."""
    return _move(job, JobState.CANCELED, "cancel", actor, at)


def _move(job: Job, new: JobState, action: str, actor: User | None, at: datetime) -> Job:
    with write():
        job = locked(job)
        job.state = step("job", JobState(job.state), new)
        job.save(update_fields=["state"])
        audit.record(action, job, actor=actor, at=at)
    return job
