"""Finds a Python that is new enough. Old ones must be able to read this file."""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
NAMES = ("python3.14", "python3.13", "python3.12", "python3.11")


def ensure() -> None:
    """Go on in a newer Python where this one is too old; leave with a clear word if none is."""
    if sys.version_info >= OLDEST:
        return
    for name in NAMES:
        path = shutil.which(name)
        if path and _runs(path):
            os.execv(path, [path, *sys.argv])
    sys.exit(
        "overread needs Python 3.11 or newer, and python3 here is {}.{}.\n"
        "Install a newer one (on Debian and Ubuntu: apt install python3.11 python3.11-venv) "
        "and start this again.".format(*sys.version_info[:2])
    )


def _runs(path: str) -> bool:
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    nowhere = subprocess.DEVNULL
    return subprocess.call([path, "-c", check], stdout=nowhere, stderr=nowhere) == 0
