"""What came in: bytes, pictures, patients, and the units of a job."""

from django.db import models
from django.db.models import Value

from overread.core.states import UnitState
from overread.store.models.people import Team


class Patient(models.Model):
    """A pseudonymous person."""

    team = models.ForeignKey(Team, models.CASCADE)
    key = models.CharField(max_length=200)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["team", "key"], name="one_patient_per_key"),)

    def __str__(self) -> str:
        return self.key


class Study(models.Model):
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="studies")
    uid = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["patient", "uid"], name="one_study_per_uid"),
        )

    def __str__(self) -> str:
        return self.uid


class Blob(models.Model):
    """Bytes in the blob store, named by their SHA-256."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.sha256[:12]


class Discarded(models.Model):
    """A file without a row, still to be deleted from the disk: no transaction can do that."""

    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.sha256[:12]


class Image(models.Model):
    """A picture; pixel-identical ones are one. `fingerprint` is over its decoded pixels.

    `greys` says what the values of its lossless rendition mean (core.greys.Greys). `hidden`:
    no contributor may see it, because something on it must not be seen. `traces`: what else its
    file tells (imaging.traces), for the leak check and for nobody's eyes. `look`: what sets it
    apart from others (imaging.looks), to find near-duplicates. `text` is where text seems to stand
    on it ({"x", "y", "width", "height"} as shares), `suspected` why its rows are held for it: empty
    where there is none, or an owner has looked.
    """

    class Suspected(models.TextChoices):
        SAID = "said"  # by the file
        SEEN = "seen"  # in the pixels

    team = models.ForeignKey(Team, models.CASCADE)
    study = models.ForeignKey(Study, models.CASCADE, null=True, related_name="images")
    original = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    frame = models.PositiveIntegerField(default=0)
    fingerprint = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    synthetic = models.BooleanField(default=False)
    greys = models.JSONField(default=dict)
    hidden = models.BooleanField(default=False)
    traces = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    look = models.BinaryField(null=True)
    text = models.JSONField(default=list)
    suspected = models.CharField(max_length=10, choices=Suspected.choices, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["team", "fingerprint"], name="one_image_per_picture"),
        )

    def __str__(self) -> str:
        return f"image {self.pk}"

    @property
    def may_name_somebody(self) -> bool:
        """By its file, its pixels or a reader of any job; nobody has looked since."""
        return self.hidden or bool(self.suspected)


class Rendition(models.Model):
    """A picture as a browser gets it. `handle` is random: it says nothing about the image."""

    image = models.ForeignKey(Image, models.CASCADE, related_name="renditions")
    kind = models.CharField(max_length=20)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    handle = models.CharField(max_length=22, unique=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["image", "kind"], name="one_rendition_per_kind"),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.image}"


class Intake(models.Model):
    """One upload on its way to units: what was seen in it before anything is stored, progress
    while it runs, the account of it afterwards.

    Until it has ended, what it was told to do is kept here, and what it has read in a journal of
    its own (flows.intake.journal), so that any process can go on with it.
    """

    class State(models.TextChoices):
        LOOKING = "looking"
        PREVIEWED = "previewed"  # waits for the owner's word
        WAITING = "waiting"
        READING = "reading"
        STORING = "storing"  # everything is read: its rows go into the job, whatever happens
        STOPPED = "stopped"  # to be gone on with, or undone
        DONE = "done"
        REFUSED = "refused"

    job = models.ForeignKey("store.Job", models.CASCADE, related_name="intakes")
    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # Why all of it was refused, or what was left out; held rows say their reason themselves.
    problems = models.JSONField(default=list)
    # What was found in its files, until it is read (flows.intake.previewing).
    preview = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    # Paths of what is read, and how (flows.intake.Options).
    sources = models.JSONField(default=list)
    options = models.JSONField(default=dict)
    # How often it was begun without having been stopped: what kills its process is not tried for
    # ever.
    attempts = models.PositiveSmallIntegerField(default=0)
    # What the reading rests on: the job's rows and questions when it began.
    foundation = models.JSONField(null=True)
    # Where the rows go (flows.intake.units.Target), from the moment that storing begins,
    # and up to which byte of the journal they are in the job.
    target = models.JSONField(null=True)
    position = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"intake {self.pk} of {self.job}"


# Nothing of the upload is stored yet, and nobody has said that it shall be.
SHOWN_FIRST = (Intake.State.LOOKING, Intake.State.PREVIEWED)
# A job whose upload is in one of these is not ready for what rests on all of its rows.
UNFINISHED = (
    Intake.State.WAITING,
    Intake.State.READING,
    Intake.State.STORING,
    Intake.State.STOPPED,
)
# What is on its way, and may still come in.
NOT_ENDED = (*SHOWN_FIRST, *UNFINISHED)


class Unit(models.Model):
    """One row of a job: what is judged.

    `data` holds the row's cells; `given` the answer that its label column means, by question;
    `held` why it is put by: {"column", "problem", "advice"}.
    """

    job = models.ForeignKey("store.Job", models.CASCADE, related_name="units")
    number = models.PositiveIntegerField()
    state = models.CharField(
        max_length=20, choices=[(s.value, s.value) for s in UnitState], default=UnitState.NEW
    )
    data = models.JSONField(default=dict)
    given = models.JSONField(default=dict)
    held = models.JSONField(null=True)
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="units")
    images: "models.ManyToManyField[Image, UnitImage]" = models.ManyToManyField(
        Image, through="store.UnitImage"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["job", "number"], name="one_unit_per_row"),
            models.CheckConstraint(
                condition=models.Q(state=UnitState.HELD) | models.Q(held__isnull=True),
                name="only_held_units_say_why",
            ),
        )
        indexes = (models.Index(fields=["job", "state"]),)

    def __str__(self) -> str:
        return f"row {self.number} of {self.job}"


class UnitImage(models.Model):
    """`folder`: where the file lay, as digests of the folders' names, for the leak check.
    `compared`: near-duplicates of it were looked for among the job's other rows.
    """

    class ImageRole(models.TextChoices):
        FRONTAL = "frontal"
        LATERAL = "lateral"
        PRIOR = "prior"

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="unit_images")
    image = models.ForeignKey(Image, models.PROTECT, related_name="unit_images")
    role = models.CharField(max_length=20, choices=ImageRole.choices, default=ImageRole.FRONTAL)
    position = models.PositiveIntegerField(default=0)
    folder = models.CharField(max_length=80, default="", db_default="")
    compared = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["unit", "position"], name="one_image_per_position"),
        )
        indexes = (
            models.Index(fields=["unit"], condition=models.Q(compared=False), name="uncompared"),
        )

    def __str__(self) -> str:
        return f"{self.role} of {self.unit}"


class Resemblance(models.Model):
    """Two rows of a job, the earlier first, whose images show the same film but not pixel by pixel.

    `agreement` is core.near_duplicates'; `decision` the owner's, empty until there is one.
    """

    class Decision(models.TextChoices):
        BOTH = "both"
        FIRST = "first"
        SECOND = "second"

    first = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    second = models.ForeignKey(Unit, models.CASCADE, related_name="resembles")
    agreement = models.FloatField()
    mirrored = models.BooleanField(default=False)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["first", "second"], name="one_resemblance_per_pair"),
        )

    def __str__(self) -> str:
        return f"{self.second} like {self.first}"
