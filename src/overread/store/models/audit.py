"""Who did what, and when."""

from django.db import models

from overread.store.models.people import User


class AuditEntry(models.Model):
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.SET_NULL, null=True)
    action = models.CharField(max_length=50)
    subject = models.CharField(max_length=100)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["subject", "at"]),)

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
