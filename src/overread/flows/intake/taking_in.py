"""An intake from its first byte to its account: all of the good rows, or none."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from overread.core.problems import Message, Problem, Refused
from overread.core.states import JobState
from overread.flows import audit
from overread.flows.intake.dicom import cells_of, patient_of
from overread.flows.intake.drafts import Keep, Options, Picture, Progress, Report, spooling
from overread.flows.intake.identities import remember
from overread.flows.intake.outcome import KEPT, Outcome
from overread.flows.intake.pictures import keep_picture
from overread.flows.intake.plan import Plan, plan_for
from overread.flows.intake.sources import Sources, opened
from overread.store.judging import touch
from overread.store.models import Intake, Job, Team, User
from overread.store.queries.intake import foundation
from overread.store.write import locked, write

_PLAIN = Options()


def _nowhere(problem: Problem) -> None:
    """Who watches an intake in the browser reads its problems from the store."""


def start_intake(job: Job, *, actor: User | None, at: datetime) -> Intake:
    """Announce an intake, so that its progress can be watched. Raises Refused after launch."""
    with write():
        _only_a_draft(locked(job))
        intake = Intake.objects.create(job=job, created_at=at)
        audit.record("upload", job, actor=actor, at=at, intake=intake.pk)
    return intake


def _only_a_draft(job: Job) -> None:
    """`job` as it is now: read for this write, or where nothing is written, as it was read."""
    if job.state != JobState.DRAFT:
        raise Refused.because(
            Message("This job has been launched; rows are added only before."),
            Message("Make a new job for these images."),
        )


def _refuse_changed(job: Job, seen: tuple[object, ...]) -> None:
    """Rows that came or went meanwhile would be overwritten, or filled with others' images."""
    if foundation(job) != seen:
        raise Refused.because(
            Message("The job's rows or questions were changed while the files were read."),
            Message("Look at what changed, then take the files in again."),
        )


def take_in(
    intake: Intake,
    sources: Sequence[Path],
    *,
    progress: Progress,
    options: Options = _PLAIN,
    report: Report = _nowhere,
) -> Outcome:
    """Run an intake. What is wrong ends in its problems and in `report`; nothing is half imported.

    A table replaces the draft's rows. Images without a table fill held rows that lack theirs; where
    no row does, they become rows.
    """
    intake.state = Intake.State.READING
    with write():
        intake.save(update_fields=["state"])
    outcome = Outcome()
    told: list[Problem] = []

    def tell(problem: Problem) -> None:
        if len(told) < KEPT:
            told.append(problem)
        report(problem)

    try:
        with opened(sources, options) as found, spooling() as spool:
            seen = foundation(intake.job)
            plan = plan_for(intake.job, found, options)
            if options.all_or_nothing:
                _refuse_any(plan, found, tell, progress)
            again = _nowhere if options.all_or_nothing else report
            for draft in plan.drafts(found, _keeper(intake.job.team), outcome, again, progress):
                spool.add(draft)
            with write():
                job = locked(intake.job)
                _only_a_draft(job)
                _refuse_changed(job, seen)
                plan.store(job, plan.reading, spool, intake.created_at)
                touch(job)
                _end(intake, Intake.State.DONE, outcome.problems)
        intake.job.refresh_from_db()  # the caller's own, as it is now
    except Refused as refused:
        outcome = Outcome(refused=refused.problem)
        with write():
            _end(intake, Intake.State.REFUSED, [refused.problem, *told])
    return outcome


def what_if(
    job: Job, sources: Sequence[Path], *, options: Options, report: Report, progress: Progress
) -> Outcome:
    """What an intake would do; nothing is stored. Raises Refused."""
    _only_a_draft(job)
    with opened(sources, options) as found:
        plan = plan_for(job, found, options)
        return plan.look_through(found, report, progress)


def _refuse_any(plan: Plan, found: Sources, report: Report, progress: Progress) -> None:
    """All or nothing: look through everything first, so that nothing is stored for naught."""
    outcome = plan.look_through(found, report, progress)
    wrong = outcome.held + outcome.left_out
    if wrong:
        raise Refused.because(
            Message("{n} rows or files have a problem, so nothing was taken in.", n=wrong),
            Message("Correct them, or take in the good ones and leave the others."),
        )


def _keeper(team: Team) -> Keep:
    def keep(data: bytes, frame: int) -> Picture:
        image, facts = keep_picture(team, data, frame)
        remember(team, facts)
        return Picture(
            image.fingerprint, image.pk, cells_of(facts), patient_of(facts), image.suspected
        )

    return keep


def _end(intake: Intake, state: Intake.State, problems: Sequence[Problem]) -> None:
    intake.state = state
    intake.problems = [problem.document() for problem in problems]
    intake.save(update_fields=["state", "problems"])
