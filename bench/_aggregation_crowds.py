"""Crowds that the benchmarks of the aggregation share: simulated ones, and those with gold."""

import csv
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from overread.core.aggregation import Judgments

SHARED = Path(os.environ.get("OVERREAD_SHARED", Path(__file__).parents[2] / "shared"))
ITERATIONS = 10


def crowd(judgments: int, workers: int, classes: int, seed: int = 1) -> list[np.ndarray]:
    """Five judgments a task by workers drawn at random, right in 55 to 95 %."""
    rng = np.random.default_rng(seed)
    task = np.repeat(np.arange(judgments // 5), 5)
    worker = rng.integers(0, workers, len(task))
    truth = rng.integers(0, classes, judgments // 5)[task]
    right = rng.random(len(task)) < rng.uniform(0.55, 0.95, workers)[worker]
    wrong = (truth + rng.integers(1, max(classes, 2), len(task))) % classes
    return [task, worker, np.where(right, truth, wrong)]


def panel(readers: int, units: int, share: float, seed: int) -> tuple[Judgments, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = (rng.random(units) < share).astype(int)
    right = rng.uniform(0.8, 0.97, (2, readers))[truth]
    label = np.where(rng.random((units, readers)) < right, truth[:, None], 1 - truth[:, None])
    task, worker = np.divmod(np.arange(units * readers), readers)
    return Judgments.of(task, worker, label.ravel(), classes=2), truth


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


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall
