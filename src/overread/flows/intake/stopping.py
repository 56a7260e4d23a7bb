"""The owner stops an upload on its way, and takes one back that was stopped."""

from datetime import datetime

from overread.core.problems import Message, Refused
from overread.flows import audit
from overread.flows.intake.clearing import forget
from overread.flows.intake.journal import is_read_now, journal_of
from overread.flows.intake.taking_in import stop
from overread.store.models import Intake, User
from overread.store.write import write


def stop_intake(intake: Intake, *, actor: User | None, at: datetime) -> None:
    """Whoever reads it sees this within a moment. Raises Refused when it is too late."""
    with write():
        now = _locked(intake)
        if now.state == Intake.State.STORING:
            raise Refused.because(
                Message("Everything is read, and the rows are being stored."),
                Message("Wait until they are: that takes a minute at most."),
            )
        if stop(now):
            audit.record("stop upload", now.job, actor=actor, at=at, intake=now.pk)


def let_go_on(intake: Intake, *, actor: User | None, at: datetime) -> bool:
    """One that is stopped may go on; whether it was."""
    stopped = Intake.objects.filter(pk=intake.pk, state=Intake.State.STOPPED)
    with write():
        if not stopped.update(state=Intake.State.WAITING, problems=[]):
            return False
        audit.record("go on with upload", intake.job, actor=actor, at=at, intake=intake.pk)
    return True


def undo_intake(intake: Intake, *, actor: User | None, at: datetime) -> None:
    """As if it had never been, while none of its rows is in the job. Raises Refused."""
    if is_read_now(intake):
        raise Refused.because(
            Message("The upload is stopping; a picture is still being read."),
            Message("Try again in a moment."),
        )
    with journal_of(intake), write():
        now = _locked(intake)
        if now.target is not None:
            raise Refused.because(
                Message("Rows of this upload are in the job already."),
                Message("Go on with it: nothing can refuse it any more."),
            )
        now.delete()
        audit.record("undo upload", intake.job, actor=actor, at=at, intake=intake.pk)
    forget(intake.pk)


def _locked(intake: Intake) -> Intake:
    """As it is now. Raises Refused where somebody else undid it."""
    found = Intake.objects.select_for_update().filter(pk=intake.pk).first()
    if found is None:
        raise Refused.because(
            Message("This upload was undone."), Message("Look at the job's data as it is now.")
        )
    return found
