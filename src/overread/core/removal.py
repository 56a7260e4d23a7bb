"""Who stays: what a contributor's test answers, and the mix of the answers, say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from math import comb, exp, expm1, factorial, inf, lgamma, log, log1p
from typing import NamedTuple, Self

TRUST_DIGITS = 4
# Fewer answers than this say too little about one kind of test question, except in the quiz.
ENOUGH_OF_A_KIND = 3
# How sure a removal must be that it isn't chance, over all looks at one contributor.
SURE_OF_ACCURACY = 0.95
SURE_OF_ANSWERS = 0.99
# Contributors whom a quiz is tried on: one who guesses between two answers, a fair, a good one.
TRIED = (0.5, 0.7, 0.9)


class RemovalRule(StrEnum):
    """How test answers decide who stays.

    ACCURACY is the reference platform's running percentage. BOTH asks the minimum of each kind
    of test question as well: with two answers these are sensitivity and specificity. SEQUENTIAL
    removes only when it is sure that the true accuracy is below the minimum.
    """

    ACCURACY = "accuracy"
    BOTH = "sensitivity and specificity"
    SEQUENTIAL = "sequential"


class Tested(NamedTuple):
    """Test answers: how many, how many were missed, and how many of these are forgiven."""

    seen: int = 0
    missed: int = 0
    forgiven: int = 0

    @property
    def right(self) -> int:
        return self.seen - self.missed + self.forgiven

    @property
    def trust(self) -> float | None:
        """1 - (missed - forgiven) / seen, to four decimals; None before any test answer."""
        if not self.seen:
            return None
        return round(1 - (self.missed - self.forgiven) / self.seen, TRUST_DIGITS)


@dataclass(frozen=True)
class Tally:
    """A contributor's test answers, by kind: the first accepted answer of the main question."""

    kinds: Mapping[str, Tested] = field(default_factory=dict)

    @cached_property
    def total(self) -> Tested:
        return Tested(*map(sum, zip(*self.kinds.values(), strict=True)))

    @property
    def seen(self) -> int:
        return self.total.seen

    @property
    def missed(self) -> int:
        return self.total.missed

    @property
    def forgiven(self) -> int:
        return self.total.forgiven

    @property
    def trust(self) -> float | None:
        return self.total.trust

    def add(self, kind: str, *, missed: bool, forgiven: bool = False) -> Self:
        """This tally with one more test answer."""
        seen, before, excused = self.kinds.get(kind, Tested())
        more = Tested(seen + 1, before + missed, excused + (missed and forgiven))
        return type(self)({**self.kinds, kind: more})

    def to_document(self) -> dict[str, list[int]]:
        return {kind: list(tested) for kind, tested in self.kinds.items()}

    @classmethod
    def from_document(cls, document: Mapping[str, Sequence[int]]) -> Self:
        return cls({kind: Tested(*numbers) for kind, numbers in document.items()})


@dataclass(frozen=True)
class AnswerBounds:
    """The share that each answer may have of a contributor's judgments, from so many on."""

    shares: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    from_: int = 20

    def __post_init__(self) -> None:
        for answer, (low, high) in self.shares.items():
            if not 0 <= low <= high <= 1:
                raise ValueError(f"{answer}: bounds go from low to high, between 0 and 1")

    def to_document(self) -> dict[str, object]:
        shares = {answer: list(bounds) for answer, bounds in self.shares.items()}
        return {"from": self.from_, "shares": shares} if shares else {}

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> Self:
        """Read {"from": 20, "shares": {answer: [low, high]}}; {} bounds nothing."""
        shares, from_ = document.get("shares", {}), document.get("from", cls.from_)
        if not isinstance(shares, Mapping) or not isinstance(from_, int):
            raise ValueError('bounds look like {"from": 20, "shares": {"healthy": [0.2, 0.8]}}')
        return cls(
            {answer: (float(low), float(high)) for answer, (low, high) in shares.items()}, from_
        )


class Stray(NamedTuple):
    """An answer whose share of a contributor's judgments leaves its bounds."""

    answer: str
    share: float


def stays(rule: RemovalRule, tally: Tally, minimum: float) -> bool:
    """Whether a contributor in work mode goes on. Nobody is removed without test answers."""
    return _meets(rule, tally, minimum, enough=ENOUGH_OF_A_KIND)


def short_kinds(tally: Tally, minimum: float) -> list[str]:
    """Kinds of test questions on which a contributor falls short in work mode."""
    return [
        kind
        for kind, tested in tally.kinds.items()
        if tested.seen >= ENOUGH_OF_A_KIND and (tested.trust or 0) < minimum
    ]


def passes(rule: RemovalRule, tally: Tally, minimum: float) -> bool:
    """Whether a contributor passes the quiz, where every kind of test question counts."""
    return _meets(rule, tally, minimum, enough=1)


def _meets(rule: RemovalRule, tally: Tally, minimum: float, *, enough: int) -> bool:
    total = tally.total
    if rule == RemovalRule.SEQUENTIAL:
        return not _surely_below(total.right, total.seen, minimum, SURE_OF_ACCURACY)
    counted = [total]
    if rule == RemovalRule.BOTH:
        counted += [tested for tested in tally.kinds.values() if tested.seen >= enough]
    return all(tested.trust is None or tested.trust >= minimum for tested in counted)


