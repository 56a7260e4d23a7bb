"""A job in a real database beside its model: every step is done in both and compared."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import F

from overread.core.instants import instant, milliseconds
from overread.core.judging import Order, RunOut
from overread.core.problems import Refused
from overread.core.removal import Tally
from overread.core.states import STEPS, JobState, Mode, PageState, ParticipationState
from overread.core.stopping import StoppingRule
from overread.flows import contributors, test_questions
from overread.flows.design import create_job
from overread.flows.judging import launching, slots
from overread.flows.judging.answers import Given, Refusal
from overread.flows.judging.pages import Offer, offer
from overread.flows.judging.rescoring import rescore
from overread.flows.judging.submission import PageClosed, accept
from overread.flows.people import Invitation, first_team, invite
from overread.flows.settings import Settings, set_settings
from overread.store import models
from overread.store.hot.now import now
from overread.store.hot.tables import Tables
from overread.store.hot.writer import Database
from overread.store.judging import mark, rules_of
from overread.store.models.judging import REPEATED
from overread.store.write import write
from tests.conftest import NOON
from tests.hot.model import QUESTION, Model, Page, Person, Reply

ANSWERS = ("healthy", "pneumonia")
START = milliseconds(NOON)
REMOVABLE = [old for old, new in STEPS["participation"].items() if "removed" in new]
Operation = Callable[[Tables], Any]


@dataclass(frozen=True)
class Setting:
    """What a job is drawn with. `settings` are columns of Job."""

    units: int = 8
    tests: int = 8
    people: int = 3
    pilot: int | None = None
    seed: int = 0
    at: datetime = NOON
    settings: dict[str, Any] = field(default_factory=dict)


def drawn(rng: Random) -> Setting:
    """Random settings that a job can have."""
    units_per_page = rng.randint(2, 5)
    dynamic = rng.random() < 0.3
    settings: dict[str, Any] = {
        "units_per_page": units_per_page,
        "test_questions_per_page": rng.randint(0, min(2, units_per_page - 1)),
        "judgments_per_unit": 2 if dynamic else rng.randint(1, 3),
        "practice_length": rng.choice((0, 0, 2)),
        "quiz_length": rng.randint(1, 4),
        "quiz_retakes": rng.randint(0, 2),
        "minimum_accuracy": rng.choice((0.0, 0.5, 0.7)),
        "maximum_judgments_per_contributor": rng.choice((None, None, 9, 16)),
        "page_seconds": 60,
        "minimum_page_seconds": rng.choice((0, 0, 5)),
        "order": rng.choice(list(Order)).value,
        "when_tests_run_out": rng.choice(list(RunOut)).value,
    }
    if units_per_page - settings["test_questions_per_page"] > 1:
        settings |= {"repeat_share": rng.choice((0.0, 0.2, 0.2)), "repeat_hours": 1}
    if dynamic:
        rule = {"stopping_rule": StoppingRule.MATCHING.value, "maximum_judgments_per_unit": 4}
        settings |= rule
    units = rng.randint(1, 14)
    return Setting(
        units=units,
        tests=rng.choice((0, 3, 8, 12)),
        people=rng.randint(2, 5),
        pilot=rng.choice((None, None, rng.randint(1, units))),
        seed=rng.randrange(1 << 30),
        settings=settings,
    )


def open_settings(rng: Random) -> dict[str, Any]:
    """Random settings of those that stay open after launch."""
    return {
        "quiz_retakes": rng.randint(0, 2),
        "maximum_judgments_per_contributor": rng.choice((None, None, 9, 16)),
        "page_seconds": rng.choice((60, 90)),
        "minimum_page_seconds": rng.choice((0, 0, 5)),
        "when_tests_run_out": rng.choice(list(RunOut)),
    }


def start_over() -> None:
    """Forget all judging. What draws go by, the ids of contributors and slots, is 1 again.

    Jobs stay: nobody's knowledge of an earlier job is taken for that of a later one.
    """
    judging = (models.Judgment, models.Page, models.Slot, models.Participation)
    for table in judging:
        table._default_manager.all().delete()
    named = [{"table": table._meta.db_table, "column": "id"} for table in judging]
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_by_name_sql(no_style(), named):
            cursor.execute(sql)


def raw() -> Database:
    """The server's own connection to the database that Django has."""
    if connection.vendor == "sqlite":
        from overread.store.hot.sqlite import Sqlite

        return Sqlite()
    from overread.store.hot.postgresql import Postgresql

    return Postgresql()


