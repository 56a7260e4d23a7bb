"""A job moves over from the reference platform: what its reports say, read together.

All is read several times and nothing kept but what every unit, contributor and page needs once;
`flows.intake.moving` stores it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, count
from typing import Any

from overread.core.design import Design
from overread.core.golden import GOLD, GOLDEN, is_golden_column, read_golden
from overread.core.intake import REPEATED, Columns, Recognition, assigned
from overread.core.problems import Message, Problem, Refused
from overread.core.test_questions import Content
from overread.flows.intake.compared import by_unit, differences
from overread.flows.intake.drafts import Draft, Options
from overread.flows.intake.reading import Reading, label_meanings, understood
from overread.flows.intake.remarks import account, of_columns
from overread.formats import appen_reading as appen
from overread.formats.appen_reading import Kind, Layout, Reported
from overread.formats.tables import Row, TableReader
from overread.store import imported
from overread.store.imported import Known
from overread.store.models import Job
from overread.store.queries.intake import last_row

Cells = Mapping[str, str]
GOLDEN_STATE = "golden"
# (worker, started, created): what was sent together.
PageKey = tuple[str, int, int]


def are_reports(tables: Sequence[TableReader], job: Job) -> bool:
    """Whether tables are the platform's reports. Beside another one, or in a job that moved over,
    its id of the row is enough to know one by.
    """
    if not tables or not all(appen.UNIT in one.columns for one in tables):
        return False
    recognised = any(appen.kind_of(one.columns) for one in tables)
    return recognised or job.units.filter(imported__isnull=False).exists()


@dataclass
class Found:
    """A unit of the reports; `place` is the table and the row that it is read from, `number` the
    row that it becomes, 0 where the job has it.

    `content` is what its test question accepts, `enabled` whether it was in use there.
    """

    place: tuple[int, int]
    number: int = 0
    content: Content | None = None
    enabled: bool = False
    problem: Problem | None = None


@dataclass
class Person:
    """A contributor by the platform's last word on them."""

    trust: float | None = None
    tainted: bool = False
    first: int = 0
    latest: int = -1

    def add(self, one: Reported) -> None:
        self.first = min(self.first or one.started, one.started)
        if one.created >= self.latest:
            self.latest, self.trust, self.tainted = one.created, one.trust, one.tainted


@dataclass
class Sent:
    """Places of a page: units by the platform's id, and whether any of them is work."""

    units: list[str] = field(default_factory=list)
    is_work: bool = False


