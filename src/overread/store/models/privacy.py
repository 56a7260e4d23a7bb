"""Who was erased, and who may learn who somebody is."""

from django.db import models

from overread.store.models.intake import Patient
from overread.store.models.people import Team, User


class Erasure(models.Model):
    """What is left of an erased patient: when, by whom, how much; no key and no name.

    `key_hash` is a keyed hash of the patient's key, so that the same erasure is known again.
    Until `done_at` it is under way.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="erasures")
    patient = models.ForeignKey(Patient, models.SET_NULL, null=True, related_name="+")
    key_hash = models.CharField(max_length=64)
    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    images = models.PositiveIntegerField(default=0)
    # Images that stay, since rows of others show them too.
    shared_images = models.PositiveIntegerField(default=0)
    datasets = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["team", "key_hash"],
                condition=models.Q(done_at__isnull=True),
                name="one_erasure_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class Custodian(models.Model):
    """Who alone may learn which child a pseudonym stands for, in a team.

    Identities are recorded from the day on which the custodian has chosen a passphrase:
    `public_key` closes them, `locked_key` opens them with it (formats.sealing).
    """

    team = models.OneToOneField(Team, models.CASCADE, related_name="custodian")
    user = models.ForeignKey(User, models.CASCADE, related_name="custodies")
    named_at = models.DateTimeField()
    public_key = models.BinaryField(default=bytes)
    locked_key = models.BinaryField(default=bytes)

    def __str__(self) -> str:
        return f"custodian of {self.team}"

    @property
    def has_passphrase(self) -> bool:
        return bool(self.public_key)


class Identity(models.Model):
    """Which child a pseudonymous patient is, sealed for the custodian; one for each study.

    `study` is the study's keyed hash, empty where the file names none.
    """

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="identities")
    study = models.CharField(max_length=64, blank=True)
    sealed = models.BinaryField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["patient", "study"], name="one_identity_per_study"),
        )

    def __str__(self) -> str:
        return f"identity {self.pk}"
