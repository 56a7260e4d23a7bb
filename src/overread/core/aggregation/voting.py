"""Methods that count: majority, and Appen's trust-weighted confidence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from overread.core.aggregation.fit import Fit
from overread.core.aggregation.judgments import Floats, Integers, Judgments, known_labels, parts
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
        weight = np.where(np.isnan(given), 1.0, given)[judgments.worker]
        weighed = judgments.sums(weight)
        total = weighed.sum(axis=1, keepdims=True)
        confidence = np.divide(weighed, total, out=np.zeros_like(weighed), where=total > 0)
        settled = np.argmax(
            np.where(judgments.votes > 0, confidence, -1.0) > _best(judgments, confidence), axis=1
        )
        settled = np.where(judgments.per_task > 0, settled, -1)
        settled = np.where(labels >= 0, labels, settled)
        return Fit(self.name, confidence, settled=settled, notes={"trust": given})


def _best(judgments: Judgments, confidence: Floats) -> Floats:
    """Just below the highest confidence of a label that somebody gave."""
    given = np.where(judgments.votes > 0, confidence, -1.0)
    best: Floats = given.max(axis=1, keepdims=True, initial=-1.0) - 1e-9
    return best


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
