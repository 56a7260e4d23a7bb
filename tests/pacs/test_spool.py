"""A spool's files: whole, once, and not for ever."""

import os
from contextlib import suppress
from pathlib import Path

from overread.pacs.spool import Room, Spool


def put(spool: Spool, uid: str, data: bytes) -> Path:
    with spool.new(uid) as out:
        out.write(data)
    return next(path for path in spool.files() if path.read_bytes() == data)


def test_one_instance_has_one_file_and_the_last_one_counts(spool: Spool) -> None:
    first = put(spool, "1.2.3", b"first")
    assert put(spool, "1.2.3", b"second") == first
    assert put(spool, "1.2.4", b"other") != first


def test_another_installation_names_them_otherwise(spool: Spool, tmp_path: Path) -> None:
    here = put(spool, "1.2.3", b"film")
    there = put(Spool(tmp_path / "other", b"another key"), "1.2.3", b"film")
    assert here.name != there.name
    assert "1.2.3" not in here.name


def test_what_breaks_off_leaves_nothing(spool: Spool) -> None:
    with suppress(RuntimeError), spool.new("1.2.3") as out:
        out.write(b"half")
        raise RuntimeError
    assert list(spool.folder.iterdir()) == []


def test_nobody_else_can_read_it(spool: Spool) -> None:
    made = put(spool, "1.2.3", b"film")
    assert made.stat().st_mode & 0o077 == 0
    assert spool.folder.stat().st_mode & 0o077 == 0


def test_what_waited_too_long_is_deleted(spool: Spool) -> None:
    old, new = put(spool, "1", b"old"), put(spool, "2", b"new")
    os.utime(old, (1_000, 1_000))
    os.utime(new, (2_000, 2_000))
    assert spool.discard_before(1_500) == 1
    assert spool.files() == [new]


def test_there_is_room_again_once_something_was_taken_out(spool: Spool) -> None:
    has_room = Room(spool, 10)
    assert has_room(6)
    made = put(spool, "1", b"123456")
    assert not has_room(5)
    assert has_room(4)
    made.unlink()
    assert has_room(10)
