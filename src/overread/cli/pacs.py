"""overread pacs: the receiver, and a try whether an archive answers."""

import resource
import signal
import threading
from datetime import UTC, datetime
from typing import Annotated

import typer
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from overread.cli.output import console, refusals
from overread.flows.intake.known_archives import try_archive
from overread.flows.intake.receiving import receive as keep_receiving
from overread.flows.intake.receiving import waiting

app = typer.Typer(no_args_is_help=True, help="Archives of a hospital.")


@app.command()
def receive() -> None:
    """Keep what archives push, for overread intake JOB pacs:received, until it is stopped."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # What passes through names patients: nothing of it may end in a core dump or a traceback.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.excepthook = _end_quietly
    with refusals(database=False):
        keep_receiving(stop, now=lambda: datetime.now(UTC), ready=_say_ready)


@app.command()
def echo(name: Annotated[str, typer.Argument(metavar="NAME", help="As in pacs.toml.")]) -> None:
    """Ask an archive whether it answers us."""
    with refusals(database=False):
        try_archive(name)
    print(_("{name} answers.").format(name=name))


def _say_ready(title: str, address: str) -> None:
    console.print(
        _("Listening as {title} at {address} (Ctrl+C stops it)").format(
            title=title, address=address
        ),
        markup=False,
    )
    count = waiting()
    waits = ngettext("{n} file waits to be taken in", "{n} files wait to be taken in", count)
    console.print(waits.format(n=count))


def _end_quietly(failed: threading.ExceptHookArgs) -> None:
    kind = failed.exc_type.__name__
    console.print(_("An association was ended ({kind})").format(kind=kind), markup=False)
