"""What the worker does for the server: read uploads, compare images, build data sets, rescore."""

import logging
import shutil
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from django.db import close_old_connections
from django.db.models import Sum
from django_tasks import task

from overread.core.instants import milliseconds
from overread.core.problems import Message, Problem
from overread.core.states import JobState
from overread.flows import dry_run, export
from overread.flows.intake import Options, go_on, let_go_on, previewing, start_intake
from overread.flows.intake.clearing import clear_ended, drop
from overread.flows.intake.journal import folder_of, is_read_now
from overread.flows.intake.taking_in import refuse, stop
from overread.flows.judging import rescoring
from overread.flows.judging.slots import return_overdue, settle_now
from overread.flows.near_duplicates import compare
from overread.flows.privacy.erasing import begin_erasing, finish_erasing, unfinished_erasures
from overread.flows.refitting import refit
from overread.store import blobs
from overread.store.models import (
    DatasetVersion,
    Erasure,
    Intake,
    Job,
    Team,
    TestQuestion,
    User,
)
from overread.store.queries.fits import out_of_date
from overread.store.queries.near_duplicates import to_compare
from overread.store.uploads import remove_untouched
from overread.store.write import write

logger = logging.getLogger(__name__)
WATCH_SECONDS = 10.0
# An upload that nobody goes on with is removed after two days.
KEPT_SECONDS = 2 * 24 * 3600.0
# After fitting, so many times as long is paused: judging comes first.
PAUSE_FOR_A_FIT = 30.0
# A job with more judgments is fitted when it is paused or has ended, not while it runs.
FOLLOWED = 10_000
# So often an upload is gone on with by itself.
MOST_ATTEMPTS = 3
_PLAIN = Options()
_scoring = threading.Lock()
_BROKE_OFF = Message("The server stopped, or failed, before everything was read.")
_UPLOAD_AGAIN = Message("Nothing of this upload was taken in. Upload the same files again.")
_KEPT_FAILING = Message("The server stopped {n} times while it read these files.", n=MOST_ATTEMPTS)
_GO_ON = Message("Go on with them, or undo the upload and leave out the file that does it.")
_NOT_BUILT = Message("The server stopped, or failed, before the data set was complete.")
_BUILD_AGAIN = Message("Nothing is lost. Build the data set again.")


def hand_over_upload(
    job: Job,
    folder: Path,
    *,
    sources: Sequence[Path],
    actor: User | None,
    at: datetime,
    options: Options = _PLAIN,
) -> Intake:
    """Have looked at what lies in `folder`, which is kept until the upload has ended.

    `sources` are paths below `folder`. Raises Refused.
    """
    intake = start_intake(job, actor=actor, at=at)
    own = folder_of(intake.pk)
    intake.sources = [str(own / path.relative_to(folder)) for path in sources]
    intake.options = asdict(options)
    intake.state = Intake.State.LOOKING
    try:
        folder.rename(own)
        with write():
            intake.save(update_fields=["sources", "options", "state"])
        look_at_upload.enqueue(intake.pk)
    except Exception:
        _refuse(intake)
        drop(intake.pk)
        raise
    return intake


def look_again(intake: Intake, options: Options) -> None:
    """The owner says something else of an upload. Raises Refused where it is no longer shown."""
    previewing.choose(intake, options)
    look_at_upload.enqueue(intake.pk)


def read_upload(intake: Intake) -> None:
    """The owner wants an upload as its preview shows it. Raises Refused."""
    previewing.settle(intake)
    read_intake.enqueue(intake.pk)


@task()
def look_at_upload(intake_id: int) -> None:
    """See what an upload holds, unless it is discarded meanwhile."""
    looking = Intake.objects.filter(pk=intake_id, state=Intake.State.LOOKING)
    intake = looking.select_related("job__team").first()
    if intake is None:
        return
    try:
        previewing.look(intake)
    except Exception:
        if looking.exists():
            _refuse(intake)
            drop(intake.pk)
            raise
        if not Intake.objects.filter(pk=intake.pk).exists():
            drop(intake.pk)


