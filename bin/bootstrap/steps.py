"""One line of progress per step, its command's noise in a log."""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

LAST_LINES = 15


class Steps:
    """Counts the steps of one run: `1/3 Python packages ... 38 s`."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.number = 0

    def run(
        self, title: str, command: Sequence[str], log: Path, environment: Mapping[str, str]
    ) -> None:
        """Run a command to its end. Leaves with the log's last lines when it fails."""
        self.number += 1
        start = time.monotonic()
        label = f"{self.number}/{self.total} {title} ..."
        _show(label, end="")
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
            )
            _wait(process, label, start)
        _show(f" {time.monotonic() - start:.0f} s", after=label)
        if process.returncode:
            _fail(title, log)


def _wait(process: "subprocess.Popen[bytes]", label: str, start: float) -> None:
    try:
        while process.poll() is None:
            time.sleep(0.1)
            if sys.stdout.isatty():
                _show(f" {time.monotonic() - start:.0f} s", end="", after=label)
    except KeyboardInterrupt:
        process.wait()
        _show("")
        sys.exit("Stopped. Start it again: what is finished isn't done twice.")


def _show(text: str, end: str = "\n", after: str = "") -> None:
    again = f"\r{after}" if after and sys.stdout.isatty() else ""
    print(again + text, end=end, flush=True)


def _fail(title: str, log: Path) -> None:
    lines = log.read_text(errors="replace").splitlines()
    print("", *lines[-LAST_LINES:], sep="\n  ", file=sys.stderr)
    sys.exit(
        f"\n{title}: this did not work. The end of its log is above, all of it in {log}\n"
        "When the cause is put right (a connection, a proxy, space on the disk), start it again."
    )
