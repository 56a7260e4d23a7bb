"""The hot tables on PostgreSQL: one connection for each web process."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from django.db import InterfaceError, connections
from django.db import OperationalError as DjangoError
from psycopg.types.string import TextLoader

from overread.store.hot.knowledge import Cache
from overread.store.hot.tables import Tables


@lru_cache(maxsize=512)
def returns_rows(sql: str) -> bool:
    return sql.lstrip().startswith("select") or " returning " in sql


class Postgresql:
    def __init__(self) -> None:
        parameters = connections["default"].get_connection_params()
        parameters.pop("cursor_factory", None)
        parameters.pop("context", None)
        self._connection = psycopg.connect(**parameters, autocommit=True)
        self._connection.prepare_threshold = 3
        # JSON is read where it is needed.
        self._connection.adapters.register_loader("jsonb", TextLoader)
        self.tables = Tables(self._run, Cache(), postgresql=True)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.tables.begin()
        # A pipeline: what returns no rows is sent without waiting for its answer.
        with self._connection.pipeline(), self._connection.transaction():
            yield

    def is_trouble(self, error: Exception) -> bool:
        """A deadlock ends one of two batches; its operations are carried out one by one then."""
        deadlock = isinstance(error, psycopg.errors.DeadlockDetected)
        lost = psycopg.OperationalError | DjangoError | InterfaceError
        return isinstance(error, lost) and not deadlock

    def close(self) -> None:
        self._connection.close()
        connections.close_all()  # what knowledge is read through, in this thread

    def _run(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        cursor = self._connection.execute(sql, parameters)
        return cursor.fetchall() if returns_rows(sql) else []
