"""How a job is judged: what can be set, within what bounds, and what stays once it is launched."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Self

from overread.core.judging import Order, RunOut
from overread.core.problems import Message, Problem, Refused
from overread.core.removal import AnswerBounds, RemovalRule
from overread.core.states import JobState, ParticipationState, step
from overread.core.stopping import StoppingRule
from overread.flows import audit
from overread.store.judging import touch
from overread.store.models import Job, User
from overread.store.queries.design import design_of
from overread.store.write import locked, write


@dataclass(frozen=True)
class Settings:
    """A job's columns of the same names, explained in docs/reference/job-settings.md.

    Shares are 0 to 1. Their defaults are the columns' own: `Settings.of(Job())`.
    """

    judgments_per_unit: int
    units_per_page: int
    minimum_accuracy: float
    quiz_length: int
    removal_rule: RemovalRule
    test_questions_per_page: int
    practice_length: int
    quiz_retakes: int
    when_tests_run_out: RunOut
    stopping_rule: StoppingRule
    maximum_judgments_per_unit: int | None
    stopping_threshold: float
    stopping_matches: int
    maximum_judgments_per_contributor: int | None
    page_seconds: int
    minimum_page_seconds: int
    order: Order
    repeat_share: float
    repeat_hours: int
    contest_days: int
    discussion: bool
    answer_bounds: dict[str, Any]

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls(**{name: getattr(job, name) for name in NAMES})


NAMES = tuple(field.name for field in fields(Settings))
BOUNDS: dict[str, tuple[float, float]] = {
    "judgments_per_unit": (1, 100),
    "units_per_page": (2, 50),
    "minimum_accuracy": (0, 1),
    "quiz_length": (1, 50),
    "test_questions_per_page": (0, 10),
    "practice_length": (0, 50),
    "quiz_retakes": (0, 10),
    "maximum_judgments_per_unit": (1, 100),
    "stopping_threshold": (0.5, 1),
    "stopping_matches": (2, 100),
    "maximum_judgments_per_contributor": (1, 1_000_000),
    "page_seconds": (60, 86_400),
    "minimum_page_seconds": (0, 3_600),
    "repeat_share": (0, 0.2),
    "repeat_hours": (1, 8_760),
    "contest_days": (1, 90),
}
# An order of each contributor's own sorts all open slots for every page.
MOST_ROWS_FOR_OWN_ORDER = 5_000
# What may change while contributors work: it makes no judgment unlike those before it.
OPEN_AFTER_LAUNCH = frozenset(
    {
        "quiz_retakes",
        "when_tests_run_out",
        "maximum_judgments_per_contributor",
        "page_seconds",
        "minimum_page_seconds",
        "repeat_share",
        "repeat_hours",
        "contest_days",
        "discussion",
    }
)
# A change of these may let those go on who were told that they had done their share.
SHARES_OF_WORK = frozenset({"when_tests_run_out", "maximum_judgments_per_contributor"})


def is_locked(name: str, state: str) -> bool:
    return state != JobState.DRAFT and name not in OPEN_AFTER_LAUNCH


def set_settings(job: Job, settings: Settings, *, actor: User | None, at: datetime) -> None:
    """Change how a job is judged; after launch only OPEN_AFTER_LAUNCH.

    Raises Refused, whose source is the setting's name, for the first thing that is wrong.
    """
    for problem in faults(settings, answers_of(job), rows=job.units.count()):
        raise Refused(problem)
    with write():
        fresh = locked(job)
        before = asdict(Settings.of(fresh))
        changed = {name: new for name, new in asdict(settings).items() if new != before[name]}
        _refuse_locked(changed, fresh.state)
        if not changed:
            return
        for name, value in changed.items():
            setattr(job, name, value)
        job.save(update_fields=list(changed))
        if SHARES_OF_WORK & changed.keys():
            let_go_on(job)
        touch(job)
        audit.record("set settings", job, actor=actor, at=at, **changed)


def answers_of(job: Job) -> list[str]:
    """What the job's main question offers."""
    return [choice.value for choice in design_of(job).main_question.choices]


def _refuse_locked(changed: Collection[str], state: str) -> None:
    for name in changed:
        if is_locked(name, state):
            raise Refused.because(
                Message("This job has been launched, and this setting stays as it was."),
                Message("So all judgments are alike; make a new job to judge differently."),
                source=name,
            )


def let_go_on(job: Job) -> None:
    """Who had done their share may have more to do; else the next page says so again."""
    done, working = ParticipationState.MAXED_OUT, ParticipationState.WORKING
    job.participations.filter(state=done).update(state=step("participation", done, working))


def faults(settings: Settings, answers: Collection[str], *, rows: int = 0) -> list[Problem]:
    """All that is wrong with the settings, for a job of so many rows; `answers` is what the main
    question offers.
    """
    return [
        *_out_of_bounds(settings),
        *_at_odds(settings),
        *_unfit_answer_bounds(settings.answer_bounds, answers),
        *too_many_for_own_order(settings.order, rows),
    ]


def _problem(name: str, problem: Message, advice: Message) -> Problem:
    return Problem(name, None, None, problem, advice)


