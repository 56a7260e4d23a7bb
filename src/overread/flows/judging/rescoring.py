"""What follows when a test question changes after it was answered.

Everybody who answered it is scored anew, each in a short transaction of its own. Whoever was sent
away over it comes back, and the judgments count again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

from django.db.models import Min

from overread.core.instants import milliseconds
from overread.core.removal import Tally
from overread.core.states import Mode, PageState, ParticipationState, step
from overread.core.test_questions import (
    MISSED_BY_MOST,
    after_edit,
    is_missed_by_most,
    kind_of,
)
from overread.flows import audit
from overread.flows.judging import slots
from overread.store.hot.documents import encode, tally_of
from overread.store.hot.now import now
from overread.store.hot.rows import Contributor
from overread.store.hot.tables import Tables
from overread.store.judging import mark, newest_design, rules_of, test_questions, touch
from overread.store.models import Job, Judgment, Page, Participation, TestQuestion, User
from overread.store.queries.quality import MOST_AT_ONCE, Fared, fared_with_most
from overread.store.write import write

# After a start so many of the latest judgments are looked through for missed test questions.
LOOKED_BACK = 100_000


@dataclass(frozen=True)
class Rescored:
    """How many have answered a test question, and how many of these came back."""

    answered: int
    restored: int


def rescore(question: TestQuestion, *, actor: User | None, at: datetime) -> Rescored:
    """Score everybody anew who has answered a test question. Repeating it changes nothing."""
    before = _revision(question)
    answers = Judgment.objects.filter(test=question)
    who = list(answers.values_list("participation", flat=True).distinct().order_by("participation"))
    restored = sum(_score(participation, actor, at) for participation in who)
    if who:
        slots.settle_now(who[0], milliseconds(at))
        with write():
            audit.record(
                "score anew", question, actor=actor, at=at, answered=len(who), restored=restored
            )
    _keep_scored(question, before)
    return Rescored(len(who), restored)


def _keep_scored(question: TestQuestion, before: int) -> None:
    """All is done, unless something of the job changed meanwhile: it may be this question."""
    with write():
        # Held, so that who changes it, and then the job's revision, comes before or after.
        list(TestQuestion.objects.select_for_update().filter(pk=question.pk))
        if _revision(question) == before:
            TestQuestion.objects.filter(pk=question.pk).update(to_score=False)


def _revision(question: TestQuestion) -> int:
    return Job.objects.values_list("revision", flat=True).get(pk=question.unit.job_id)


def _score(participation: int, actor: User | None, at: datetime) -> bool:
    """Score one contributor anew; whether he or she comes back.

    All the answers are read before the transaction, so that nobody waits for that, and once more
    where a page was submitted meanwhile.
    """
    made = Participation.objects.values_list("judgments_made", "trust_from")
    while True:
        before = made.get(pk=participation)
        tally = recount(participation)
        restored = now(partial(_keep, participation, before, tally, actor, at))
        if restored is not None:
            return restored


def _keep(
    participation: int,
    before: tuple[int, int],
    tally: Tally,
    actor: User | None,
    at: datetime,
    tables: Tables,
) -> bool | None:
    """Keep a tally; None where it is that of before a page which came in since."""
    old = tables.contributor(participation)
    if (old.judgments_made, old.trust_from) != before:
        return None
    if tally == tally_of(old.tally):
        return False
    state = _standing(old, tally)
    tables.save(old, old._replace(tally=encode(tally.to_document()), state=state.value))
    if state == old.state:
        return False
    who = Participation.objects.get(pk=participation)
    Participation.objects.filter(pk=participation).update(removed_for="")
    # The slots take the judgments back in bounded steps; a unit may then have more than it needs.
    tables.unsettle(participation, 0)
    audit.record("restore", who, actor=actor, at=at, why="test question changed")
    return True


def _standing(contributor: Contributor, tally: Tally) -> ParticipationState:
    removed_for = Participation.objects.values_list("removed_for", flat=True)
    rules = rules_of(Job.objects.get(pk=contributor.job))
    old = ParticipationState(contributor.state)
    new = after_edit(old, removed_for.get(pk=contributor.id), rules, tally)
    return old if new == old else step("participation", old, new)


def recount(participation: int) -> Tally:
    """A contributor's tally from the judgments: test answers since the latest quiz began."""
    one = Participation.objects.get(pk=participation)
    answers = Judgment.objects.filter(
        participation=one, test__isnull=False, created_at__gte=one.trust_from
    )
    judgments = list(answers.exclude(page__mode=Mode.PRACTICE).order_by("pk"))
    marks = mark(judgments)
    main = newest_design(one.job_id).main_question.name
    tally = Tally()
    for judgment in judgments:
        found = marks[judgment.pk]
        tally = tally.add(
            kind_of(found.accepted, main), missed=found.missed, forgiven=found.forgiven
        )
    return tally


