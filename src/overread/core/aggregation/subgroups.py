"""How good labels are on tasks of one kind: an age, a hospital, a machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from overread.core.aggregation.agreement import Patterns
from overread.core.aggregation.figures import SEED, agreements
from overread.core.aggregation.fit import Fit
from overread.core.aggregation.intervals import Interval, share
from overread.core.aggregation.judgments import Integers, Judgments, parts
from overread.core.aggregation.regions import Mask
from overread.core.aggregation.uncertainty import believed_accuracy, prevalence

# A column with a cell of its own in each row tells nothing apart.
MOST_GROUPS = 12


@dataclass(frozen=True)
class Subgroup:
    """agreement: by coefficient; expected: the labels' accuracy as the method believes it;
    answers: how often contributors' answers are the known ones, None without known labels;
    prevalence: by class, as the labels have it.
    """

    tasks: int
    judgments: int
    agreement: Mapping[str, Interval]
    expected: Interval
    answers: Interval | None
    prevalence: Sequence[Interval]


def subgroups(judgments: Judgments, fit: Fit, known: Integers, of: Integers) -> dict[int, Subgroup]:
    """The largest groups by their number; of: (tasks,) the group of each task.

    Every group is worked out by itself, so that another group changes nothing.
    """
    return {
        group: _subgroup(judgments, fit, known, np.asarray(of == group)) for group in largest(of)
    }


def largest(of: Integers) -> list[int]:
    """The groups with most tasks, in order of their numbers."""
    sizes = np.bincount(of) if len(of) else np.zeros(0, dtype=np.int64)
    order = np.argsort(-sizes, kind="stable")[:MOST_GROUPS]
    return sorted(group for group in order.tolist() if sizes[group])


def _subgroup(judgments: Judgments, fit: Fit, known: Integers, mine: Mask) -> Subgroup:
    patterns, made, seen, right = [], 0, 0, 0
    for tasks, part in parts(judgments):
        here = mine[tasks]
        counted = Patterns.of(part.votes[here])
        patterns.append((counted.votes, counted.counts))
        made += int(part.per_task[here].sum())
        truth = np.where(here, known[tasks], -1)[part.task]
        seen += int((truth >= 0).sum())
        right += int((truth == part.label).sum())
    own = fit.of(mine)
    return Subgroup(
        int(mine.sum()),
        made,
        agreements(Patterns.together(patterns), np.random.default_rng(SEED)),
        believed_accuracy(own),
        share(right, seen) if seen else None,
        prevalence(own),
    )
