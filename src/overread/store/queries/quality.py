"""How test questions fare with those who answer them."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from overread.core.design import as_values
from overread.core.test_questions import MISSED_BY_MOST, is_doubtful
from overread.core.test_questions import TestQuestion as Tests
from overread.store.judging import newest_design
from overread.store.models import Contest, Job, Judgment, TestQuestion
from overread.store.queries.design import test_questions_of

# A test question's latest answers say enough about it, and a job's latest about them all; they
# cost the same however many there are.
LATEST, LATEST_OF_JOB = 200, 5_000
# So many test questions are looked at in one go: a statement takes only so many parameters.
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Fared:
    """How often a test question was judged, and missed by its newest accepted answers, among
    the latest answers.
    """

    judged: int = 0
    missed: int = 0
    contested: int = 0

    @property
    def share(self) -> float | None:
        return self.missed / self.judged if self.judged else None

    @property
    def contested_share(self) -> float | None:
        """Of those who missed it."""
        return min(1.0, self.contested / self.missed) if self.missed else None

    @property
    def is_doubtful(self) -> bool:
        return is_doubtful(self.judged, self.missed)

    @property
    def is_cut(self) -> bool:
        """Whether there may be answers to it that were not looked at."""
        return self.judged >= LATEST


def test_questions_fared(job: Job) -> dict[int, Fared]:
    """By unit id, among the job's latest answers; units without any are left out."""
    tested = Judgment.objects.filter(test__unit__job=job).order_by("-pk")
    return _fared(list(tested.values_list("pk", flat=True)[:LATEST_OF_JOB]))


def fared_among(questions: Sequence[TestQuestion]) -> dict[int, Fared]:
    """By unit id, among the latest answers to each of some test questions."""
    found = _fared(_latest(Judgment.objects.filter(test__in=questions)))
    contests = Contest.objects.filter(judgment__test__in=questions).order_by()
    contested = Counter(contests.values_list("judgment__unit", flat=True))
    return {unit: replace(one, contested=contested[unit]) for unit, one in found.items()}


def fared_with_most(questions: Sequence[TestQuestion]) -> dict[int, Fared]:
    """How the latest contributors fared with at most MOST_AT_ONCE test questions, each with the
    first answer that they gave; by unit id, without those that nobody answered.
    """
    return _fared(_latest(Judgment.objects.filter(test__in=questions, attempt=0)))


def _latest(answers: QuerySet[Judgment]) -> list[int]:
    """The latest answers to each test question."""
    back = Window(RowNumber(), partition_by=F("test"), order_by=F("pk").desc())
    ranked = answers.annotate(back=back).filter(back__lte=LATEST)
    return list(ranked.values_list("pk", flat=True))


def _fared(judgments: Sequence[int]) -> dict[int, Fared]:
    """By unit id, among these answers to test questions."""
    given = list(Judgment.objects.filter(pk__in=judgments).values_list("test", "answers"))
    found = TestQuestion.objects.filter(
        pk__in={test for test, _ in given}, current__isnull=False
    ).values_list("pk", "unit", "unit__job", "current__accepted")
    questions = {test: (unit, job, accepted) for test, unit, job, accepted in found}
    designs = {job: newest_design(job) for job in {job for _, job, _ in questions.values()}}
    judged: Counter[int] = Counter()
    missed: Counter[int] = Counter()
    for test, answers in given:
        if test in questions:
            unit, job, accepted = questions[test]
            judged[unit] += 1
            missed[unit] += not designs[job].is_right(accepted, answers)
    return {unit: Fared(count, missed[unit]) for unit, count in judged.items()}


def to_review(job: Job) -> QuerySet[TestQuestion]:
    """Test questions that most miss and that are not on hold, because all in use are needed."""
    return test_questions_of(job).filter(
        state=TestQuestion.State.ENABLED, on_hold_for=MISSED_BY_MOST
    )


@dataclass(frozen=True)
class Distribution:
    """Who answered what to one question of a test question: counts by value, most first."""

    counts: Mapping[str, int] = field(default_factory=dict)
    accepted: Sequence[str] = ()

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def answers_to(question: TestQuestion) -> dict[str, Distribution]:
    """The distribution of answers, by question."""
    accepted = question.current.accepted if question.current else {}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    given = Judgment.objects.filter(test=question).order_by("-pk")
    for answers in given.values_list("answers", flat=True):
        for name, answer in answers.items():
            counts[name].update(as_values(answer))
    return {
        name: Distribution(dict(found.most_common()), accepted.get(name, ()))
        for name, found in counts.items()
    }


def enabled_tests(job: Job) -> list[Tests]:
    """What the rules for a good set look at."""
    found = TestQuestion.objects.filter(
        unit__job=job, state=TestQuestion.State.ENABLED, current__isnull=False
    )
    rows = found.values_list("current__accepted", "hidden")
    return [Tests(accepted, hidden) for accepted, hidden in rows]
