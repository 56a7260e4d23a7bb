"""What of a job came over from the reference platform, by our ids."""

from overread.store.models import ImportedJudgment, ImportedUnit, Job


def unit_keys(job: Job) -> dict[int, str]:
    """The platform's ids of rows."""
    return dict(ImportedUnit.objects.filter(unit__job=job).values_list("unit", "key"))


def judgments(job: Job) -> dict[int, ImportedJudgment]:
    """What its full report said of judgments."""
    found = ImportedJudgment.objects.filter(judgment__unit__job=job)
    return {one.judgment_id: one for one in found}
