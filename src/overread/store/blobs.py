"""Bytes on disk, named by what they are."""

import hashlib
import os
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings
from django.db import connection
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
    new = {path: data for sha256, data in named if not os.path.exists(path := _path(sha256))}
    if new:
        _put_new(new)
    return [sha256 for sha256, _ in named]


def _put_new(files: Mapping[str, bytes]) -> None:
    """Each as a whole or not at all; then the names, and the folders' own."""
    unfinished, folders = _unfinished(), {os.path.dirname(path) for path in files}
    for folder in (str(unfinished), *folders):
        if not os.path.isdir(folder):
            os.makedirs(folder, mode=0o700, exist_ok=True)
    own = f"{threading.get_native_id()}-{os.getpid()}"
    written = [f"{unfinished}/{os.path.basename(path)}-{own}" for path in files]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        try:
            list(threads.map(_write, written, files.values()))
            for made, path in zip(written, files, strict=True):
                os.rename(made, path)
        except OSError:  # as of a full disk
            threads.shutdown(cancel_futures=True)
            for made in written:
                Path(made).unlink(missing_ok=True)
            raise
        list(threads.map(_settle, {*folders, str(settings.BLOBS)}))


def rows(stored: Mapping[str, tuple[int, str]]) -> dict[str, int]:
    """The rows' ids of stored bytes by SHA-256, from sizes and media types; in the caller's
    transaction.
    """
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into store_blob (sha256, size, media_type) values (%s, %s, %s)"
            " on conflict do nothing",
            [(sha256, *one) for sha256, one in stored.items()],
        )
    return dict(Blob.objects.filter(sha256__in=stored).values_list("sha256", "pk"))


def clear_up() -> None:
    """What processes were writing when they died: nobody writes meanwhile."""
    with deleting_files():
        for path in _unfinished().glob("*"):
            path.unlink()


def remove_rowless() -> None:
    """Bytes whose row never came."""
    for folder in Path(settings.BLOBS).glob("??"):
        with deleting_files():
            there = {folder.name + path.name for path in folder.iterdir()}
            rows = Blob.objects.filter(sha256__startswith=folder.name)
            for sha256 in there - set(rows.values_list("sha256", flat=True)):
                _remove(sha256)


def read(blob: Blob) -> bytes:
    return Path(_path(blob.sha256)).read_bytes()


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
                _remove(one.sha256)
        with write():
            Discarded.objects.filter(pk__in=[one.pk for one in dropped]).delete()


def _path(sha256: str) -> str:
    return f"{settings.BLOBS}/{sha256[:2]}/{sha256[2:]}"


def _remove(sha256: str) -> None:
    Path(_path(sha256)).unlink(missing_ok=True)


def _unfinished() -> Path:
    """Where bytes are until they are there as a whole."""
    return Path(settings.BLOBS) / "unfinished"


def _write(path: str, data: bytes) -> None:
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: str) -> None:
    """The names in it, as well."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
