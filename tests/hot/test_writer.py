"""The one who writes: many operations in one transaction, and one bad one harms only itself."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.db import connection

from overread.store.hot import writer as writing
from overread.store.hot.tables import Tables
from overread.store.hot.writer import Database, Operation, Unavailable, Writer
from overread.store.models import AuditEntry
from tests.aside import run_aside
from tests.conftest import NOON
from tests.hot.world import raw

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 30


@pytest.fixture(autouse=True)
def _nobody_stays_connected(transactional_db: None) -> Iterator[None]:
    """The writers' threads go on to the end of the run; PostgreSQL minds who is connected."""
    yield
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )


class Broken(Exception):
    """An operation's own mistake."""


def leave(mark: str) -> Operation:
    """Writes a line, and says so."""

    def operation(tables: Tables) -> str:
        tables.record(mark, "a test", NOON)
        return mark

    return operation


def leave_and_break(tables: Tables) -> None:
    tables.record("never", "a test", NOON)
    raise Broken


def left() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


class Watched:
    """A real database whose transactions are counted, and may be made to fail at their end."""

    def __init__(self) -> None:
        self.transactions = 0
        self.fails: Callable[[], Exception | None] = lambda: None

    def connect(self) -> "Watched":
        """In the writer's own thread."""
        self.real = raw()
        self.tables = self.real.tables
        return self

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.transactions += 1
        with self.real.transaction():
            yield
            error = self.fails()
            if error is not None:
                raise error

    def is_trouble(self, error: Exception) -> bool:
        return self.real.is_trouble(error)

    def close(self) -> None:
        self.real.close()


class Gate:
    """Holds the writer back until all have asked, so that they go together."""

    def __init__(self, writer: Writer) -> None:
        self._open = threading.Event()
        self._writer = writer

    async def together(self, *operations: Operation) -> list[Any]:
        held = asyncio.create_task(self._writer.run(self._hold))
        await asyncio.sleep(0.05)
        asked = [asyncio.create_task(self._writer.run(one)) for one in operations]
        await asyncio.sleep(0.05)
        self._open.set()
        await asyncio.gather(held, return_exceptions=True)
        return await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), SECONDS)

    def _hold(self, tables: Tables) -> None:
        assert self._open.wait(SECONDS)


def trouble() -> Exception:
    """The database's own error where it can't store."""
    if connection.vendor == "sqlite":
        import sqlite3

        return sqlite3.OperationalError("database or disk is full")
    import psycopg

    return psycopg.errors.DiskFull("could not extend file")


def test_what_many_ask_for_at_a_time_is_one_transaction() -> None:
    database = Watched()
    marks = [f"mark {number}" for number in range(20)]
    got = run_aside(Gate(Writer(database.connect)).together(*map(leave, marks)))
    assert (got, left(), database.transactions) == (marks, marks, 2)


def test_one_bad_operation_does_not_undo_its_neighbours() -> None:
    gate = Gate(Writer(raw))
    got = run_aside(gate.together(leave("before"), leave_and_break, leave("after")))
    assert [got[0], type(got[1]), got[2]] == ["before", Broken, "after"]
    assert left() == ["before", "after"]


def test_many_bad_ones_among_good_ones_harm_only_themselves() -> None:
    asked = [leave_and_break if n % 3 == 0 else leave(str(n)) for n in range(60)]
    got = run_aside(Gate(Writer(raw)).together(*asked))
    good = [str(n) for n in range(60) if n % 3]
    assert [one for one in got if isinstance(one, str)] == left() == good
    assert sum(isinstance(one, Broken) for one in got) == 20


def test_whoever_has_gone_is_no_hindrance_to_others() -> None:
    async def ask() -> list[Any]:
        writer, hold = Writer(raw), threading.Event()
        held = asyncio.create_task(writer.run(lambda tables: hold.wait(SECONDS)))
        await asyncio.sleep(0.05)
        gone = asyncio.create_task(writer.run(leave("gone")))
        here = asyncio.create_task(writer.run(leave("here")))
        await asyncio.sleep(0.05)
        gone.cancel()
        hold.set()
        await held
        return [await asyncio.wait_for(here, SECONDS), gone.cancelled()]

    assert run_aside(ask()) == ["here", True]
    assert left() == ["gone", "here"]


def test_a_loop_that_has_ended_is_no_hindrance_to_the_next() -> None:
    writer, hold = Writer(raw), threading.Event()

    async def ask_and_go() -> None:
        asked = asyncio.create_task(writer.run(lambda tables: hold.wait(SECONDS)))
        await asyncio.sleep(0.05)
        asked.cancel()

    run_aside(ask_and_go())
    hold.set()
    assert run_aside(writer.run(leave("next"))) == "next"


