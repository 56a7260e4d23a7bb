"""Accounts, sign-in and invitations."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from overread.core.instants import milliseconds
from overread.core.problems import Message, Refused
from overread.flows import audit
from overread.store.models import Job, Membership, Participation, SignInLink, Team, User
from overread.store.models.people import Expertise, Role
from overread.store.write import locked, write

SIGN_IN_HOURS = 24
INVITATION_DAYS = 30


@dataclass(frozen=True)
class Invitation:
    """An invited contributor with the token that is shown once."""

    participation: Participation
    token: str


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def first_team() -> Team:
    """The one team that exists at first start."""
    team = Team.objects.order_by("pk").first()
    if team is None:
        with write():
            team, _ = Team.objects.get_or_create(pk=1, defaults={"name": "Team"})
    return team


def create_user(*, name: str, email: str, at: datetime) -> User:
    """Somebody without a role yet."""
    with write():
        user = _new_user(name, email, at)
        audit.record("create user", user, actor=None, at=at)
    return user


def _new_user(
    name: str, email: str | None, at: datetime, *, password: str = "", is_demo: bool = False
) -> User:
    if email and User.objects.filter(email=email).exists():
        raise _taken(email)
    user = User(name=name, email=email, created_at=at, is_demo=is_demo)
    user.set_password(password or None)
    user.save()
    return user


def create_owner(
    *, name: str, email: str | None, at: datetime, password: str = "", is_demo: bool = False
) -> User:
    team = first_team()
    with write():
        user = _new_user(name, email, at, password=password, is_demo=is_demo)
        Membership.objects.create(user=user, team=team, role=Role.OWNER)
        audit.record("create owner", user, actor=None, at=at)
    return user


def _taken(email: str) -> Refused:
    return Refused.because(
        Message("There is an account for {email} already.", email=email),
        Message("Give another address."),
    )


def sign_in_link(user: User, at: datetime) -> str:
    """A single-use token that signs `user` in; shown once."""
    token = secrets.token_urlsafe(24)
    with write():
        SignInLink.objects.create(
            user=user, token_hash=token_hash(token), expires_at=at + timedelta(hours=SIGN_IN_HOURS)
        )
    return token


def redeem(token: str, at: datetime) -> User | None:
    """The user of a sign-in link, once; None where it is unknown, used or too old."""
    with write():
        link = SignInLink.objects.filter(
            token_hash=token_hash(token), used_at=None, expires_at__gt=at, user__is_active=True
        ).first()
        if link is None:
            return None
        link.used_at = at
        link.save(update_fields=["used_at"])
        audit.record("sign in by link", link.user, actor=link.user, at=at)
    return link.user


def set_password(user: User, password: str, *, email: str, at: datetime) -> None:
    with write():
        if User.objects.exclude(pk=user.pk).filter(email=email).exists():
            raise _taken(email)
        user.email = email
        user.set_password(password)
        user.save(update_fields=["email", "password"])
        audit.record("set password", user, actor=user, at=at)


def invite(
    job: Job,
    *,
    count: int,
    actor: User | None,
    at: datetime,
    role: str = Role.CONTRIBUTOR,
    expertise: str = Expertise.LAY,
    simulated: bool = False,
    is_demo: bool = False,
    name: str = "",
) -> list[Invitation]:
    """Make personal invitations to a job. A token signs the same contributor in again."""
    with write():
        taken = locked(job).participations.count()
        made = [
            _invite_one(job, taken + number + 1, role, expertise, at, simulated, is_demo, name)
            for number in range(count)
        ]
        audit.record("invite", job, actor=actor, at=at, count=count, simulated=simulated)
    return made


def _invite_one(
    job: Job,
    number: int,
    role: str,
    expertise: str,
    at: datetime,
    simulated: bool,
    is_demo: bool,
    name: str,
) -> Invitation:
    pseudonym = f"{'simulated' if simulated else 'contributor'}-{number:03d}"
    user = User(name=name or pseudonym, created_at=at, is_demo=is_demo)
    user.set_unusable_password()
    user.save()
    Membership.objects.create(user=user, team=job.team, role=role, expertise=expertise)
    token = secrets.token_urlsafe(24)
    participation = Participation.objects.create(
        job=job,
        user=user,
        pseudonym=pseudonym,
        simulated=simulated,
        token_hash=token_hash(token),
        invited_at=milliseconds(at),
        expires_at=milliseconds(at + timedelta(days=INVITATION_DAYS)),
    )
    return Invitation(participation, token)


def participation_of(token: str, at: datetime) -> Participation | None:
    """Whose invitation a token is; None where it is unknown, too old or its user is inactive."""
    return (
        Participation.objects.select_related("user", "job")
        .filter(token_hash=token_hash(token), expires_at__gt=milliseconds(at), user__is_active=True)
        .first()
    )
