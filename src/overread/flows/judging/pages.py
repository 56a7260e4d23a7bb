"""The next page: join, find what is left, reserve it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from overread.core.judging import (
    CLOSED,
    Order,
    Outcome,
    Plan,
    RunOut,
    arrange,
    entry,
    may_retake,
    plan,
    wanted_tests,
)
from overread.core.states import JobState, Mode, ParticipationState, step
from overread.flows.judging import slots
from overread.flows.judging.repeats import repeats
from overread.store.hot.knowledge import Knowledge
from overread.store.hot.now import now
from overread.store.hot.rows import Contributor, PageRow
from overread.store.hot.tables import Tables

# Test questions are drawn so many times more than are needed before the pool is walked.
MORE_DRAWS = 8


@dataclass(frozen=True)
class Offer:
    """A page to judge, or the reason why there is none.

    `unfinished` says that the search for open units was stopped for others to go first: ask
    again. `retakes` says that a failed quiz may be taken again.
    """

    outcome: Outcome
    contributor: Contributor
    page: PageRow | None = None
    unfinished: bool = False
    retakes: bool = False


def next_page(participation: int, *, at: int, rng: Random, retake: bool = False) -> Offer:
    """The contributor's open page, else a new one. `at` is milliseconds UTC."""
    while True:
        found = now(lambda tables: offer(tables, participation, at=at, rng=rng, retake=retake))
        if not found.unfinished:
            return found


def offer(
    tables: Tables, participation: int, *, at: int, rng: Random, retake: bool = False
) -> Offer:
    """The same inside a transaction of the hot tables."""
    old, page = tables.contributor_and_open_page(participation)
    known = tables.knowledge(old)
    old = slots.tidy(tables, old, at)
    closed = _closed(JobState(old.job_state))
    if closed is not None:
        return Offer(closed, old)
    if page is not None and page.expires_at > at:
        return Offer(Outcome.PAGE, old, page)
    page = page and tables.open_page(participation)  # it may have been given back by now
    new = old if page is None else slots.give_back(tables, old, page)
    new = _admit(tables, new, known, at)
    if retake and new.state == ParticipationState.FAILED_QUIZ:
        new = _retake(tables, new, known, rng, at)
    found = reserve(tables, new, known, at=at, rng=rng)
    tables.save(old, found.contributor)
    if found.page is None and not found.unfinished:
        # The last judgments may have come in while the job was paused.
        slots.finish(tables, found.contributor, at)
    return found


def _closed(state: JobState) -> Outcome | None:
    if state in (JobState.PAUSED, JobState.DRAFT):
        return Outcome.PAUSED
    return None if state == JobState.RUNNING else Outcome.FINISHED


def _admit(tables: Tables, contributor: Contributor, known: Knowledge, at: int) -> Contributor:
    if contributor.state != ParticipationState.INVITED:
        return contributor
    tables.join(contributor.id, at)
    first = step(
        "participation",
        ParticipationState.INVITED,
        entry(known.rules, len(known.in_work), for_quiz=len(known.in_quiz)),
    )
    return contributor._replace(state=first.value, trust_from=at)


def _retake(
    tables: Tables, contributor: Contributor, known: Knowledge, rng: Random, at: int
) -> Contributor:
    """A failed quiz is taken again, with fresh questions; trust starts anew."""
    if not _may_retake(tables, contributor, known, rng):
        return contributor
    state = step("participation", ParticipationState.FAILED_QUIZ, ParticipationState.QUIZ)
    return contributor._replace(state=state.value, trust_from=at, tally="{}")


def _may_retake(tables: Tables, contributor: Contributor, known: Knowledge, rng: Random) -> bool:
    if contributor.quizzes > known.rules.quiz_retakes:
        return False
    wanted = known.rules.quiz_length
    unseen = _unseen(tables, contributor, known.in_quiz, wanted, rng)
    return may_retake(known.rules, quizzes=contributor.quizzes, unseen=len(unseen))


def reserve(
    tables: Tables, contributor: Contributor, known: Knowledge, *, at: int, rng: Random
) -> Offer:
    """A new page for a contributor who has none open. The caller saves the contributor."""
    contributor = _led_on(tables, contributor, known, rng)
    state = ParticipationState(contributor.state)
    if state in CLOSED:
        return _turn_away(tables, contributor, known, CLOSED[state], rng)
    wanted = wanted_tests(state, known.rules, tests_are_on=known.tests_are_on)
    entering = state in (ParticipationState.PRACTISING, ParticipationState.QUIZ)
    if entering:
        tests = _unseen(tables, contributor, known.in_quiz, wanted, rng)
    else:
        tests = _unseen_in_work(tables, contributor, known, wanted, rng)
    decided = plan(
        state,
        known.rules,
        tests_are_on=known.tests_are_on,
        found=len(tests),
        judged=contributor.judgments_made,
    )
    if isinstance(decided, Outcome):
        return _turn_away(tables, contributor, known, decided, rng)
    shown = _repeated(known, tests, decided, rng)
    return _hand_out(tables, contributor, known, decided, shown, at, rng)


