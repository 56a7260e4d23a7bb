"""The receiver, set up as pacs.toml says, for a process of its own."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from overread.core.problems import Message, Refused
from overread.flows.intake.archive_sources import received
from overread.flows.intake.known_archives import configuration, installed
from overread.flows.intake.passing_folders import locked
from overread.pacs.configuration import ReceiverPlace, server_context
from overread.pacs.spool import Room

log = logging.getLogger(__name__)
LOOK_EVERY_SECONDS = 600.0
_LOCK = ".receiver"


def receive(
    stop: threading.Event, *, now: Callable[[], datetime], ready: Callable[[str, str], None]
) -> None:
    """Keep what is pushed until `stop` is set; `ready` is told our title and address.

    Raises Refused.
    """
    with installed():
        from overread.pacs.receiver import Receiver
    known = configuration()
    place = known.receiver
    if place is None:
        raise Refused.because(
            Message("No receiver is set up."),
            Message(
                "Add [receiver] and who may send to {path} (docs/reference/pacs.md).",
                path=str(settings.PACS),
            ),
        )
    spool = received()
    lock = spool.folder / _LOCK
    lock.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(lock) as is_ours:
        if not is_ours:
            raise Refused.because(
                Message("A receiver is already running here."), Message("Stop it first.")
            )
        spool.clear_unfinished()
        receiver = Receiver(
            known.ae_title,
            (place.address, place.port),
            place.senders,
            spool,
            has_room=Room(spool, place.most_gigabytes * 2**30),
            most_associations=place.most_associations,
            tls=server_context(place.tls) if place.tls else None,
        )
        receiver.start()
        ready(known.ae_title, f"{place.address}:{receiver.port}")
        try:
            _keep_clean(stop, place, now)
        finally:
            receiver.stop()


def _keep_clean(stop: threading.Event, place: ReceiverPlace, now: Callable[[], datetime]) -> None:
    """Nobody took in what is too old: the archive still has it."""
    while True:
        oldest = now() - timedelta(days=place.keep_days)
        if gone := received().discard_before(oldest.timestamp()):
            log.warning("deleted %s files that waited longer than %s days", gone, place.keep_days)
        if stop.wait(LOOK_EVERY_SECONDS):
            return


def waiting() -> int:
    """How many files wait to be taken in."""
    return len(received().files())