def _out_of_bounds(settings: Settings) -> Iterator[Problem]:
    for name, (low, high) in BOUNDS.items():
        value = getattr(settings, name)
        if value is not None and not low <= value <= high:
            yield _problem(
                name,
                Message("{value} is out of bounds.", value=f"{value:g}"),
                Message("Choose a number from {low} to {high}.", low=f"{low:g}", high=f"{high:g}"),
            )


def _at_odds(settings: Settings) -> Iterator[Problem]:
    if settings.units_per_page <= settings.test_questions_per_page:
        yield _problem(
            "units_per_page",
            Message(
                "With {tests} test questions a page of {rows} rows has no room for work.",
                tests=settings.test_questions_per_page,
                rows=settings.units_per_page,
            ),
            Message("Show more rows on a page, or hide fewer test questions."),
        )
    if settings.minimum_page_seconds >= settings.page_seconds:
        yield _problem(
            "minimum_page_seconds",
            Message("A page would run out before it may be submitted."),
            Message("Give more time for a page, or ask for less."),
        )
    if settings.repeat_share and settings.units_per_page - settings.test_questions_per_page < 2:
        yield _problem(
            "repeat_share",
            Message("A page has no room for a row that comes again beside one that is new."),
            Message("Show more rows on a page, hide fewer test questions, or let none come again."),
        )
    yield from _stopping_at_odds(settings)


def _stopping_at_odds(settings: Settings) -> Iterator[Problem]:
    is_dynamic = settings.stopping_rule != StoppingRule.NONE
    least, most = settings.judgments_per_unit, settings.maximum_judgments_per_unit
    if is_dynamic and most is None:
        yield _problem(
            "maximum_judgments_per_unit",
            Message("Dynamic judgments need a maximum for each row."),
            Message("Give one, of at least {least}.", least=least),
        )
    elif most is not None and most < least:
        yield _problem(
            "maximum_judgments_per_unit",
            Message("The maximum is below the {least} judgments of every row.", least=least),
            Message("Raise the maximum, or ask for fewer judgments per row."),
        )
    elif settings.stopping_rule == StoppingRule.MATCHING and settings.stopping_matches > (
        most or 0
    ):
        yield _problem(
            "stopping_matches",
            Message("So many answers can't match before the maximum is reached."),
            Message("Choose at most {most}, or raise the maximum.", most=most or 0),
        )


def too_many_for_own_order(order: Order, rows: int) -> Iterator[Problem]:
    if order == Order.PER_CONTRIBUTOR and rows > MOST_ROWS_FOR_OWN_ORDER:
        yield _problem(
            "order",
            Message(
                "A job of more than {most} rows can't have another order for each contributor.",
                most=MOST_ROWS_FOR_OWN_ORDER,
            ),
            Message("Choose one order for all, or make several smaller jobs."),
        )


def _unfit_answer_bounds(document: dict[str, Any], answers: Collection[str]) -> Iterator[Problem]:
    try:
        bounds = AnswerBounds.from_document(document)
    except (TypeError, ValueError):
        yield _problem(
            "answer_bounds",
            Message("The bounds of an answer are not two shares from 0 to 100 %."),
            Message("Give the least share first, then the greatest."),
        )
        return
    unknown = sorted(bounds.shares.keys() - set(answers))
    if unknown:
        yield _problem(
            "answer_bounds",
            Message("The question does not offer “{answer}”.", answer=unknown[0]),
            Message("It offers: {answers}.", answers=", ".join(answers)),
        )
    highs = sum(bounds.shares[one][1] if one in bounds.shares else 1.0 for one in answers)
    if sum(low for low, _ in bounds.shares.values()) > 1 or highs < 1:
        yield _problem(
            "answer_bounds",
            Message("No mix of answers can meet these bounds."),
            Message("Least shares add up to at most 100 %, greatest ones to at least that."),
        )


def doubts(settings: Settings, test_questions: int) -> list[Message]:
    """What is allowed, and will hardly do what was meant, with so many test questions."""
    if test_questions < settings.units_per_page + 3:
        return []
    found = []
    quiz, practice = settings.quiz_length, settings.practice_length
    if quiz > test_questions:
        found.append(
            Message(
                "The quiz asks for {quiz} test questions; there are only {tests}.",
                quiz=quiz,
                tests=test_questions,
            )
        )
    if practice and practice + quiz + settings.test_questions_per_page > test_questions:
        found.append(
            Message(
                "The practice round is left out: {tests} test questions are too few for it,"
                " the quiz and a page of work.",
                tests=test_questions,
            )
        )
    elif settings.quiz_retakes and practice + 2 * quiz > test_questions:
        found.append(
            Message(
                "Nobody can take the quiz again: {tests} test questions leave no fresh ones.",
                tests=test_questions,
            )
        )
    most = settings.maximum_judgments_per_contributor
    if most is not None and most <= practice + quiz + settings.test_questions_per_page:
        found.append(
            Message(
                "Nobody will judge a row: test questions take up all {most} judgments"
                " that a contributor may give.",
                most=most,
            )
        )
    return found
