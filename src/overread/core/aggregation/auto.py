"""The right method for the crowd at hand, and the reasons in words.

Full matrices of errors win much on lay crowds and lose much on small panels with a rare class,
where they find a structure in the readers' shared errors that isn't the truth. What decides is
said in docs/decisions/0007-aggregation.md, with the figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from overread.core.aggregation.calibration import AS_IT_IS, Calibration, calibrate
from overread.core.aggregation.confusion import PRIOR, Prior
from overread.core.aggregation.dawid_skene import DawidSkene, OneCoin
from overread.core.aggregation.dependence import shared_errors, weakened
from overread.core.aggregation.fit import Fit, top
from overread.core.aggregation.judgments import (
    UNKNOWN,
    Floats,
    Integers,
    Judgments,
    known_labels,
    parts,
)
from overread.core.aggregation.method import Method
from overread.core.aggregation.sums import Local, Place, shares
from overread.core.aggregation.voting import Majority
from overread.core.problems import Message

SMALL_PANEL = 10
ENOUGH_PER_CHANCE = 10.0
TEST_QUESTIONS = 30
FOLDS = 5
SIDES = ("before", "after")
CLEARLY = 1.645
COLLAPSE_SHARE = 0.02
COLLAPSE_ONE_WAY = 0.8


@dataclass(frozen=True)
class Choice:
    """Which method and why.

    trials: accuracy on held-out known labels by method; calibration: learnt from them, and
    nothing without; right: how many of them are hit by what is chosen without their own fold.
    """

    method: Majority | DawidSkene
    reason: Message
    trials: dict[str, float]
    calibration: Calibration = AS_IT_IS
    right: int = 0


@dataclass(frozen=True)
class Auto(Method):
    """Chooses between majority, one-coin and Dawid-Skene, and keeps to the votes half-way.

    1. The crowd's shape: fewer than SMALL_PANEL contributors, or fewer than ENOUGH_PER_CHANCE
       judgments for each chance in a contributor's matrix (mean over judgments): one accuracy
       each, in a small panel with a prior as heavy as a member's own judgments. Else matrices.
    2. Known labels, TEST_QUESTIONS or more: each method labels them as if they were unknown, in
       FOLDS parts; one that is clearly better than step 1's is taken.
       The probabilities are calibrated on them.
    3. Judgments count for less the more errors contributors share (`dependence`).
    4. The posterior is the mean of the model's and the share of votes: where both methods agree
       nothing changes; a unanimous vote is overruled by no model; and it is less sure of itself.
    """

    name = "auto"

    def fit_to(
        self,
        judgments: Judgments,
        known: ArrayLike | None = None,
        expected: ArrayLike | None = None,
        place: Place = Local,
    ) -> Fit:
        labels = known_labels(known, judgments)
        choice = choose(judgments, labels, expected, place)
        fitted = label_with(choice.method, judgments, labels, expected, place)
        fitted = _calibrated(fitted, choice.calibration, labels)
        notes: dict[str, Any] = {
            **fitted.notes,
            "chosen": choice.method.name,
            "reason": choice.reason,
            "trials": choice.trials,
        }
        notes["tested"], notes["right"] = _tested(judgments, labels), choice.right
        if choice.trials:
            notes["calibration"] = choice.calibration
        notes["warnings"] = collapse(judgments, fitted)
        return replace(fitted, method=f"auto: {choice.method.name}", notes=notes)


def label_with(
    method: Majority | DawidSkene,
    judgments: Judgments,
    known: Integers,
    expected: ArrayLike | None = None,
    place: Place = Local,
) -> Fit:
    """Fit, weaken by the errors that contributors share, and keep to the votes half-way."""
    if isinstance(method, Majority):
        return method.fit_to(judgments, known)
    fitted = method.fit_to(judgments, known, expected, place)
    shared = shared_errors(judgments, fitted, known)
    for tasks, part in parts(judgments):
        fitted.posterior[tasks] = _half_way(part, fitted.of(tasks), known[tasks], shared)
    return replace(fitted, by_votes=0.5, notes={**fitted.notes, "shared errors": shared})


def _half_way(judgments: Judgments, fit: Fit, known: Integers, shared: float) -> Floats:
    votes, model = shares(judgments, known), fit.posterior
    if shared and fit.prevalence is not None:
        unknown = known < 0
        made = judgments.per_task[unknown]
        model[unknown] = weakened(model[unknown], made, fit.prevalence, shared)
    return np.asarray((model + votes) / 2)


def named(warning: Message, answers: Sequence[str]) -> Message:
    """A warning of `collapse` with the answers' names in the place of their numbers."""
    values = warning.values
    names: dict[str, str | int] = {key: answers[int(values[key])] for key in SIDES if key in values}
    return Message(warning.template, **{**values, **names})


def choose(
    judgments: Judgments,
    known: Integers,
    expected: ArrayLike | None = None,
    place: Place = Local,
) -> Choice:
    by_shape, reason = _by_shape(judgments)
    count = _tested(judgments, known)
    if count < TEST_QUESTIONS:
        # So few are hidden all at once: one more fit measures.
        tried = _trials([by_shape], judgments, known, expected, place, 1) if count else []
        return Choice(by_shape, reason, {}, right=int(sum(one.hits.sum() for one in tried)))
    one_coin = by_shape if isinstance(by_shape, OneCoin) else OneCoin()
    tried = _trials([Majority(), one_coin, DawidSkene()], judgments, known, expected, place)
    trials = {one.method.name: float(one.hits.mean()) for one in tried}
    first = next(one for one in tried if one.method.name == by_shape.name)
    best = _better(tried, first, np.ones(count, dtype=bool))
    if best is not first:
        reason = Message(
            "On {count} known labels, held out, {method} was right on {share} % and {other} on "
            "{less} %.",
            count=count,
            method=best.method.name,
            share=round(100 * trials[best.method.name]),
            other=by_shape.name,
            less=round(100 * trials[by_shape.name]),
        )
    method = by_shape if best is first else best.method
    return Choice(method, reason, trials, best.calibration, _right(tried, first))


