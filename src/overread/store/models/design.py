"""The job: its settings, its design, its test questions."""

from django.db import models

from overread.core.intake import Columns
from overread.core.judging import Order, RunOut
from overread.core.removal import RemovalRule
from overread.core.states import JobState
from overread.core.stopping import StoppingRule
from overread.store.models.intake import Unit
from overread.store.models.people import Team, User


class Job(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, related_name="jobs")
    title = models.CharField(max_length=255)
    template = models.CharField(max_length=100)
    state = models.CharField(
        max_length=20, choices=[(s.value, s.value) for s in JobState], default=JobState.DRAFT
    )
    created_at = models.DateTimeField()
    launched_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    # How it is judged (docs/reference/job-settings.md); names and defaults as in core.judging.
    judgments_per_unit = models.PositiveSmallIntegerField(default=3)
    maximum_judgments_per_unit = models.PositiveSmallIntegerField(null=True)
    stopping_rule = models.CharField(
        max_length=20, choices=[(r.value, r.value) for r in StoppingRule], default=StoppingRule.NONE
    )
    stopping_threshold = models.FloatField(default=0.9)
    stopping_matches = models.PositiveSmallIntegerField(default=2)
    units_per_page = models.PositiveSmallIntegerField(default=5)
    test_questions_per_page = models.PositiveSmallIntegerField(default=1)
    practice_length = models.PositiveSmallIntegerField(default=0)
    quiz_length = models.PositiveSmallIntegerField(default=5)
    quiz_retakes = models.PositiveSmallIntegerField(default=0)
    removal_rule = models.CharField(
        max_length=40,
        choices=[(r.value, r.value) for r in RemovalRule],
        default=RemovalRule.ACCURACY,
    )
    minimum_accuracy = models.FloatField(default=0.7)
    # Bounds of a contributor's share of each answer, {"from": 20, "shares": {answer: [low, high]}}.
    answer_bounds = models.JSONField(default=dict)
    maximum_judgments_per_contributor = models.PositiveIntegerField(null=True)
    page_seconds = models.PositiveIntegerField(default=1800)
    minimum_page_seconds = models.PositiveIntegerField(default=0)
    order = models.CharField(
        max_length=20, choices=[(o.value, o.value) for o in Order], default=Order.SHARED
    )
    when_tests_run_out = models.CharField(
        max_length=20, choices=[(w.value, w.value) for w in RunOut], default=RunOut.STOP
    )
    # The share of rows that the same contributor reads again, after at least so many hours.
    repeat_share = models.FloatField(default=0.0)
    repeat_hours = models.PositiveIntegerField(default=168)
    contest_days = models.PositiveSmallIntegerField(default=7)
    discussion = models.BooleanField(default=False)

    # Columns of the table that readers see beside the image, such as age band and view.
    context = models.JSONField(default=list)
    # The column by whose cells agreement is told apart, such as age band; "" for none.
    compared_by = models.CharField(max_length=200, blank=True, default="")
    # Whether readers may turn and mirror images.
    turning = models.BooleanField(default=True)

    # Raised whenever settings, design or test questions change: what is cached is then read anew.
    revision = models.PositiveIntegerField(default=0)
    # The furthest position handed out; a slot that opens again is put just behind it.
    frontier = models.BigIntegerField(default=-1)
    # Rows of a pilot launch, until the rest is launched.
    pilot_rows = models.PositiveIntegerField(null=True)

    image_column = models.CharField(max_length=200, blank=True)
    lateral_column = models.CharField(max_length=200, blank=True)
    prior_column = models.CharField(max_length=200, blank=True)
    label_column = models.CharField(max_length=200, blank=True)
    # Where patients come from: a column, a name pattern that the owner confirmed, or neither.
    patient_column = models.CharField(max_length=200, blank=True)
    patient_pattern = models.CharField(max_length=200, blank=True)
    patients_confirmed = models.BooleanField(default=False)
    # The columns of study, age, sex and view, by role.
    more_columns = models.JSONField(default=dict)
    # What the owner says that cells of the label column mean: "" is no label.
    label_meanings = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(minimum_accuracy__gte=0, minimum_accuracy__lte=1),
                name="accuracy_is_a_share",
            ),
            models.CheckConstraint(
                condition=models.Q(judgments_per_unit__gte=1, units_per_page__gte=1),
                name="pages_hold_something",
            ),
            models.CheckConstraint(
                condition=models.Q(test_questions_per_page__lt=models.F("units_per_page")),
                name="pages_hold_work",
            ),
            models.CheckConstraint(
                condition=models.Q(maximum_judgments_per_unit__isnull=True)
                | models.Q(maximum_judgments_per_unit__gte=models.F("judgments_per_unit")),
                name="the_maximum_is_no_less_than_the_minimum",
            ),
            models.CheckConstraint(
                condition=models.Q(stopping_threshold__gte=0, stopping_threshold__lte=1),
                name="threshold_is_a_share",
            ),
            models.CheckConstraint(
                condition=models.Q(quiz_length__gte=1), name="a_quiz_asks_something"
            ),
            models.CheckConstraint(
                condition=models.Q(minimum_page_seconds__lt=models.F("page_seconds")),
                name="pages_last_longer_than_their_least_time",
            ),
        )

    def __str__(self) -> str:
        return self.title

    # What says which column plays which role, and what labels and patients are.
    ROLES = (
        "image_column",
        "lateral_column",
        "prior_column",
        "label_column",
        "patient_column",
        "patient_pattern",
        "patients_confirmed",
        "more_columns",
        "label_meanings",
    )

    @property
    def secret_columns(self) -> frozenset[str]:
        """What nobody who judges may see: the images' addresses, the label, patient and study."""
        study = self.more_columns.get("study", "")
        columns = {*self.picture_columns.values(), self.label_column, self.patient_column, study}
        return frozenset(columns - {""})

    @property
    def picture_columns(self) -> dict[str, str]:
        """The column of each picture of a row, by role."""
        return self.columns.pictures

    @property
    def columns(self) -> Columns:
        """The columns of its rows by their roles."""
        first = (self.image_column, self.label_column, self.patient_column)
        names = (*first, self.lateral_column, self.prior_column)
        return Columns(*(name or None for name in names), **self.more_columns)


