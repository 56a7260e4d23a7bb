"""How a pilot went: what an owner should know before the rest is launched."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import ceil
from statistics import fmean
from typing import Any

from django.db.models import Count, F, Q

from overread.core.design import as_values
from overread.core.estimate import Estimate
from overread.store.models import Job, Judgment, Slot, Unit
from overread.store.queries.design import design_of
from overread.store.queries.estimate import expected, quizzes
from overread.store.queries.quality import Fared, test_questions_fared
from overread.store.queries.standing import Standing

MISSED_MOST = 6
METHOD = "mean over rows of the share of judgments that equal the row's majority"


@dataclass(frozen=True)
class Agreement:
    """`share` is the mean, over `rows` with two judgments or more, of the majority's share.

    It isn't corrected for chance: among two answers guessing alone gives more than half.
    """

    share: float | None
    rows: int
    judgments: int


@dataclass(frozen=True)
class Missed:
    """A test question that was missed."""

    unit: int
    row: int
    fared: Fared


@dataclass(frozen=True)
class Pilot:
    """`quizzes` counts contributors who took one, `passed` those who got through.

    `estimate` is for the `rest`, with the pilot's own seconds a row and untrusted share.
    """

    rows: int
    finalized: int
    rest: int
    quizzes: int
    passed: int
    missed: list[Missed]
    agreement: Agreement
    estimate: Estimate

    @property
    def pass_rate(self) -> float | None:
        return self.passed / self.quizzes if self.quizzes else None

    @property
    def invitations(self) -> int | None:
        """How many people to invite for the rest, where as many pass the quiz as did so far."""
        return ceil(self.estimate.contributors / self.pass_rate) if self.pass_rate else None

    @property
    def minutes_per_row(self) -> float | None:
        seconds = self.estimate.measured.seconds
        return None if seconds is None else seconds / 60

    def document(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "finalized": self.finalized,
            "rest": self.rest,
            "quizzes": self.quizzes,
            "quiz_pass_rate": self.pass_rate,
            "missed_most": [
                {"row": one.row, "judged": one.fared.judged, "missed": one.fared.missed}
                for one in self.missed
            ],
            "agreement": asdict(self.agreement) | {"method": METHOD},
            "minutes_per_row": self.minutes_per_row,
            "invitations_for_the_rest": self.invitations,
            "estimate_of_the_rest": asdict(self.estimate),
        }


def pilot(found: Standing) -> Pilot | None:
    """How a pilot goes or went; None where there is none, or the rest was launched."""
    job = found.job
    if job.pilot_rows is None:
        return None
    slots = Slot.objects.filter(job=job).aggregate(
        rows=Count("pk"), done=Count("pk", filter=Q(counted__gte=F("wanted")))
    )
    taken, passed = quizzes(job)
    return Pilot(
        rows=slots["rows"],
        finalized=slots["done"],
        rest=found.work - slots["rows"],
        quizzes=taken,
        passed=passed,
        missed=_missed_most(job),
        agreement=agreement(_answers(job)),
        estimate=expected(found),
    )


def agreement(by_row: Iterable[list[str]]) -> Agreement:
    """How far the answers to each row agree with its majority."""
    rows = [answers for answers in by_row if len(answers) > 1]
    shares = [Counter(answers).most_common(1)[0][1] / len(answers) for answers in rows]
    return Agreement(fmean(shares) if shares else None, len(rows), sum(map(len, rows)))


def _answers(job: Job) -> Iterable[list[str]]:
    """The counted answers to the main question, row by row; without those who could not judge."""
    name = design_of(job).main_question.name
    found = Judgment.objects.filter(
        unit__slot__job=job, page__counted=True, cannot_be_judged=False, attempt=0
    )
    by_unit: dict[int, list[str]] = defaultdict(list)
    for unit, answers in found.values_list("unit", "answers"):
        by_unit[unit].extend(as_values(answers.get(name))[:1])
    return by_unit.values()


def _missed_most(job: Job) -> list[Missed]:
    fared = test_questions_fared(job)
    missed = [(unit, one) for unit, one in fared.items() if one.missed]
    missed.sort(key=lambda one: (-(one[1].share or 0), -one[1].judged, one[0]))
    rows = dict(
        Unit.objects.filter(pk__in=[unit for unit, _ in missed[:MISSED_MOST]]).values_list(
            "pk", "number"
        )
    )
    return [Missed(unit, rows[unit], one) for unit, one in missed[:MISSED_MOST]]