class World:
    """One job, its model, and the two ways to it: the server's and the command line's."""

    def __init__(self, setting: Setting, database: Database) -> None:
        self.at = START
        self._database = database
        self._rng = Random(setting.seed)
        self._job, _ = make_job(setting)
        # In the order of units: steps choose among them, and have to choose alike everywhere.
        tests = models.TestQuestion.objects.filter(unit__job=self._job).order_by("unit")
        self.people = list(self._job.participations.order_by("pk").values_list("pk", flat=True))
        self.model = Model(
            rules=rules_of(self._job),
            page_ms=self._job.page_seconds * 1000,
            minimum_ms=self._job.minimum_page_seconds * 1000,
            tests=dict(tests.values_list("unit", "unit__given__finding")),
            offered=("healthy", "pneumonia", "unsure"),
            people={pk: Person(pk) for pk in self.people},
        )
        self.served = True
        launching.launch(self._job, actor=None, at=self._now, rng=self._rng, rows=setting.pilot)
        self.model.launched(self._units())

    @property
    def _now(self) -> datetime:
        return instant(self.at)

    # steps

    def passes(self, seconds: float) -> None:
        self.at += int(seconds * 1000)

    def ask(self, *who: int, retake: bool = False) -> list[Any]:
        """Contributors ask for a page, all in one transaction."""
        if retake:
            self.passes(0.001)  # nobody hears of a failed quiz in the instant of sending it
        operations = [
            partial(offer, participation=one, at=self.at, rng=self._rng, retake=retake)
            for one in who
        ]
        offers: list[Offer] = self._together(operations)
        for one, heard in zip(who, offers, strict=True):
            assert not heard.unfinished
            page = self._page(one, heard.page.id) if heard.page else None
            self.model.asked(one, self.at, heard.outcome, page, retake=retake)
        self.check()
        return [self._told(one.outcome, one.page.unit_ids if one.page else ()) for one in offers]

    def send(self, who: int, page: int, replies: Sequence[Reply | None]) -> list[Any]:
        """A contributor sends replies by place; the same page at once again changes nothing."""
        given = [
            Given(place, dict(reply.answers), reply.cannot_be_judged)
            for place, reply in enumerate(replies)
            if reply is not None
        ]
        heard = self._accept(who, page, given)
        self.model.sent(who, page, replies, self.at, heard, self._present(who))
        self.check()
        if heard.startswith("{"):
            before = self._everything()
            assert self._accept(who, page, []) == heard
            assert self._everything() == before
            heard = json.loads(heard)["state"]
        reserved = self._present(who)
        return self._told(heard, reserved.shown if reserved else ())

    def pause(self) -> None:
        self._steer(launching.pause, JobState.RUNNING, JobState.PAUSED)

    def resume(self) -> None:
        self._steer(launching.resume, JobState.PAUSED, JobState.RUNNING)

    def cancel(self) -> None:
        if self.model.job != JobState.CANCELED:
            self._steer(launching.cancel, self.model.job, JobState.CANCELED)

    def launch_rest(self) -> None:
        if self.model.job == JobState.CANCELED:
            return
        try:
            launching.launch_rest(self._job, actor=None, at=self._now, rng=self._rng)
        except Refused:
            return
        self.model.launched([unit for unit in self._units() if unit not in self.model.wanted])
        self.check()

    def settle(self, who: int) -> None:
        """What the server does by itself after it has answered."""
        self._together([partial(slots.settle, participation=who, at=self.at)])
        self.model.settled(self.at)
        self.check()

    def remove(self, who: int) -> None:
        if self.model.people[who].state in REMOVABLE:
            contributors.remove(self._participation(who), actor=None, at=self._now)
            self.model.removed(who, self.at)
            self.check()

    def restore(self, who: int) -> None:
        if self.model.people[who].state == ParticipationState.REMOVED:
            contributors.restore(self._participation(who), actor=None, at=self._now)
            self.model.restored(who, self.at)
            self.check()

    def hold(self, test: int) -> None:
        """The owner puts a test question on hold, or in use again where it was."""
        question = models.TestQuestion.objects.get(unit=test)
        if test in self.model.on_hold:
            test_questions.set_enabled(question, True, actor=None, at=self._now)
        else:
            test_questions.put_on_hold(question, "in doubt", actor=None, at=self._now)
        rescore(question, actor=None, at=self._now)
        self.model.held(test, self.at)
        self.check()

    def accept_too(self, test: int, answer: str) -> None:
        """The owner accepts another answer of a test question as well."""
        question = models.TestQuestion.objects.get(unit=test)
        accepted = dict.fromkeys([*question.current.accepted[QUESTION], answer])
        self.passes(0.001)
        test_questions.revise_test_question(
            question, accepted={QUESTION: list(accepted)}, reasons={}, actor=None, at=self._now
        )
        self.passes(0.001)  # nobody answers in the instant of the change
        rescore(question, actor=None, at=self._now)
        self.model.accepts_too(test, answer, self.at)
        self.check()

    def change_settings(self, **columns: Any) -> None:
        """What an owner may change while contributors work."""
        self._job.refresh_from_db()
        new = replace(Settings.of(self._job), **columns)
        set_settings(self._job, new, actor=None, at=self._now)
        self._job.refresh_from_db()
        seconds = self._job.page_seconds, self._job.minimum_page_seconds
        self.model.set_to(rules_of(self._job), *(1000 * one for one in seconds))
        self.check()

    # laws

    def check(self) -> None:
        """What the store holds is what the model says, and the laws hold of it."""
        self._job.refresh_from_db()
        assert self._job.state == self.model.job
        self._check_slots()
        self._check_people()
        self._check_pages()

    def _check_slots(self) -> None:
        for slot in models.Slot.objects.filter(job=self._job):
            expected = (
                self.model.outstanding(slot.unit_id),
                self.model.counted(slot.unit_id),
                self.model.wanted[slot.unit_id],
            )
            assert (slot.outstanding, slot.counted, slot.wanted) == expected
            assert slot.open == (slot.outstanding + slot.counted < slot.wanted)
            self._check_ahead(slot)

    def _check_ahead(self, slot: models.Slot) -> None:
        """What a contributor can still be given lies ahead of his or her cursor."""
        if self._job.order != Order.SHARED or not slot.open:
            return
        for person in models.Participation.objects.filter(job=self._job):
            page = self.model.open_page(person.pk)
            shown = page is not None and slot.unit_id in page.shown
            if not shown and not self.model.people[person.pk].judged[slot.unit_id]:
                assert slot.position > person.cursor

    def _check_people(self) -> None:
        for stored in models.Participation.objects.filter(job=self._job):
            person = self.model.people[stored.pk]
            assert (stored.state, stored.quizzes) == (person.state, person.quizzes)
            assert stored.removed_for == person.removed_for
            assert stored.settle_from == person.settle_from
            assert stored.repeated_to == person.repeated_to
            assert (stored.judgments_made, stored.pages_made) == (
                person.judged.total(),
                person.pages_made,
            )
            assert json.loads(stored.given) == dict(person.given)
            kept = Tally.from_document(json.loads(stored.tally))
            assert kept == person.tally == self._recomputed(stored)

    def _recomputed(self, person: models.Participation) -> Tally:
        """The tally from the judgments themselves, as reports derive trust."""
        judgments = models.Judgment.objects.filter(
            participation=person, created_at__gte=person.trust_from
        ).exclude(page__mode=Mode.PRACTICE)
        tally = Tally()
        for one in mark(list(judgments.order_by("pk"))).values():
            tally = tally.add(one.accepted[QUESTION][0], missed=one.missed, forgiven=one.forgiven)
        return tally

    def _check_pages(self) -> None:
        stored = models.Page.objects.filter(participation__job=self._job).order_by("pk")
        assert [
            (page.pk, page.state, page.mode, page.counted, json.loads(page.units), page.result)
            for page in stored
        ] == [
            (page.id, page.state, page.mode, page.counted, page.units, page.result)
            for page in sorted(self.model.pages.values(), key=lambda page: page.id)
        ]
        judged = models.Judgment.objects.filter(participation__job=self._job).order_by("pk")
        assert sorted(judged.values_list("unit", "page")) == sorted(
            (unit, page) for unit, page, _reply in self.model.replies
        )
        assert sorted(judged.filter(REPEATED).values_list("unit", "page")) == sorted(
            (unit, page)
            for unit, page, _reply in self.model.replies
            if unit in self.model.pages[page].again
        )

    # how it is done

    def _together(self, operations: Sequence[Operation]) -> list[Any]:
        if not self.served:
            return [now(operation) for operation in operations]
        with self._database.transaction():
            return [operation(self._database.tables) for operation in operations]

    def _accept(self, who: int, page: int, given: Sequence[Given]) -> str:
        operation = partial(
            accept, participation=who, page_id=page, given=given, at=self.at, rng=self._rng
        )
        try:
            [heard] = self._together([operation])
        except PageClosed as closed:
            return closed.code
        except Refusal as refusal:
            return {"NoSuchPage": "no such page", "InvalidAnswers": "invalid answers"}[
                type(refusal).__name__
            ]
        return str(heard.result)

    def _present(self, who: int) -> Page | None:
        found = models.Page.objects.filter(participation=who, state=PageState.OPEN).first()
        return self._page(who, found.pk) if found else None

    def _page(self, who: int, page: int) -> Page:
        stored = models.Page.objects.get(pk=page)
        return Page(
            page,
            who,
            Mode(stored.mode),
            json.loads(stored.units),
            stored.created_at,
            stored.expires_at,
            json.loads(stored.again),
        )

    def _units(self) -> list[int]:
        return list(
            models.Slot.objects.filter(job=self._job).order_by("pk").values_list("unit", flat=True)
        )

    def _steer(self, verb: Callable[..., models.Job], old: JobState, new: JobState) -> None:
        if self.model.job == old:
            verb(self._job, actor=None, at=self._now)
            self.model.job = new
            self.check()

    def _participation(self, who: int) -> models.Participation:
        return models.Participation.objects.get(pk=who)

    def _everything(self) -> list[Any]:
        """All rows that judging writes."""
        rows: list[Any] = [*models.Job.objects.filter(pk=self._job.pk).values_list()]
        rows += models.Slot.objects.filter(job=self._job).order_by("pk").values_list()
        rows += models.Participation.objects.filter(job=self._job).order_by("pk").values_list()
        for table in (models.Page, models.Judgment):
            found = table._default_manager.filter(participation__job=self._job)
            rows += found.order_by("pk").values_list()
        return rows

    def _told(self, heard: str, units: Sequence[int]) -> list[Any]:
        """What happened, without ids: alike in two databases."""
        first = models.Unit.objects.filter(job=self._job).order_by("pk")[0].pk
        return [str(heard), [unit - first for unit in units]]


