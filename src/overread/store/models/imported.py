"""What moved over from the reference platform: its ids and its figures, beside our own rows."""

from django.db import models

from overread.store.models.intake import Unit
from overread.store.models.judging import Judgment, Participation


class ImportedUnit(models.Model):
    """`key` is the platform's id of the row.

    `figures` is what its aggregated report said: {"state", "judgments", "results": {question:
    [answer, confidence or variance]}}; {} without one.
    """

    unit = models.OneToOneField(Unit, models.CASCADE, related_name="imported")
    key = models.CharField(max_length=100)
    figures = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.unit}, there {self.key}"


class ImportedContributor(models.Model):
    """`key` is the platform's id of the contributor, who can't sign in here.

    `trust` and `tainted` are the platform's last word, `own` what our rule made of the same test
    answers when they moved over.
    """

    participation = models.OneToOneField(Participation, models.CASCADE, related_name="imported")
    key = models.CharField(max_length=100)
    trust = models.FloatField(null=True)
    tainted = models.BooleanField(default=False)
    own = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"{self.participation}, there {self.key}"


class ImportedJudgment(models.Model):
    """What the platform's full report says of a judgment, and nothing here needs but reports."""

    judgment = models.OneToOneField(Judgment, models.CASCADE, related_name="imported")
    key = models.CharField(max_length=100)
    missed = models.BooleanField(default=False)
    trust = models.FloatField(null=True)
    channel = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return f"{self.judgment}, there {self.key}"
