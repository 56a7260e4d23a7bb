"""Simulated crowds, and real ones, as arrays."""

import csv
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from overread.core.aggregation import Judgments
from overread.core.aggregation.judgments import Floats, Integers
from tests.shared_data import shared_data


@dataclass(frozen=True)
class Simulated:
    task: Integers
    worker: Integers
    label: Integers
    truth: Integers
    confusion: Floats

    @property
    def judgments(self) -> Judgments:
        classes, workers = self.confusion.shape[1], len(self.confusion)
        return Judgments.of(
            self.task,
            self.worker,
            self.label,
            tasks=len(self.truth),
            workers=workers,
            classes=classes,
        )


def simulate(
    *,
    tasks: int = 300,
    workers: int = 20,
    per_task: int = 5,
    prevalence: tuple[float, ...] = (0.5, 0.5),
    accuracy: tuple[float, float] = (0.6, 0.95),
    seed: int = 0,
) -> Simulated:
    """Judgments drawn from Dawid and Skene's own model."""
    rng = np.random.default_rng(seed)
    classes = len(prevalence)
    right = rng.uniform(*accuracy, (workers, classes))
    confusion = np.repeat(((1 - right) / (classes - 1))[:, :, None], classes, axis=2)
    confusion[:, np.arange(classes), np.arange(classes)] = right
    truth = rng.choice(classes, tasks, p=prevalence)
    task = np.repeat(np.arange(tasks), per_task)
    worker = np.argsort(rng.random((tasks, workers)), axis=1)[:, :per_task].ravel()
    chances = confusion[worker, truth[task]].cumsum(axis=1)
    label = (rng.random(len(task))[:, None] > chances).sum(axis=1).clip(max=classes - 1)
    return Simulated(task, worker, label, truth, confusion)


def dawid_and_skene() -> tuple[Judgments, Integers]:
    """Their table of 45 patients, five readers and four grades."""
    with shared_data("crowd", "dawid_skene_1979", "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [np.array([int(row[name].removeprefix("obs")) - 1 for row in rows]) for name in NAMES]
    return Judgments.of(*columns), columns[0]


NAMES = ("task", "worker", "label")


@st.composite
def judgments(draw: st.DrawFn, classes: int = 3) -> tuple[Integers, Integers, Integers]:
    """Anything: few tasks and workers, repeats, a class that nobody chose."""
    row = st.tuples(st.integers(0, 7), st.integers(0, 4), st.integers(0, classes - 1))
    rows = draw(st.lists(row, min_size=1, max_size=60))
    task, worker, label = np.array(rows).T
    return task, worker, label