def make_job(setting: Setting) -> tuple[models.Job, list[Invitation]]:
    """A draft without a picture to see, and who is invited to it."""
    team = first_team()
    job = create_job(
        team, template="healthy-or-pneumonia", title="", actor=None, at=NOON - timedelta(days=1)
    )
    with write():
        models.Job.objects.filter(pk=job.pk).update(**setting.settings, revision=F("revision") + 1)
        units = models.Unit.objects.bulk_create(
            models.Unit(job=job, number=number, given=_label(number, setting.tests))
            for number in range(setting.tests + setting.units)
        )
        image = _image(team)
        models.UnitImage.objects.bulk_create(
            models.UnitImage(unit=unit, image=image) for unit in units
        )
        for unit in units[: setting.tests]:
            _test_question(unit)
    invited = invite(job, count=setting.people, actor=None, at=setting.at)
    job.refresh_from_db()
    return job, invited


def _label(number: int, tests: int) -> dict[str, str]:
    return {QUESTION: ANSWERS[number % 2]} if number < tests else {}


def _test_question(unit: models.Unit) -> None:
    question = models.TestQuestion.objects.create(unit=unit)
    question.current = models.TestQuestionVersion.objects.create(
        test_question=question,
        number=1,
        accepted={QUESTION: [unit.given[QUESTION]]},
        created_at=NOON - timedelta(days=1),
    )
    question.save(update_fields=["current"])


def _image(team: models.Team) -> models.Image:
    """One picture for all: nobody looks at it."""
    blob, _ = models.Blob.objects.get_or_create(
        sha256="0" * 64, defaults={"size": 1, "media_type": "image/png"}
    )
    image, _ = models.Image.objects.get_or_create(
        team=team,
        fingerprint="0" * 64,
        defaults={"original": blob, "width": 1, "height": 1},
    )
    return image
