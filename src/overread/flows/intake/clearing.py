"""What an upload leaves on the disk goes when it has ended, however it ended."""

import shutil
from pathlib import Path

from django.conf import settings

from overread.flows.intake.archive_sources import let_go_of_received
from overread.flows.intake.journal import folder_of, journal_in
from overread.flows.intake.passing_folders import clear_left
from overread.store import blobs
from overread.store.models import Intake
from overread.store.models.intake import UNFINISHED
from overread.store.unused import remove_unused, unshown


def clear(intake: int) -> None:
    """Of one whose rows are in the job."""
    let_go_of_received(folder_of(intake))
    drop(intake)


def forget(intake: int) -> None:
    """The same of one that came to nothing: the pictures that it kept go too."""
    with journal_in(folder_of(intake)) as journal:
        kept = {picture.image for line in journal.lines() for picture in line.pictures}
    # Somebody else may be about to show them.
    if not Intake.objects.filter(state__in=UNFINISHED).exists():
        remove_unused(sorted(kept))
    drop(intake)


def drop(intake: int) -> None:
    """Of one that was only looked at: nothing of it is stored, and what was received waits on."""
    shutil.rmtree(folder_of(intake), ignore_errors=True)


def clear_ended() -> None:
    """What processes left that died before they could clear up."""
    uploads = Path(settings.UPLOADS)
    there = {int(path.name) for path in uploads.glob("*") if path.name.isdecimal()}
    states = dict(Intake.objects.filter(pk__in=there).values_list("pk", "state"))
    for intake in sorted(there):
        if intake not in states or states[intake] == Intake.State.REFUSED:
            forget(intake)
        elif states[intake] == Intake.State.DONE:
            clear(intake)
    clear_left()
    blobs.clear_up()
    left = unshown()  # before: what an intake keeps that begins now is not among them
    if not Intake.objects.filter(state__in=UNFINISHED).exists():
        remove_unused(left)
        blobs.remove_rowless()
