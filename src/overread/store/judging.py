"""What of judging the rest of the house reads and changes: rules, test questions, marks."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db.models import F, QuerySet

from overread.core.design import Design
from overread.core.instants import milliseconds
from overread.core.judging import Order, Rules, RunOut
from overread.core.removal import AnswerBounds, RemovalRule
from overread.core.stopping import Stopping, StoppingRule
from overread.store.models import DesignVersion, Job, Judgment, Page, TestQuestion

AT_ONCE = 5_000


def rules_of(job: Job) -> Rules:
    return Rules(
        judgments_per_unit=job.judgments_per_unit,
        units_per_page=job.units_per_page,
        test_questions_per_page=job.test_questions_per_page,
        practice_length=job.practice_length,
        quiz_length=job.quiz_length,
        quiz_retakes=job.quiz_retakes,
        removal_rule=RemovalRule(job.removal_rule),
        minimum_accuracy=job.minimum_accuracy,
        answer_bounds=AnswerBounds.from_document(job.answer_bounds),
        maximum_judgments=job.maximum_judgments_per_contributor,
        order=Order(job.order),
        when_tests_run_out=RunOut(job.when_tests_run_out),
        repeat_share=job.repeat_share,
        repeat_hours=job.repeat_hours,
        stopping=Stopping(
            rule=StoppingRule(job.stopping_rule),
            minimum=job.judgments_per_unit,
            maximum=job.maximum_judgments_per_unit or job.judgments_per_unit,
            threshold=job.stopping_threshold,
            matches=job.stopping_matches,
        ),
    )


def touch(job: Job) -> None:
    """Say that settings, design or test questions changed; judging then reads them anew."""
    Job.objects.filter(pk=job.pk).update(revision=F("revision") + 1)


def test_questions(job: Job) -> QuerySet[TestQuestion]:
    """The job's enabled test questions."""
    return TestQuestion.objects.filter(unit__job=job, state=TestQuestion.State.ENABLED)


@dataclass(frozen=True)
class Marked:
    """A test answer held against the accepted ones.

    `missed` goes by the answers accepted when it was given, `right` by those of now. A miss is
    forgiven where the answer is right now, or while the test question is out of use: disabling
    one, or putting it on hold, excuses its misses.
    """

    unit: int
    accepted: Mapping[str, Sequence[str]]
    missed: bool
    right: bool
    forgiven: bool

    @property
    def correct(self) -> bool:
        return not self.missed or self.forgiven


def mark(judgments: Sequence[Judgment]) -> dict[int, Marked]:
    """Mark those judgments (by id) that answer a test question."""
    by_id = _questions({one.test_id for one in judgments if one.test_id is not None})
    designs = {job: newest_design(job) for job in {one.unit.job_id for one in by_id.values()}}
    answers = [(one, by_id[one.test_id]) for one in judgments if one.test_id in by_id]
    shown = _designs_shown({one.page_id for one, _ in answers})
    return {
        one.pk: _mark(one, question, shown[one.page_id], designs[question.unit.job_id])
        for one, question in answers
    }


def _designs_shown(pages: Collection[int]) -> dict[int, Design]:
    """The version of the design that each page showed."""
    of_page = {
        page: design
        for some in _some(pages)
        for page, design in Page.objects.filter(pk__in=some).values_list("pk", "design")
    }
    versions = DesignVersion.objects.in_bulk(set(of_page.values()))
    designs = {pk: Design.from_document(version.document) for pk, version in versions.items()}
    return {page: designs[design] for page, design in of_page.items()}


def _questions(ids: Collection[int]) -> dict[int, TestQuestion]:
    """Test questions with all their versions; a statement takes only so many parameters."""
    found = TestQuestion.objects.filter(current__isnull=False).select_related("current", "unit")
    return {
        question.pk: question
        for some in _some(ids)
        for question in found.filter(pk__in=some).prefetch_related("versions")
    }


def _some(ids: Collection[int]) -> Iterator[list[int]]:
    left = iter(ids)
    while some := list(islice(left, AT_ONCE)):
        yield some


def mark_one(judgment: Judgment, question: TestQuestion) -> Marked:
    """The same for one judgment."""
    [shown] = _designs_shown([judgment.page_id]).values()
    return _mark(judgment, question, shown, newest_design(question.unit.job_id))


def _mark(judgment: Judgment, question: TestQuestion, shown: Design, newest: Design) -> Marked:
    """By what the page asked: a question that came later can't be missed."""
    assert question.current is not None
    accepted = question.current.accepted
    then = accepted_at(question, judgment.created_at)
    right = newest.is_right(shown.asked_of(accepted), judgment.answers)
    missed = not newest.is_right(shown.asked_of(then), judgment.answers)
    excused = question.state != TestQuestion.State.ENABLED
    return Marked(judgment.unit_id, accepted, missed, right, missed and (right or excused))


def newest_design(job: int) -> Design:
    version = DesignVersion.objects.filter(job=job).order_by("-number")[0]
    return Design.from_document(version.document)


def accepted_at(question: TestQuestion, at: int) -> Mapping[str, Sequence[str]]:
    """The answers that were accepted at an instant (milliseconds UTC)."""
    versions = sorted(question.versions.all(), key=lambda version: version.number)
    then = [one for one in versions if milliseconds(one.created_at) <= at]
    accepted: Mapping[str, Sequence[str]] = (then or versions)[-1 if then else 0].accepted
    return accepted
