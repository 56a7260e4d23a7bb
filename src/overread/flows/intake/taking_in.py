"""An intake from its first byte to its account: all of the good rows, or none.

Everything is read into a journal first, and the job stays as it is. Then the rows go into the job
(storing), and nothing refuses them any more. At any point it can be stopped or broken off, and
gone on with.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from random import Random, SystemRandom
from time import monotonic

from overread.core.intake import FRONTAL
from overread.core.problems import Message, Problem, Refused
from overread.flows import audit
from overread.flows.intake.clearing import clear, forget
from overread.flows.intake.drafts import Keep, Options, Picture, Progress, Ready, Report
from overread.flows.intake.identities import remember
from overread.flows.intake.journal import Journal, journal_of
from overread.flows.intake.looking import Preview, look_through
from overread.flows.intake.moving import move_over
from overread.flows.intake.outcome import KEPT, Outcome, refuse_any
from overread.flows.intake.pictures import keep_pictures, look_at
from overread.flows.intake.plan import Plan, plan_for
from overread.flows.intake.sources import Sources, opened
from overread.flows.intake.storing import (
    Stopped,
    begin_storing,
    columns_of,
    end_storing,
    refuse_changed,
    refuse_closed,
    store_rows,
)
from overread.flows.unfinished import refuse_unfinished, refuse_waiting
from overread.store.models import Intake, Job, Team, User
from overread.store.models.intake import UNFINISHED
from overread.store.queries.design import design_of
from overread.store.queries.intake import foundation
from overread.store.write import locked, write

PROGRESS_SECONDS = 0.3
_PLAIN = Options()
_BROKE_OFF = Message("The server failed before all of it was taken in.")
_GO_ON = Message("Go on with it. If it fails again, undo it and upload other files.")
# What others may have written since this was read; the job is the caller's own.
_WRITTEN = ("sources", "options", "foundation", "target", "position", "done", "total", "attempts")
_ENDED = (Intake.State.DONE, Intake.State.REFUSED)


def unseen(done: int, total: int) -> None:
    """Who watches an intake in the browser reads its progress from the store."""


def start_intake(job: Job, *, actor: User | None, at: datetime) -> Intake:
    """Announce an intake, so that its progress can be watched.

    Raises Refused where the job takes none, or another one has not ended.
    """
    with write():
        refuse_closed(locked(job))
        refuse_unfinished(job)
        refuse_waiting(job)
        intake = Intake.objects.create(job=job, created_at=at)
        audit.record("upload", job, actor=actor, at=at, intake=intake.pk)
    return intake


def take_in(
    intake: Intake,
    sources: Sequence[Path],
    *,
    progress: Progress = unseen,
    options: Options = _PLAIN,
    report: Report | None = None,
) -> Outcome:
    """Run an intake. What is wrong ends in its problems and in `report`; nothing is half imported.

    A table replaces a draft's rows, and is added to a launched job's. Images without a table fill
    held rows that lack theirs; where no row does, they become rows.
    """
    intake.sources = [str(path.absolute()) for path in sources]
    intake.options = asdict(options)
    with write():
        intake.save(update_fields=["sources", "options"])
    return go_on(intake, progress=progress, report=report)


def go_on(
    intake: Intake,
    *,
    progress: Progress = unseen,
    report: Report | None = None,
    rng: Random | None = None,
) -> Outcome:
    """Run an intake from where it is. One that was stopped or has ended meanwhile stays so."""
    with journal_of(intake) as journal:
        if not _begin(intake):
            return Outcome(stopped=True)
        run = _Run(intake, journal, progress, report)
        try:
            with _stopping_where_it_breaks(intake):
                outcome = run.read() if intake.target is None else run.read_again()
                if outcome.refused is None:
                    store_rows(intake, journal, progress, rng or SystemRandom())
                    move_over(intake)
                    with write():
                        end_storing(intake)
                        _end(intake, Intake.State.DONE, outcome.problems)
        except Stopped:
            return Outcome(stopped=True)
        intake.job.refresh_from_db()  # the caller's own, as it is now
    clear(intake.pk) if outcome.refused is None else forget(intake.pk)
    return outcome


def _begin(intake: Intake) -> bool:
    with write():
        now = Intake.objects.select_for_update().filter(pk=intake.pk).first()
        if now is None or now.state in (Intake.State.STOPPED, *_ENDED):
            return False
        intake.refresh_from_db(fields=_WRITTEN)
        intake.state = Intake.State.STORING if intake.target else Intake.State.READING
        intake.attempts += 1
        intake.foundation = intake.foundation or foundation(locked(intake.job))
        intake.save(update_fields=["state", "attempts", "foundation"])
    return True


@contextmanager
def _stopping_where_it_breaks(intake: Intake) -> Iterator[None]:
    """What fails, or is broken off from the keyboard, can be gone on with."""
    try:
        yield
    except Stopped:
        raise
    except KeyboardInterrupt:
        stop(intake)
        raise
    except Exception:
        stop(intake, Problem("", None, None, _BROKE_OFF, _GO_ON))
        raise


def stop(intake: Intake, *why: Problem) -> bool:
    """Stop one that has not ended; whether there was something to stop."""
    running = Intake.objects.filter(pk=intake.pk, state__in=UNFINISHED)
    with write():
        return bool(
            running.update(
                state=Intake.State.STOPPED,
                attempts=0,
                problems=[problem.document() for problem in why],
            )
        )


@dataclass
class _Run:
    """`told` are the first problems of an intake that is refused for them."""

    intake: Intake
    journal: Journal
    progress: Progress
    report: Report | None
    told: list[Problem] = field(default_factory=list)

    def read(self) -> Outcome:
        """Everything into the journal, as far as it is not there yet; or nothing of it."""
        try:
            return self._read()
        except Refused as refused:
            refuse(self.intake, refused.problem, *self.told)
            return Outcome(refused=refused.problem)

    def _read(self) -> Outcome:
        intake, options = self.intake, Options(**self.intake.options)
        job = Job.objects.select_related("team").get(pk=intake.job_id)
        refuse_changed(job, intake)
        with opened([Path(path) for path in intake.sources], options) as found:
            plan = plan_for(job, found, options)
            outcome, before, seen = self._gone_before(plan)
            report = self.report
            if options.all_or_nothing and not before:
                self._refuse_any(plan, found)
                report = None
            watch = Watch(intake, self.progress)
            for line in plan.lines(found, _keeper(job.team), watch, done_before=before, seen=seen):
                self.journal.add(line)
                outcome.add(line, plan.question, report)
            self.journal.complete()
        begin_storing(intake, plan.target(self.last_before, options), found.form)
        return outcome

    @property
    def last_before(self) -> int:
        """The highest id of the job's rows when the reading began."""
        last: int = (self.intake.foundation or {}).get("last", 0)
        return last

    def _gone_before(self, plan: Plan) -> tuple[Outcome, int, dict[str, int]]:
        """What is in the journal: counted, how many lines, and the row that judges each picture."""
        outcome, count = Outcome(), 0
        seen: dict[str, int] = {}
        plan.begin(outcome)
        for line in self.journal.lines():
            count += 1
            outcome.add(line, plan.question, self.report)
            for picture in line.pictures:
                if picture.role == FRONTAL:
                    seen.setdefault(picture.fingerprint, line.number)
        return outcome, count, seen

    def _refuse_any(self, plan: Plan, found: Sources) -> None:
        """All or nothing: look through everything first, so that nothing is kept for naught."""

        def tell(problem: Problem) -> None:
            if len(self.told) < KEPT:
                self.told.append(problem)
            if self.report is not None:
                self.report(problem)

        watch = Watch(self.intake, self.progress)
        refuse_any(look_through(plan, found, plan.lines(found, look_at, watch), tell).outcome.wrong)

    def read_again(self) -> Outcome:
        """The account of what the journal holds as a whole."""
        outcome = Outcome(columns=columns_of(self.intake))
        outcome.replaced = (self.intake.foundation or {}).get("rows") or 0
        question = design_of(self.intake.job).main_question.name
        for line in self.journal.lines():
            outcome.add(line, question, self.report)
        return outcome


