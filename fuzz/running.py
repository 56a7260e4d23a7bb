"""Runs a target within bounds, from seeds that the tests make."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import atheris

FOUND = Path(__file__).parent / "found"
LONGEST = 65_536


def run(name: str, read: Callable[[bytes], None], seeds: Sequence[bytes]) -> None:
    """For the seconds of the first argument, 60 where there is none; a file that breaks the law
    is kept in fuzz/found/, and ends the run.
    """
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    found = FOUND / name
    found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds):
            (Path(corpus) / f"seed-{number}").write_bytes(seed)
        options = [
            f"-max_total_time={seconds}",
            f"-max_len={LONGEST}",
            "-timeout=30",
            "-rss_limit_mb=4096",
            "-print_final_stats=1",
            f"-artifact_prefix={found}/",
        ]
        atheris.Setup([name, *options, corpus], lambda data: read(bytes(data)))
        atheris.Fuzz()
