"""What reports of the reference platform say is stored, in short writes, when their rows are."""

import json
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from django.contrib.auth.hashers import make_password

from overread.core.judging import TAINTED, Removal, Rules
from overread.core.removal import stays
from overread.core.states import JobState, Mode, PageState, ParticipationState, UnitState
from overread.core.test_questions import Content
from overread.flows.intake.appen import PageKey, Person, Reports
from overread.flows.intake.drafts import Options
from overread.flows.intake.sources import opened
from overread.flows.people import token_hash
from overread.formats.appen_reading import UNIT, Reported
from overread.store import imported, test_questions
from overread.store.imported import Record, records_of
from overread.store.judging import rules_of
from overread.store.models import (
    DesignVersion,
    ImportedContributor,
    ImportedJudgment,
    ImportedUnit,
    Intake,
    Job,
    Judgment,
    Membership,
    Page,
    Participation,
    TestQuestion,
    Unit,
    User,
)
from overread.store.models.people import Role
from overread.store.queries.design import current_design, design_of
from overread.store.write import write

AT_ONCE = 200
COUNTS = ("state", "removed_for", "judgments_made", "pages_made", "quizzes", "tally", "given")
LONGEST = 2**31 - 1  # milliseconds that the store keeps
T = TypeVar("T")


def move_over(intake: Intake) -> None:
    """What reports say beside their rows, which are in the job by now; nothing without reports.

    In short writes. Judgments are known by the platform's id, so that who was broken off goes on,
    and the same report once more changes nothing.
    """
    job, options = intake.job, Options(**intake.options)
    if (intake.target or {}).get("moves"):
        _link(job)
        with opened([Path(path) for path in intake.sources], options) as found:
            mover = Mover(job, Reports(job, found.tables, design_of(job), options))
            mover.keep_figures()
            mover.make_tests(intake.created_at)
            mover.take_judgments(mover.enrol(intake.created_at))
        _recount(job)
    if imported.came_over(job) and Job.objects.get(pk=job.pk).state == JobState.DRAFT:
        imported.place(job)


def _link(job: Job) -> None:
    """The platform's id stands in a cell of the units that just came in."""
    for some in _chunks(job.units.filter(imported=None, data__has_key=UNIT).order_by("pk")):
        keys = [unit.data.pop(UNIT) for unit in some]
        with write():
            ImportedUnit.objects.bulk_create(
                ImportedUnit(unit=unit, key=key) for unit, key in zip(some, keys, strict=True)
            )
            Unit.objects.bulk_update(some, ["data"])