class Watch:
    """Shows how far an intake is, now and then, and sees when it is stopped."""

    def __init__(
        self, intake: Intake, progress: Progress, state: Intake.State = Intake.State.READING
    ) -> None:
        self._running = Intake.objects.filter(pk=intake.pk, state=state)
        self._progress = progress
        self._next = 0.0
        self._first: int | None = None

    def __call__(self, done: int, total: int) -> None:
        """Raises Stopped."""
        if done < total and monotonic() < self._next:
            return
        self._progress(done, total)
        self._first = done if self._first is None else self._first
        # Whoever comes further does not die of the same file again and again.
        further = {"attempts": 0} if done > self._first else {}
        with write():
            is_running = self._running.update(done=done, total=total, **further)
        if not is_running:
            raise Stopped
        self._next = monotonic() + PROGRESS_SECONDS


def what_if(
    job: Job, sources: Sequence[Path], *, options: Options, report: Report, progress: Progress
) -> Preview:
    """What an intake would do; nothing is stored. Raises Refused."""
    refuse_closed(job)
    with opened(sources, options) as found:
        plan, told = plan_for(job, found, options), Outcome()

        def look(pictures: Sequence[Ready]) -> list[Picture]:
            for one in pictures:
                told.account(one.attributes)
            return look_at(pictures)

        accounted = replace(found, accounted=True)
        preview = look_through(plan, accounted, plan.lines(accounted, look, progress), report)
        preview.outcome.files, preview.outcome.attributes = told.files, told.attributes
        return preview


def _keeper(team: Team) -> Keep:
    def keep(pictures: Sequence[Ready]) -> list[Picture]:
        kept = keep_pictures(team, pictures)
        for one in pictures:
            remember(team, one.prepared.facts)
        return kept

    return keep


def refuse(intake: Intake, *why: Problem) -> None:
    """Nothing of it comes in."""
    with write():
        _end(intake, Intake.State.REFUSED, why)


def _end(intake: Intake, state: Intake.State, problems: Sequence[Problem]) -> None:
    intake.state, intake.preview = state, {}
    intake.problems = [problem.document() for problem in problems]
    intake.save(update_fields=["state", "preview", "problems"])