def hold_missed_by_most(after: int, *, at: datetime) -> int:
    """Put test questions on hold that most people miss, and score those people anew.

    Looks at those that were answered by judgments later than `after`, and returns the latest
    judgment seen: what to begin with the next time. Who reviewed a question has the last word.
    """
    latest = Judgment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    recent = Judgment.objects.filter(pk__gt=max(after, latest - LOOKED_BACK), pk__lte=latest)
    tests = recent.filter(test__isnull=False).values("test").distinct()
    in_use = TestQuestion.objects.filter(
        pk__in=tests, state=TestQuestion.State.ENABLED, reviewed=False
    )
    left = iter(in_use.select_related("unit__job").order_by("pk"))
    while some := list(islice(left, MOST_AT_ONCE)):
        _hold_some(some, at)
    return latest


def _hold_some(questions: Sequence[TestQuestion], at: datetime) -> None:
    by_unit = fared_with_most(questions)
    for question in questions:
        found = by_unit.get(question.unit_id, Fared())
        if is_missed_by_most(found.judged, found.missed) and _hold(question, found, at):
            rescore(question, actor=None, at=at)


def to_score() -> list[TestQuestion]:
    """Test questions that changed and that nobody came to score: the worker was killed."""
    return list(TestQuestion.objects.filter(to_score=True).select_related("unit__job"))


def overdue(at: int) -> list[int]:
    """A contributor of every job in which a page ran out of time that nobody asked about."""
    late = Page.objects.filter(state=PageState.OPEN, expires_at__lte=at).order_by()
    by_job = late.values_list("participation__job").annotate(one=Min("participation"))
    return list(by_job.values_list("one", flat=True))


def to_settle() -> list[int]:
    """A contributor of every job whose counts are not yet what the contributors' states say."""
    unsettled = Participation.objects.filter(settle_from__isnull=False).order_by()
    return list(unsettled.values_list("job").annotate(one=Min("pk")).values_list("one", flat=True))


def _hold(question: TestQuestion, found: Fared, at: datetime) -> bool:
    """Put it on hold, unless the owner changed it meanwhile; whether it is.

    One without which quiz and hidden test questions would go off stays in use: the owner is told
    to look at it instead.
    """
    job = question.unit.job
    with write():
        in_use = test_questions(job)
        needed = rules_of(job).needs_all(in_use.count())
        as_it_was = in_use.filter(pk=question.pk, reviewed=False, current=question.current_id)
        if needed:
            changed = as_it_was.exclude(on_hold_for=MISSED_BY_MOST).update(
                on_hold_for=MISSED_BY_MOST
            )
        else:
            changed = as_it_was.update(
                state=TestQuestion.State.ON_HOLD, on_hold_for=MISSED_BY_MOST, to_score=True
            )
        if changed:
            touch(job)
            audit.record(
                "doubt test question" if needed else "hold test question",
                question,
                actor=None,
                at=at,
                why=MISSED_BY_MOST,
                judged=found.judged,
                missed=found.missed,
            )
    return bool(changed) and not needed
