"""The one way to write. On SQLite three processes do: the server, the worker, the command line."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction

from overread.store.models import Job

_held = threading.local()


@contextmanager
def write() -> Iterator[None]:
    """A write transaction, alone among all processes of this OVERREAD_HOME.

    Keep it under 20 ms. A file lock hands the database over at once, where SQLite's own busy
    wait makes the other side sleep (p99 13 ms against 533). On PostgreSQL the lock is nothing.
    """
    if connection.vendor != "sqlite" or getattr(_held, "now", False):
        with transaction.atomic():
            yield
        return
    with turn():
        _held.now = True
        try:
            with transaction.atomic():
                yield
        finally:
            _held.now = False


def locked(job: Job) -> Job:
    """The job as it is now, for this write alone: to be read first in every write that goes by
    what the job is. On SQLite the turn to write says so already.
    """
    return Job.objects.select_for_update().get(pk=job.pk)


@contextmanager
def turn() -> Iterator[None]:
    """A turn at writing. Who waits for one stands in a gate that closes behind: the busiest
    writer then waits at the gate, and can't take every turn itself.
    """
    with _locked("write.gate") as gate, _locked("write.lock"):
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield


# How to have commits wait for the disk, and how not to.
_WAITING = {
    "sqlite": ("pragma synchronous = full", "pragma synchronous = normal"),
    "postgresql": ("set synchronous_commit = on", "set synchronous_commit = off"),
}


@contextmanager
def settled_later() -> Iterator[None]:
    """Commits that the disk need not have yet: with the power the last of them may go, and the
    next ordinary one settles them. For work that goes on from where the database says it is.
    """
    if connection.in_atomic_block:  # the commit is the caller's
        yield
        return
    waiting, not_waiting = _WAITING[connection.vendor]
    _run(not_waiting)
    try:
        yield
    finally:
        _run(waiting)


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def keeping_files() -> Iterator[None]:
    """While files are put into the blob store and their rows are written: none is deleted."""
    with _locked("files.gate") as gate, _locked("files.lock", fcntl.LOCK_SH):
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield


@contextmanager
def deleting_files() -> Iterator[None]:
    """Alone among all who put files into the blob store: what has no row now is nobody's."""
    with _locked("files.gate") as gate, _locked("files.lock"):
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield


@contextmanager
def _locked(name: str, kind: int = fcntl.LOCK_EX) -> Iterator[int]:
    file = os.open(settings.HOME / name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, kind)
        yield file
    finally:
        os.close(file)
