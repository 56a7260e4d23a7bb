"""Instants: UTC, in the hot tables as integer milliseconds."""

from datetime import UTC, datetime


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def instant(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)