def _better(tried: Sequence["Trial"], first: "Trial", among: Integers) -> "Trial":
    """The best on some of the known labels where it is clearly better than the first."""
    best = max(tried, key=lambda one: (one.hits[among].mean(), one is first))
    return best if _clearly_more(best.hits[among], first.hits[among]) else first


def _right(tried: Sequence["Trial"], first: "Trial") -> int:
    """Labels that chose a method say too much good of it, so each fold is left out in turn."""
    fold = np.arange(len(first.truth)) % FOLDS
    return sum(
        int(_better(tried, first, fold != one).hits[fold == one].sum()) for one in range(FOLDS)
    )


def _tested(judgments: Judgments, known: Integers) -> int:
    return int(((known >= 0) & (judgments.per_task > 0)).sum())


def _by_shape(judgments: Judgments) -> tuple[DawidSkene, Message]:
    made = judgments.per_worker
    active = int((made > 0).sum())
    if active < SMALL_PANEL:
        held_together = Prior(strength=max(PRIOR.strength, len(judgments) / max(active, 1)))
        return OneCoin(held_together), Message(
            "{count} contributors are a small panel: a matrix of errors each can mistake their "
            "shared errors for the truth, so each has one accuracy, drawn half-way to the panel's.",
            count=active,
        )
    chances = judgments.classes * max(judgments.classes - 1, 1)
    each = float((made.astype(float) ** 2).sum() / max(len(judgments), 1)) / chances
    if each < ENOUGH_PER_CHANCE:
        return OneCoin(), Message(
            "There are {each} judgments for each chance of confusion: too few for a matrix of "
            "errors each, so each contributor has one accuracy.",
            each=round(each),
        )
    return DawidSkene(), Message(
        "{count} contributors with enough judgments each: who confuses what is learnt for each.",
        count=active,
    )


@dataclass(frozen=True)
class Trial:
    """posterior: (tasks, classes) of known labels that were held out; truth: (tasks,)."""

    method: Majority | DawidSkene
    posterior: Floats
    truth: Integers

    @property
    def hits(self) -> Floats:
        right: Floats = (top(self.posterior) == self.truth).astype(np.float64)
        return right

    @property
    def calibration(self) -> Calibration:
        return calibrate(self.posterior, self.truth)


def _calibrated(fitted: Fit, calibration: Calibration, known: Integers) -> Fit:
    for tasks, part in fitted.parts() if calibration != AS_IT_IS else ():
        unknown = known[tasks] < 0
        part.posterior[unknown] = calibration(part.posterior[unknown])
    return fitted


def _trials(
    methods: Sequence[Majority | DawidSkene],
    judgments: Judgments,
    known: Integers,
    expected: ArrayLike | None,
    place: Place,
    folds: int = FOLDS,
) -> list[Trial]:
    """Every method on each known label while that is hidden from it."""
    places = np.flatnonzero((known >= 0) & (judgments.per_task > 0))
    found = []
    for method in methods:
        posterior = np.zeros((len(places), judgments.classes))
        for fold in range(folds):
            held = np.arange(len(places)) % folds == fold
            shown = known.copy()
            shown[places[held]] = UNKNOWN
            fitted = label_with(method, judgments, shown, expected, place)
            posterior[held] = fitted.posterior[places[held]]
        found.append(Trial(method, posterior, known[places]))
    return found


def _clearly_more(hits: Floats, other: Floats) -> bool:
    """One-sided test of the tasks on which the two differ (McNemar), at 5 %."""
    won, lost = float((hits > other).sum()), float((hits < other).sum())
    return won - lost > CLEARLY * sqrt(max(won + lost, 1.0))


def collapse(judgments: Judgments, fit: Fit) -> list[Message]:
    """Warns when the fit differs from the votes as a model does that has lost its way: often,
    and nearly always from the same answer to the same other one."""
    judged, numbers = 0, np.zeros(judgments.classes**2, dtype=np.int64)
    for tasks, part in parts(judgments):
        votes, answer = Majority().fit_to(part), fit.of(tasks).answer
        differs = (answer != votes.answer) & (answer >= 0) & (votes.answer >= 0) & ~votes.tied
        pairs = votes.answer[differs] * judgments.classes + answer[differs]
        numbers += np.bincount(pairs, minlength=judgments.classes**2)
        judged += int((votes.answer >= 0).sum())
    count = int(numbers.sum())
    if count < max(COLLAPSE_SHARE * judged, 2):
        return []
    if numbers.max() < COLLAPSE_ONE_WAY * count:
        return []
    before, after = divmod(int(numbers.argmax()), judgments.classes)
    return [
        Message(
            "{count} labels ({share} %) differ from the majority's, {most} of them in one "
            "direction, from answer {before} to answer {after}. Have an expert look at some of "
            "them before trusting either.",
            count=count,
            share=round(100 * count / max(judged, 1)),
            most=int(numbers.max()),
            before=before,
            after=after,
        )
    ]
