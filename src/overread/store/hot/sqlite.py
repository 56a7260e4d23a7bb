"""The hot tables on SQLite: a connection of the writer's own, in turns with other processes."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import OperationalError as DjangoError
from django.db import connections

from overread.store.hot.knowledge import Cache
from overread.store.hot.tables import Tables
from overread.store.write import turn

# A stranger's lock (somebody looks into the file with another tool) is waited for so long.
BUSY_SECONDS = 5
PRAGMAS = (
    "pragma journal_mode = wal",
    "pragma synchronous = full",
    "pragma foreign_keys = on",
    "pragma cache_size = -65536",  # KiB
    "pragma mmap_size = 4294967296",
    "pragma temp_store = memory",
    # Pages that change again and again are copied back into the database less often.
    "pragma wal_autocheckpoint = 8000",
)


class Sqlite:
    def __init__(self) -> None:
        path = settings.DATABASES["default"]["NAME"]
        self._connection = sqlite3.connect(
            str(path), timeout=BUSY_SECONDS, isolation_level=None, cached_statements=512
        )
        for pragma in PRAGMAS:
            self._connection.execute(pragma)
        self._cursor = self._connection.cursor()
        self.tables = Tables(self._run, Cache())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.tables.begin()
        with turn():
            self._connection.execute("begin immediate")
            try:
                yield
                self._connection.execute("commit")
            except BaseException:
                # A full disk may have undone it all already.
                if self._connection.in_transaction:
                    self._connection.execute("rollback")
                raise

    def is_trouble(self, error: Exception) -> bool:
        return isinstance(error, sqlite3.OperationalError | OSError | DjangoError)

    def close(self) -> None:
        self._connection.close()
        connections.close_all()  # what knowledge is read through, in this thread

    def _run(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        rows: list[Any] = self._cursor.execute(_marks(sql), parameters).fetchall()
        return rows


@lru_cache(maxsize=512)
def _marks(sql: str) -> str:
    return sql.replace("%s", "?").replace("%%", "%")
