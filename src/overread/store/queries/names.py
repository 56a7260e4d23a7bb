"""Names that stay with the owner: of files, and of patients."""

from django.db.models.fields.json import KeyTextTransform

from overread.core.intake import file_name
from overread.core.names import file_names
from overread.store.models import Job


def names_of(job: Job, rows: int | None = None) -> set[str]:
    """Files and patients of a job, or of its first `rows`."""
    column = KeyTextTransform(job.image_column, "data")
    found = job.units.order_by("number").annotate(reference=column)
    names: set[str] = set()
    for reference, patient in found.values_list("reference", "patient__key")[:rows]:
        names.update(file_names(file_name(reference or "")))
        names.add(patient or "")
    return names - {""}
