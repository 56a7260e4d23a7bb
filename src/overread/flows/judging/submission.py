"""A submission: check it, keep it, mark it, and say where the contributor stands."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from overread.core.design import as_values
from overread.core.instants import instant
from overread.core.judging import TAINTED, Standing, after_submission
from overread.core.states import JobState, Mode, PageState, ParticipationState, step
from overread.core.stopping import StoppingRule
from overread.core.test_questions import kind_of
from overread.flows.judging import slots
from overread.flows.judging.answers import Given, Refusal, check, completed, without_dropped
from overread.flows.judging.marking import Marked, is_short_quiz, mark, result_document
from overread.flows.judging.pages import reserve
from overread.store.hot.documents import decode, encode, tally_of
from overread.store.hot.knowledge import Knowledge
from overread.store.hot.now import now
from overread.store.hot.rows import Contributor, JudgmentRow, PageRow
from overread.store.hot.tables import Tables


class NoSuchPage(Refusal):
    """No page with this id is this contributor's."""


class PageClosed(Refusal):
    """The page can't be taken: it expired, it came too soon, or the job stopped.

    `seconds` says when to try again, where that helps.
    """

    def __init__(self, code: str, seconds: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.seconds = seconds


@dataclass(frozen=True)
class Kept:
    """`result` is the answer as JSON. `unsettled` says that the contributor was removed, and
    that what he or she judged before is still to be counted out.
    """

    result: str
    unsettled: bool = False


def submit(participation: int, page: int, given: Sequence[Given], *, at: int, rng: Random) -> str:
    """Keep a page's judgments, durable before this returns; once only however often it is sent.

    Returns the result document as JSON, which is stored with the page and returned again for a
    repeat. Raises NoSuchPage, PageClosed or InvalidAnswers; then nothing was stored.
    """
    kept = now(lambda tables: accept(tables, participation, page, given, at=at, rng=rng))
    if kept.unsettled:
        slots.settle_now(participation, at)
    return kept.result


def accept(
    tables: Tables,
    participation: int,
    page_id: int,
    given: Sequence[Given],
    *,
    at: int,
    rng: Random,
) -> Kept:
    """The same inside a transaction of the hot tables. Refuses before it writes anything."""
    old, page = tables.contributor_and_page(participation, page_id)
    if page is None:
        raise NoSuchPage(str(page_id))
    if page.result:
        return Kept(page.result)
    known = tables.knowledge(old)
    _refuse_closed(old, page, known, at)
    given = without_dropped(page, given)
    design = tables.design(page.design)
    check(page, given, design)
    given = [completed(one, design) for one in given]
    if page.state == PageState.EXPIRED:
        page = _take_again(tables, old, page, known)
    return _keep(tables, old, page, known, given, at, rng)


def _refuse_closed(contributor: Contributor, page: PageRow, known: Knowledge, at: int) -> None:
    if contributor.job_state == JobState.CANCELED:
        raise PageClosed("canceled")
    early = page.created_at + known.minimum_page_seconds * 1000 - at
    if known.minimum_page_seconds and early > 0:
        raise PageClosed("too soon", seconds=-(-early // 1000))


def _take_again(
    tables: Tables, contributor: Contributor, page: PageRow, known: Knowledge
) -> PageRow:
    """A page that ran out is late: it is taken for the units that still need a judgment.

    Its test questions count as on any page, so that being late is no way round them, and what
    came again is taken along while it is still work. Raises PageClosed where no unit needs one,
    or where this contributor has a newer page.
    """
    if tables.open_page(contributor.id) is not None or page.mode != Mode.WORK:
        raise PageClosed("page expired")
    found = tables.slots(page.unit_ids)
    free = [
        slot
        for slot in found
        if slot.outstanding + slot.counted < slot.wanted
        and not tables.attempts(contributor.id, slot.unit)
    ]
    if not free:
        raise PageClosed("page expired")
    for slot in free:
        tables.adjust(slot, outstanding=1, position=slot.position)
    tests = known.tests.keys() & set(page.unit_ids)
    again = page.came_again.intersection(slot.unit for slot in found)
    taken = tests.union(again, (slot.unit for slot in free))
    units = [unit if unit in taken else None for unit in decode(page.units)]
    tables.set_units(page.id, units)
    return page._replace(units=encode(units), state=PageState.OPEN.value)


def _keep(
    tables: Tables,
    old: Contributor,
    page: PageRow,
    known: Knowledge,
    given: Sequence[Given],
    at: int,
    rng: Random,
) -> Kept:
    places = page.by_place
    kept = {places[one.place]: one for one in given if one.place in places}
    tables.add_judgments(_rows(tables, page, known, kept, at))
    shown, newest = tables.design(page.design), tables.design(known.design)
    marked = mark(known, kept, shown, newest)
    new = _tallied(old, page, known, kept, marked)
    new, standing = _stand(new, known, goes_on=is_short_quiz(page))
    why = standing.why.value if standing.why else ""
    tables.save(old, new, removed_for=why)
    old, counts = new, page.mode == Mode.WORK and new.state not in TAINTED
    new = _count(tables, new, page, known, counts)
    result = result_document(tables, new, page, known, marked, len(given) - len(kept))
    tables.close(page.id, at=at, counted=counts, result=result)
    if standing.why is not None:
        tables.unsettle(new.id, 0)
        new = new._replace(unsettled=True)
        tables.record("remove", f"participation {new.id}", instant(at), why=why)
    tables.save(old, new)
    _go_on(tables, new, page, known, at, rng)
    return Kept(result, unsettled=standing.why is not None)


def _rows(
    tables: Tables, page: PageRow, known: Knowledge, kept: Mapping[int, Given], at: int
) -> list[JudgmentRow]:
    rows = []
    again = page.came_again
    for unit, one in kept.items():
        test = known.tests.get(unit)
        rows.append(
            JudgmentRow(
                page.id,
                page.participation,
                unit,
                test.id if test else None,
                tables.attempts(page.participation, unit) if test else int(unit in again),
                one.text,
                one.cannot_be_judged,
                min(one.milliseconds, page.expires_at - page.created_at),
                at,
            )
        )
    return rows


def _tallied(
    contributor: Contributor,
    page: PageRow,
    known: Knowledge,
    kept: Mapping[int, Given],
    marked: Sequence[Marked],
) -> Contributor:
    """The contributor's own counts with this page's answers. Practice does not count."""
    tally = tally_of(contributor.tally)
    if page.mode != Mode.PRACTICE:
        for mark in marked:
            tally = tally.add(
                kind_of(mark.test.accepted, known.main_question),
                missed=mark.missed,
                forgiven=not mark.test.enabled,
            )
    given = Counter(decode(contributor.given))
    again = page.came_again
    for unit, one in kept.items():
        if unit not in known.tests and unit not in again:
            given.update(as_values(one.answers.get(known.main_question)))
    return contributor._replace(
        tally=encode(tally.to_document()),
        given=encode(given),
        judgments_made=contributor.judgments_made + len(kept),
        pages_made=contributor.pages_made + 1,
        quizzes=contributor.quizzes + (page.mode == Mode.QUIZ and not is_short_quiz(page)),
    )


def _stand(
    contributor: Contributor, known: Knowledge, *, goes_on: bool
) -> tuple[Contributor, Standing]:
    """Where the contributor stands now; a page sent after a removal changes nothing."""
    old = ParticipationState(contributor.state)
    if goes_on:
        return contributor, Standing(old)
    tally = tally_of(contributor.tally)
    standing = after_submission(old, known.rules, tally, decode(contributor.given))
    if standing.state == old:
        return contributor, standing
    state = step("participation", old, standing.state)
    return contributor._replace(state=state.value), standing


def _count(
    tables: Tables, contributor: Contributor, page: PageRow, known: Knowledge, counts: bool
) -> Contributor:
    """Move the page's slots from outstanding to counted, or give them back to others."""
    if page.mode != Mode.WORK:
        return contributor
    units = [unit for unit in page.first_read if unit not in known.tests]
    if counts:
        tables.count(units)
    else:
        found = tables.slots(units)
        contributor = slots.return_slots(tables, contributor, found, outstanding=-1)
    if known.rules.stopping.rule == StoppingRule.NONE:
        return contributor
    tables.set_counted(page.id, counts)
    return slots.want(tables, contributor, known, tables.slots(units))


def _go_on(
    tables: Tables,
    contributor: Contributor,
    page: PageRow,
    known: Knowledge,
    at: int,
    rng: Random,
) -> None:
    """Who passes the quiz has a page reserved; a job with nothing left is finished."""
    passed = page.mode == Mode.QUIZ and contributor.state == ParticipationState.WORKING
    if passed and contributor.job_state == JobState.RUNNING:
        found = reserve(tables, contributor, known, at=at, rng=rng)
        tables.save(contributor, found.contributor)
        contributor = found.contributor
    contributor = slots.tidy(tables, contributor, at)
    slots.finish(tables, contributor, at)