def look_on() -> None:
    """Looks that died with their worker are begun again, but not for ever."""
    for intake in Intake.objects.filter(state=Intake.State.LOOKING):
        if intake.attempts < previewing.TRIES:
            look_at_upload.enqueue(intake.pk)
        else:
            _refuse(intake)
            drop(intake.pk)


@task()
def read_intake(intake_id: int) -> None:
    """Read an upload, or go on with it where it was stopped."""
    intake = Intake.objects.select_related("job__team").filter(pk=intake_id).first()
    if intake is not None:  # it may have been undone meanwhile
        go_on(intake)


def go_on_later(intake: Intake, *, actor: User | None, at: datetime) -> None:
    """Have the worker go on with an upload that is stopped; another one stays as it is."""
    if let_go_on(intake, actor=actor, at=at):
        read_intake.enqueue(intake.pk)


def go_on_with_uploads(*, since_the_start: bool = False) -> None:
    """Uploads whose process died are read on; at the worker's start those too that waited for it.

    What kills every process that reads it is stopped.
    """
    states = [Intake.State.READING, Intake.State.STORING]
    if since_the_start:
        states.append(Intake.State.WAITING)
    for intake in Intake.objects.filter(state__in=states):
        if is_read_now(intake):
            continue
        if not intake.sources:
            _refuse(intake)
            drop(intake.pk)
        elif intake.attempts >= MOST_ATTEMPTS:
            stop(intake, Problem("", None, None, _KEPT_FAILING, _GO_ON))
        elif _is_waiting_again(intake):
            read_intake.enqueue(intake.pk)


def _is_waiting_again(intake: Intake) -> bool:
    """Unless it came to its end just now."""
    broken_off = Intake.objects.filter(pk=intake.pk, state=intake.state)
    with write():
        return bool(broken_off.update(state=Intake.State.WAITING))


def _refuse(intake: Intake) -> None:
    refuse(intake, Problem("", None, None, _BROKE_OFF, _UPLOAD_AGAIN))


def order_dataset(job: Job, *, actor: User | None, at: datetime) -> DatasetVersion:
    """Announce a data set version and have it built."""
    version = export.start_dataset(job, at=at)
    build_dataset.enqueue(version.pk, actor.pk if actor else None)
    return version


@task()
def build_dataset(version_id: int, actor_id: int | None) -> None:
    version = DatasetVersion.objects.select_related("job__team").get(pk=version_id)
    actor = User.objects.filter(pk=actor_id).first() if actor_id else None
    try:
        export.build_dataset(version, actor=actor, at=datetime.now(UTC))
    except Exception:
        export.fail_dataset(version, Problem("", None, None, _NOT_BUILT, _BUILD_AGAIN))
        raise


def order_dry_run(job: Job, *, at: datetime) -> None:
    """Have a copy of the job rehearsed."""
    dry_run.begin(job, at=at)
    rehearse.enqueue(job.pk)


@task()
def rehearse(job_id: int) -> None:
    dry_run.run_and_report(Job.objects.get(pk=job_id), at=datetime.now(UTC))


def order_erasure(team: Team, key: str, *, actor: User | None, at: datetime) -> Erasure:
    """Announce that a patient is erased, and have it done. Raises Refused for an unknown key."""
    erasure = begin_erasing(team, key, actor=actor, at=at)
    erase.enqueue(erasure.pk)
    return erasure


@task()
def erase(erasure_id: int) -> None:
    finish_erasing(Erasure.objects.get(pk=erasure_id), at=datetime.now(UTC))


def score_anew(question: TestQuestion, *, actor: User | None) -> None:
    """After a test question changed: score everybody anew who has answered it."""
    if question.judgments.exists():
        rescore.enqueue(question.pk, actor.pk if actor else None)


@task()
def rescore(question_id: int, actor_id: int | None) -> None:
    _rescore(question_id, User.objects.filter(pk=actor_id).first() if actor_id else None)


def _rescore(question_id: int, actor: User | None) -> None:
    """One at a time, so that the watch leaves alone what a task is at."""
    with _scoring:
        changed = TestQuestion.objects.filter(pk=question_id, to_score=True)
        question = changed.select_related("unit__job").first()
        if question is not None:
            rescoring.rescore(question, actor=actor, at=datetime.now(UTC))


