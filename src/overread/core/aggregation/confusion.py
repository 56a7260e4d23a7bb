"""What is believed of contributors before they judge, and the M steps that follow from it."""

from dataclasses import dataclass

import numpy as np

from overread.core.aggregation.judgments import Floats, Integers, compiled_loops

# No chance is ever 0: one impossible judgment must not outweigh all others.
FLOOR = 1e-10
SHARE = 2.0**32  # what the sums count in


@dataclass(frozen=True)
class Prior:
    """Pseudo-judgments that each contributor starts with.

    strength: how many in each row of a confusion matrix, spread as the crowd's own errors are
    (pooled over all contributors, anew in each M step: a hierarchical prior).
    accuracy, base: the pool itself starts with `base` judgments a row, this share of them right.
    prevalence: pseudo-tasks of each class.
    """

    strength: float = 2.0
    accuracy: float = 0.7
    base: float = 4.0
    prevalence: float = 1.0

    def rows(self, classes: int) -> Floats:
        """(classes, classes) the pool's own pseudo-judgments, by true class and label."""
        return self.base * spread(np.array(self.accuracy), classes)


PRIOR = Prior()
NO_PRIOR = Prior(strength=0.0, base=0.0, prevalence=0.0)


def spread(accuracy: Floats, classes: int) -> Floats:
    """(..., classes, classes): `accuracy` on the diagonal, the rest evenly beside it."""
    wrong = (1 - accuracy[..., None, None]) / max(classes - 1, 1)
    rows: Floats = np.where(np.eye(classes, dtype=bool), accuracy[..., None, None], wrong)
    return rows


def normalized(counts: Floats) -> Floats:
    """Rows that add up to 1, at least FLOOR each; a row without counts is even."""
    total = counts.sum(axis=-1, keepdims=True)
    shares = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)
    shares = np.where(total > 0, shares, 1 / counts.shape[-1])
    shares = np.maximum(shares, FLOOR)
    normal: Floats = shares / shares.sum(axis=-1, keepdims=True)
    return normal


def class_prior(totals: Floats, prior: Prior) -> Floats:
    """(classes,) prevalence, at its posterior mode."""
    return normalized(totals + prior.prevalence)


def by_worker(counts: Floats, classes: int) -> Floats:
    """(workers * classes, classes) by label and true class -> (workers, true class, label)."""
    return counts.reshape(-1, classes, classes).transpose(0, 2, 1)


def as_table(confusion: Floats) -> Floats:
    """(workers, true class, label) -> (workers * classes, classes) by label and true class."""
    workers, classes, _ = confusion.shape
    return np.ascontiguousarray(confusion.transpose(0, 2, 1)).reshape(workers * classes, classes)


def full(counts: Floats, prior: Prior, expected: Floats | None) -> Floats:
    """M step of Dawid and Skene: a row of its own for each true class.

    pi(w, k, l) = (n(w, k, l) + s q(w, k, l)) / (n(w, k, .) + s), q the pool's confusion, or for a
    contributor of whom `expected` (workers,) knows an accuracy, that accuracy.
    """
    classes = counts.shape[-1]
    pooled = normalized(counts.sum(axis=0) + prior.rows(classes))
    return normalized(counts + prior.strength * believed(pooled, expected))


def full_table(counts: Integers, prior: Prior) -> Floats:
    """`full` without expertise from the whole-number sums, as the table of chances."""
    classes = counts.shape[1]
    loops = compiled_loops(50 * counts.size)
    if not loops:
        return as_table(full(by_worker(counts / SHARE, classes), prior, None))
    shape, out = (-1, classes, classes), np.empty(counts.shape)
    others = (0,) * (classes - 1)
    given = counts.reshape(shape), prior.rows(classes), prior.strength, FLOOR, out.reshape(shape)
    loops.matrices(others, *given)
    return out


def one_coin(counts: Floats, prior: Prior, expected: Floats | None) -> Floats:
    """M step with one accuracy for each contributor, and errors spread evenly.

    a(w) = (sum over k of n(w, k, k) + s a0) / (n(w) + s), a0 the pool's accuracy or what is
    expected of w.
    """
    classes = counts.shape[-1]
    right = np.trace(counts, axis1=1, axis2=2)
    made = counts.sum(axis=(1, 2))
    pooled = (right.sum() + prior.base * prior.accuracy) / max(made.sum() + prior.base, FLOOR)
    believed = np.full(len(counts), pooled)
    if expected is not None:
        believed = np.where(np.isnan(expected), pooled, expected)
    total = made + prior.strength
    accuracy = np.divide(
        right + prior.strength * believed, total, out=believed.copy(), where=total > 0
    )
    return normalized(spread(accuracy, classes))


def believed(pooled: Floats, expected: Floats | None) -> Floats:
    if expected is None:
        return pooled
    own = spread(np.where(np.isnan(expected), 0.5, expected), len(pooled))
    return np.where(np.isnan(expected)[:, None, None], pooled, own)
