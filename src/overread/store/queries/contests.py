"""Objections to test questions, as owners and contributors read them."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Max, Min, Q, QuerySet

from overread.core.design import as_values
from overread.core.test_questions import is_doubtful
from overread.store.judging import Marked, accepted_at, mark, mark_one
from overread.store.models import Contest, Job, Judgment, Page, Participation, Remark, TestQuestion
from overread.store.queries.discussion import threads_of

# In doubt, and a third of those who missed it object: the accepted answer may be wrong, not they.
# The reference platform calls for a review then and names no figures.
REVIEW_CONTESTED = 1 / 3
# So many misses a contributor can still object to on their page, among the latest test answers.
MOST_MISSES, LATEST = 50, 500


def own_page(participation: Participation, page: int) -> Page | None:
    """A page where it is this contributor's."""
    found = participation.pages.select_related("participation__job")
    return found.filter(pk=page).first()


def missed_places(page: Page) -> set[int]:
    """The places of test questions that the contributor was told to have missed."""
    told = json.loads(page.result)["feedback"] if page.result else []
    return {one["place"] for one in told if not one["correct"]}


def judgment_at(page: Page, place: int) -> Judgment | None:
    """What a contributor said to a test question at a place of a page."""
    found = page.judgments.filter(unit=page.places.get(place), test__current__isnull=False)
    return found.select_related("test__current").prefetch_related("test__versions").first()


def with_questions(contests: QuerySet[Contest]) -> QuerySet[Contest]:
    """Objections with what they are about."""
    return contests.select_related(
        "judgment__participation", "judgment__test__unit", "judgment__test__current"
    ).prefetch_related("judgment__test__versions")


def is_right_now(judgment: Judgment) -> bool:
    """Whether a missed test question was corrected since, so that the answer is right."""
    assert judgment.test is not None
    return mark_one(judgment, judgment.test).right


def decision_for(judgment: Judgment) -> Contest.Decision:
    """What the owner has done about a missed test question so far."""
    question = judgment.test
    assert question is not None
    assert question.current is not None
    before = accepted_at(question, judgment.created_at)
    changed = question.state != TestQuestion.State.ENABLED or question.current.accepted != before
    return Contest.Decision.CHANGED if changed else Contest.Decision.KEPT


# the owner's


def contests_of(job: Job) -> QuerySet[Contest]:
    return Contest.objects.filter(judgment__participation__job=job)


@dataclass(frozen=True)
class Waiting:
    """What waits for the owner's word: objections, how many are overdue, and questions."""

    objections: int
    overdue: int
    questions: int


