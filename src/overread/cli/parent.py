"""Processes that end with the one that started them, however that ended."""

import os
import signal
import threading
import time

VARIABLE = "OVERREAD_STARTED_BY"
LOOK_EVERY_SECONDS = 1.0


def announce() -> None:
    """To be called by the one that starts others: they learn whom to watch."""
    os.environ[VARIABLE] = str(os.getpid())


def end_with_parent() -> None:
    """End this process when the one that announced itself is gone: nobody else would."""
    started_by = os.environ.get(VARIABLE, "")
    if started_by.isdecimal():  # it may be gone already
        watch = threading.Thread(target=_watch, args=(int(started_by),), daemon=True)
        watch.start()


def _watch(process: int) -> None:
    while os.getppid() == process:  # whoever loses a parent gets another
        time.sleep(LOOK_EVERY_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LOOK_EVERY_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
