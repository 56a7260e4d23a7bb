"""What is on its way into jobs, and may hold somebody who is erased.

An upload says whom it shows only when it is read as a whole, so one is taken away as a whole, or
told with what to do.
"""

import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from overread.core.problems import Message, Problem, Refused
from overread.flows.intake.archive_sources import received
from overread.flows.intake.passing_folders import clear_left
from overread.flows.intake.previewing import discard
from overread.flows.intake.stopping import stop_intake, undo_intake
from overread.store.models import Intake, Job, Team, User
from overread.store.models.intake import NOT_ENDED, SHOWN_FIRST
from overread.store.schema import copy_before_migration
from overread.store.uploads import Unfinished, cancel_all

_UNDO = Message("If the patient is in it, undo it on the Data tab, or erase again later.")
_CANCEL = Message("If the patient is in it, remove it on the Data tab; it goes after two days.")
_RECEIVED = Message(
    "If the patient is in them, delete them in OVERREAD_HOME, or take them in and erase again."
)
_DELETE = Message("Delete it in OVERREAD_HOME when the update has gone well.")


def on_its_way(team: Team, key: str) -> list[Problem]:
    """What an erasure did not reach, each with what to do."""
    jobs = list(Job.objects.filter(team=team).order_by("pk"))
    unread = Message("An upload is not in the job yet.")
    found = [_told(one.job, unread, _UNDO) for one in _of(team)]
    for job in jobs:
        begun = len(Unfinished.all_of(str(job.pk)))
        found += [_told(job, Message("An upload was not sent to its end."), _CANCEL)] * begun
    if waiting := received().files():
        several = Message("{n} files from archives wait to be taken in.", n=len(waiting))
        found.append(Problem(received().folder.name, None, None, several, _RECEIVED))
    copy = copy_before_migration("default")
    if copy is not None and _knows(copy, key):
        before = Message("It is a copy of the database from before an update.")
        found.append(Problem(copy.name, None, None, before, _DELETE))
    return found


def take_away(team: Team, *, actor: User | None, at: datetime) -> None:
    """Every upload that is not in its job yet, and what was received; the sources stay where they
    came from. What killed processes left goes too. What is just being read or stored stays, and is
    told by `on_its_way`.
    """
    for intake in _of(team):
        with suppress(Refused):
            if intake.state in SHOWN_FIRST:
                discard(intake, actor=actor, at=at)
            else:
                stop_intake(intake, actor=actor, at=at)
                undo_intake(intake, actor=actor, at=at)
    for job in Job.objects.filter(team=team).order_by("pk"):
        cancel_all(str(job.pk))
    for path in received().files():
        path.unlink(missing_ok=True)
    clear_left()


def _knows(copy: Path, key: str) -> bool:
    if not copy.exists():
        return False
    with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)) as before:
        try:
            return bool(
                before.execute("select 1 from store_patient where key = ?", [key]).fetchall()
            )
        except sqlite3.OperationalError:  # from before there were patients
            return False


def _of(team: Team) -> list[Intake]:
    found = Intake.objects.filter(job__team=team, state__in=NOT_ENDED)
    return list(found.select_related("job").order_by("pk"))


def _told(job: Job, problem: Message, advice: Message) -> Problem:
    return Problem(job.title, None, None, problem, advice)