@dataclass(frozen=True)
class Mover:
    """Stores what the reports of a job say."""

    job: Job
    reports: Reports

    @property
    def ids(self) -> Mapping[str, int]:
        return self.reports.known.units

    def keep_figures(self) -> None:
        for some in _chunks(self.reports.figures):
            rows = list(ImportedUnit.objects.filter(unit__job=self.job, key__in=some))
            for one in rows:
                one.figures = self.reports.figures[one.key]
            with write():
                ImportedUnit.objects.bulk_update(rows, ["figures"])

    def make_tests(self, at: datetime) -> None:
        """One whose image is still missing waits for it."""
        reports = self.reports
        new = {
            self.ids[key]: one
            for key, one in reports.units.items()
            if key not in reports.known.tests and reports.content_of(key)[0]
        }
        for some in _chunks(new):
            rows = Unit.objects.filter(pk__in=some).order_by("number")
            contents = [(unit, new[unit.pk].content or Content({})) for unit in rows]
            with write():
                made = test_questions.add(contents, actor=None, at=at)
                for question in made:
                    if not new[question.unit_id].enabled:
                        question.state = TestQuestion.State.DISABLED
                    elif question.unit.state == UnitState.HELD:
                        question.state = TestQuestion.State.ON_HOLD
                        question.on_hold_for = imported.NO_IMAGE
                TestQuestion.objects.bulk_update(made, ["state", "on_hold_for"])

    def enrol(self, at: datetime) -> dict[str, Participation]:
        """Contributors by the platform's id, with its last word on them."""
        people = self.reports.people
        known = self.job.participations.filter(imported__isnull=False).select_related("imported")
        found = {one.imported.key: one for one in known}
        for some in _chunks(key for key in people if key not in found):
            with write():
                made = _enrol(self.job, {key: people[key] for key in some}, len(found), at)
            found |= made
        for some in _chunks(people):
            figures = [found[key].imported for key in some]
            for one in figures:
                one.trust, one.tainted = people[one.key].trust, people[one.key].tainted
            with write():
                ImportedContributor.objects.bulk_update(figures, ["trust", "tainted"])
        return found

    def take_judgments(self, people: Mapping[str, Participation]) -> None:
        tests = TestQuestion.objects.filter(unit__job=self.job, current__isnull=False)
        test_of = dict(tests.exclude(unit__slot__isnull=False).values_list("unit", "pk"))
        pages = self._pages(people)
        attempts = _attempts(self.job)
        for some in _chunks(self.reports.judgments()):
            made = []
            for one in some:
                unit, by = self.ids[one.unit], people[one.worker]
                before = attempts[unit, by.pk]
                attempts[unit, by.pk] += unit in test_of
                made.append(
                    Judgment(
                        page_id=pages[one.sent],
                        participation=by,
                        unit_id=unit,
                        test_id=test_of.get(unit),
                        attempt=before,
                        answers=one.answers,
                        cannot_be_judged=not one.answers,
                        milliseconds=self._milliseconds(one),
                        created_at=one.created,
                    )
                )
            with write():
                stored = Judgment.objects.bulk_create(made)
                ImportedJudgment.objects.bulk_create(
                    _kept(one, judgment) for one, judgment in zip(some, stored, strict=True)
                )

    def _milliseconds(self, one: Reported) -> int:
        """The platform times pages; each of its rows took a like part of it."""
        return min((one.created - one.started) // len(self.reports.pages[one.sent].units), LONGEST)

    def _pages(self, people: Mapping[str, Participation]) -> dict[PageKey, int]:
        design = current_design(self.job)
        before = Page.objects.filter(participation__in=people.values())
        made: dict[PageKey, int] = {
            (worker, started, created or 0): pk
            for pk, worker, started, created in before.values_list(
                "pk", "participation__imported__key", "created_at", "submitted_at"
            )
        }
        for some in _chunks(key for key in self.reports.pages if key not in made):
            pages = [self._page(key, people[key[0]], design) for key in some]
            with write():
                stored = Page.objects.bulk_create(pages)
            made.update({key: page.pk for key, page in zip(some, stored, strict=True)})
        return made

    def _page(self, key: PageKey, by: Participation, design: DesignVersion) -> Page:
        sent, (_, started, created) = self.reports.pages[key], key
        return Page(
            participation=by,
            design=design,
            mode=Mode.WORK if sent.is_work else Mode.QUIZ,
            state=PageState.SUBMITTED,
            units=json.dumps([self.ids[unit] for unit in sent.units]),
            created_at=started,
            expires_at=created,
            submitted_at=created,
        )


def _enrol(
    job: Job, new: Mapping[str, Person], before: int, at: datetime
) -> dict[str, Participation]:
    """Contributors who can't sign in: their accounts are not active, nobody has their token."""
    users = User.objects.bulk_create(
        User(
            name=f"imported-{number:03d}",
            created_at=at,
            is_active=False,
            password=make_password(None),
        )
        for number, _ in enumerate(new, start=before + 1)
    )
    Membership.objects.bulk_create(
        Membership(user=user, team=job.team, role=Role.CONTRIBUTOR) for user in users
    )
    made = Participation.objects.bulk_create(
        Participation(
            job=job,
            user=user,
            pseudonym=user.name,
            state=ParticipationState.WORKING,
            token_hash=token_hash(secrets.token_urlsafe(24)),
            invited_at=person.first,
            expires_at=person.first,
            joined_at=person.first,
        )
        for user, person in zip(users, new.values(), strict=True)
    )
    kept = ImportedContributor.objects.bulk_create(
        ImportedContributor(participation=one, key=key) for one, key in zip(made, new, strict=True)
    )
    return {one.key: one.participation for one in kept}


def _recount(job: Job) -> None:
    """Where contributors stand, by all that is stored of them."""
    people = job.participations.filter(imported__isnull=False).select_related("imported")
    design, rules = design_of(job), rules_of(job)
    for some in _chunks(people.order_by("pk")):
        records = records_of(some, design)
        for one in some:
            record = records[one.pk]
            one.judgments_made, one.pages_made = record.judgments, record.pages
            one.quizzes = record.quizzes
            one.tally = json.dumps(record.tally.to_document())
            one.given = json.dumps(record.given)
            one.state, one.removed_for = _standing(one.imported, record, rules)
            one.imported.own = record.tally.trust
        with write():
            Participation.objects.bulk_update(some, COUNTS)
            ImportedContributor.objects.bulk_update([one.imported for one in some], ["own"])
            _count_pages(some)


def _standing(there: ImportedContributor, record: Record, rules: Rules) -> tuple[str, str]:
    """Whom the platform does not trust failed the quiz, or was removed from work."""
    if not there.tainted:
        return ParticipationState.WORKING, ""
    if record.pages == record.quizzes:
        return ParticipationState.FAILED_QUIZ, ""
    falls = not stays(rules.removal_rule, record.tally, rules.minimum_accuracy)
    return ParticipationState.REMOVED, Removal.ACCURACY if falls else Removal.OWNER


def _count_pages(people: list[Participation]) -> None:
    """Work counts of those whom the platform trusts."""
    work = Page.objects.filter(participation__in=people, mode=Mode.WORK)
    out = [one.pk for one in people if one.state in TAINTED]
    work.filter(participation__in=out, counted=True).update(counted=False)
    work.exclude(participation__in=out).filter(counted=False).update(counted=True)


def _attempts(job: Job) -> Counter[tuple[int, int]]:
    """How often each contributor has answered each test question."""
    found = Judgment.objects.filter(participation__job=job, test__isnull=False)
    return Counter(found.values_list("unit", "participation"))


def _kept(one: Reported, judgment: Judgment) -> ImportedJudgment:
    return ImportedJudgment(
        judgment=judgment,
        key=one.key,
        missed=one.missed,
        trust=one.trust,
        channel=one.channel,
        country=one.country,
    )


def _chunks(some: Iterable[T]) -> Iterator[list[T]]:
    left = iter(some)
    while chunk := list(islice(left, AT_ONCE)):
        yield chunk
