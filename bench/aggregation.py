#!/usr/bin/env python3
"""How fast, how right and how honest the aggregation is, beside crowd-kit in the same run.

    bench/aggregation.py all            every part below with its defaults, one after the other
    bench/aggregation.py speed [--sizes 100000,1000000,10000000] [--workers 10000] [--classes 2]
    bench/aggregation.py threads        one thread and two, at 10,000 contributors
    bench/aggregation.py sets           `auto` and every method of crowd-kit on sets with gold
    bench/aggregation.py panels         `auto` and majority on simulated expert panels
    bench/aggregation.py coverage       intervals on simulated crowds
    bench/aggregation.py stream FILE [--judgments 100000000]   Parquet to a fit, peak memory

crowd-kit is no dependency: install it beside (`pip install --group bench`), else its columns stay
empty. CPU is process time of the whole process; each figure is the median of the runs.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from overread.core.aggregation import NO_PRIOR, Auto, DawidSkene, Judgments, Majority
from overread.core.aggregation.auto import label_with
from overread.core.aggregation.information import information
from overread.core.aggregation.judgments import nothing_known
from overread.core.aggregation.sums import Local
from overread.core.aggregation.uncertainty import (
    believed_accuracy,
    calibration_error,
    prevalence,
    recalls,
)

SHARED = Path(os.environ.get("OVERREAD_SHARED", Path(__file__).parents[2] / "shared"))
# The guard's thresholds were chosen on these and on panels of the seeds 100 to 111.
CHOSEN_ON = ("weather_amt", "gal_adultcontent2")
ITERATIONS = 10
DRAWS = 2000


def crowd(judgments: int, workers: int, classes: int, seed: int = 1) -> list[np.ndarray]:
    """Five judgments a task by workers drawn at random, right in 55 to 95 %."""
    rng = np.random.default_rng(seed)
    task = np.repeat(np.arange(judgments // 5), 5)
    worker = rng.integers(0, workers, len(task))
    truth = rng.integers(0, classes, judgments // 5)[task]
    right = rng.random(len(task)) < rng.uniform(0.55, 0.95, workers)[worker]
    wrong = (truth + rng.integers(1, max(classes, 2), len(task))) % classes
    return [task, worker, np.where(right, truth, wrong)]


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


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
    command = [python if rest[1] == "crowd-kit" else sys.executable, __file__, *map(str, rest)]
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


def load(folder: Path) -> tuple[Judgments, np.ndarray]:
    """Judgments and gold (-1 where there is none), names numbered in order."""
    with (folder / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / "gold.csv").open(newline="") as file:
        gold = {row["task"]: row["gold"] for row in csv.DictReader(file)}
    numbers = [
        {name: at for at, name in enumerate(sorted({row[column] for row in rows} | more))}
        for column, more in (("task", set()), ("worker", set()), ("label", set(gold.values())))
    ]
    columns = [
        np.array([number[row[column]] for row in rows])
        for number, column in zip(numbers, ("task", "worker", "label"), strict=True)
    ]
    known = np.array([numbers[2].get(gold.get(task, ""), -1) for task in numbers[0]])
    return Judgments.of(*columns, classes=len(numbers[2])), known


def sets(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for folder in sorted((SHARED / "data" / "crowd").iterdir()):
        if not (folder / "gold.csv").exists():
            yield {"set": folder.name, "left out": "no known labels"}
            continue
        judgments, gold = load(folder)
        scored = np.flatnonzero(gold >= 0)
        fits = {"auto": Auto().fit_to(judgments), "majority": Majority().fit_to(judgments)}
        hits = {name: fit.answer[scored] == gold[scored] for name, fit in fits.items()}
        sure = fits["auto"].probability[scored]
        row: dict[str, Any] = {"set": folder.name, "gold": len(scored)}
        row["chosen on it"] = folder.name in CHOSEN_ON
        row["method"] = fits["auto"].method
        row |= {name: float(hit.mean()) for name, hit in hits.items()}
        row["calibration error"] = calibration_error(sure, hits["auto"].astype(float))
        row["of one that is calibrated"] = _chance(sure)
        row["with half of the gold"] = _with_half(judgments, gold, scored)
        theirs = _their_hits(options.python, folder)
        if theirs:
            best = max(theirs, key=lambda name: np.mean(theirs[name]))
            row["best of crowd-kit"] = f"{best} {np.mean(theirs[best]):.4f}"
            row["difference"] = _difference(hits["auto"], np.array(theirs[best], dtype=bool))
            row["of crowd-kit"] = {name: float(np.mean(hit)) for name, hit in theirs.items()}
        yield row


def _chance(sure: np.ndarray) -> float:
    """The calibration error that chance alone makes of so many tasks: the mean over labels drawn
    with just these probabilities."""
    rng = np.random.default_rng(1)
    drawn = [(rng.random(len(sure)) < sure).astype(float) for _ in range(500)]
    return float(np.mean([calibration_error(sure, right) for right in drawn]))


def _with_half(judgments: Judgments, gold: np.ndarray, scored: np.ndarray) -> dict[str, float]:
    """Every second known label is given; accuracy and calibration on the others."""
    known = nothing_known(judgments.tasks)
    known[scored[::2]] = gold[scored[::2]]
    fit, rest = Auto().fit_to(judgments, known), scored[1::2]
    right = (fit.answer[rest] == gold[rest]).astype(float)
    error = calibration_error(fit.probability[rest], right)
    return {"accuracy": float(right.mean()), "calibration error": error}


def _difference(ours: np.ndarray, theirs: np.ndarray) -> list[float]:
    """Mean and the paired bootstrap's 95 % interval, in points."""
    each = ours.astype(float) - theirs
    rng = np.random.default_rng(1)
    drawn = rng.choice(each, (DRAWS, len(each))).mean(axis=1) * 100
    return [float(each.mean() * 100), *np.quantile(drawn, [0.025, 0.975]).tolist()]


