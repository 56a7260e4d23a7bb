"""Keeps the slots' counts right: pages that ran out, people who were removed or restored."""

from collections.abc import Iterable, Sequence

from overread.core.design import as_values
from overread.core.instants import instant
from overread.core.judging import TAINTED
from overread.core.states import JobState, step
from overread.core.stopping import StoppingRule, Vote, wanted
from overread.store.hot.documents import tally_of
from overread.store.hot.knowledge import Knowledge
from overread.store.hot.now import now
from overread.store.hot.progress import COUNTED_LEFT
from overread.store.hot.rows import Contributor, PageRow, SlotRow
from overread.store.hot.tables import Tables

# So much is done with every operation, so that no single one has to wait long.
OVERDUE_AT_ONCE = 8
PAGES_AT_ONCE = 8


def tidy(tables: Tables, contributor: Contributor, at: int) -> Contributor:
    """Return the units of overdue pages, and settle removed and restored contributors' counts.

    A bounded amount at a time. Returns the contributor with the job as it is afterwards.
    """
    first = tables.first(("overdue", contributor.job))
    overdue = tables.overdue(contributor.job, at, OVERDUE_AT_ONCE) if first else []
    unsettled = tables.unsettled(contributor.job) if contributor.unsettled else None
    if not overdue and unsettled is None:
        return contributor
    new = contributor
    for page in overdue:
        new = give_back(tables, new, page)
    if unsettled is not None:
        new = _settle(tables, new, *unsettled)
    tables.save(contributor, new)
    return new


def settle(tables: Tables, participation: int, at: int) -> bool:
    """One more step of counting out or in, in the job of a participation; whether more is left."""
    contributor = tidy(tables, tables.contributor(participation), at)
    finish(tables, contributor, at)
    return tables.unsettled(contributor.job) is not None


def settle_now(participation: int, at: int) -> None:
    """All of it, each step in a short transaction of its own."""
    while now(lambda tables: settle(tables, participation, at)):
        pass


def return_overdue(participation: int, at: int) -> None:
    """Return the units of all overdue pages in the job of a participation."""

    def some(tables: Tables) -> bool:
        contributor = tidy(tables, tables.contributor(participation), at)
        finish(tables, contributor, at)
        return bool(tables.overdue(contributor.job, at, 1))

    while now(some):
        pass


def give_back(tables: Tables, contributor: Contributor, page: PageRow) -> Contributor:
    """End an open page without judgments; its units go to others."""
    tables.expire(page.id)
    known = tables.knowledge(contributor)
    found = tables.slots([unit for unit in page.first_read if unit not in known.tests])
    contributor = return_slots(tables, contributor, found, outstanding=-1)
    if known.rules.stopping.rule == StoppingRule.NONE:
        return contributor
    return want(tables, contributor, known, tables.slots(page.first_read))


def return_slots(
    tables: Tables,
    contributor: Contributor,
    slots: Iterable[SlotRow],
    *,
    outstanding: int = 0,
    counted: int = 0,
    wanted: int = 0,
) -> Contributor:
    """Slots that open again go just behind the frontier: ahead of every cursor, so that
    everybody who has not judged them still finds them, soon.
    """
    frontier = contributor.frontier
    for slot in slots:
        frontier += 1
        tables.adjust(
            slot, outstanding=outstanding, counted=counted, wanted=wanted, position=frontier
        )
    return contributor._replace(frontier=frontier)


def want(
    tables: Tables, contributor: Contributor, known: Knowledge, found: Sequence[SlotRow]
) -> Contributor:
    """Dynamic judgments: ask for more where the answers so far don't agree enough."""
    for slot in found:
        needed = wanted(known.rules.stopping, _votes(tables, slot.unit), known.offered)
        if needed > slot.wanted:
            more = needed - slot.wanted
            contributor = return_slots(tables, contributor, [slot], wanted=more)
        # Pages that are out will still come in: nothing is taken back from their readers.
        fewer = slot.wanted - max(needed, slot.counted + slot.outstanding)
        if fewer > 0:
            tables.adjust(slot, wanted=-fewer, position=slot.position)
    return contributor


def _votes(tables: Tables, unit: int) -> list[Vote]:
    return [
        Vote(
            {}
            if one.cannot_be_judged
            else {name: as_values(answer) for name, answer in one.answers.items()},
            tally_of(one.tally).total,
        )
        for one in tables.readings(unit)
    ]


def _settle(
    tables: Tables, contributor: Contributor, whose: int, state: str, after: int
) -> Contributor:
    """Take a removed contributor's pages out of the counts, or put a restored one's back."""
    counts = state not in TAINTED
    known = tables.knowledge(contributor)
    pages = tables.work_pages(whose, after, PAGES_AT_ONCE)
    for page in pages:
        if page.counted != counts:
            contributor = _recount(tables, contributor, page, counts)
            if known.rules.stopping.rule != StoppingRule.NONE:
                contributor = want(tables, contributor, known, tables.slots(page.first_read))
    tables.unsettle(whose, pages[-1].id if len(pages) == PAGES_AT_ONCE else None)
    if contributor.job_state == JobState.FINISHED and pages:
        contributor = _reopen(tables, contributor)
    return contributor


def _recount(tables: Tables, contributor: Contributor, page: PageRow, counts: bool) -> Contributor:
    tables.set_counted(page.id, counts)
    slots = tables.slots(page.first_read)
    if not counts:
        return return_slots(tables, contributor, slots, counted=-1)
    for slot in slots:
        tables.adjust(slot, counted=1, position=slot.position)
    return contributor


def _reopen(tables: Tables, contributor: Contributor) -> Contributor:
    if not tables.any_open_after(contributor.job, -1):
        return contributor
    state = step("job", JobState.FINISHED, JobState.RUNNING)
    tables.set_job_state(contributor.job, state)
    return contributor._replace(job_state=state.value)


def finish(tables: Tables, contributor: Contributor, at: int) -> None:
    """End a running job whose every unit has what it needs."""
    # What was open when this transaction began can be handed out in it, not also judged.
    if tables.open_slots(contributor.job, COUNTED_LEFT) == COUNTED_LEFT:
        return
    if contributor.job_state == JobState.RUNNING and tables.is_done(contributor.job):
        step("job", JobState.RUNNING, JobState.FINISHED)
        tables.expire_all(contributor.job)
        tables.finish(contributor.job, instant(at))
        tables.record("finish", f"job {contributor.job}", instant(at))
