"""One operation on the hot tables over Django's own connection."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import connection

from overread.store.hot.knowledge import Cache
from overread.store.hot.tables import Tables
from overread.store.write import write

R = TypeVar("R")


def now(operation: Callable[[Tables], R]) -> R:
    """Carry out an operation alone, durable when this returns."""
    with write():
        return look(operation)


def look(operation: Callable[[Tables], R]) -> R:
    """Carry out an operation that only reads."""
    return operation(Tables(_run, Cache(), postgresql=connection.vendor == "postgresql"))


def _run(sql: str, parameters: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []
