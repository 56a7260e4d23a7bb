"""Names that stay with the owner: of files, and of patients."""

from collections.abc import Iterator, Mapping

from overread.core.intake import file_name
from overread.core.names import file_names, is_identifying, person_names
from overread.store.models import Job


def names_of(job: Job, rows: int | None = None) -> set[str]:
    """Files and patients of a job, or of its first `rows`."""
    names: set[str] = set()
    for data, patient in _rows(job, rows):
        names.update(file_names(_file(job, data)))
        names.update(person_names(patient or ""))
        for column, cell in data.items():
            if is_identifying(column):
                names.update(person_names(cell))
    return names - {""}


def file_names_of(job: Job) -> list[str]:
    """What each row's image was called."""
    return [name for data, _ in _rows(job, None) if (name := _file(job, data))]


def _file(job: Job, data: Mapping[str, str]) -> str:
    return file_name(data.get(job.image_column, ""))


def _rows(job: Job, rows: int | None) -> Iterator[tuple[Mapping[str, str], str | None]]:
    """The cells and the patient's key of each row.

    Cells are looked up here, not in the database: there a column "0" is the place in a list.
    """
    found = job.units.order_by("number").values_list("data", "patient__key")
    yield from found[:rows].iterator()
