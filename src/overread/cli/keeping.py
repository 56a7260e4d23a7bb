"""A process that is started again when it dies, so often and no more."""

import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic

STOP_SECONDS = 10.0


class KeptProcess:
    """Runs a command until it is stopped or has ended well.

    One that died `most` times within `seconds` stays dead: `gave_up` is called.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        most: int = 5,
        seconds: float = 600,
        pause: float = 1,
        died: Callable[[int], object],
        gave_up: Callable[[], object],
    ) -> None:
        self._command = command
        self._deaths: deque[float] = deque(maxlen=most)
        self._seconds, self._pause = seconds, pause
        self._died, self._gave_up = died, gave_up
        self._stopping = threading.Event()
        self._process = subprocess.Popen(command)
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self._keeper.start()

    def _keep(self) -> None:
        while (code := self._process.wait()) and not self._stopping.is_set():
            self._deaths.append(monotonic())
            if self._dies_too_often():
                self._gave_up()
                return
            self._died(code)
            if self._stopping.wait(self._pause):
                return
            self._process = subprocess.Popen(self._command)

    def _dies_too_often(self) -> bool:
        is_full = len(self._deaths) == self._deaths.maxlen
        return is_full and self._deaths[-1] - self._deaths[0] <= self._seconds

    def wait(self) -> None:
        """Until it is not started again."""
        self._keeper.join()

    def stop(self) -> None:
        """End it: what it is at is gone on with the next time."""
        self._stopping.set()
        self._process.send_signal(signal.SIGTERM)
        self._keeper.join(STOP_SECONDS)
        if self._keeper.is_alive():
            self._process.kill()
            self._keeper.join()
