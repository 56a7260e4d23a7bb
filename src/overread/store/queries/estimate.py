"""What is left of a job, and how its judgments went so far: the estimate's figures."""

from collections import Counter
from statistics import median

from django.db.models import Count, F, Q, Sum

from overread.core.estimate import Estimate, Measured, estimate, per_row
from overread.core.forecast import Forecast, Seen, forecast
from overread.core.judging import TAINTED
from overread.core.states import Mode, PageState, ParticipationState
from overread.core.test_questions import kind_of
from overread.store.judging import rules_of
from overread.store.models import Job, Judgment, Page, Slot
from overread.store.queries.design import design_of
from overread.store.queries.quality import enabled_tests
from overread.store.queries.standing import Standing

# The latest judgments that are timed: enough for a median, few enough for every page view.
TIMED = 2_000
PASSED = (ParticipationState.WORKING, ParticipationState.MAXED_OUT, ParticipationState.REMOVED)


def measured(job: Job) -> Measured:
    """How long a row takes, and what share of the work is not trusted."""
    timed = Judgment.objects.filter(participation__job=job, milliseconds__gt=0).order_by("-pk")
    times = list(timed.values_list("milliseconds", flat=True)[:TIMED])
    work = Page.objects.filter(
        participation__job=job, mode=Mode.WORK, state=PageState.SUBMITTED
    ).aggregate(all=Count("pk"), lost=Count("pk", filter=Q(participation__state__in=TAINTED)))
    return Measured(
        seconds=median(times) / 1000 if times else None,
        judgments=len(times),
        untrusted=work["lost"] / work["all"] if work["all"] else 0.0,
    )


def quizzes(job: Job) -> tuple[int, int]:
    """How many contributors took the quiz, and how many got through."""
    tested = job.participations.filter(pages__mode=Mode.QUIZ, pages__state=PageState.SUBMITTED)
    states = [state for _, state in tested.distinct().values_list("pk", "state")]
    return len(states), sum(state in PASSED for state in states)


def forecast_of(found: Standing) -> Forecast | None:
    """The same with its uncertainty; after a pilot, by what it showed."""
    job, plan = found.job, expected(found)
    question = design_of(job).main_question.name
    tests = Counter(kind_of(one.accepted, question) for one in enabled_tests(job))
    taken, passed = (0, 0) if found.is_draft else quizzes(job)
    return forecast(
        rules_of(job),
        rows=plan.rows,
        least=plan.least,
        most=plan.most,
        kinds=tests,
        seen=Seen(taken, passed, plan.measured.seconds),
    )


def expected(found: Standing) -> Estimate:
    """What a draft will take, what the rest after a pilot will, else what is still to be done."""
    job, rules = found.job, rules_of(found.job)
    least, most = per_row(rules)
    rows = found.work
    asked = (rows * least, rows * most)
    if job.pilot_rows is not None:
        rows = found.work - Slot.objects.filter(job=job).count()
        asked = (rows * least, rows * most)
    elif not found.is_draft:
        open_ = Slot.objects.filter(job=job, counted__lt=F("wanted")).aggregate(
            rows=Count("pk"), needed=Sum("wanted"), counted=Sum("counted")
        )
        rows, counted = open_["rows"], open_["counted"] or 0
        needed = (open_["needed"] or 0) - counted
        asked = (needed, max(needed, rows * most - counted))
    return estimate(
        rules,
        rows=rows,
        least=asked[0],
        most=asked[1],
        test_questions=found.test_questions,
        measured=Measured() if found.is_draft else measured(job),
    )
