"""Bytes on disk, named by what they are."""

import hashlib
import os
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, ForeignObjectRel, OuterRef

from overread.store.models import Blob, Discarded
from overread.store.write import deleting_files, write

_AT_ONCE = 16


def put(parts: Iterable[bytes]) -> list[str]:
    """Put bytes into the store once each and return their SHA-256; durable before it returns.

    Within `write.keeping_files`, until their rows are written. Files are made durable together, so
    that the disk settles many of them in one go.
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


def clear_up() -> None:
    """What processes were writing when they died."""
    for path in _unfinished().glob("*-*"):
        if not Path("/proc", path.name.rpartition("-")[2]).exists():
            path.unlink(missing_ok=True)


def remove_rowless() -> None:
    """Bytes whose row never came."""
    for folder in Path(settings.BLOBS).glob("??"):
        with deleting_files():
            there = {folder.name + path.name for path in folder.iterdir()}
            rows = Blob.objects.filter(sha256__startswith=folder.name)
            for sha256 in there - set(rows.values_list("sha256", flat=True)):
                _path(sha256).unlink(missing_ok=True)


def read(blob: Blob) -> bytes:
    return _path(blob.sha256).read_bytes()


def drop(blobs: Iterable[int]) -> None:
    """Delete the rows of those that nothing uses, in the caller's transaction.

    `sweep` takes their files from the disk once that is committed.
    """
    unused = Blob.objects.filter(pk__in=set(blobs))
    for relation in Blob._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel):
            users = relation.related_model._default_manager
            unused = unused.exclude(Exists(users.filter(**{relation.field.name: OuterRef("pk")})))
    found = list(unused.select_for_update().order_by("pk").values_list("pk", "sha256"))
    Blob.objects.filter(pk__in=[pk for pk, _ in found]).delete()
    Discarded.objects.bulk_create(Discarded(sha256=sha256) for _, sha256 in found)


def sweep() -> None:
    """Delete what was dropped, unless it came back meanwhile."""
    dropped = list(Discarded.objects.order_by("pk"))
    if not dropped:
        return
    with deleting_files():
        for one in dropped:
            if not Blob.objects.filter(sha256=one.sha256).exists():
                _path(one.sha256).unlink(missing_ok=True)
        with write():
            Discarded.objects.filter(pk__in=[one.pk for one in dropped]).delete()


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
