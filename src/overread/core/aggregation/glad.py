"""GLAD: contributors differ in ability, tasks in difficulty."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from overread.core.aggregation.fit import Fit
from overread.core.aggregation.judgments import Floats, Integers, Judgments, known_labels
from overread.core.aggregation.method import Method
from overread.core.aggregation.sums import shares

STEPS = 10
RATE = 1.0


@dataclass(frozen=True)
class Glad(Method):
    """P(label of w on t is true) = 1 / (1 + exp(-a(w) b(t))); errors fall evenly.

    a(w): ability, b(t) = exp(beta(t)) > 0: ease. EM whose M step climbs the expected log
    posterior by scaled gradients, with normal priors a ~ N(1, 1), beta ~ N(1, 1). Whitehill et
    al. 2009, Advances in Neural Information Processing Systems 22. Known labels stand.
    """

    iterations: int = 50
    tolerance: float = 1e-5
    name = "glad"

    def fit_to(
        self,
        judgments: Judgments,
        known: ArrayLike | None = None,
        expected: ArrayLike | None = None,
    ) -> Fit:
        labels = known_labels(known, judgments)
        if not judgments.classes:
            return Fit(self.name, np.zeros((judgments.tasks, 0)))
        climb = _Climb(judgments, labels)
        history: list[float] = []
        converged = False
        while len(history) < self.iterations and not converged:
            climb.maximize()
            history.append(climb.expect())
            converged = len(history) > 1 and abs(history[-1] - history[-2]) <= (
                self.tolerance * max(abs(history[-2]), 1.0)
            )
        unjudged = (judgments.per_task == 0) & (labels < 0)
        climb.posterior[unjudged] = 0.0
        notes = {"ability": climb.ability, "difficulty": np.exp(-climb.ease)}
        return Fit(
            self.name,
            climb.posterior,
            prevalence=climb.posterior.mean(axis=0),
            log_likelihood=history[-1],
            history=tuple(history),
            converged=converged,
            notes=notes,
        )


class _Climb:
    """The state of the EM: abilities, log ease, posteriors."""

    def __init__(self, judgments: Judgments, known: Integers) -> None:
        self.judgments, self.known = judgments, known
        self.task, self.worker, self.label = judgments.task, judgments.worker, judgments.label
        self.ability = np.ones(judgments.workers)
        self.ease = np.ones(judgments.tasks)
        self.posterior = shares(judgments, known)

    def expect(self) -> float:
        """E step; the log-likelihood."""
        j = self.judgments
        right = self._right()
        wrong = np.log((1 - right) / max(j.classes - 1, 1))
        # Every class takes the miss, and the label's own class the difference to a hit.
        joint = np.bincount(self.task, wrong, j.tasks)[:, None] + j.sums(np.log(right) - wrong)
        joint -= np.log(j.classes)
        top = joint.max(axis=1, keepdims=True)
        likely = np.exp(joint - top)
        total = likely.sum(axis=1, keepdims=True)
        self.posterior = likely / total
        is_known = self.known >= 0
        self.posterior[is_known] = np.eye(j.classes)[self.known[is_known]]
        return float((np.log(total) + top).sum())

    def _right(self) -> Floats:
        reach = self.ability[self.worker] * np.exp(self.ease[self.task])
        chance: Floats = np.clip(1 / (1 + np.exp(-np.clip(reach, -30, 30))), 1e-6, 1 - 1e-6)
        return chance

    def maximize(self) -> None:
        """M step: some steps up, each as long as the curvature allows."""
        j = self.judgments
        hit = self.posterior[self.task, self.label]
        for _ in range(STEPS):
            right, ease = self._right(), np.exp(self.ease[self.task])
            miss, bend = hit - right, right * (1 - right)
            up = np.bincount(self.worker, miss * ease, j.workers) - (self.ability - 1)
            down = np.bincount(self.worker, bend * ease**2, j.workers) + 1
            self.ability += RATE * np.clip(up / down, -1, 1)
            reach = self.ability[self.worker] * ease
            right = self._right()
            miss, bend = hit - right, right * (1 - right)
            up = np.bincount(self.task, miss * reach, j.tasks) - (self.ease - 1)
            down = np.bincount(self.task, bend * reach**2, j.tasks) + 1
            self.ease = np.clip(self.ease + RATE * np.clip(up / down, -1, 1), -4, 4)
