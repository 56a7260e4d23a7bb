"""What leaves: frozen exports of a job."""

from django.db import models

from overread.store.models.design import Job


class DatasetVersion(models.Model):
    """A data set as it was exported; `reason` says why one failed, or was withdrawn.

    Of a withdrawn one the file is gone: somebody in it was erased.
    """

    class State(models.TextChoices):
        BUILDING = "building"
        READY = "ready"
        FAILED = "failed"
        WITHDRAWN = "withdrawn"

    job = models.ForeignKey(Job, models.CASCADE, related_name="datasets")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.BUILDING)
    created_at = models.DateTimeField()
    images = models.PositiveIntegerField(default=0)
    reason = models.JSONField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["job", "number"], name="one_dataset_per_number"),
        )

    def __str__(self) -> str:
        return f"data set {self.number} of {self.job}"