def watch_jobs(stop: threading.Event, seconds: float = WATCH_SECONDS) -> None:
    """Until stopped, look after the jobs."""
    seen = 0
    while not stop.wait(seconds):
        seen = look_after_jobs(seen)
        close_old_connections()


def look_after_jobs(seen: int) -> int:
    """Put test questions on hold that most people miss, finish what a killed worker left half
    done, and return the units of pages that ran out in jobs where nobody asks for one.

    `seen` and the result are as in rescoring.hold_missed_by_most. What fails, because the
    database is locked, or the disk full, is done at the next look.
    """
    with _goes_on("scoring anew"):
        for question in rescoring.to_score():
            with _goes_on("scoring anew"):
                _rescore(question.pk, None)
    now = milliseconds(datetime.now(UTC))
    with _goes_on("removing unfinished uploads"):
        remove_untouched(KEPT_SECONDS, datetime.now(UTC).timestamp())
    with _goes_on("settling the counts"):
        for participation in rescoring.to_settle():
            with _goes_on("settling the counts"):
                settle_now(participation, now)
    with _goes_on("returning what ran out"):
        for participation in rescoring.overdue(now):
            with _goes_on("returning what ran out"):
                return_overdue(participation, now)
    with _goes_on("going on with uploads"):
        go_on_with_uploads()
    with _goes_on("deleting files"):
        blobs.sweep()
    with _goes_on("erasing patients"):
        for erasure in unfinished_erasures():
            with _goes_on("erasing a patient"):
                finish_erasing(erasure, at=datetime.now(UTC))
    with _goes_on("looking for missed test questions"):
        return rescoring.hold_missed_by_most(seen, at=datetime.now(UTC))
    return seen


def watch_fits(stop: threading.Event, seconds: float = WATCH_SECONDS) -> None:
    """Until stopped, fit models anew, in a thread of its own: a large job's fit takes long, and
    is followed by a longer pause.
    """
    pause = seconds
    while not stop.wait(pause):
        begun = monotonic()
        refit_jobs()
        close_old_connections()
        pause = max(seconds, PAUSE_FOR_A_FIT * (monotonic() - begun))


def refit_jobs() -> None:
    """Fit the model anew of jobs in which judgments came in, or count differently now."""
    with _goes_on("refitting"):
        for job in filter(_is_followed, out_of_date()):
            with _goes_on("refitting"):
                refit(job, at=datetime.now(UTC))


def _is_followed(job: Job) -> bool:
    made = job.participations.aggregate(made=Sum("judgments_made"))["made"] or 0
    return job.state != JobState.RUNNING or made <= FOLLOWED


def watch_images(stop: threading.Event, seconds: float = WATCH_SECONDS) -> None:
    """Until stopped, compare images that came in, in a thread of its own for the same reason."""
    while not stop.wait(seconds):
        compare_images()
        close_old_connections()


def compare_images() -> None:
    """Look for near-duplicates in jobs with images that were not compared yet."""
    with _goes_on("looking for near-duplicates"):
        for job in to_compare():
            with _goes_on("looking for near-duplicates"):
                compare(job)


@contextmanager
def _goes_on(what: str) -> Iterator[None]:
    """Log what failed and where, not its words: they may hold what is stored of a patient."""
    try:
        yield
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        name = type(error).__name__
        logger.error("%s failed: %s in %s, %s:%s", what, name, at.name, at.filename, at.lineno)


def clear_up() -> None:
    """At the worker's start: what a worker that died was at is gone on with, or said to have
    failed.
    """
    dry_run.clear_up()
    clear_ended()
    go_on_with_uploads(since_the_start=True)
    look_on()
    states = (DatasetVersion.State.BUILDING, DatasetVersion.State.WITHDRAWN)
    for version in DatasetVersion.objects.filter(state__in=states):
        for unfinished in export.dataset_file(version).parent.glob(f".{version.number}-*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        export.fail_dataset(version, Problem("", None, None, _NOT_BUILT, _BUILD_AGAIN))
