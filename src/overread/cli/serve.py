"""overread serve: the server and its worker, started and stopped together."""

import socket
import sys
import threading
from functools import partial
from ipaddress import ip_address
from typing import Annotated

import typer
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils.translation import gettext as _
from granian import Granian
from granian.constants import Interfaces

from overread.cli.keeping import KeptProcess
from overread.cli.output import console, fail, refusals
from overread.cli.parent import announce, end_with_parent
from overread.flows.background import clear_up, watch_fits, watch_images, watch_jobs
from overread.store import schema
from overread.store.queries.people import demo_accounts_exist

SHORTEST_SECRET = 32
# What is under way has so long to end.
STOP_SECONDS = 5
# Where a running server says what its address is, for the links that commands print.
SERVED = "served-at"


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port.")] = 8000,
    processes: Annotated[
        int, typer.Option(min=1, max=64, help="Web processes; more than one on PostgreSQL only.")
    ] = 1,
) -> None:
    """Serve the pages; start the worker, and stop it at the end."""
    with refusals():
        if processes > 1 and connection.vendor == "sqlite":
            raise fail(_("SQLite is served by one process. Set OVERREAD_DATABASE_URL for more."))
        if not _is_loopback(host):
            for reason in unsafe():
                raise fail(_("won't listen on {host}: {reason}").format(host=host, reason=reason))
    run(host, port, processes)


def run(host: str, port: int, processes: int = 1) -> None:
    _refuse_taken(host, port)
    served = settings.HOME / SERVED
    served.write_text(f"http://{host}:{port}")
    try:
        _serve(host, port, processes)
    finally:
        served.unlink(missing_ok=True)


def _refuse_taken(host: str, port: int) -> None:
    """The server shares its port with others of its kind: two would answer in turns."""
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(kind, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise fail(
                _("can't listen on {host}:{port} ({why}). Choose another with --port.").format(
                    host=host, port=port, why=error.strerror
                )
            ) from None


def _serve(host: str, port: int, processes: int) -> None:
    announce()
    console.print(
        _("overread at http://{host}:{port} (Ctrl+C stops it)").format(host=host, port=port)
    )
    background = KeptProcess(
        [sys.executable, "-m", "overread", "worker"],
        died=lambda code: console.print(
            _("The worker died ({code}) and is started again.").format(code=code)
        ),
        gave_up=lambda: console.print(
            _("The worker died again and again: uploads are not read. Look above, then restart.")
        ),
    )
    try:
        Granian(
            "overread.asgi:application",
            address=host,
            port=port,
            interface=Interfaces.ASGINL,
            websockets=False,
            workers=processes,
            log_access=False,
            # A request that is under way when its event loop stops would be waited for for ever.
            workers_kill_timeout=STOP_SECONDS,
        ).serve()
    finally:
        background.stop()


def unsafe() -> list[str]:
    """Why this installation must not be reached from other machines."""
    reasons = []
    if settings.DEBUG:
        reasons.append(_("debug mode is on. Unset OVERREAD_DEBUG."))
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        reasons.append(
            _("OVERREAD_SECRET_KEY is a default or too short. Unset it: a secret is then made.")
        )
    if demo_accounts_exist():
        reasons.append(_("OVERREAD_HOME holds demo accounts. Give it a home of its own."))
    return reasons


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def worker() -> None:
    """Do what the server hands over: reading uploads, building data sets; watch test questions."""
    end_with_parent()
    schema.prepare()
    clear_up()
    watches = (("jobs", watch_jobs), ("fits", watch_fits), ("images", watch_images))
    for name, watch in watches:
        looking = partial(watch, threading.Event())
        threading.Thread(target=looking, name=name, daemon=True).start()
    call_command("db_worker", interval=0.3, startup_delay=False, verbosity=0)
