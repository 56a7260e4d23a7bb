"""Bytes on disk, named by what they are."""

import hashlib
import os
import threading
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, ForeignObjectRel, OuterRef

from overread.store.models import Blob, Discarded
from overread.store.write import deleting_files, write


def put(data: bytes) -> str:
    """Put bytes into the store once and return their SHA-256; durable before it returns.

    Within `write.keeping_files`, until their row is written.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    path = _path(sha256)
    if not path.exists():
        _write(path, data)
    return sha256


def row(sha256: str, size: int, media_type: str) -> Blob:
    """The row of stored bytes, in the caller's transaction."""
    blob, _ = Blob.objects.get_or_create(
        sha256=sha256, defaults={"size": size, "media_type": media_type}
    )
    return blob


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


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _unfinished().mkdir(parents=True, exist_ok=True, mode=0o700)
    made = _unfinished() / f"{path.name}-{threading.get_native_id()}-{os.getpid()}"
    with open(os.open(made, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    made.rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