def _led_on(tables: Tables, contributor: Contributor, known: Knowledge, rng: Random) -> Contributor:
    """With nothing left to practise on the quiz comes next; without a quiz, work."""
    state = ParticipationState(contributor.state)
    if state == ParticipationState.PRACTISING and not (
        known.tests_are_on and _unseen(tables, contributor, known.in_quiz, 1, rng)
    ):
        state = step("participation", state, ParticipationState.QUIZ)
    if state == ParticipationState.QUIZ and not known.tests_are_on:
        state = step("participation", state, ParticipationState.WORKING)
    return contributor._replace(state=state.value)


def _hand_out(
    tables: Tables,
    contributor: Contributor,
    known: Knowledge,
    decided: Plan,
    tests: Sequence[int],
    at: int,
    rng: Random,
) -> Offer:
    work: Sequence[int] = []
    again: Sequence[int] = []
    if decided.mode == Mode.WORK:
        contributor, work, again = _work(tables, contributor, known, decided.units, at, rng)
        if not work:
            shared = known.rules.order == Order.SHARED
            more = shared and tables.any_open_after(contributor.job, contributor.cursor)
            return Offer(Outcome.NOTHING_LEFT, contributor, unfinished=more)
    units = arrange(rng, tests, [*work, *again])
    until = at + known.page_seconds * 1000
    page = tables.add_page(contributor.id, known, decided.mode, units, again, at, until)
    return Offer(Outcome.PAGE, contributor, page)


def _work(
    tables: Tables, contributor: Contributor, known: Knowledge, units: int, at: int, rng: Random
) -> tuple[Contributor, Sequence[int], Sequence[int]]:
    """Units that are new to the contributor, and some that come again: never these alone."""
    looked, again = repeats(tables, contributor, known, units=units, at=at, rng=rng)
    own_order = known.rules.order == Order.PER_CONTRIBUTOR
    free, cursor = tables.take(contributor, units - len(again), own_order=own_order)
    frontier = max([contributor.frontier, *(slot.position for slot in free)])
    moved = looked if free else contributor
    moved = moved._replace(cursor=cursor, frontier=frontier)
    return moved, [slot.unit for slot in free], again


def _repeated(known: Knowledge, fresh: Sequence[int], decided: Plan, rng: Random) -> Sequence[int]:
    """Where test questions ran out, some that this contributor has seen."""
    missing = decided.test_questions - len(fresh)
    if missing <= 0:
        return fresh[: decided.test_questions]
    assert known.rules.when_tests_run_out == RunOut.REPEAT
    seen = [unit for unit in known.in_work if unit not in fresh]
    return [*fresh, *rng.sample(seen, min(missing, len(seen)))]


def _unseen(
    tables: Tables, contributor: Contributor, pool: Sequence[int], wanted: int, rng: Random
) -> list[int]:
    """Up to `wanted` test questions that a contributor has not judged, drawn at random.

    A few draws find them while many are left; then the pool is walked from a random start.
    """
    found: dict[int, None] = {}
    for unit in _drawn(pool, wanted, rng):
        if len(found) == wanted:
            break
        if unit not in found and not tables.attempts(contributor.id, unit):
            found[unit] = None
    return list(found)


def _unseen_in_work(
    tables: Tables, contributor: Contributor, known: Knowledge, wanted: int, rng: Random
) -> list[int]:
    """Whoever has seen nearly all of them is not asked about all of them again."""
    pool = known.remaining.get(contributor.id, known.in_work)
    found = _unseen(tables, contributor, pool, wanted, rng)
    if len(found) < wanted:
        known.remaining[contributor.id] = found
    return found


def _drawn(pool: Sequence[int], wanted: int, rng: Random) -> Iterator[int]:
    if not wanted or not pool:
        return
    for _draw in range(wanted + MORE_DRAWS):
        yield rng.choice(pool)
    start = rng.randrange(len(pool))
    yield from pool[start:]
    yield from pool[:start]


def _turn_away(
    tables: Tables, contributor: Contributor, known: Knowledge, outcome: Outcome, rng: Random
) -> Offer:
    if outcome == Outcome.MAXED_OUT and contributor.state == ParticipationState.WORKING:
        state = step("participation", ParticipationState.WORKING, ParticipationState.MAXED_OUT)
        contributor = contributor._replace(state=state.value)
    if outcome == Outcome.FAILED_QUIZ and contributor.state == ParticipationState.QUIZ:
        state = step("participation", ParticipationState.QUIZ, ParticipationState.FAILED_QUIZ)
        contributor = contributor._replace(state=state.value)
    retakes = outcome == Outcome.FAILED_QUIZ and _may_retake(tables, contributor, known, rng)
    return Offer(outcome, contributor, retakes=retakes)