def test_who_comes_when_too_many_wait_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_WAITING", 5)
    marks = [leave(str(number)) for number in range(9)]
    got = run_aside(Gate(Writer(raw)).together(*marks))
    assert got[:5] == left() == ["0", "1", "2", "3", "4"]
    assert all(isinstance(one, Unavailable) for one in got[5:])


def test_a_full_disk_at_the_end_is_told_to_all_and_leaves_nothing() -> None:
    database = Watched()
    writer = Writer(database.connect)
    run_aside(writer.run(leave("first")))
    database.fails = trouble
    got = run_aside(Gate(writer).together(leave("a"), leave("b"), leave("c")))
    assert [type(one) for one in got] == [Unavailable] * 3
    assert left() == ["first"]


def test_after_a_full_disk_the_next_ones_are_stored() -> None:
    database = Watched()
    writer = Writer(database.connect)
    database.fails = trouble
    with pytest.raises(Unavailable):
        run_aside(writer.run(leave("lost")))
    database.fails = lambda: None
    assert run_aside(writer.run(leave("kept"))) == "kept"
    assert left() == ["kept"]


def test_a_database_that_can_not_be_reached_is_told_and_tried_again() -> None:
    tries: list[int] = []

    def connect() -> Database:
        tries.append(1)
        if len(tries) == 1:
            raise trouble()
        return raw()

    writer = Writer(connect)
    with pytest.raises(Unavailable):
        run_aside(writer.run(leave("lost")))
    assert run_aside(writer.run(leave("kept"))) == "kept"


def test_a_lock_held_by_a_stranger_keeps_nobody_longer_than_one_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("allowed: one file is locked as a whole on SQLite alone")
    import sqlite3

    from overread.store.hot import sqlite

    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.5)
    writer = Writer(raw)
    run_aside(writer.run(leave("first")))
    stranger = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
    stranger.execute("begin exclusive")

    async def ask() -> list[Any]:
        asked = [writer.run(leave(str(number))) for number in range(20)]
        return await asyncio.gather(*asked, return_exceptions=True)

    began = time.monotonic()
    try:
        got = run_aside(ask())
    finally:
        stranger.execute("rollback")
        stranger.close()
    # What was asked for before and after the writer took its first batch: two waits.
    assert time.monotonic() - began < 2
    assert all(isinstance(one, Unavailable) for one in got)
    assert run_aside(writer.run(leave("next"))) == "next"
    assert left() == ["first", "next"]


def test_a_connection_that_broke_is_made_anew() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("allowed: there is no connection to break on SQLite")
    import psycopg

    writer = Writer(raw)
    found = run_aside(writer.run(lambda tables: tables._run("select pg_backend_pid()", ())))
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    with psycopg.connect(**parameters, autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s)", (found[0][0],))
    with pytest.raises(Unavailable):
        run_aside(writer.run(leave("lost")))
    assert run_aside(writer.run(leave("kept"))) == "kept"
    assert left() == ["kept"]


def refused_at_once_or_later(tables: Tables) -> None:
    """A statement that returns nothing: a pipeline hears of its refusal only later."""
    tables._run("insert into store_auditentry (at) values (null)", ())


def look(tables: Tables) -> object:
    return tables._run("select 1", ())[0][0]


def test_a_statement_that_the_database_refuses_harms_only_its_own_operation() -> None:
    asked = [leave("before"), refused_at_once_or_later, look, leave("after")]
    got = run_aside(Gate(Writer(raw)).together(*asked))
    assert [got[0], *got[2:]] == ["before", 1, "after"]
    assert isinstance(got[1], Exception)
    assert not isinstance(got[1], Unavailable)
    assert left() == ["before", "after"]


def test_two_processes_in_each_others_way_both_get_done() -> None:
    """Each holds what the other wants next: the database ends one of the two transactions."""
    if connection.vendor == "sqlite":
        pytest.skip("allowed: writers take turns on SQLite, and have nothing to wait for but that")
    meet = threading.Barrier(2)

    def lock(which: int) -> Operation:
        return lambda tables: tables._run("select pg_advisory_xact_lock(%s)", (which,)) and which

    def wait_once(tables: Tables) -> None:
        with suppress(threading.BrokenBarrierError):
            meet.wait(1)

    async def ask() -> list[Any]:
        one, other = Gate(Writer(raw)), Gate(Writer(raw))
        return await asyncio.gather(
            one.together(lock(1), wait_once, lock(2), leave("one")),
            other.together(lock(2), wait_once, lock(1), leave("other")),
        )

    assert run_aside(ask()) == [[1, None, 2, "one"], [2, None, 1, "other"]]
    assert sorted(left()) == ["one", "other"]
