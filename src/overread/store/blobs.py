"""Bytes on disk, named by what they are."""

import hashlib
import os
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings

from overread.store.models import Blob

_AT_ONCE = 16


def put(parts: Iterable[bytes]) -> list[str]:
    """Put bytes into the store once each and return their SHA-256; durable before it returns.

    Files are made durable at the same time, so that the disk settles many of them in one go.
    """
    named = [(hashlib.sha256(data).hexdigest(), data) for data in parts]
    new = {sha256: data for sha256, data in named if not _path(sha256).exists()}
    if new:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            paths = [_path(sha256) for sha256 in new]
            for made, path in zip(threads.map(_write, paths, new.values()), paths, strict=True):
                made.rename(path)
            list(threads.map(_settle, {path.parent for path in paths}))
    return [sha256 for sha256, _ in named]


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


def remove(sha256: str) -> None:
    """Bytes that have no row any more."""
    _path(sha256).unlink(missing_ok=True)


def clear_up() -> None:
    """What processes were writing when they died."""
    for path in _unfinished().glob("*-*"):
        if not Path("/proc", path.name.rpartition("-")[2]).exists():
            path.unlink(missing_ok=True)


def remove_rowless() -> None:
    """Bytes whose row never came; nobody may be about to make one."""
    for folder in Path(settings.BLOBS).glob("??"):
        there = {folder.name + path.name for path in folder.iterdir()}
        rows = Blob.objects.filter(sha256__startswith=folder.name)
        for sha256 in there - set(rows.values_list("sha256", flat=True)):
            remove(sha256)


def read(blob: Blob) -> bytes:
    return _path(blob.sha256).read_bytes()


def _path(sha256: str) -> Path:
    return Path(settings.BLOBS) / sha256[:2] / sha256[2:]


def _unfinished() -> Path:
    """Where bytes are until they are there as a whole."""
    return Path(settings.BLOBS) / "unfinished"


def _write(path: Path, data: bytes) -> Path:
    """The bytes, to be moved to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _unfinished().mkdir(parents=True, exist_ok=True, mode=0o700)
    made = _unfinished() / f"{path.name}-{threading.get_native_id()}-{os.getpid()}"
    with open(os.open(made, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return made


def _settle(folder: Path) -> None:
    """The names in it, as well."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