class Reports:
    """The reports of one job. Raises Refused where a full one lacks a column."""

    def __init__(
        self, job: Job, tables: Sequence[TableReader], design: Design, options: Options
    ) -> None:
        self.design, self.options = design, options
        self.given = label_meanings(design, options)
        self.main = design.main_question
        kinds = [(appen.kind_of(one.columns) or Kind.SOURCE, one) for one in tables]
        order = list(Kind)
        self.tables = sorted(kinds, key=lambda one: order.index(one[0]))
        self.layouts = [Layout.of(table.columns, design) for _, table in self.tables]
        self._refuse_incomplete()
        self.job = job
        self.known = Known.of(job)
        self.figures = dict(self._figures())
        self.units: dict[str, Found] = {}
        self.people: dict[str, Person] = {}
        self.made = 0
        self.pages: dict[PageKey, Sent] = {}
        self.columns = self._columns(job)
        self._numbers = count((last_row(job) if self.known.units else 0) + 1)
        self._shown_in_tests: dict[str, int] = {}
        self._look()

    def _refuse_incomplete(self) -> None:
        for kind, table in self.tables:
            if kind != Kind.FULL:
                continue
            for column in appen.lacking(table.columns):
                raise Refused(
                    Problem(
                        table.name,
                        None,
                        column,
                        Message("This is a full report without the column “{name}”.", name=column),
                        Message("Download the full report again, with all of its columns."),
                    )
                )
            if self.main.name not in table.columns and not self.main.is_computed:
                raise Refused.because(
                    Message("It has no answers to “{name}”, which is asked.", name=self.main.name),
                    Message("Give the job's CML with the report, or import it under Design."),
                    source=table.name,
                )

    def _figures(self) -> Iterator[tuple[str, dict[str, object]]]:
        for kind, table in self.tables:
            if kind == Kind.AGGREGATED:
                for row in table:
                    if isinstance(row, Row):
                        yield (
                            row.cells[appen.UNIT].strip(),
                            appen.figures_of(row.cells, self.design),
                        )

    def _columns(self, job: Job) -> Columns:
        """The roles of the job's columns, or guessed from the first rows of its units."""
        if self.known.units:
            return job.columns
        data = dict.fromkeys(name for one in self.layouts for name in one.data)
        plain = [name for name in data if not is_golden_column(name)]
        if self.options.roles is not None:
            return assigned(plain, self.options.roles)
        recognition = Recognition(plain, self.given)
        for _, _, row in self._rows():
            recognition.add(row.cells)
        return recognition.columns()

    def _rows(self) -> Iterator[tuple[int, Kind, Row]]:
        for at, (kind, table) in enumerate(self.tables):
            for row in table:
                if isinstance(row, Row) and appen.unit_of(row.cells):
                    yield at, kind, row

    def _look(self) -> None:
        """Number the new units, and count what contributors did."""
        checks = Checks(self)
        for at, kind, row in self._rows():
            key = appen.unit_of(row.cells)
            if key not in self.units:
                self.units[key] = self._unit((at, row.number), key, row.cells)
            if kind == Kind.FULL:
                with suppress(Refused):
                    self._count(checks.judgment(row.cells))

    def _unit(self, place: tuple[int, int], key: str, cells: Cells) -> Found:
        unit = Found(place)
        if key not in self.known.units:
            unit.number = next(self._numbers)
        try:
            golden = read_golden(cells, self.design)
        except Refused as refused:
            unit.problem = refused.problem
            return unit
        unit.enabled = golden is not None
        if golden is None and self._was_golden(key, cells):
            with suppress(Refused):  # then it is a row like any other
                golden = read_golden({**cells, GOLDEN: "true"}, self.design)
        if golden is not None:
            unit.content = Content(golden.accepted, golden.reasons)
        if unit.enabled and (name := cells.get(self.columns.image or "", "").strip()):
            self._shown_in_tests[name] = unit.number or self.known.rows[key]
        return unit

    def _was_golden(self, key: str, cells: Cells) -> bool:
        """A test question that was switched off there: the state of its row says so, and where
        that is not known, its accepted answer.
        """
        if key in self.figures:
            return self.figures[key]["state"] == GOLDEN_STATE
        return bool(cells.get(f"{self.main.name}{GOLD}", "").strip())

    def content_of(self, key: str) -> tuple[Content | None, bool]:
        """What a unit's test question accepts, None where it is none; and whether it is in use.

        What was judged as work before stays work.
        """
        if key in self.known.tests:
            return self.known.tests[key]
        if key in self.known.work:
            return None, False
        return self.units[key].content, self.units[key].enabled

    def _count(self, one: Reported) -> None:
        self.people.setdefault(one.worker, Person()).add(one)
        page = self.pages.setdefault(one.sent, Sent())
        page.units.append(one.unit)
        page.is_work = page.is_work or self.content_of(one.unit)[0] is None
        self.made += self._is_new(one)

    def _is_new(self, one: Reported) -> bool:
        return one.key not in self.known.judgments

    def judgments(self) -> Iterator[Reported]:
        """Those that come over, anew each time."""
        checks = Checks(self)
        for _, kind, row in self._rows():
            if kind == Kind.FULL:
                with suppress(Refused):
                    one = checks.judgment(row.cells)
                    if self._is_new(one):
                        yield one

    @cached_property
    def reading(self) -> Reading:
        new = sum(one.number > 0 for one in self.units.values())
        return Reading(self.columns, None, self._remarks(), new, self._items, self.given)

    def _remarks(self) -> list[Problem]:
        pairs = zip(self.tables, self.layouts, strict=True)
        said = [
            one for (_, table), layout in pairs for one in of_columns(table, layout, self.design)
        ]
        if self.made:
            tests = sum(one.content is not None for one in self.units.values())
            said.append(account(self.made, len(self.people), tests))
        return said

    def _items(self) -> Iterator[Draft | Problem]:
        """New units, and problems in the place of judgments that can't come over."""
        checks = Checks(self)
        for at, (kind, table) in enumerate(self.tables):
            for row in table:
                if isinstance(row, Problem):
                    yield row
                    continue
                unit = self.units.get(appen.unit_of(row.cells))
                if unit and unit.number and unit.place == (at, row.number):
                    yield self._draft(unit, table.name, row, self.layouts[at])
                try:
                    if unit is None:
                        raise Refused(Problem("", None, appen.UNIT, _NO_UNIT, _ASK_AGAIN))
                    if kind == Kind.FULL:
                        checks.judgment(row.cells)
                except Refused as refused:
                    yield replace(refused.problem, source=table.name, row=row.number)
        yield from self._compared()

    def _compared(self) -> Iterator[Problem]:
        """Where an aggregated report says something else than the judgments do."""
        if not self.figures:
            return
        votes = by_unit(chain(imported.said(self.job), self._said()))
        there = {key: (one.trust, one.tainted) for key, one in self.people.items()}
        trust = imported.trusted(self.job) | there
        for at, kind, row in self._rows():
            key = appen.unit_of(row.cells)
            if not votes or kind != Kind.AGGREGATED or self.content_of(key)[0] is not None:
                continue
            own = votes.get(key, ())
            for one in differences(self.figures[key], own, trust, self.design.questions):
                yield replace(one, source=self.tables[at][1].name, row=row.number)

    def _said(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for one in self.judgments():
            if self.content_of(one.unit)[0] is None:
                yield one.unit, one.worker, one.answers

    def _draft(self, unit: Found, source: str, row: Row, layout: Layout) -> Draft:
        """With the platform's id in a cell, until the unit is stored (flows.intake.moving)."""
        cells = {name: row.cells[name] for name in layout.data}
        if unit.content is None:  # an accepted answer of what is no test question is kept
            gold = {name: row.cells[name] for name in row.cells if is_golden_column(name)}
            cells |= {name: cell for name, cell in gold.items() if cell and name != GOLDEN}
        reference = cells.get(self.columns.image or "", "").strip()
        draft = Draft(unit.number, source, row.number, cells, reference)
        label = self.columns.label if self.columns.label in cells else None
        draft = understood(draft, label, self.design, self.given)
        cells[appen.UNIT] = appen.unit_of(row.cells)
        earlier = self._shown_in_tests.get(reference, unit.number)
        if unit.problem is not None:
            draft.problem = replace(unit.problem, source=source, row=row.number)
        elif earlier != unit.number and not unit.enabled:
            draft.problem = _repeated(source, row.number, self.columns.image, earlier)
        accepted = unit.content.accepted.get(self.main.name, ()) if unit.content else ()
        if unit.enabled and len(accepted) == 1:
            draft.given.setdefault(self.main.name, accepted[0])
        return draft


class Checks:
    """Which judgments were seen: each comes over once, and nobody judges a unit twice."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self._keys = set[str]()
        self._pairs = set[tuple[str, str]]()
        self._before = reports.known

    def judgment(self, cells: Cells) -> Reported:
        """Raises Refused."""
        one = appen.read_judgment(cells, self._reports.design)
        self._refuse_doubled(one)
        if self._reports.units[one.unit].problem is not None:
            raise Refused(Problem("", None, appen.UNIT, _NO_TEST, _CORRECT_TEST))
        if self._reports.content_of(one.unit)[0] is None:
            self._pairs.add((one.unit, one.worker))
        self._keys.add(one.key)
        return one

    def _refuse_doubled(self, one: Reported) -> None:
        if one.key in self._keys:
            raise Refused(Problem("", None, appen.JUDGMENT, _DOUBLED, _ONE_STANDS))
        pair = one.unit, one.worker
        again = one.key not in self._before.judgments and pair in self._before.work_by
        if again or pair in self._pairs:
            raise Refused(Problem("", None, appen.WORKER, _TWICE, _ONE_STANDS))


def _repeated(source: str, row: int, column: str | None, earlier: int) -> Problem:
    """The platform copies a row that becomes a test question; here it leaves work."""
    advice = Message("Nothing to do: row {row} stands for both.", row=earlier)
    return Problem(source, row, column, Message(REPEATED, row=earlier), advice)


_NO_UNIT = Message("The cell is empty, so nobody knows which row this is.")
_ASK_AGAIN = Message("Download the report again: each line has the id of its row.")
_DOUBLED = Message("This judgment is there already, further up.")
_TWICE = Message("This contributor has judged this row already, further up.")
_ONE_STANDS = Message("Nothing to do: the first one stands.")
_NO_TEST = Message("It answers a test question that can't be read.")
_CORRECT_TEST = Message(
    "Correct the test question's accepted answer, then take the report in again."
)
