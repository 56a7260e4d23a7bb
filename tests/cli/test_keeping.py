"""The worker is started again when it dies, so often and no more."""

import sys
from pathlib import Path

from overread.cli.keeping import KeptProcess

DIES = "import pathlib, sys; pathlib.Path(sys.argv[1]).open('a').write('x'); sys.exit({code})"


def kept(file: Path, code: object, **more: float) -> tuple[list[int], list[bool]]:
    """How often it is said to have died, and whether it was given up."""
    died: list[int] = []
    gave_up: list[bool] = []
    process = KeptProcess(
        [sys.executable, "-c", DIES.format(code=code), str(file)],
        most=3,
        pause=0,
        died=died.append,
        gave_up=lambda: gave_up.append(True),
        **more,
    )
    process.wait()
    return died, gave_up


def test_one_that_dies_is_started_again_a_few_times(tmp_path: Path) -> None:
    assert kept(tmp_path / "runs", 7) == ([7, 7], [True])
    assert (tmp_path / "runs").read_text() == "xxx"


def test_one_that_ended_well_is_not(tmp_path: Path) -> None:
    assert kept(tmp_path / "runs", 0) == ([], [])
    assert (tmp_path / "runs").read_text() == "x"


def test_deaths_that_lie_far_apart_are_not_counted_together(tmp_path: Path) -> None:
    lives = "0 if len(pathlib.Path(sys.argv[1]).read_text()) == 6 else 7"
    assert kept(tmp_path / "runs", lives, seconds=-1) == ([7] * 5, [])


def test_one_that_is_stopped_stays_so() -> None:
    died: list[int] = []
    process = KeptProcess(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        died=died.append,
        gave_up=lambda: died.append(0),
    )
    process.stop()
    process.wait()
    assert died == []