def waiting(job: Job, *, at: int) -> Waiting:
    """`at` is milliseconds UTC."""
    found = contests_of(job).filter(decision="")
    counts = found.aggregate(all=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    return Waiting(counts["all"], counts["late"], threads_of(job).count())


def contested_questions(job: Job, *, answered: bool = False) -> QuerySet[Contest, int]:
    """Test questions by the first date of their open objections, or by the latest answer."""
    found = contests_of(job).order_by()
    found = found.exclude(decision="") if answered else found.filter(decision="")
    by_test = found.values_list("judgment__test")
    if answered:
        by_test = by_test.annotate(when=Max("answered_at")).order_by("-when", "judgment__test")
    else:
        by_test = by_test.annotate(when=Min("due_at")).order_by("when", "judgment__test")
    return by_test.values_list("judgment__test", flat=True)


@dataclass(frozen=True)
class Objected:
    """A test question with its objections, and how it fared with all who answered it.

    `missed` goes by the answers accepted at the time, `forgiven` are those right by now.
    """

    question: TestQuestion
    contests: Sequence[Contest]
    judged: int
    missed: int
    forgiven: int
    contested: int
    given: Mapping[str, Counter[str]] = field(default_factory=dict)
    cannot_be_judged: int = 0

    @property
    def missed_share(self) -> float | None:
        return self.missed / self.judged if self.judged else None

    @property
    def contested_share(self) -> float | None:
        return self.contested / self.missed if self.missed else None

    @property
    def needs_review(self) -> bool:
        """Highly missed and highly contested, and the owner has not looked at it since."""
        contested = self.contested >= REVIEW_CONTESTED * self.missed
        return is_doubtful(self.judged, self.missed) and contested and not self.question.reviewed


def objected(job: Job, tests: Sequence[int], *, answered: bool) -> list[Objected]:
    """These test questions in this order; the same number of queries however many there are."""
    questions = (
        TestQuestion.objects.filter(unit__job=job)
        .select_related("unit", "current")
        .prefetch_related("versions")
        .in_bulk(tests)
    )
    contests = _by_test(contests_of(job).filter(judgment__test__in=tests).order_by("pk"))
    judgments: dict[int, list[Judgment]] = defaultdict(list)
    for judgment in Judgment.objects.filter(test__in=tests):
        judgments[judgment.test_id or 0].append(judgment)
    marks = mark([judgment for found in judgments.values() for judgment in found])
    return [
        _objected(questions[test], contests[test], judgments[test], marks, answered=answered)
        for test in tests
    ]


def _by_test(contests: QuerySet[Contest]) -> dict[int, list[Contest]]:
    found: dict[int, list[Contest]] = defaultdict(list)
    for one in contests.select_related("judgment__participation", "answered_by"):
        found[one.judgment.test_id or 0].append(one)
    return found


def _objected(
    question: TestQuestion,
    contests: Sequence[Contest],
    judgments: Sequence[Judgment],
    marks: Mapping[int, Marked],
    *,
    answered: bool,
) -> Objected:
    marked = [marks[judgment.pk] for judgment in judgments]
    return Objected(
        question,
        [one for one in contests if bool(one.decision) == answered],
        len(marked),
        sum(one.missed for one in marked),
        sum(one.forgiven for one in marked),
        len(contests),
        _given(question, judgments),
        sum(judgment.cannot_be_judged for judgment in judgments),
    )


def _given(question: TestQuestion, judgments: Iterable[Judgment]) -> dict[str, Counter[str]]:
    """The answers given to each tested question."""
    assert question.current is not None
    counts: dict[str, Counter[str]] = {name: Counter() for name in question.current.accepted}
    for judgment in judgments:
        for name, counter in counts.items():
            counter.update(as_values(judgment.answers.get(name)))
    return counts


# the contributor's


@dataclass(frozen=True)
class Own:
    """A contributor's objection, with how its answer stands by now."""

    contest: Contest
    marked: Marked


def own_contests(participation: Participation) -> list[Own]:
    """The latest first."""
    found = with_questions(Contest.objects.filter(judgment__participation=participation))
    contests = list(found.order_by("-pk"))
    marks = mark([one.judgment for one in contests])
    return [Own(one, marks[one.judgment_id]) for one in contests]


@dataclass(frozen=True)
class Miss:
    """A missed test question that a contributor can still object to."""

    judgment: Judgment
    place: int


def open_misses(participation: Participation) -> list[Miss]:
    """The latest ones; those that are right by now, or out of use, are left out."""
    judgments = (
        participation.judgments.filter(test__current__isnull=False, contest__isnull=True)
        .exclude(test__state=TestQuestion.State.DISABLED)
        .select_related("page", "unit", "test__current")
        .order_by("-pk")
    )
    places = {judgment: _told_missed(judgment) for judgment in judgments[:LATEST]}
    missed = [judgment for judgment, place in places.items() if place is not None]
    marks = mark(missed[:MOST_MISSES])
    return [
        Miss(judgment, places[judgment] or 0)
        for judgment in missed[:MOST_MISSES]
        if not marks[judgment.pk].right
    ]


def _told_missed(judgment: Judgment) -> int | None:
    """The place at which a judgment was told to be wrong."""
    places = judgment.page.places
    missed = missed_places(judgment.page)
    return next((place for place in missed if places.get(place) == judgment.unit_id), None)


def unseen_answers(participation: Participation) -> int:
    """How many of the owner's answers a contributor has not had before their eyes."""
    contests = Contest.objects.filter(
        judgment__participation=participation, answered_at__isnull=False, seen_at=None
    )
    replies = Remark.objects.filter(participation=participation, from_owner=True, seen_at=None)
    return contests.count() + replies.count()
