"""What readers see beside an image: columns of the table that the owner chose."""

from collections.abc import Sequence
from datetime import datetime

from overread.core.names import tells_too_much
from overread.core.problems import Message, Refused
from overread.flows import audit
from overread.store.judging import touch
from overread.store.models import Job, User
from overread.store.queries.intake import column_names
from overread.store.write import locked, write


def offered_columns(job: Job) -> list[str]:
    """Columns that may be shown: never one that names the image, the label or the patient."""
    secret = job.secret_columns
    return [name for name in column_names(job) if name not in secret and not tells_too_much(name)]


def show_beside(
    job: Job, columns: Sequence[str], *, turning: bool, actor: User | None, at: datetime
) -> None:
    """Choose what readers see beside the image, and whether they may turn it.

    Holds for pages handed out from then on; every page keeps what it showed. Raises Refused for
    a column that would give something away, or that is none.
    """
    offered = offered_columns(job)
    wrong = [name for name in columns if name not in offered]
    if wrong:
        raise Refused.because(
            Message("The column “{column}” can't be shown to readers.", column=wrong[0]),
            Message("Choose columns that name neither the image, its label nor the patient."),
        )
    with write():
        job = locked(job)
        job.context = [name for name in offered if name in columns]
        job.turning = turning
        job.save(update_fields=["context", "turning"])
        touch(job)
        audit.record("show beside", job, actor=actor, at=at, columns=job.context, turning=turning)
