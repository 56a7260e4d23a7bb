"""Who there is: accounts, teams, roles."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class Role(models.TextChoices):
    OWNER = "owner"
    CONTRIBUTOR = "contributor"
    EXPERT = "expert"


class Expertise(models.TextChoices):
    LAY = "lay"
    CLINICIAN = "clinician"
    RADIOLOGIST = "radiologist"


class User(AbstractBaseUser):
    """A person. Roles belong to a membership, never to a user."""

    last_login = None  # a sign-in writes nothing
    email = models.EmailField(unique=True, null=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    objects = BaseUserManager["User"]()

    USERNAME_FIELD = "email"

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    expertise = models.CharField(max_length=20, choices=Expertise.choices, default=Expertise.LAY)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "team"], name="one_role_per_team"),)

    def __str__(self) -> str:
        return f"{self.user}, {self.role} of {self.team}"


class SignInLink(models.Model):
    """A single-use address that signs somebody in; only the token's hash is kept."""

    user = models.ForeignKey(User, models.CASCADE)
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"sign-in link for {self.user}"
