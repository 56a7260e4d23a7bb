"""Bytes on disk, named by what they are."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.conf import settings

from overread.store.models import Blob


def put(parts: Iterable[bytes]) -> list[str]:
    """Put bytes into the store once each and return their SHA-256; durable before it returns."""
    written, names = set(), []
    for data in parts:
        sha256 = hashlib.sha256(data).hexdigest()
        path = _path(sha256)
        if not path.exists():
            _write(path, data)
            written.add(path.parent)
        names.append(sha256)
    for folder in written:
        _settle(folder)
    return names


def rows(stored: Mapping[str, tuple[int, str]]) -> dict[str, int]:
    """The rows' ids of stored bytes by SHA-256, from sizes and media types; in the caller's
    transaction.
    """
    Blob.objects.bulk_create(
        (
            Blob(sha256=sha256, size=size, media_type=media_type)
            for sha256, (size, media_type) in stored.items()
        ),
        ignore_conflicts=True,
    )
    return dict(Blob.objects.filter(sha256__in=stored).values_list("sha256", "pk"))


def read(blob: Blob) -> bytes:
    return _path(blob.sha256).read_bytes()


def _path(sha256: str) -> Path:
    return Path(settings.BLOBS) / sha256[:2] / sha256[2:]


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = path.with_name(f".{path.name}-{os.getpid()}")
    with open(os.open(made, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    made.rename(path)


def _settle(folder: Path) -> None:
    """The names in it, as well."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
