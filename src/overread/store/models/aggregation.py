"""What the judgments add up to."""

from django.db import models
from django.db.models import Value

from overread.store.models.design import Job
from overread.store.models.intake import Unit


class Consensus(models.Model):
    """A snapshot of one question's aggregated answer: method, version and inputs with it.

    Of a question that is drawn the answer is `marks`, as core.marks has them, each with `drawn_by`,
    the pseudonyms of its readers, and `support`.
    """

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="consensus")
    question = models.CharField(max_length=100)
    answer = models.CharField(max_length=200)
    confidence = models.FloatField()
    tied = models.BooleanField(default=False)
    marks = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    method = models.CharField(max_length=50)
    version = models.PositiveSmallIntegerField()
    # {"judgments": [judgment ids], "trust": {pseudonym: trust}, "posterior": what the latest fit
    # said, {"method", "version", "answer", "probability", "fitted_at"}, or null}
    inputs = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["unit", "question", "-created_at"]),)

    def __str__(self) -> str:
        return f"{self.question}: {self.answer} ({self.confidence:.2f})"


class ModelFit(models.Model):
    """What the latest fit of a job's main question found: the method and why, and contributors.

    `inputs` says which judgments it saw ({"judgments": count, "last": highest id, "of": what a
    change of makes it out of date}); `contributors` is {participation id: {"judgments",
    "accuracy", "low", "high"}}; `figures` says how good the labels are: {"prevalence": {answer:
    interval}, "expected", "measured": interval or null, "agreement": {coefficient: interval},
    "by_expertise": {expertise: {coefficient: interval}}, "compared_by": column, "by_subgroup":
    {cell: core.aggregation.subgroups.Subgroup}, "marks": {question:
    core.aggregation.drawn_images.DrawnSubgroup}}, an interval being {"estimate", "low", "high",
    "level"}.
    """

    job = models.OneToOneField(Job, models.CASCADE, related_name="model_fit")
    question = models.CharField(max_length=100)
    method = models.CharField(max_length=50)
    version = models.PositiveSmallIntegerField()
    # Messages, still to be translated.
    reason = models.JSONField()
    warnings = models.JSONField(default=list)
    contributors = models.JSONField()
    figures = models.JSONField(default=dict)
    inputs = models.JSONField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.method} of {self.job}"


class Posterior(models.Model):
    """A unit's likeliest answer by its job's latest fit; `shares` is {answer: probability}.

    `gain` is how much likelier one more judgment makes the answer right.
    """

    unit = models.OneToOneField(Unit, models.CASCADE, related_name="posterior")
    answer = models.CharField(max_length=200)
    probability = models.FloatField()
    gain = models.FloatField(default=0.0)
    shares = models.JSONField()

    def __str__(self) -> str:
        return f"{self.answer} ({self.probability:.2f})"
