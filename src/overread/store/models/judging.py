"""The hot tables: who was given what, and what they said. Instants are milliseconds UTC."""

import json

from django.db import models

from overread.core.reports import Reason
from overread.core.states import Mode, PageState, ParticipationState
from overread.store.models.design import DesignVersion, Job, TestQuestion
from overread.store.models.intake import Unit
from overread.store.models.people import User

_TAKEN = models.F("outstanding") + models.F("counted")
# Judgments of work that the same contributor had judged before; nothing else counts them.
REPEATED = models.Q(test__isnull=True, attempt__gt=0)


class Slot(models.Model):
    """A unit's place in the shuffled order of work, and its counts.

    `wanted` is how many judgments the unit needs; dynamic judgments move it. `open` is kept
    equal to outstanding + counted < wanted, and no statement hands out a slot that is not open.
    Positions lie far apart, so that a slot that opens again can be put just ahead of everybody.
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="slots", db_index=False)
    position = models.BigIntegerField()
    unit = models.OneToOneField(Unit, models.CASCADE, related_name="slot")
    open = models.BooleanField(default=True)
    outstanding = models.PositiveSmallIntegerField(default=0)
    counted = models.PositiveSmallIntegerField(default=0)
    wanted = models.PositiveSmallIntegerField(default=3)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["job", "position"], name="one_slot_per_position"),
            models.CheckConstraint(
                condition=models.Q(open=True, wanted__gt=_TAKEN)
                | models.Q(open=False, wanted__lte=_TAKEN),
                name="open_slots_have_room",
            ),
        )
        indexes = (
            models.Index(
                fields=["job", "position"], condition=models.Q(open=True), name="open_slots"
            ),
        )

    def __str__(self) -> str:
        return f"slot {self.position} of {self.job}"


class Participation(models.Model):
    """A contributor in a job, under a pseudonym. Only the invitation token's hash is kept.

    `cursor` is the position up to which nothing is left for this contributor. `tally` and
    `given` are JSON, counted as answers come in: test answers by accepted answer since the
    latest quiz began (core.removal.Tally), and answers to the main question on work.
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="participations")
    user = models.ForeignKey(User, models.CASCADE, related_name="participations")
    pseudonym = models.CharField(max_length=40)
    state = models.CharField(
        max_length=20,
        choices=[(s.value, s.value) for s in ParticipationState],
        default=ParticipationState.INVITED,
    )
    # Why somebody was removed: accuracy, answer distribution, by the owner.
    removed_for = models.CharField(max_length=40, blank=True)
    simulated = models.BooleanField(default=False)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_at = models.BigIntegerField()
    expires_at = models.BigIntegerField()
    joined_at = models.BigIntegerField(null=True)
    # Trust counts the test answers since the latest quiz began.
    trust_from = models.BigIntegerField(default=0)
    quizzes = models.PositiveSmallIntegerField(default=0)
    cursor = models.BigIntegerField(default=-1)
    # The page up to which rows were drawn to come again.
    repeated_to = models.BigIntegerField(default=0)
    judgments_made = models.PositiveIntegerField(default=0)
    pages_made = models.PositiveIntegerField(default=0)
    tally = models.TextField(default="{}")
    given = models.TextField(default="{}")
    # From which page on judgments are still to be taken out of the counts, or put back, in
    # bounded steps, after this contributor was removed or restored; null when all is done.
    settle_from = models.BigIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["job", "user"], name="one_participation_per_job"),
            models.UniqueConstraint(fields=["job", "pseudonym"], name="one_pseudonym_per_job"),
        )
        indexes = (
            models.Index(
                fields=["job"],
                condition=models.Q(settle_from__isnull=False),
                name="unsettled_contributors",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pseudonym} in {self.job}"


class Page(models.Model):
    """Units served together to one contributor.

    `units` is the JSON list of unit ids by place (null where a late judgment was not taken):
    which unit a place stands for is known to the store alone. `result` is what the submission
    answered, as JSON. `counted` says whether its judgments are in the slots' counts.
    """

    participation = models.ForeignKey(
        Participation, models.CASCADE, related_name="pages", db_index=False
    )
    design = models.ForeignKey(DesignVersion, models.PROTECT, related_name="+", db_index=False)
    mode = models.CharField(max_length=10, choices=[(m.value, m.value) for m in Mode])
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in PageState], default=PageState.OPEN
    )
    units = models.TextField()
    # Units among them that this contributor read before, as JSON: their judgments count nowhere.
    again = models.TextField(default="[]", db_default="[]")
    # The columns that were shown beside the images, as JSON.
    context = models.TextField(default="[]", db_default="[]")
    created_at = models.BigIntegerField()
    expires_at = models.BigIntegerField()
    submitted_at = models.BigIntegerField(null=True)
    counted = models.BooleanField(default=False)
    result = models.TextField(default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["participation"],
                condition=models.Q(state=PageState.OPEN),
                name="one_open_page",
            ),
            models.CheckConstraint(
                condition=models.Q(state=PageState.SUBMITTED, submitted_at__isnull=False)
                | ~models.Q(state=PageState.SUBMITTED),
                name="submitted_pages_say_when",
            ),
        )
        indexes = (
            models.Index(fields=["participation", "id"], name="pages_of"),
            models.Index(
                fields=["expires_at"], condition=models.Q(state=PageState.OPEN), name="open_pages"
            ),
        )

    def __str__(self) -> str:
        return f"page {self.pk}"

    @property
    def places(self) -> dict[int, int]:
        """Unit ids by place."""
        return {place: unit for place, unit in enumerate(json.loads(self.units)) if unit}

    @property
    def dropped(self) -> set[int]:
        """Places whose unit is not asked for any more."""
        return {place for place, unit in enumerate(json.loads(self.units)) if not unit}


