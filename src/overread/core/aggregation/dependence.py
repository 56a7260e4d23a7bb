"""Errors that contributors share: how many, and how much less a task's judgments are worth.

A model takes judgments for independent given the true class. Real contributors err on the same
hard tasks, so twenty of them are no twenty witnesses, and a model's probabilities come out near 1.
"""

import numpy as np

from overread.core.aggregation.fit import Fit
from overread.core.aggregation.judgments import Floats, Integers, Judgments, parts

ROUNDS = 3
_TINY = 1e-300


def shared_errors(judgments: Judgments, fit: Fit, known: Integers) -> float:
    """Correlation of two contributors' hits on one task beyond what the model explains, 0 to 1.

    Over pairs of judgments of a task and over classes k, by how probable k is there: the sum of
    the products of (hit - pi(w, k, k)) over that of their standard deviations under the model. It
    is a moment estimate of the intra-class correlation (Liang and Zeger 1986, Biometrika
    73:13-22) and needs no known label. Posteriors that are too sure hold the class that fits best
    for the true one, which hides some of it: so it is worked out again from the weakened ones.
    """
    if fit.confusion is None or fit.prevalence is None:
        return 0.0
    found = 0.0
    for _ in range(ROUNDS):
        pairs = np.zeros(2)
        for tasks, part in parts(judgments):
            some = fit.posterior[tasks]
            made = np.where(known[tasks] < 0, part.per_task, 1)
            pairs += _pairs(part, weakened(some, made, fit.prevalence, found), fit.confusion)
        found = float(np.clip(pairs[0] / max(pairs[1], _TINY), 0.0, 1.0))
    return found


def _pairs(judgments: Judgments, posterior: Floats, confusion: Floats) -> Floats:
    """The two sums of `shared_errors`."""
    task, worker, label = judgments.task, judgments.worker, judgments.label
    found = np.zeros(2)
    for k in range(judgments.classes):
        recall = confusion[worker, k, k]
        each = (label == k) - recall, np.sqrt(recall * (1 - recall))
        for at, values in enumerate(each):
            total, alone = (np.bincount(task, one, judgments.tasks) for one in (values, values**2))
            found[at] += (posterior[:, k] * (total**2 - alone)).sum()
    return found


def weakened(posterior: Floats, made: Integers, prevalence: Floats, shared: float) -> Floats:
    """(tasks, classes) posteriors whose n judgments count as n / (1 + (n - 1) shared): the design
    effect of a cluster (Kish 1965, Survey Sampling). made: (tasks,) n."""
    power = 1 / (1 + np.maximum(made - 1, 0) * shared)[:, None]
    logs = power * np.log(np.maximum(posterior, _TINY)) + (1 - power) * np.log(prevalence)
    likely = np.exp(logs - logs.max(axis=1, keepdims=True, initial=-np.inf))
    likely /= likely.sum(axis=1, keepdims=True)
    return np.asarray(likely * (posterior.sum(axis=1, keepdims=True) > 0))