class DesignVersion(models.Model):
    """Immutable: an edit makes a new version, and a page knows the version it showed."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="designs")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["job", "number"], name="one_design_per_number"),
        )

    def __str__(self) -> str:
        return f"design {self.number} of {self.job}"


class TestQuestion(models.Model):
    """A unit with accepted answers. It leaves work: nobody sees an image twice in a job."""

    __test__ = False

    class State(models.TextChoices):
        ENABLED = "enabled"
        DISABLED = "disabled"
        ON_HOLD = "on hold"

    unit = models.OneToOneField(Unit, models.CASCADE, related_name="test_question")
    state = models.CharField(max_length=20, choices=State.choices, default=State.ENABLED)
    # A hidden one never shows its answer, so it is in no quiz.
    hidden = models.BooleanField(default=False)
    # Why it is on hold, or should be and is needed; and whether the owner has looked at it since
    # and found it right.
    on_hold_for = models.CharField(max_length=200, blank=True)
    reviewed = models.BooleanField(default=False)
    # Changed, and not everybody who answered it is scored anew yet.
    to_score = models.BooleanField(default=False)
    current = models.ForeignKey(
        "store.TestQuestionVersion", models.PROTECT, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"test question on {self.unit}"


class TestQuestionVersion(models.Model):
    """`accepted` maps a question to its accepted values, `reasons` to the text shown on a miss.

    `places` maps a question to boxes on the image, {"x", "y", "width", "height"} as shares of
    its width and height, at which the reason points.
    """

    __test__ = False

    test_question = models.ForeignKey(TestQuestion, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    accepted = models.JSONField()
    reasons = models.JSONField(default=dict)
    places = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["test_question", "number"], name="one_version_per_number"
            ),
        )

    def __str__(self) -> str:
        return f"version {self.number} of {self.test_question}"