class PageDraft(models.Model):
    """What a contributor has answered on a page and not yet submitted, by place.

    One for each contributor: that of a page submitted, or run out, gives way to the next one.
    """

    participation = models.OneToOneField(
        Participation, models.CASCADE, primary_key=True, related_name="draft"
    )
    page = models.ForeignKey(Page, models.CASCADE, related_name="+")
    places = models.JSONField(default=dict)
    saved_at = models.BigIntegerField()

    def __str__(self) -> str:
        return f"draft of {self.page}"


class Judgment(models.Model):
    """One contributor's answers to one unit. Never changes.

    `test` is the test question that the unit was; `attempt` counts the times that this
    contributor judged it before, where a job repeats test questions or gives work again.
    """

    page = models.ForeignKey(Page, models.PROTECT, related_name="judgments", db_index=False)
    participation = models.ForeignKey(
        Participation, models.PROTECT, related_name="judgments", db_index=False
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="judgments", db_index=False)
    test = models.ForeignKey(
        TestQuestion, models.PROTECT, null=True, related_name="judgments", db_index=False
    )
    attempt = models.PositiveSmallIntegerField(default=0)
    answers = models.JSONField()
    cannot_be_judged = models.BooleanField(default=False)
    milliseconds = models.PositiveIntegerField(default=0)
    created_at = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["unit", "participation", "attempt"],
                name="never_a_unit_twice_to_a_contributor",
            ),
            models.CheckConstraint(
                condition=models.Q(attempt__lte=1) | models.Q(test__isnull=False),
                name="work_comes_again_once",
            ),
        )
        indexes = (
            models.Index(
                fields=["participation"],
                condition=models.Q(test__isnull=False),
                name="test_answers_of",
            ),
            models.Index(
                fields=["test"], condition=models.Q(test__isnull=False), name="test_answers_to"
            ),
            models.Index(fields=["participation"], condition=REPEATED, name="repeats_by"),
        )

    def __str__(self) -> str:
        return f"judgment {self.pk}"

    @property
    def is_repeat(self) -> bool:
        """Of work that the contributor had judged before: the first judgment stands."""
        return self.attempt > 0 and self.test_id is None


class Contest(models.Model):
    """A contributor's objection to a missed test question, and the owner's answer to it."""

    class Decision(models.TextChoices):
        CHANGED = "changed"  # the question was corrected, put on hold or switched off
        KEPT = "kept"

    judgment = models.OneToOneField(Judgment, models.CASCADE, related_name="contest")
    text = models.TextField()
    created_at = models.BigIntegerField()
    due_at = models.BigIntegerField()
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    answer = models.TextField(blank=True)
    answered_at = models.BigIntegerField(null=True)
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # When the contributor had the answer before their eyes.
    seen_at = models.BigIntegerField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["due_at"], condition=models.Q(decision=""), name="open_contests"),
        )

    def __str__(self) -> str:
        return f"contest of {self.judgment}"


class Remark(models.Model):
    """A line in the thread between one contributor and the owner about a unit.

    Every line belongs to one contributor, so that nobody reads what others ask or are told.
    """

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="remarks")
    participation = models.ForeignKey(
        Participation, models.CASCADE, related_name="remarks", db_index=False
    )
    from_owner = models.BooleanField(default=False)
    # Which owner answered.
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    created_at = models.BigIntegerField()
    # When the contributor had the owner's line before their eyes.
    seen_at = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=["participation", "unit"], name="threads"),)

    def __str__(self) -> str:
        return f"remark on {self.unit}"


class Report(models.Model):
    """A reader's word that something is wrong with an image, and what the owner made of it."""

    class Decision(models.TextChoices):
        RELEASED = "released"  # the image can be judged
        KEPT = "kept"  # it stays held, or as it is

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="reports")
    participation = models.ForeignKey(
        Participation, models.CASCADE, related_name="reports", db_index=False
    )
    reason = models.CharField(max_length=20, choices=[(r.value, r.value) for r in Reason])
    text = models.TextField(blank=True)
    created_at = models.BigIntegerField()
    # Whether the unit was held on this reader's word.
    held = models.BooleanField(default=False)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decided_at = models.BigIntegerField(null=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["participation", "unit", "reason"], name="one_report_per_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.reason}: {self.unit}"
