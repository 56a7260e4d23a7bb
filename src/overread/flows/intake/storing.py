"""Rows go from the journal into the job: in short writes, each with how far it came.

Whatever could refuse an intake was looked at before. From here on it goes forward only: who was
broken off goes on, and nothing that rests on all of the job's rows is done meanwhile.
"""

from array import array
from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec

from overread.core.intake import Columns
from overread.core.problems import Message, Refused
from overread.core.states import JobState, step
from overread.flows.context import offered_columns
from overread.flows.intake.drafts import Progress
from overread.flows.intake.form import ask
from overread.flows.intake.journal import Journal
from overread.flows.intake.units import Kind, Target, give_roles, put
from overread.store.imported import forget_some
from overread.store.judging import touch
from overread.store.models import Intake, Job
from overread.store.queries.intake import foundation
from overread.store.rows import remove_some
from overread.store.slots import add_slots, work_units
from overread.store.write import locked, settled_later, write

# So many rows are stored in one go, so that nobody who judges meanwhile waits long.
AT_ONCE = 500


class Stopped(Exception):
    """The owner stopped it, or undid it."""


def begin_storing(intake: Intake, target: Target, form: Path | None = None) -> None:
    """Raises Refused where the job is not what it was when the reading began, or the form is
    none that it can have; and Stopped.
    """
    with write():
        job = locked(intake.job)
        if not Intake.objects.filter(pk=intake.pk, state=Intake.State.READING).exists():
            raise Stopped
        refuse_changed(job, intake)
        ask(job, form, intake)
        give_roles(job, target)
        intake.state, intake.target = Intake.State.STORING, msgspec.to_builtins(target)
        intake.done = 0
        intake.save(update_fields=["state", "target", "done"])


def refuse_changed(job: Job, intake: Intake) -> None:
    """Rows that came or went meanwhile would be overwritten, or filled with others' images."""
    seen = intake.foundation or {}
    refuse_closed(job)
    if seen["draft"] and job.state != JobState.DRAFT:
        raise Refused.because(
            Message("The job was launched while the files were read."),
            Message("Look at the job, then take the files in again: they are added then."),
        )
    if foundation(job) != seen:
        raise Refused.because(
            Message("The job's rows or questions were changed while the files were read."),
            Message("Look at what changed, then take the files in again."),
        )


def refuse_closed(job: Job) -> None:
    """`job` as it is now: read for this write, or where nothing is written, as it was read."""
    if job.state == JobState.CANCELED:
        raise Refused.because(
            Message("This job was canceled; it takes no more rows."),
            Message("Make a new job for these images, or copy this one."),
        )


def columns_of(intake: Intake) -> Columns:
    return msgspec.convert(intake.target, Target).columns


def store_rows(intake: Intake, journal: Journal, progress: Progress, rng: Random) -> None:
    """All that the journal holds and the job does not yet."""
    target = msgspec.convert(intake.target, Target)
    with settled_later():
        if target.kind == Kind.REPLACE:
            _remove_replaced(intake, target.last)
        while _store_some(intake, journal, target.kind):
            progress(intake.done, intake.total)
    if Job.objects.get(pk=intake.job_id).state != JobState.DRAFT:
        _open_slots(intake, journal, rng)


def _store_some(intake: Intake, journal: Journal, kind: Kind) -> bool:
    """Whether there were lines left."""
    lines, position = journal.after(intake.position, AT_ONCE)
    if not lines:
        return False
    with write():
        put(locked(intake.job), kind, lines, intake.created_at)
        intake.position = position
        intake.done += len(lines)
        intake.attempts = 0
        intake.save(update_fields=["position", "done", "attempts"])
    return True


def _remove_replaced(intake: Intake, last: int) -> None:
    is_more = True
    while is_more:
        with write():
            is_more = forget_some(locked(intake.job), last)
    is_more = True
    while is_more:
        with write():
            is_more = remove_some(locked(intake.job), last)


def _open_slots(intake: Intake, journal: Journal, rng: Random) -> None:
    """The new rows of a launched job are work: a shuffled block behind what is there. After a
    pilot they wait with the rest.
    """
    numbers = array("L", (line.number for line in journal.lines() if line.pictures))
    rng.shuffle(numbers)
    for some in _blocks(numbers):
        with write():
            job = locked(intake.job)
            if job.pilot_rows is not None or job.state == JobState.CANCELED:
                return
            units = dict(work_units(job).filter(number__in=some).values_list("number", "pk"))
            add_slots(job, [units[number] for number in some if number in units])


def _blocks(numbers: "array[int]") -> Iterator[list[int]]:
    for first in range(0, len(numbers), AT_ONCE):
        yield numbers[first : first + AT_ONCE].tolist()


def end_storing(intake: Intake) -> None:
    """The intake is in the job as a whole, in the caller's transaction."""
    job = locked(intake.job)
    if job.state == JobState.DRAFT:
        job.context = [name for name in offered_columns(job) if name in job.context]
    elif job.state == JobState.FINISHED and job.slots.filter(open=True).exists():
        job.state = step("job", JobState.FINISHED, JobState.RUNNING)
    job.save(update_fields=["context", "state"])
    touch(job)
