"""Methods that count: majority, and Appen's trust-weighted confidence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from overread.core.aggregation.fit import ROUNDING, Fit
from overread.core.aggregation.judgments import (
    UNKNOWN,
    Floats,
    Integers,
    Judgments,
    known_labels,
    nothing_known,
    parts,
)
from overread.core.aggregation.method import Method
from overread.core.aggregation.sums import shares


@dataclass(frozen=True)
class Majority(Method):
    """Each judgment has one vote; the label with most votes stands, among equals the first.

    share(t, l) = votes for l on t / votes on t. A known label stands whatever was voted.
    """

    name = "majority"

    def fit_to(
        self,
        judgments: Judgments,
        known: ArrayLike | None = None,
        expected: ArrayLike | None = None,
    ) -> Fit:
        return Fit(self.name, shares(judgments, known_labels(known, judgments)))


@dataclass(frozen=True)
class Confidence(Method):
    """The reference platform's confidence (reports: `:confidence`), by whole arrays.

    conf(t, l) = trust of those who answered l on t / trust of all who answered on t; 0 where
    that adds up to 0. trust: (workers,), NaN for an unchecked contributor, who weighs 1; where it
    isn't given, the share of known labels that a contributor hit.
    """

    trust: tuple[float, ...] | None = None
    name = "appen"

    def fit_to(
        self,
        judgments: Judgments,
        known: ArrayLike | None = None,
        expected: ArrayLike | None = None,
    ) -> Fit:
        labels = known_labels(known, judgments)
        given = np.array(self.trust) if self.trust is not None else hits(judgments, labels)
        weight = np.where(np.isnan(given), 1.0, given)
        confidence = np.zeros((judgments.tasks, judgments.classes))
        settled = nothing_known(judgments.tasks)
        for tasks, part in parts(judgments):
            weighed = part.sums(weight[part.worker])
            total = weighed.sum(axis=1, keepdims=True)
            np.divide(weighed, total, out=confidence[tasks], where=total > 0)
            settled[tasks] = _best(part, confidence[tasks])
        settled = np.where(labels >= 0, labels, settled)
        return Fit(self.name, confidence, settled=settled, notes={"trust": given})


def _best(judgments: Judgments, confidence: Floats) -> Integers:
    """(tasks,) the first label within rounding of the highest confidence that somebody gave."""
    given = np.where(judgments.votes > 0, confidence, -1.0)
    best = given.max(axis=1, keepdims=True, initial=-1.0) - ROUNDING
    found: Integers = np.argmax(given > best, axis=1)
    return np.where(judgments.per_task > 0, found, UNKNOWN)


def tested(judgments: Judgments, known: Integers) -> tuple[Integers, Integers]:
    """(workers,) judgments on tasks with a known label, and those that hit it."""
    seen = np.zeros(judgments.workers, dtype=np.int64)
    found = np.zeros(judgments.workers, dtype=np.int64)
    for tasks, part in parts(judgments):
        truth = known[tasks][part.task]
        right = (truth >= 0) & (truth == part.label)
        seen += np.bincount(part.worker[truth >= 0], minlength=judgments.workers)
        found += np.bincount(part.worker[right], minlength=judgments.workers)
    return seen, found


def hits(judgments: Judgments, known: Integers) -> Floats:
    """(workers,) share of judgments on tasks with a known label that hit it; NaN without any."""
    seen, found = tested(judgments, known)
    share: Floats = np.divide(found, seen, out=np.full(judgments.workers, np.nan), where=seen > 0)
    return share
