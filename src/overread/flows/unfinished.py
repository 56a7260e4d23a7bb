"""What rests on all rows of a job waits until an upload has come to its end."""

from overread.core.problems import Message, Refused
from overread.store.models import Intake, Job
from overread.store.models.intake import SHOWN_FIRST
from overread.store.queries.intake import unfinished_intake


def refuse_unfinished(job: Job, *, but: Intake | None = None) -> None:
    """Raises Refused while an upload is being read or stored, or is stopped on its way; `but` is
    one that asks itself.
    """
    found = unfinished_intake(job)
    if found is None or found == but:
        return
    if found.state == Intake.State.STOPPED:
        raise Refused.because(
            Message("An upload was stopped before all of it was read."),
            Message("Go on with it on the Data tab, or undo it there."),
        )
    raise Refused.because(
        Message("Uploaded files are still being read."),
        Message("Try again when they are, or stop the upload on the Data tab."),
    )


def refuse_waiting(job: Job) -> None:
    """Raises Refused while an upload waits for the owner's word: what it would do was shown for
    the job as it is.
    """
    if job.intakes.filter(state__in=SHOWN_FIRST).exists():
        raise Refused.because(
            Message("An upload waits for the owner's word."),
            Message("Take it in or discard it on the Data tab first."),
        )