def _their_hits(python: str, folder: Path) -> dict[str, list[bool]]:
    done = subprocess.run([python, __file__, "theirs", folder], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def theirs(folder: Path) -> dict[str, list[bool]]:
    """crowd-kit's methods with 100 iterations (GLAD and MACE with fewer: they take minutes)."""
    import warnings

    warnings.simplefilter("ignore")
    import crowdkit.aggregation as kit
    import pandas

    frame = pandas.read_csv(folder / "labels.csv", dtype=str)[["task", "worker", "label"]]
    gold = pandas.read_csv(folder / "gold.csv", dtype=str, index_col="task")["gold"]
    gold = gold[gold.index.isin(frame.task)].sort_index()
    methods = {
        "majority": kit.MajorityVote(),
        "Dawid-Skene": kit.DawidSkene(n_iter=100),
        "one-coin": kit.OneCoinDawidSkene(n_iter=100),
        "MMSR": kit.MMSR(),
        "MACE": kit.MACE(n_iter=20, n_restarts=3, random_state=0),
        "GLAD": kit.GLAD(n_iter=20, silent=True),
    }
    found = {}
    for name, method in methods.items():
        labels = method.fit_predict(frame).reindex(gold.index)
        found[name] = (labels == gold).tolist()
    return found


def panels(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Readers of sensitivity and specificity .8 to .97, each judging every unit."""
    for readers, units, share in product((3, 5, 8), (300, 1000, 5000), (0.02, 0.05, 0.1, 0.2)):
        lost, full = [], []
        for seed in range(options.seeds):
            judgments, truth = panel(readers, units, share, seed)
            right = [
                float((fit.answer == truth).mean())
                for fit in (
                    Majority().fit_to(judgments),
                    Auto().fit_to(judgments),
                    label_with(DawidSkene(), judgments, nothing_known(units)),
                )
            ]
            lost.append(100 * (right[1] - right[0]))
            full.append(100 * (right[2] - right[0]))
        yield {
            "readers": readers,
            "units": units,
            "prevalence": share,
            "auto - majority, points: mean": float(np.mean(lost)),
            "worst": min(lost),
            "Dawid-Skene: mean": float(np.mean(full)),
            "its worst": min(full),
        }


def panel(readers: int, units: int, share: float, seed: int) -> tuple[Judgments, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = (rng.random(units) < share).astype(int)
    right = rng.uniform(0.8, 0.97, (2, readers))[truth]
    label = np.where(rng.random((units, readers)) < right, truth[:, None], 1 - truth[:, None])
    task, worker = np.divmod(np.arange(units * readers), readers)
    return Judgments.of(task, worker, label.ravel(), classes=2), truth


def coverage(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Shares of 95 % intervals that hold the true figure: of contributors' recalls, of the
    prevalence, and of the labels' accuracy as the fit expects it."""
    for tasks, workers, each in product((200, 1000), (8, 25), (3, 6)):
        held: dict[str, list[float]] = {}
        for seed in range(options.seeds):
            rng = np.random.default_rng(seed)
            truth = (rng.random(tasks) < 0.35).astype(int)
            true = rng.uniform(0.6, 0.95, (workers, 2))
            worker = np.argsort(rng.random((tasks, workers)), axis=1)[:, :each].ravel()
            task = np.repeat(np.arange(tasks), each)
            right = rng.random(len(task)) < true[worker, truth[task]]
            label = np.where(right, truth[task], 1 - truth[task])
            judgments = Judgments.of(task, worker, label, workers=workers, classes=2)
            for method in (DawidSkene(), Auto()):
                fit = method.fit_to(judgments)
                known = information(judgments, fit)
                rates, share = recalls(known), prevalence(fit, known)[1]
                labels = believed_accuracy(fit, known.drift)
                right = float((fit.answer == truth).mean())
                for name, low, high, figure in (
                    ("recall", rates.low, rates.high, true),
                    ("prevalence", share.low, share.high, 0.35),
                    ("labels", labels.low, labels.high, right),
                ):
                    inside = float(np.mean((low <= figure) & (figure <= high)))
                    held.setdefault(f"{method.name} {name}", []).append(inside)
        means = {name: float(np.mean(found)) for name, found in held.items()}
        yield {"tasks": tasks, "workers": workers, "per task": each, **means}


def stream(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Write FILE where it is missing, then fit it; memory is the whole process's peak."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    from overread.formats.judgment_files import read_judgments

    path = Path(options.file)
    if not path.exists():
        part, schema = (
            1_000_000,
            arrow.schema(
                [("task", arrow.int64()), ("worker", arrow.int32()), ("label", arrow.int8())]
            ),
        )
        with parquet.ParquetWriter(path, schema) as writer:
            for first in range(0, options.judgments, part):
                task, worker, label = crowd(part, 100_000, 2, seed=first)
                columns = [task + first // 5, worker.astype("i4"), label.astype("i1")]
                writer.write_table(arrow.table(columns, schema=schema))
    reading = timed(lambda: None)
    start = time.process_time()
    table = read_judgments(path)
    reading = time.process_time() - start
    start = time.process_time()
    method = DawidSkene(iterations=ITERATIONS, tolerance=0)
    climb = method.climb(Local(table.judgments, table.known))
    fitting = time.process_time() - start
    yield {
        "judgments": len(table.judgments),
        "reading, CPU s": reading,
        "ns per judgment and iteration": fitting / len(table.judgments) / ITERATIONS * 1e9,
        "log-likelihood": climb.history[-1],
        "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _say(row: dict[str, Any]) -> None:
    print("  ".join(f"{key}: {_short(value)}" for key, value in row.items()), flush=True)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main() -> None:
    if sys.argv[1:2] == ["one"]:
        return print(json.dumps(one(sys.argv[2], *map(int, sys.argv[3:6]))))
    if sys.argv[1:2] == ["theirs"]:
        return print(json.dumps(theirs(Path(sys.argv[2]))))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    whats = {one.__name__: one for one in (speed, threads, stream, sets, panels, coverage)}
    parser.add_argument("what", choices=["all", *whats])
    parser.add_argument("file", nargs="?", default="judgments.parquet")
    parser.add_argument("--sizes", default="100000,1000000,10000000")
    parser.add_argument("--workers", type=int, default=10_000)
    parser.add_argument("--classes", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--judgments", type=int, default=100_000_000)
    parser.add_argument("--most-crowdkit", type=int, default=10_000_000)
    parser.add_argument("--python", default=sys.executable, help="one that has crowd-kit")
    options = parser.parse_args()
    print((__doc__ or "").split("\n\n")[-1])
    for name in whats if options.what == "all" else [options.what]:
        print(f"# {name}", flush=True)
        for row in whats[name](options):
            _say(row)
    return None


if __name__ == "__main__":
    main()
