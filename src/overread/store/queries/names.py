"""Names that stay with the owner: of files, and of patients."""

from collections.abc import Iterator

from overread.core.intake import file_name
from overread.core.names import file_names
from overread.store.models import Job


def names_of(job: Job, rows: int | None = None) -> set[str]:
    """Files and patients of a job, or of its first `rows`."""
    names: set[str] = set()
    for name, patient in _named(job, rows):
        names.update(file_names(name))
        names.add(patient or "")
    return names - {""}


def file_names_of(job: Job) -> list[str]:
    """What each row's image was called."""
    return [name for name, _ in _named(job, None) if name]


def _named(job: Job, rows: int | None) -> Iterator[tuple[str, str | None]]:
    """The image's name and the patient's of each row.

    A cell is read here, not in the database: there a column "0" would be the place in a list.
    """
    found = job.units.order_by("number").values_list("data", "patient__key")
    for data, patient in found[:rows].iterator():
        yield file_name(data.get(job.image_column, "")), patient
