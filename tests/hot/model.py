"""Judging as anybody can watch it: who gets what, what counts, and when it ends.

Counts are never kept here: they are what the pages say. Where a random draw decides, the model
is told what was drawn, and says whether it was one of the draws allowed.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Any, NamedTuple

from overread.core.design import as_values
from overread.core.judging import (
    TAINTED,
    Outcome,
    Plan,
    Removal,
    Rules,
    after_submission,
    entry,
    may_retake,
    plan,
    wanted_tests,
)
from overread.core.removal import Tally
from overread.core.states import JobState, Mode, PageState, ParticipationState
from overread.core.stopping import StoppingRule, Vote, wanted
from overread.core.test_questions import after_edit

QUESTION = "finding"
# So many of a contributor's pages are counted out or in with one operation.
SETTLED_AT_ONCE = 8
HOUR = 3_600_000


@dataclass(frozen=True)
class Reply:
    """What was submitted for one unit, and whether it is a valid answer."""

    answers: Mapping[str, Any]
    cannot_be_judged: bool = False
    valid: bool = True


@dataclass
class Page:
    id: int
    who: int
    mode: Mode
    units: list[int | None]
    created_at: int
    expires_at: int
    again: list[int] = field(default_factory=list)
    state: PageState = PageState.OPEN
    counted: bool = False
    result: str = ""
    submitted_at: int | None = None

    @property
    def shown(self) -> list[int]:
        return [unit for unit in self.units if unit is not None]

    @property
    def first_read(self) -> list[int]:
        return [unit for unit in self.shown if unit not in self.again]


class Tested(NamedTuple):
    """An answer to a test question since the latest quiz began."""

    unit: int
    answer: str | None
    missed: bool


@dataclass
class Person:
    id: int
    state: ParticipationState = ParticipationState.INVITED
    quizzes: int = 0
    pages_made: int = 0
    repeated_to: int = 0
    judged: Counter[int] = field(default_factory=Counter)
    tested: list[Tested] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    given: Counter[str] = field(default_factory=Counter)
    removed_for: str = ""
    settle_from: int | None = None


@dataclass
class Model:
    rules: Rules
    page_ms: int
    minimum_ms: int
    tests: Mapping[int, str]
    offered: Sequence[str]
    people: dict[int, Person]
    on_hold: set[int] = field(default_factory=set)
    # Answers that are accepted of a test question beside the first.
    accepted_too: dict[int, set[str]] = field(default_factory=dict)
    job: JobState = JobState.RUNNING
    wanted: dict[int, int] = field(default_factory=dict)
    pages: dict[int, Page] = field(default_factory=dict)
    replies: list[tuple[int, int, Reply]] = field(default_factory=list)

    # what is

    def outstanding(self, unit: int) -> int:
        return sum(unit in page.first_read for page in self._open() if page.mode == Mode.WORK)

    def counted(self, unit: int) -> int:
        return sum(unit in page.first_read for page in self.pages.values() if page.counted)

    def is_open(self, unit: int) -> bool:
        return self.outstanding(unit) + self.counted(unit) < self.wanted[unit]

    def free(self, who: Person) -> set[int]:
        """Units that this contributor can still be given."""
        return {unit for unit in self.wanted if self.is_open(unit) and not who.judged[unit]}

    def open_page(self, who: int) -> Page | None:
        return next((page for page in self._open() if page.who == who), None)

    def is_done(self) -> bool:
        """Every unit has what it wants, and nothing is on its way."""
        on_its_way = any(page.mode == Mode.WORK for page in self._open()) or self._unsettled()
        return not on_its_way and not any(self.is_open(unit) for unit in self.wanted)

    def _open(self) -> Iterator[Page]:
        return (page for page in self.pages.values() if page.state == PageState.OPEN)

    def _unsettled(self) -> list[Person]:
        return [person for person in self.people.values() if person.settle_from is not None]

    @property
    def tests_in_use(self) -> set[int]:
        return set(self.tests) - self.on_hold

    @property
    def tests_are_on(self) -> bool:
        return self.rules.tests_are_on(len(self.tests_in_use))

    # what the owner does

    def launched(self, units: Sequence[int]) -> None:
        self.wanted |= dict.fromkeys(units, self.rules.judgments_per_unit)
        if self.job == JobState.FINISHED:
            self.job = JobState.RUNNING

    def removed(self, who: int, at: int) -> None:
        """By the owner: the open page goes to others, what was judged is replaced."""
        page = self.open_page(who)
        if page is not None:
            self._expire(page)
        self.people[who].removed_for = Removal.OWNER
        self._set_standing(who, ParticipationState.REMOVED, at)

    def restored(self, who: int, at: int) -> None:
        worked = any((page.who, page.mode) == (who, Mode.WORK) for page in self.pages.values())
        to_quiz = self.tests_are_on and not worked
        state = ParticipationState.QUIZ if to_quiz else ParticipationState.WORKING
        self.people[who].removed_for = ""
        self._set_standing(who, state, at)

    def _set_standing(self, who: int, state: ParticipationState, at: int) -> None:
        self.people[who].state = state
        self.people[who].settle_from = 0
        while self._unsettled():
            self.settled(at)

    def held(self, test: int, at: int) -> None:
        """A test question is put on hold, or in use again: all who answered are scored anew. With
        one more, those who had done their share may have more to do.
        """
        if test in self.on_hold:
            self._let_go_on()
        self.on_hold ^= {test}
        self._rescore(test, at)

    def accepts_too(self, test: int, answer: str, at: int) -> None:
        """From now on; who gave this answer before is forgiven."""
        self.accepted_too.setdefault(test, set()).add(answer)
        self._rescore(test, at)

    def set_to(self, rules: Rules, page_ms: int, minimum_ms: int) -> None:
        """Settings that may change while contributors work. A share of work that changed lets
        those go on who had done theirs.
        """
        shares = [(one.when_tests_run_out, one.maximum_judgments) for one in (rules, self.rules)]
        if shares[0] != shares[1]:
            self._let_go_on()
        self.rules, self.page_ms, self.minimum_ms = rules, page_ms, minimum_ms

    def _let_go_on(self) -> None:
        for person in self.people.values():
            if person.state == ParticipationState.MAXED_OUT:
                person.state = ParticipationState.WORKING

    def is_right(self, test: int, answer: str | None) -> bool:
        return answer == self.tests[test] or answer in self.accepted_too.get(test, ())

    def _rescore(self, test: int, at: int) -> None:
        answered = [person for person in self.people.values() if person.judged[test]]
        for person in answered:
            self._score(person)
        if answered:
            self.settled(at)
        while self._unsettled():
            self.settled(at)

    def _score(self, person: Person) -> None:
        tally = Tally()
        for unit, answer, missed in person.tested:
            forgiven = unit in self.on_hold or self.is_right(unit, answer)
            tally = tally.add(self.tests[unit], missed=missed, forgiven=forgiven)
        if tally == person.tally:
            return
        person.tally = tally
        state = after_edit(person.state, person.removed_for, self.rules, tally)
        if state != person.state:
            person.state, person.removed_for, person.settle_from = state, "", 0

    def settled(self, at: int) -> None:
        """One bounded step of counting out or in."""
        self._tidy(at)
        self._finish()

    # what a contributor does

    def asked(
        self, who: int, at: int, outcome: Outcome, page: Page | None, *, retake: bool
    ) -> None:
        """A contributor asked for a page, heard this outcome and was shown this page."""
        self._tidy(at)
        if self.job != JobState.RUNNING:
            closed = self.job in (JobState.PAUSED, JobState.DRAFT)
            assert (outcome, page) == (Outcome.PAUSED if closed else Outcome.FINISHED, None)
            return
        present = self.open_page(who)
        if present is not None:
            assert page is not None
            assert (page.id, page.units) == (present.id, present.units)
            return
        person = self.people[who]
        if person.state == ParticipationState.INVITED:
            person.state = entry(self.rules, len(self.tests_in_use))
        if retake and person.state == ParticipationState.FAILED_QUIZ and self._may_retake(person):
            person.state, person.tally, person.tested = ParticipationState.QUIZ, Tally(), []
        expected = self._reserved(person, page, at)
        if expected != Outcome.PAGE:
            self._finish()
        assert outcome == expected

    def sent(
        self,
        who: int,
        page_id: int,
        replies: Sequence[Reply | None],
        at: int,
        heard: str,
        reserved: Page | None,
    ) -> None:
        """A contributor sent replies by place (None: left out), heard this result or refusal,
        and has this page open afterwards.
        """
        page = self.pages.get(page_id)
        if page is None or page.who != who:
            assert heard == "no such page"
        elif page.result:
            assert heard == page.result
        elif self.job == JobState.CANCELED:
            assert heard == "canceled"
        elif at < page.created_at + self.minimum_ms:
            assert heard == "too soon"
        elif self._invalid(page, replies):
            assert heard == "invalid answers"
        elif page.state == PageState.EXPIRED and not self._taken_again(page):
            assert heard == "page expired"
        else:
            self._keep(page, replies, at, heard, reserved)

    def _invalid(self, page: Page, replies: Sequence[Reply | None]) -> bool:
        placed = zip(page.units, replies, strict=True)
        return any(
            unit is not None and (reply is None or not reply.valid) for unit, reply in placed
        )

    def _taken_again(self, page: Page) -> bool:
        """A late page is taken for those units that still need somebody's judgment.

        Its test questions are kept: being late is no way round them.
        """
        person = self.people[page.who]
        if page.mode != Mode.WORK or self.open_page(page.who) is not None:
            return False
        left = set(page.first_read) & self.free(person)
        if left:
            taken = left | set(self.tests) | set(page.again)
            page.units = [unit if unit in taken else None for unit in page.units]
            page.state = PageState.OPEN
        return bool(left)

    def _keep(
        self,
        page: Page,
        replies: Sequence[Reply | None],
        at: int,
        heard: str,
        reserved: Page | None,
    ) -> None:
        person = self.people[page.who]
        for unit, reply in zip(page.units, replies, strict=True):
            if unit is not None and reply is not None:
                self._judge(person, page, unit, reply)
        page.state, page.result, page.submitted_at = PageState.SUBMITTED, heard, at
        person.pages_made += 1
        person.quizzes += page.mode == Mode.QUIZ
        standing = after_submission(person.state, self.rules, person.tally, person.given)
        person.state = standing.state
        page.counted = page.mode == Mode.WORK and person.state not in TAINTED
        if page.mode == Mode.WORK:
            self._want(page)
        if standing.why is not None:
            person.settle_from, person.removed_for = 0, standing.why
        passed = page.mode == Mode.QUIZ and person.state == ParticipationState.WORKING
        if passed and self.job == JobState.RUNNING:
            self._reserved(person, reserved, at)
        self._tidy(at)
        self._finish()

    def _judge(self, person: Person, page: Page, unit: int, reply: Reply) -> None:
        values = {name: as_values(answer) for name, answer in reply.answers.items()}
        expected = 1 if unit in page.again else 0
        assert unit in self.tests or person.judged[unit] == expected, "read once, or once again"
        person.judged[unit] += 1
        self.replies.append((unit, page.id, reply))
        if unit in page.again:
            return
        if unit not in self.tests:
            person.given.update(values.get(QUESTION, ()))
        elif page.mode != Mode.PRACTICE:
            kind = self.tests[unit]
            answer = reply.answers.get(QUESTION)
            missed = not self.is_right(unit, answer)
            person.tested.append(Tested(unit, answer, missed))
            forgiven = unit in self.on_hold
            person.tally = person.tally.add(kind, missed=missed, forgiven=forgiven)

    def _want(self, page: Page) -> None:
        """Dynamic judgments: what is out still comes in, so it is wanted too."""
        if self.rules.stopping.rule == StoppingRule.NONE:
            return
        for unit in page.first_read:
            if unit in self.wanted:
                needed = wanted(
                    self.rules.stopping, self._votes(unit), {QUESTION: list(self.offered)}
                )
                taken = self.counted(unit) + self.outstanding(unit)
                self.wanted[unit] = max(needed, min(self.wanted[unit], taken))

    def _votes(self, unit: int) -> list[Vote]:
        return [
            Vote({name: as_values(answer) for name, answer in reply.answers.items()})
            for judged, page, reply in self.replies
            if judged == unit and self.pages[page].counted and unit not in self.pages[page].again
        ]

    def _unseen(self, person: Person) -> set[int]:
        return {unit for unit in self.tests_in_use if not person.judged[unit]}

    def _may_retake(self, person: Person) -> bool:
        unseen = len(self._unseen(person))
        return may_retake(self.rules, quizzes=person.quizzes, unseen=unseen)

    def _reserved(self, person: Person, page: Page | None, at: int) -> Outcome:
        """A new page, where there is one: is `page` one that may be drawn?"""
        unseen = self._unseen(person)
        self._lead_on(person, unseen)
        asked_for = wanted_tests(person.state, self.rules, tests_are_on=self.tests_are_on)
        decided = plan(
            person.state,
            self.rules,
            tests_are_on=self.tests_are_on,
            found=min(asked_for, len(unseen)),
            judged=person.judged.total(),
        )
        if isinstance(decided, Outcome):
            if (decided, person.state) == (Outcome.MAXED_OUT, ParticipationState.WORKING):
                person.state = ParticipationState.MAXED_OUT
            if (decided, person.state) == (Outcome.FAILED_QUIZ, ParticipationState.QUIZ):
                person.state = ParticipationState.FAILED_QUIZ
            assert page is None
            return decided
        free = self.free(person)
        if decided.mode == Mode.WORK and not free:
            assert page is None
            return Outcome.NOTHING_LEFT
        assert page is not None
        self._allow_again(person, page, decided, at)
        self._allow(person, page, decided, free, unseen)
        assert page.expires_at == at + self.page_ms
        self.pages[page.id] = page
        return Outcome.PAGE

    def _lead_on(self, person: Person, unseen: set[int]) -> None:
        """Practice ends where nothing is left to practise on, the quiz where there is none."""
        nothing = not unseen or not self.tests_are_on
        if person.state == ParticipationState.PRACTISING and nothing:
            person.state = ParticipationState.QUIZ
        if person.state == ParticipationState.QUIZ and not self.tests_are_on:
            person.state = ParticipationState.WORKING

    def _allow(
        self, person: Person, page: Page, decided: Plan, free: set[int], unseen: set[int]
    ) -> None:
        tests = [unit for unit in page.shown if unit in self.tests]
        work = [unit for unit in page.first_read if unit not in self.tests]
        assert (page.who, page.mode) == (person.id, decided.mode)
        assert len(set(tests)) == len(tests) == decided.test_questions
        assert len(set(tests) & unseen) == min(len(unseen), decided.test_questions)
        assert set(work) <= free, "only what is open and not judged by this contributor"
        places = decided.units - len(page.again)
        assert len(set(work)) == len(work) == min(places, len(free))

    def _allow_again(self, person: Person, page: Page, decided: Plan, at: int) -> None:
        """Each new page of work looks at one that was submitted long enough ago: are the units
        that come again some of those first read on it, and as many as are expected?
        """
        candidates: list[int] = []
        share = self.rules.repeat_share
        own = (one for one in self.pages.values() if one.who == person.id)
        later = sorted(one.id for one in own if one.id > person.repeated_to)
        if share and decided.units > 1 and decided.mode == Mode.WORK and later:
            past = self.pages[later[0]]
            due = (past.submitted_at or 0) + self.rules.repeat_hours * HOUR
            if past.submitted_at is None or due <= at:
                person.repeated_to = past.id
                if past.submitted_at and past.mode == Mode.WORK:
                    candidates = [unit for unit in past.first_read if unit not in self.tests]
        expected = share * len(candidates)
        assert len(page.again) == len(set(page.again)) <= max(decided.units - 1, 0)
        assert floor(expected) <= len(page.again) <= ceil(expected)
        assert set(page.again) <= set(candidates)

    # what happens by itself

    def _tidy(self, at: int) -> None:
        for page in self._open():
            if page.expires_at <= at:
                self._expire(page)
        for person in self._unsettled()[:1]:
            self._settle(person)

    def _expire(self, page: Page) -> None:
        page.state = PageState.EXPIRED
        self._want(page)

    def _settle(self, person: Person) -> None:
        assert person.settle_from is not None
        mine = [
            page
            for page in self.pages.values()
            if page.who == person.id and page.id > person.settle_from
            if (page.state, page.mode) == (PageState.SUBMITTED, Mode.WORK)
        ]
        now = sorted(mine, key=lambda page: page.id)[:SETTLED_AT_ONCE]
        for page in now:
            changed = page.counted != (person.state not in TAINTED)
            page.counted = person.state not in TAINTED
            if changed:
                self._want(page)
        person.settle_from = now[-1].id if len(now) == SETTLED_AT_ONCE else None
        if self.job == JobState.FINISHED and any(map(self.is_open, self.wanted)):
            self.job = JobState.RUNNING

    def _finish(self) -> None:
        if self.job == JobState.RUNNING and self.is_done():
            self.job = JobState.FINISHED
            for page in self._open():  # quizzes that somebody left
                page.state = PageState.EXPIRED
