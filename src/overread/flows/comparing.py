"""Agreement told apart by what a column of the table says of the images."""

from datetime import datetime

from overread.core.problems import Message, Refused
from overread.flows import audit
from overread.store.models import Job, User
from overread.store.queries.intake import column_names
from overread.store.write import locked, write


def columns_to_compare_by(job: Job) -> list[str]:
    """Every column but that of the image, whose cells are all different."""
    return [name for name in column_names(job) if name != job.image_column]


def compare_by(job: Job, column: str, *, actor: User | None, at: datetime) -> None:
    """From the next fit on; "" stops it. Raises Refused for a column that is none."""
    if column and column not in columns_to_compare_by(job):
        raise Refused.because(
            Message("There is no column “{name}” to compare by.", name=column),
            Message("Choose one of the table's columns."),
        )
    with write():
        job = locked(job)
        job.compared_by = column
        job.save(update_fields=["compared_by"])
        audit.record("compare by", job, actor=actor, at=at, column=column)
