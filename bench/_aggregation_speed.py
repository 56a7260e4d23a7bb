"""How fast a fit is, on one thread and two, beside crowd-kit's; and from a file of any size."""

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from _aggregation_crowds import ITERATIONS, crowd, timed

from overread.core.aggregation import NO_PRIOR, DawidSkene, Judgments
from overread.core.aggregation.judgments import nothing_known
from overread.core.aggregation.sums import Local

BENCH = Path(__file__).with_name("aggregation.py")


def speed(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Each figure in a process of its own, so that peaks of memory are its own too."""
    for size in map(int, options.sizes.split(",")):
        row: dict[str, Any] = {"judgments": size, "workers": options.workers}
        row["classes"] = options.classes
        for name in ("overread", "crowd-kit"):
            if name == "crowd-kit" and size > options.most_crowdkit:
                continue
            found = _apart("one", name, size, options.workers, options.classes, options.python)
            row |= {f"{name} {key}": value for key, value in found.items()}
        if "crowd-kit cpu" in row:
            row["ratio of CPU"] = row["crowd-kit cpu"] / row["overread cpu"]
            row["share of peak"] = row["overread peak MiB"] / row["crowd-kit peak MiB"]
        yield row
    many = _apart("one", "overread", 10_000_000, 100_000, options.classes, options.python)
    yield {"judgments": 10_000_000, "workers": 100_000} | many


def _apart(*arguments: Any) -> dict[str, Any]:
    *rest, python = arguments
    command = [python if rest[1] == "crowd-kit" else sys.executable, str(BENCH), *map(str, rest)]
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def one(name: str, size: int, workers: int, classes: int) -> dict[str, Any]:
    """The same arrays in; CPU of a whole fit with ITERATIONS iterations, layout included."""
    columns = crowd(size, workers, classes)
    runs = 5 if name == "overread" else 3 if size <= 1_000_000 else 1
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if name == "crowd-kit":
        work: Callable[[], Any] = _crowdkit(columns)
    else:
        fit = DawidSkene(NO_PRIOR, iterations=ITERATIONS, tolerance=0).fit
        crowded = crowd(100_000, 50, classes)
        fit(*crowded)  # compiles
        work = partial(fit, *columns)
    cpu = median(timed(work)[0] for _ in range(runs))
    found = {"cpu": cpu, "ns per judgment and iteration": cpu / size / ITERATIONS * 1e9}
    if name == "overread":
        found["pass ns"] = _pass(columns)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**found, "peak MiB": peak, "arrays MiB": before}


def _pass(columns: list[np.ndarray]) -> float:
    """One E and M pass alone on one thread, nanoseconds a judgment: median of five."""
    judgments = Judgments.of(*columns)
    source = Local(judgments, nothing_known(judgments.tasks), threads=1)
    classes = judgments.classes
    chances = np.full((judgments.workers * classes, classes), 0.3 / max(classes - 1, 1))
    for label in range(classes):
        chances[label::classes, label] = 0.7
    work = partial(source.expect, chances, np.full(classes, 1 / classes))
    return median(timed(work)[0] for _ in range(5)) / len(judgments) * 1e9


def _crowdkit(columns: list[np.ndarray]) -> Callable[[], Any]:
    import pandas
    from crowdkit.aggregation import DawidSkene as Theirs

    frame = pandas.DataFrame(dict(zip(("task", "worker", "label"), columns, strict=True)))
    return lambda: Theirs(n_iter=ITERATIONS, tol=0).fit(frame)


def threads(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    columns = crowd(10_000_000, 10_000, options.classes)
    judgments = Judgments.of(*columns)
    known = nothing_known(judgments.tasks)
    method = DawidSkene(NO_PRIOR, iterations=ITERATIONS, tolerance=0)
    found: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
    method.fit_to(judgments, known)
    for _ in range(5):
        for count, runs in found.items():
            place = partial(Local, threads=count)
            runs.append(timed(lambda place=place: method.climb(place(judgments, known))))
    for count, runs in found.items():
        cpu, wall = (median(run[at] for run in runs) for at in (0, 1))
        yield {"threads": count, "cpu": cpu, "wall": wall}
    one_, two = ([median(run[at] for run in found[n]) for at in (0, 1)] for n in (1, 2))
    yield {"wall, one over two": one_[1] / two[1], "cpu, two over one": two[0] / one_[0]}
