"""Pages as a contributor would get them, for an owner who tries a job: nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from django.db.models import QuerySet

from overread.core.design import Design
from overread.core.judging import Rules, arrange, entry
from overread.core.removal import Tally, passes
from overread.core.states import Mode, ParticipationState, UnitState
from overread.core.test_questions import kind_of
from overread.store.hot import knowledge
from overread.store.hot.knowledge import Context
from overread.store.hot.now import look
from overread.store.hot.rows import Picture
from overread.store.judging import rules_of
from overread.store.models import Job, TestQuestion, TestQuestionVersion, Unit
from overread.store.queries.design import test_questions_of
from overread.store.queries.thumbnails import VIEW

# Pages of work that can be looked at; then the preview ends.
WORK_PAGES = 3


@dataclass(frozen=True)
class TriedPage:
    """Units by place; `tests` are the versions of those that are test questions, by unit."""

    mode: Mode
    units: Sequence[int]
    tests: Mapping[int, TestQuestionVersion]
    hidden: frozenset[int]


@dataclass(frozen=True)
class Tried:
    """A test answer of the preview."""

    place: int
    version: TestQuestionVersion
    hidden: bool
    missed: bool


@dataclass(frozen=True)
class Looks:
    """By unit: its images, and the columns that the owner lets readers see."""

    pictures: Mapping[int, Sequence[Picture]]
    context: Context


def tried_page(job: Job, step: int) -> TriedPage | None:
    """The page at a step of the way through: practice and quiz where there are any, then work.

    The same step shows the same page until the job changes. None when the preview is over.
    """
    rules, tests = rules_of(job), list(_in_use(job))
    modes = _modes(rules, tests)
    if step >= len(modes):
        return None
    rng = Random(f"preview {job.pk} {job.revision}")
    rng.shuffle(tests)
    quiz = [one for one in tests if not one.hidden]
    practised = rules.practice_length if Mode.PRACTICE in modes else 0
    if modes[step] == Mode.PRACTICE:
        return _page(Mode.PRACTICE, quiz[:practised], [], rng)
    if modes[step] == Mode.QUIZ:
        return _page(Mode.QUIZ, quiz[practised : practised + rules.quiz_length], [], rng)
    number = step - modes.index(Mode.WORK)
    return _work(job, rules, tests if Mode.QUIZ in modes else [], number, rng)


def _in_use(job: Job) -> QuerySet[TestQuestion]:
    enabled = TestQuestion.State.ENABLED
    return test_questions_of(job).filter(state=enabled, current__isnull=False)


def _modes(rules: Rules, tests: Sequence[TestQuestion]) -> list[Mode]:
    first = entry(rules, len(tests), for_quiz=sum(not one.hidden for one in tests))
    before = {
        ParticipationState.PRACTISING: [Mode.PRACTICE, Mode.QUIZ],
        ParticipationState.QUIZ: [Mode.QUIZ],
    }
    return [*before.get(first, []), *[Mode.WORK] * WORK_PAGES]


def _work(
    job: Job, rules: Rules, tests: Sequence[TestQuestion], number: int, rng: Random
) -> TriedPage | None:
    hidden = rules.test_questions_per_page if tests else 0
    wanted = rules.units_per_page - hidden
    work = _work_units(job, WORK_PAGES * wanted)[number * wanted :][:wanted]
    if not work:
        return None
    seen = rules.practice_length + rules.quiz_length + number * hidden
    return _page(Mode.WORK, [*tests[seen:], *tests][:hidden], work, rng)


def _work_units(job: Job, most: int) -> list[int]:
    """Rows that are shown as work, whether launched or not."""
    shown = Unit.objects.filter(job=job, unit_images__isnull=False, state=UnitState.NEW).exclude(
        test_question__state__in=[TestQuestion.State.ENABLED, TestQuestion.State.ON_HOLD]
    )
    return list(shown.distinct().order_by("number").values_list("pk", flat=True)[:most])


def _page(mode: Mode, tests: Sequence[TestQuestion], work: list[int], rng: Random) -> TriedPage:
    versions = {one.unit_id: one.current for one in tests if one.current}
    hidden = frozenset(one.unit_id for one in tests if one.hidden)
    return TriedPage(mode, arrange(rng, list(versions), work), versions, hidden)


def looks_of(job: Job, units: Sequence[int]) -> Looks:
    """What shows these units and stands beside them, as pages handed out now would have it."""
    known = knowledge.read(job.pk)
    return look(
        lambda tables: Looks(
            tables.pictures(known, units, VIEW), tables.beside(known.context, units)
        )
    )


def tried(
    page: TriedPage, answers: Mapping[int, Mapping[str, object]], design: Design
) -> list[Tried]:
    """The test answers among those given, by place."""
    return [
        Tried(
            place,
            page.tests[unit],
            unit in page.hidden,
            not design.is_right(
                page.tests[unit].accepted, design.completed(answers.get(place, {}))
            ),
        )
        for place, unit in enumerate(page.units)
        if unit in page.tests
    ]


def passed(found: Sequence[Tried], rules: Rules, design: Design) -> bool:
    """Whether these answers would pass the quiz."""
    tally = Tally()
    for one in found:
        kind = kind_of(one.version.accepted, design.main_question.name)
        tally = tally.add(kind, missed=one.missed)
    return passes(rules.removal_rule, tally, rules.minimum_accuracy)
