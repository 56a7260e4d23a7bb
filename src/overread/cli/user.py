"""overread user: owners and invitations."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from overread.cli.output import console, fail, job_or_fail, refusals
from overread.cli.serve import SERVED
from overread.flows.people import create_owner, create_user, first_team, invite, sign_in_link
from overread.flows.privacy.identities import name_custodian
from overread.store.models import User

app = typer.Typer(help="Accounts and invitations.", no_args_is_help=True)
DEFAULT_URL = "http://127.0.0.1:8000"
Server = Annotated[str, typer.Option(help="The server's address, where OVERREAD_URL is not set.")]


class Invited(StrEnum):
    CONTRIBUTOR = "contributor"


class Expertise(StrEnum):
    LAY = "lay"
    CLINICIAN = "clinician"
    RADIOLOGIST = "radiologist"


def base_url(server: str) -> str:
    """Where links lead: as told, as set, as the running server says, else its default."""
    served = settings.HOME / SERVED
    running = served.read_text() if served.exists() else DEFAULT_URL
    return (server or settings.URL or running).rstrip("/")


@app.command("invite")
def invite_command(
    job: Annotated[int, typer.Argument(metavar="JOB", help="The job's id.")],
    role: Annotated[
        Invited, typer.Option(help="What the invited people do.")
    ] = Invited.CONTRIBUTOR,
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many people.")] = 1,
    expertise: Annotated[Expertise, typer.Option(help="What they know.")] = Expertise.LAY,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON array.")] = False,
    server: Server = "",
) -> None:
    """Make personal invitations: an address and a token each, shown once."""
    with refusals():
        made = invite(
            job_or_fail(job),
            count=count,
            role=role,
            expertise=expertise,
            actor=None,
            at=datetime.now(UTC),
        )
    found = [
        {
            "contributor": one.participation.pseudonym,
            "address": f"{base_url(server)}/join/{one.token}",
            "token": one.token,
        }
        for one in made
    ]
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for one in found:
        print(f"{one['contributor']}  {one['address']}  {one['token']}")


@app.command()
def owner(
    email: Annotated[str, typer.Argument(help="The owner's e-mail address.")],
    name: Annotated[str, typer.Option(help="The owner's name.")] = "",
    server: Server = "",
) -> None:
    """Make an owner, or sign an existing one in again: prints a single-use address."""
    now = datetime.now(UTC)
    _refuse_no_email(email)
    with refusals():
        user = User.objects.filter(email=email).first()
        user = user or create_owner(name=name or email, email=email, at=now)
        token = sign_in_link(user, now)
    _say_link(user, token, server)


@app.command()
def custodian(
    email: Annotated[str, typer.Argument(help="The custodian's e-mail address.")],
    name: Annotated[str, typer.Option(help="The custodian's name.")] = "",
    server: Server = "",
) -> None:
    """Name who alone may open identities: prints a single-use address.

    Identities are recorded once the custodian has chosen a passphrase there.
    """
    now = datetime.now(UTC)
    _refuse_no_email(email)
    with refusals():
        user = User.objects.filter(email=email).first()
        user = user or create_user(name=name or email, email=email, at=now)
        name_custodian(first_team(), user, at=now)
        token = sign_in_link(user, now)
    _say_link(user, token, server)


def _refuse_no_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise fail(_("{email} is no e-mail address").format(email=email)) from None


def _say_link(user: User, token: str, server: str) -> None:
    console.print(_("This address signs {name} in once, within a day:").format(name=user.name))
    print(f"{base_url(server)}/sign-in/{token}")
