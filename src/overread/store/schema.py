"""Bring the databases to this version's schema: a copy first, a newer one refused."""

import sqlite3
from pathlib import Path

from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from overread.core.problems import Message, Refused


def prepare() -> bool:
    """Create or migrate the databases; True where there was none before.

    Raises Refused where the database was written by a newer version.
    """
    first = not connections["default"].introspection.table_names()
    for alias in ("default", "tasks"):
        executor = MigrationExecutor(connections[alias])
        _refuse_newer(executor)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            _copy(alias)
            call_command("migrate", database=alias, verbosity=0, interactive=False)
    return first


def _refuse_newer(executor: MigrationExecutor) -> None:
    applied = {name for app, name in executor.loader.applied_migrations if app == "store"}
    known = {name for app, name in executor.loader.disk_migrations if app == "store"}
    if applied - known:
        raise Refused.because(
            Message(
                "This data was written by a newer version ({name}).", name=max(applied - known)
            ),
            Message("Start that version again, or give another OVERREAD_HOME."),
        )


def _copy(alias: str) -> None:
    """A copy of a SQLite file beside it, before anything changes."""
    made = copy_before_migration(alias)
    if made is None:
        return
    path = made.with_suffix("")
    if not path.exists() or not path.stat().st_size:
        return
    with sqlite3.connect(path) as source, sqlite3.connect(made) as copy:
        source.backup(copy)


def copy_before_migration(alias: str) -> Path | None:
    """Where it lies, if there is one; PostgreSQL has none."""
    if connections[alias].vendor != "sqlite":
        return None
    return Path(f"{connections[alias].settings_dict['NAME']}.before-migration")
