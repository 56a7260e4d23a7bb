"""What the benchmarks ask of the machine: processes, their cost, free ports, the disk."""

import os
import socket
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
# Linux: a process's clock has the id ~pid << 3 | CPUCLOCK_SCHED (clock_getcpuclockid).
CPUCLOCK_SCHED = 2
BLOCK = b"." * 4096


def family(roots: Iterable[int]) -> set[int]:
    """The processes and all that descend from them."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                children.setdefault(parent(int(entry.name)), []).append(int(entry.name))
    found, new = set[int](), list(roots)
    while new:
        pid = new.pop()
        found.add(pid)
        new += children.get(pid, [])
    return found


def parent(pid: int) -> int:
    return int(_stat(pid)[1])


def cpu_seconds(roots: Sequence[int], but: Sequence[int] = ()) -> float:
    """CPU time of the processes and their descendants, those that ended included."""
    total = 0.0
    for pid in family(roots) - set(but):
        with suppress(OSError):
            total += time.clock_gettime(~pid << 3 | CPUCLOCK_SCHED)
            ended_user, ended_system = _stat(pid)[13:15]
            total += (int(ended_user) + int(ended_system)) / TICKS
    return total


def resident_mb(roots: Sequence[int], kind: str = "Rss") -> float:
    """Memory of the processes and their descendants; shared pages count once for each ("Pss"
    shares them out, "Anonymous" leaves out what is mapped from files)."""
    kilobytes = 0
    for pid in family(roots):
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name == kind:
                    kilobytes += int(rest.split()[0])
    return kilobytes / 1024


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; the name before may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port: int = made.getsockname()[1]
    return port


def commit_ms(folder: Path, seconds: float) -> list[float]:
    """How long the disk takes to make a small write durable, again and again."""
    path = folder / "commit"
    took: list[float] = []
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            start = time.perf_counter()
            os.pwrite(file, BLOCK, len(took) * len(BLOCK))
            os.fdatasync(file)
            took.append((time.perf_counter() - start) * 1000)
    finally:
        os.close(file)
        path.unlink()
    return took


def percentile(values: Sequence[float], share: float) -> float:
    if not values:
        return 0.0
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]
