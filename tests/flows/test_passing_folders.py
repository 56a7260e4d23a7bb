"""Folders of uploads that last as long as the process that needs them."""

import os
from pathlib import Path

import pytest

from overread.flows.intake.clearing import clear_ended
from overread.flows.intake.passing_folders import FETCHED, INCOMING, UNPACKED, passing_folder

KINDS = pytest.mark.parametrize("kind", [INCOMING, FETCHED, UNPACKED])


@pytest.mark.django_db
@KINDS
def test_what_a_killed_process_left_goes_at_the_next_start(home: Path, kind: str) -> None:
    """Also where a process that lives has the number that the killed one had."""
    left = home / "uploads" / f"{kind}{os.getpid()}-left"
    left.mkdir(parents=True)
    (left / "scan.dcm").write_bytes(b"Doe^Anna")
    clear_ended()
    assert not left.exists()


@pytest.mark.django_db
@KINDS
def test_what_a_process_is_at_stays_until_it_is_through(home: Path, kind: str) -> None:
    with passing_folder(kind) as folder:
        (folder / "scan.dcm").write_bytes(b"Doe^Anna")
        clear_ended()
        assert (folder / "scan.dcm").exists()
    assert list((home / "uploads").iterdir()) == []


def test_one_that_was_moved_elsewhere_is_there_behind_it(home: Path) -> None:
    with passing_folder(INCOMING) as folder:
        folder.rename(home / "uploads" / "7")
    assert (home / "uploads" / "7").is_dir()
