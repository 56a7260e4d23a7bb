"""Dawid and Skene's model, full and with one coin, fitted by EM."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from overread.core.aggregation import confusion
from overread.core.aggregation.confusion import PRIOR, Prior, as_table, by_worker, class_prior
from overread.core.aggregation.fit import Fit
from overread.core.aggregation.judgments import Floats, Judgments, known_labels
from overread.core.aggregation.method import Method
from overread.core.aggregation.sums import Local, Place, Source, Sums

MStep = Callable[[Floats, Prior, Floats | None], Floats]


@dataclass(frozen=True)
class Parameters:
    """chances: (workers * classes, classes) P(label | true class); prior: (classes,)."""

    chances: Floats
    prior: Floats


@dataclass(frozen=True)
class Climb:
    """Where EM ended: `sums` are those of the last E step, from which `parameters` follow."""

    parameters: Parameters
    sums: Sums
    history: tuple[float, ...]
    converged: bool


@dataclass(frozen=True)
class DawidSkene(Method):
    """A confusion matrix for each contributor.

    P(label l of worker w | true class k) = pi(w, k, l); P(true class k) = rho(k); judgments are
    independent given the true class. EM from the shares of votes climbs to a maximum of the
    posterior (of the likelihood with confusion.NO_PRIOR). Dawid and Skene 1979, Applied
    Statistics 28(1):20-28; priors as in Raykar et al. 2010, JMLR 11:1297-1322, their mean the
    crowd's own as in Paun et al. 2018, TACL 6:571-585. Known labels stay as they are and teach
    the matrices.

    iterations: at most so many; tolerance: stop when the log-likelihood gains less than this
    share of itself.
    """

    prior: Prior = PRIOR
    iterations: int = 100
    tolerance: float = 1e-7
    name = "dawid-skene"
    m_step = staticmethod(confusion.full)

    def fit_to(
        self,
        judgments: Judgments,
        known: ArrayLike | None = None,
        expected: ArrayLike | None = None,
        place: Place = Local,
    ) -> Fit:
        """Of judgments that are laid out; `place` says where the sums are made."""
        labels = known_labels(known, judgments)
        if not judgments.classes:
            return Fit(self.name, np.zeros((judgments.tasks, 0)))
        source = place(judgments, labels)
        climb = self.climb(source, expected)
        posterior = source.posterior(climb.parameters.chances, climb.parameters.prior)
        unjudged = (judgments.per_task == 0) & (labels < 0)
        posterior[unjudged] = 0.0
        return self.fitted(climb, posterior, judgments.classes)

    def fitted(self, climb: Climb, posterior: Floats, classes: int) -> Fit:
        return Fit(
            self.name,
            posterior,
            confusion=by_worker(climb.parameters.chances, classes),
            counts=by_worker(climb.sums.expected, classes),
            prevalence=climb.parameters.prior,
            log_likelihood=climb.history[-1] if climb.history else None,
            history=climb.history,
            converged=climb.converged,
        )

    def climb(self, source: Source, expected: ArrayLike | None = None) -> Climb:
        """EM over judgments wherever they lie; an iteration is an M step and an E step."""
        accuracy = None if expected is None else np.asarray(expected, dtype=np.float64)
        sums = source.begin()
        parameters = self.maximize(sums, source.classes, accuracy)
        history: list[float] = []
        for _ in range(self.iterations):
            sums = source.expect(parameters.chances, parameters.prior)
            history.append(sums.log_likelihood(parameters.chances, parameters.prior))
            parameters = self.maximize(sums, source.classes, accuracy)
            if len(history) > 1 and self._has_settled(*history[-2:]):
                return Climb(parameters, sums, tuple(history), converged=True)
        return Climb(parameters, sums, tuple(history), converged=False)

    def _has_settled(self, before: float, now: float) -> bool:
        return abs(now - before) <= self.tolerance * max(abs(before), 1.0)

    def maximize(self, sums: Sums, classes: int, expected: Floats | None) -> Parameters:
        if type(self).m_step is confusion.full and expected is None:
            chances = confusion.full_table(sums.counts, self.prior)
            return Parameters(chances, class_prior(sums.prevalence, self.prior))
        matrices = type(self).m_step(by_worker(sums.expected, classes), self.prior, expected)
        return Parameters(as_table(matrices), class_prior(sums.prevalence, self.prior))


@dataclass(frozen=True)
class OneCoin(DawidSkene):
    """One accuracy for each contributor; errors fall evenly on the other classes.

    P(label l of w | true class k) = a(w) where l is k, else (1 - a(w)) / (K - 1). It needs few
    judgments, and can't say who errs in which direction. Same fit and arguments as DawidSkene.
    """

    name = "one-coin"
    m_step = staticmethod(confusion.one_coin)