def strays(counts: Mapping[str, int], bounds: AnswerBounds) -> Stray | None:
    """The first answer whose share surely leaves its bounds; None while chance may explain it.

    counts: a contributor's answers to the main question on work.
    """
    total = sum(counts.values())
    if total < bounds.from_:
        return None
    for answer, (low, high) in bounds.shares.items():
        count = counts.get(answer, 0)
        too_few = _surely_below(count, total, low, SURE_OF_ANSWERS)
        # More than `high` of this answer is less than 1 - `high` of all others.
        too_many = _surely_below(total - count, total, 1 - high, SURE_OF_ANSWERS)
        if too_few or too_many:
            return Stray(answer, count / total)
    return None


def quiz_certainty(
    length: int,
    minimum: float,
    rule: RemovalRule = RemovalRule.ACCURACY,
    shares: Mapping[str, float] | None = None,
    tried: Sequence[float] = TRIED,
) -> dict[float, float]:
    """The chance to pass a quiz by true accuracy: how sure a quiz of this length can be.

    shares: of the accepted answers among the test questions; BOTH needs them.
    """
    kinds = shares or {"": 1.0}
    return {
        accuracy: _passing(rule, length, minimum, kinds, dict.fromkeys(kinds, accuracy))
        for accuracy in tried
    }


def always_one_answer_passes(
    shares: Mapping[str, float], minimum: float, rule: RemovalRule, length: int
) -> float:
    """The chance that the best of those who always give the same answer passes the quiz."""
    return max(
        _passing(rule, length, minimum, shares, {kind: float(kind == given) for kind in shares})
        for given in shares
    )


def _passing(
    rule: RemovalRule,
    length: int,
    minimum: float,
    shares: Mapping[str, float],
    accuracy: Mapping[str, float],
) -> float:
    """The exact chance to pass a quiz drawn by `shares` with these accuracies by kind."""
    total = sum(shares.values())
    by_kind = [(share / total, accuracy[kind]) for kind, share in shares.items()]
    if rule != RemovalRule.BOTH:
        return _passing_one_kind(rule, length, minimum, sum(s * p for s, p in by_kind))
    # Kinds are drawn by a multinomial law, length! * product of share^n / n!, and each kind
    # must pass by itself (the whole then does too): a product of generating functions.
    series = [1.0] + [0.0] * length
    for share, chance in by_kind:
        terms = [
            share**n / factorial(n) * _passing_one_kind(RemovalRule.ACCURACY, n, minimum, chance)
            for n in range(length + 1)
        ]
        series = [sum(series[n - k] * terms[k] for k in range(n + 1)) for n in range(length + 1)]
    return series[length] * factorial(length)


def _passing_one_kind(rule: RemovalRule, length: int, minimum: float, chance: float) -> float:
    """Sum of the binomial chances of those numbers of right answers that pass."""
    return sum(
        comb(length, right) * chance**right * (1 - chance) ** (length - right)
        for right in range(length + 1)
        if passes(rule, Tally({"": Tested(length, length - right)}), minimum)
    )


def _surely_below(successes: int, trials: int, least: float, sure: float) -> bool:
    """Whether the true share is below `least`, wrong in at most 1 - sure of all contributors.

    However often one looks: the likelihood ratio of a share that is uniform on [0, least]
    against `least` itself is a supermartingale where the share is `least` or more, so that it
    ever reaches 1 / (1 - sure) with a chance of at most 1 - sure (Ville's inequality; Robbins
    1970, Statistical methods related to the law of the iterated logarithm; Wald's sequential
    test with a weight function in the place of one alternative).
    """
    if not trials or successes >= least * trials:
        return False
    return _evidence(successes, trials, least) >= 1 / (1 - sure) - 1e-9


def _evidence(successes: int, trials: int, least: float) -> float:
    """The integral of p^s (1-p)^(n-s) / (least^s (1-least)^(n-s)) over p, uniform on [0, least].

    An incomplete beta integral of whole numbers, hence binomial: with X ~ Bin(n + 1, least),
    Y ~ Bin(n, least) it is P(X > s) / ((n + 1) * least * P(Y = s)).
    """
    if least >= 1:
        return inf
    if successes:
        upper = 1 - _at_most(successes, trials + 1, least)
    else:  # exact also where `least` is next to nothing
        upper = -expm1((trials + 1) * log1p(-least))
    odds = log(upper) - log((trials + 1) * least) - _log_chance(successes, trials, least)
    return exp(min(odds, 700))


def _log_chance(successes: int, trials: int, share: float) -> float:
    """log P(Bin(trials, share) = successes)."""
    ways = lgamma(trials + 1) - lgamma(successes + 1) - lgamma(trials - successes + 1)
    return ways + successes * log(share) + (trials - successes) * log1p(-share)


def _at_most(successes: int, trials: int, share: float) -> float:
    """P(Bin(trials, share) <= successes) below the mean, where terms shrink on the way down."""
    term = total = exp(_log_chance(successes, trials, share))
    for count in range(successes, 0, -1):
        term *= count * (1 - share) / ((trials - count + 1) * share)
        total += term
        if term < 1e-15 * total:
            break
    return total
