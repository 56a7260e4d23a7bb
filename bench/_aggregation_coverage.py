"""Whether 95 % intervals hold the true figure in 95 % of simulated crowds."""

import argparse
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from overread.core.aggregation import Auto, DawidSkene, Judgments
from overread.core.aggregation.doubt import doubt
from overread.core.aggregation.figures import SEED
from overread.core.aggregation.information import information
from overread.core.aggregation.uncertainty import believed_accuracy, prevalence, recalls

PREVALENCE = 0.35


def coverage(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Of contributors' recalls, of the prevalence among tasks like these, and of the accuracy of
    these tasks' labels, as the fit expects it."""
    totals: dict[str, list[float]] = {}
    for tasks, workers, each in product((200, 1000), (8, 25), (3, 6)):
        held: dict[str, list[float]] = {}
        for seed in range(options.seed, options.seed + options.seeds):
            for name, share in _held(tasks, workers, each, seed):
                held.setdefault(name, []).append(share)
        means = {name: float(np.mean(found)) for name, found in held.items()}
        for name, mean in means.items():
            totals.setdefault(name, []).append(mean)
        yield {"tasks": tasks, "workers": workers, "per task": each, **means}
    yield {"all": options.seeds, **{name: float(np.mean(found)) for name, found in totals.items()}}


def _held(tasks: int, workers: int, each: int, seed: int) -> Iterator[tuple[str, float]]:
    judgments, truth, true = independent(tasks, workers, each, seed)
    for method in (DawidSkene(), Auto()):
        fit = method.fit_to(judgments)
        known = information(judgments, fit)
        rates, share = recalls(known), prevalence(fit, known)[1]
        rng = np.random.default_rng(SEED)
        labels = believed_accuracy(fit, doubt(judgments, fit, known, rng))
        right = float((fit.answer == truth).mean())
        for name, low, high, figure in (
            ("recall", rates.low, rates.high, true),
            ("prevalence", share.low, share.high, PREVALENCE),
            ("labels", labels.low, labels.high, right),
        ):
            yield f"{method.name} {name}", float(np.mean((low <= figure) & (figure <= high)))
        yield f"{method.name} labels, expected - true", labels.estimate - right


def independent(
    tasks: int, workers: int, each: int, seed: int
) -> tuple[Judgments, np.ndarray, np.ndarray]:
    """Judgments with independent errors; recalls of .6 to .95."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(tasks) < PREVALENCE).astype(int)
    true = rng.uniform(0.6, 0.95, (workers, 2))
    worker = np.argsort(rng.random((tasks, workers)), axis=1)[:, :each].ravel()
    task = np.repeat(np.arange(tasks), each)
    right = rng.random(len(task)) < true[worker, truth[task]]
    label = np.where(right, truth[task], 1 - truth[task])
    return Judgments.of(task, worker, label, workers=workers, classes=2), truth, true
