"""Archives and the receiver, as the installation's file names them (docs/reference/pacs.md)."""

import os
import re
import ssl
import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from overread.core.problems import Message, Refused

# PS3.5 6.2: an AE title has 16 characters, none of them a backslash or a control.
Title = Annotated[str, Meta(pattern=r"^[ -\[\]-~]{1,16}$")]
Port = Annotated[int, Meta(ge=1, le=65535)]
Positive = Annotated[int, Meta(ge=1)]
# Instead of an archive, what was pushed.
RECEIVED = "received"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_CORRECT = Message("Correct the file (docs/reference/pacs.md), then try again.")


class Refusal(Refused):
    """An archive can't be used as it is named or set up."""


class Tls(Struct, frozen=True, forbid_unknown_fields=True):
    """Paths of PEM files: whom to trust (the system's where none is given), and who we are."""

    authorities: str = ""
    certificate: str = ""
    key: str = ""


class WebArchive(Struct, frozen=True, forbid_unknown_fields=True):
    """A DICOMweb server. The token or the password stand in files of their own."""

    address: str
    token_file: str = ""
    user: str = ""
    password_file: str = ""
    tls: Tls = Tls()


class DimseArchive(Struct, frozen=True, forbid_unknown_fields=True):
    """A PACS. `move_port` is where it sends to after a C-MOVE; without it C-GET is used.

    `own_ae_title` is our name towards it: one of an archive that also pushes belongs to the
    receiver's port, and another one to this.
    """

    ae_title: Title
    host: str
    port: Port
    own_ae_title: Title = ""
    move_port: Port | None = None
    move_address: str = "0.0.0.0"
    tls: Tls | None = None


class Sender(Struct, frozen=True, forbid_unknown_fields=True):
    """Who may push: by AE title, from an address or a network such as 192.0.2.0/24."""

    ae_title: Title
    address: str


class ReceiverPlace(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the receiver listens, whom it hears, and how much it keeps for how long."""

    senders: list[Sender]
    address: str = "127.0.0.1"
    port: Port = 11112
    tls: Tls | None = None
    most_associations: Positive = 8
    most_gigabytes: Positive = 50
    keep_days: Positive = 7


class Configuration(Struct, frozen=True, forbid_unknown_fields=True):
    """`ae_title` is our own name towards every archive."""

    ae_title: Title = "OVERREAD"
    dicomweb: dict[str, WebArchive] = {}
    dimse: dict[str, DimseArchive] = {}
    receiver: ReceiverPlace | None = None


def read_configuration(path: Path) -> Configuration:
    """Raises Refusal. Where there is no file, nothing is set up."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        made = msgspec.convert(document, Configuration)
        _check(made)
    except FileNotFoundError:
        return Configuration()
    except (OSError, ValueError) as error:  # of TOML, of its encoding, of a value
        problem = Message("It can't be used: {reason}.", reason=str(error).rstrip("."))
        raise Refusal.because(problem, _CORRECT, source=str(path)) from error
    return made


def _check(made: Configuration) -> None:
    """What types don't say. Raises ValueError."""
    for name in (*made.dicomweb, *made.dimse):
        if not _NAME.fullmatch(name) or name == RECEIVED:
            raise ValueError(f"an archive can't be called {name!r}")
    if both := sorted(made.dicomweb.keys() & made.dimse.keys()):
        raise ValueError(f"two archives are called {both[0]}")
    for name, server in made.dicomweb.items():
        check_address(server.address, name)
    for sender in made.receiver.senders if made.receiver else ():
        ip_network(sender.address, strict=False)
    if made.receiver:
        ip_address(made.receiver.address)
    for archive in made.dimse.values():
        ip_address(archive.move_address)


def check_address(address: str, name: str) -> None:
    """Raises ValueError."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"the address of {name} has to begin with https:// or http://")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError(f"the address of {name} may hold no password and no question mark")


def credential(path: str) -> str:
    """The first line of a file that holds a password or a token. Raises Refusal."""
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, UnicodeDecodeError, IndexError) as error:
        raise Refusal.because(
            Message("The file with the archive's password or token can't be read."),
            Message("Give it one line, and let the user that runs overread read it."),
            source=path,
        ) from error


def client_context(tls: Tls) -> ssl.SSLContext:
    """Verifies the other side's certificate and name. Raises Refusal."""
    try:
        context = ssl.create_default_context(cafile=tls.authorities or None)
        if tls.certificate:
            context.load_cert_chain(tls.certificate, tls.key or None)
    except OSError as error:
        raise _bad_certificates(error) from error
    return context


def server_context(tls: Tls) -> ssl.SSLContext:
    """With authorities given, only senders with a certificate of theirs. Raises Refusal."""
    try:
        context = ssl.create_default_context(
            ssl.Purpose.CLIENT_AUTH, cafile=tls.authorities or None
        )
        context.load_cert_chain(tls.certificate, tls.key or None)
    except OSError as error:
        raise _bad_certificates(error) from error
    if tls.authorities:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _bad_certificates(error: OSError) -> Refusal:
    reason = os.strerror(error.errno) if error.errno and error.filename else str(error)
    return Refusal.because(
        Message("The certificates for TLS can't be used ({reason}).", reason=reason), _CORRECT
    )
