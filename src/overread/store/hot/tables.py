"""The statements of judging. Every one is bounded: its cost does not grow with the job.

One text serves both databases. On PostgreSQL, `contributor` locks the job's row, so that the
judging of one job takes turns there as it does on SQLite.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from overread.core.design import Design
from overread.core.states import JobState, Mode, PageState
from overread.store.hot import sql as text
from overread.store.hot.documents import decode, encode
from overread.store.hot.knowledge import Cache, Context, Knowledge
from overread.store.hot.rows import Contributor, JudgmentRow, PageRow, Picture, Reading, SlotRow

# (sql with %s, parameters) -> rows
Run = Callable[[str, Sequence[Any]], list[Any]]

# Positions at launch are this far apart: room for slots that open again.
GAP = 1 << 32
# Of the golden section and 2^32, and the largest prime below 2^31.
GOLDEN, LARGEST = 2654435761, 2147483647
# How many open slots one operation looks at before it lets others go first.
PROBES = 1024
PROBES_AT_ONCE = 64
PICTURES_KEPT = 20_000
CONTRIBUTOR_COLUMNS = len(Contributor._fields)


class Tables:
    """The hot tables inside one transaction."""

    def __init__(self, run: Run, cache: Cache, *, postgresql: bool = False) -> None:
        self._run = run
        self._cache = cache
        self._seen_to: set[object] = set()
        self._postgresql = postgresql

    def begin(self) -> None:
        """To be called at the start of each transaction."""
        self._seen_to.clear()

    def first(self, what: object) -> bool:
        """Whether this is asked for the first time in this transaction: some things are done
        once for all operations of a transaction.
        """
        if what in self._seen_to:
            return False
        self._seen_to.add(what)
        return True

    # people

    def contributor(self, participation: int) -> Contributor:
        """A contributor; on PostgreSQL nobody else judges in the same job until the end.

        The job is locked before anything else is read, in a statement of its own: one that
        waited would go on with what it saw before.
        """
        self._lock(participation)
        return self._known(Contributor(*self._run(text.CONTRIBUTOR, (participation,))[0]))

    def contributor_and_open_page(self, participation: int) -> tuple[Contributor, PageRow | None]:
        self._lock(participation)
        [row] = self._run(text.CONTRIBUTOR_AND_OPEN_PAGE, (participation,))
        return self._split(row)

    def contributor_and_page(
        self, participation: int, page: int
    ) -> tuple[Contributor, PageRow | None]:
        """With a page of this contributor's; None where it is not."""
        self._lock(participation)
        [row] = self._run(text.CONTRIBUTOR_AND_PAGE, (page, participation))
        return self._split(row)

    def _lock(self, participation: int) -> None:
        job = self._cache.job_of.get(participation)
        if self._postgresql and (job is None or self.first(("lock", job))):
            self._run(text.LOCK_JOB, (participation,))

    def _known(self, contributor: Contributor) -> Contributor:
        if contributor.id not in self._cache.job_of:
            self._cache.job_of[contributor.id] = contributor.job
            self.first(("lock", contributor.job))
        return contributor

    def _split(self, row: Sequence[Any]) -> tuple[Contributor, PageRow | None]:
        page = PageRow(*row[CONTRIBUTOR_COLUMNS:]) if row[CONTRIBUTOR_COLUMNS] else None
        return self._known(Contributor(*row[:CONTRIBUTOR_COLUMNS])), page

    def knowledge(self, contributor: Contributor) -> Knowledge:
        """What judging has to know of the job, as of its present revision."""
        return self._cache.of(contributor.job, contributor.revision)

    def design(self, version: int) -> Design:
        """The design that a page showed."""
        return self._cache.design(version)

    def save(self, old: Contributor, new: Contributor, *, removed_for: str = "") -> None:
        """Write what of a participation and its job's frontier changed."""
        if new.frontier != old.frontier:
            self._run("update store_job set frontier = %s where id = %s", (new.frontier, new.job))
        if new[:11] == old[:11]:
            return
        self._run(
            "update store_participation set state = %s, trust_from = %s, quizzes = %s,"
            " cursor = %s, repeated_to = %s, judgments_made = %s, pages_made = %s, tally = %s,"
            " given = %s where id = %s",
            (*new[2:11], new.id),
        )
        if removed_for:
            self._run(
                "update store_participation set removed_for = %s where id = %s",
                (removed_for, new.id),
            )

    def join(self, participation: int, at: int) -> None:
        self._run(
            "update store_participation set joined_at = %s where id = %s", (at, participation)
        )

    # pages

    def open_page(self, participation: int) -> PageRow | None:
        rows = self._run(
            text.PAGE + " where g.participation_id = %s and g.state = 'open'", (participation,)
        )
        return PageRow(*rows[0]) if rows else None

    def overdue(self, job: int, at: int, limit: int) -> list[PageRow]:
        """Open pages of a job that ran out of time."""
        return [PageRow(*row) for row in self._run(text.OVERDUE, (at, job, limit))]

    def add_page(
        self,
        contributor: int,
        known: Knowledge,
        mode: Mode,
        units: Sequence[int],
        again: Sequence[int],
        at: int,
        until: int,
    ) -> PageRow:
        about = (contributor, known.design, mode.value)
        listed, repeats = encode(units), encode(again)
        values = (*about, listed, repeats, encode(known.context), at, until, False)
        [(page,)] = self._run(text.ADD_PAGE, values)
        return PageRow(page, *about, "open", listed, at, until, False, "", repeats)

    def page_after(self, participation: int, page: int) -> tuple[PageRow, int | None] | None:
        """A contributor's next page after this one, and when it was submitted."""
        rows = self._run(text.PAGE_AFTER, (participation, page))
        return (PageRow(*rows[0][:-1]), rows[0][-1]) if rows else None

    def repeatable(self, participation: int, units: Sequence[int]) -> list[int]:
        """Those units that are still work, and about which this contributor said nothing."""
        sql = text.REPEATABLE.format(_places(units))
        return [unit for (unit,) in self._run(sql, (*units, participation, participation))]

    def expire(self, page: int) -> None:
        self._run("update store_page set state = %s where id = %s", (PageState.EXPIRED.value, page))

    def expire_all(self, job: int) -> None:
        """End what is still open in a job that ended: quizzes that somebody left."""
        self._run(
            "update store_page set state = 'expired' where state = 'open' and participation_id in"
            " (select id from store_participation where job_id = %s)",
            (job,),
        )

    def close(self, page: int, *, at: int, counted: bool, result: str) -> None:
        """Store what the submission answers; a repeat gets the same."""
        self._run(
            "update store_page set state = %s, submitted_at = %s, counted = %s, result = %s"
            " where id = %s",
            (PageState.SUBMITTED.value, at, counted, result, page),
        )

    def add_judgments(self, rows: Sequence[JudgmentRow]) -> None:
        if not rows:
            return
        one = "(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
        self._run(
            "insert into store_judgment (page_id, participation_id, unit_id, test_id, attempt,"
            " answers, cannot_be_judged, milliseconds, created_at) values "
            + ", ".join([one] * len(rows)),
            [value for row in rows for value in row],
        )

    def attempts(self, participation: int, unit: int) -> int:
        """How often a contributor has judged a unit."""
        rows = self._run(
            "select count(*) from store_judgment where unit_id = %s and participation_id = %s",
            (unit, participation),
        )
        count: int = rows[0][0]
        return count

    def pictures(
        self, known: Knowledge, units: Sequence[int], kind: str
    ) -> dict[int, tuple[Picture, ...]]:
        """What shows each unit, in the order of its images."""
        missing = [unit for unit in units if unit not in known.pictures]
        if len(known.pictures) > PICTURES_KEPT:
            known.pictures.clear()
            missing = list(units)
        if missing:
            sql = text.PICTURES.format(_places(missing))
            rows = [Picture(*row) for row in self._run(sql, (kind, *missing))]
            for unit, found in groupby(rows, key=lambda row: row.unit):
                known.pictures[unit] = tuple(found)
        return {unit: known.pictures.get(unit, ()) for unit in units}

    def context(self, page: int, units: Sequence[int]) -> Context:
        """What readers see beside each unit's images: the columns that the page was made with."""
        return self.beside(decode(self._run(text.CONTEXT, (page,))[0][0]), units)

    def beside(self, columns: Sequence[str], units: Sequence[int]) -> Context:
        """The cells of these columns, unit by unit; empty ones are left out."""
        if not columns or not units:
            return {}
        sql = f"select id, data from store_unit where id in ({_places(units)})"
        cells = {unit: decode(data) for unit, data in self._run(sql, units)}
        return {
            unit: [(column, found[column]) for column in columns if found.get(column)]
            for unit, found in cells.items()
        }

    # slots

    def take(
        self, contributor: Contributor, limit: int, *, own_order: bool
    ) -> tuple[list[SlotRow], int]:
        """Hand out up to `limit` open slots that this contributor has not judged.

        Returns them with the new cursor: every open slot up to it is taken or was judged.
        """
        if own_order:
            sql = text.CANDIDATES_OWN_ORDER
            factor = contributor.id * GOLDEN % LARGEST
            rows = self._run(sql, (contributor.job, contributor.id, factor, limit))
            free, cursor = [SlotRow(*row) for row in rows], contributor.cursor
        else:
            free, cursor = self._ahead(contributor, limit)
        if free:
            self._run(
                "update store_slot set outstanding = outstanding + 1,"
                " open = (outstanding + 1 + counted < wanted)"
                f" where id in ({_places(free)})",
                [slot.id for slot in free],
            )
        return free, cursor

    def _ahead(self, contributor: Contributor, limit: int) -> tuple[list[SlotRow], int]:
        free: list[SlotRow] = []
        cursor, probed, batch = contributor.cursor, 0, limit
        while len(free) < limit and probed < PROBES:
            rows = self._run(text.CANDIDATES, (contributor.id, contributor.job, cursor, batch))
            for *slot, judged in rows:
                cursor = slot[2]
                if not judged:
                    free.append(SlotRow(*slot))
                if len(free) == limit:
                    break
            probed += len(rows)
            if len(rows) < batch:
                break
            batch = PROBES_AT_ONCE
        return free, cursor

    def any_open_after(self, job: int, cursor: int) -> bool:
        sql = "select 1 from store_slot where job_id = %s and open and position > %s limit 1"
        return bool(self._run(sql, (job, cursor)))

    def open_slots(self, job: int, most: int) -> int:
        """How many slots are open; counted up to `most`, once in a transaction while there are
        as many.
        """
        if self._cache.many_left.get(job) == most and not self.first(("left", job)):
            return most
        sql = (
            "select count(*) from"
            " (select 1 from store_slot where job_id = %s and open limit %s) counted"
        )
        count: int = self._run(sql, (job, most))[0][0]
        self._cache.many_left[job] = count
        return count

    def slots(self, units: Sequence[int]) -> list[SlotRow]:
        """The slots of units; test questions have none."""
        if not units:
            return []
        sql = f"select {text.SLOT} from store_slot where unit_id in ({_places(units)}) order by id"
        return [SlotRow(*row) for row in self._run(sql, units)]

    def count(self, units: Sequence[int]) -> None:
        """Judgments came in: from outstanding to counted."""
        if not units:
            return
        self._run(
            "update store_slot set outstanding = outstanding - 1, counted = counted + 1"
            f" where unit_id in ({_places(units)})",
            units,
        )

    def adjust(
        self,
        slot: SlotRow,
        *,
        outstanding: int = 0,
        counted: int = 0,
        wanted: int = 0,
        position: int,
    ) -> None:
        """Add to a slot's counts, and put it at `position`."""
        self._run(
            "update store_slot set outstanding = outstanding + %s, counted = counted + %s,"
            " wanted = wanted + %s, position = %s,"
            " open = (outstanding + %s + counted + %s < wanted + %s) where id = %s",
            (outstanding, counted, wanted, position, outstanding, counted, wanted, slot.id),
        )

    def readings(self, unit: int) -> list[Reading]:
        """The counted judgments of a unit, oldest first."""
        return [
            Reading(decode(answers), bool(cannot), who, tally)
            for answers, cannot, who, tally in self._run(text.READINGS, (unit,))
        ]

    # removed and restored contributors

    def unsettled(self, job: int) -> tuple[int, str, int] | None:
        """One contributor whose pages have to be counted out or in: id, state, from which page."""
        rows = self._run(
            "select id, state, settle_from from store_participation"
            " where job_id = %s and settle_from is not null order by id limit 1",
            (job,),
        )
        return tuple(rows[0]) if rows else None

    def unsettle(self, participation: int, from_page: int | None) -> None:
        self._run(
            "update store_participation set settle_from = %s where id = %s",
            (from_page, participation),
        )

    def work_pages(self, participation: int, after: int, limit: int) -> list[PageRow]:
        """Submitted pages of work, by id."""
        sql = (
            text.PAGE + " where g.participation_id = %s and g.id > %s and g.state = 'submitted'"
            " and g.mode = 'work' order by g.id limit %s"
        )
        return [PageRow(*row) for row in self._run(sql, (participation, after, limit))]

    def set_units(self, page: int, units: Sequence[int | None]) -> None:
        self._run("update store_page set units = %s where id = %s", (encode(units), page))

    def set_counted(self, page: int, counted: bool) -> None:
        self._run("update store_page set counted = %s where id = %s", (counted, page))

    # the job

    def is_done(self, job: int) -> bool:
        """Every slot has what it wants, and nothing is on its way."""
        if self.any_open_after(job, -1) or self.unsettled(job):
            return False
        return not self._run(
            "select 1 from store_page g join store_participation p on p.id = g.participation_id"
            " where g.state = 'open' and g.mode = 'work' and p.job_id = %s limit 1",
            (job,),
        )

    def set_job_state(self, job: int, state: str) -> None:
        self._run("update store_job set state = %s where id = %s", (state, job))

    def finish(self, job: int, at: datetime) -> None:
        self._run(
            "update store_job set state = %s, finished_at = %s where id = %s",
            (JobState.FINISHED.value, self._instant(at), job),
        )

    def record(self, action: str, subject: str, at: datetime, **details: object) -> None:
        """Write an audit entry of what nobody in particular did."""
        self._run(
            "insert into store_auditentry (at, action, subject, details) values (%s, %s, %s, %s)",
            (self._instant(at), action, subject, encode(details)),
        )

    def _instant(self, at: datetime) -> object:
        """An instant as the tables of the ORM hold it."""
        return at if self._postgresql else at.replace(tzinfo=None).isoformat(" ")


def _places(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))
