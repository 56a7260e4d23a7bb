"""What every method does: from judgments to a fit."""

from abc import ABC, abstractmethod

from numpy.typing import ArrayLike

from overread.core.aggregation.fit import Fit
from overread.core.aggregation.judgments import Judgments


class Method(ABC):
    """Frozen settings under a name; fitting changes nothing in it."""

    name: str

    def fit(
        self,
        task: ArrayLike,
        worker: ArrayLike,
        label: ArrayLike,
        *,
        known: ArrayLike | None = None,
        expected: ArrayLike | None = None,
    ) -> Fit:
        """Fit three integer arrays of one length.

        known: (tasks,) true labels, -1 where unknown; expected: (workers,) the accuracy that is
        expected of a contributor before the first judgment (expertise), NaN where nothing is;
        methods that expect nothing of contributors don't look at it. Raises BadJudgments.
        """
        return self.fit_to(Judgments.of(task, worker, label), known, expected)

    @abstractmethod
    def fit_to(
        self,
        judgments: Judgments,
        known: ArrayLike | None = None,
        expected: ArrayLike | None = None,
    ) -> Fit:
        """The same of judgments that are laid out."""
