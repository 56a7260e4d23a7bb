"""What moved over from the reference platform: what is known of it, and how it is forgotten."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from overread.core.answers import as_values
from overread.core.design import Design
from overread.core.judging import TAINTED
from overread.core.removal import Tally
from overread.core.states import Mode, UnitState
from overread.core.stopping import Vote, wanted
from overread.core.test_questions import Content, kind_of
from overread.store.hot.tables import GAP
from overread.store.judging import newest_design, rules_of
from overread.store.models import (
    ImportedContributor,
    ImportedJudgment,
    ImportedUnit,
    Job,
    Judgment,
    Page,
    Participation,
    Slot,
    TestQuestion,
    User,
)
from overread.store.write import write

AT_ONCE = 400
# Why a test question waits that came over before its image.
NO_IMAGE = "its image is missing"
_SAID = ("participation", "answers", "test__current__accepted", "test__state")
_SENT = ("participation", "mode")
_ENABLED = TestQuestion.State.ENABLED
_UNIT_AND_WORKER = ("judgment__unit__imported__key", "judgment__participation__imported__key")


@dataclass(frozen=True)
class Known:
    """What a job has by the platform's ids: units with their own ids and their rows, test
    questions, judgments, units that were judged as work, and by whom.
    """

    units: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    tests: Mapping[str, tuple[Content, bool]] = field(default_factory=dict)
    judgments: Set[str] = frozenset()
    work_by: Set[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, job: Job) -> "Known":
        there = ImportedUnit.objects.filter(unit__job=job)
        units = dict(there.values_list("key", "unit"))
        if not units:
            return cls()
        tests = TestQuestion.objects.filter(
            unit__job=job, unit__imported__isnull=False, current__isnull=False
        )
        accepted = tests.values_list("unit__imported__key", "current__accepted", "state")
        made = ImportedJudgment.objects.filter(judgment__participation__job=job)
        work = made.filter(judgment__test=None).values_list(*_UNIT_AND_WORKER)
        return cls(
            units,
            dict(there.values_list("key", "unit__number")),
            {key: (Content(one), state == _ENABLED) for key, one, state in accepted},
            set(made.values_list("key", flat=True)),
            set(work),
        )

    @cached_property
    def work(self) -> Set[str]:
        return {unit for unit, _ in self.work_by}


def came_over(job: Job) -> bool:
    """Whether a draft has judgments already: from elsewhere."""
    return job.participations.filter(imported__isnull=False).exists()


def said(job: Job) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Judgments of work that came over, by the platform's ids of unit and contributor."""
    made = ImportedJudgment.objects.filter(
        judgment__participation__job=job, judgment__test=None
    ).order_by("pk")
    return made.values_list(*_UNIT_AND_WORKER, "judgment__answers").iterator()


def trusted(job: Job) -> dict[str, tuple[float | None, bool]]:
    """The platform's trust in each contributor, and whether their work is not counted."""
    people = ImportedContributor.objects.filter(participation__job=job)
    rows = people.values_list("key", "trust", "participation__state")
    return {key: (trust, state in TAINTED) for key, trust, state in rows}


@dataclass
class Record:
    """What a contributor did elsewhere, counted as a submission here counts it."""

    judgments: int = 0
    pages: int = 0
    quizzes: int = 0
    tally: Tally = field(default_factory=Tally)
    given: Counter[str] = field(default_factory=Counter)


def records_of(people: Sequence[Participation], design: Design) -> dict[int, Record]:
    """By participation, from all of their judgments that are stored."""
    main = design.main_question.name
    found = {one.pk: Record() for one in people}
    made = Judgment.objects.filter(participation__in=found).order_by("pk")
    for by, answers, accepted, state in made.values_list(*_SAID).iterator():
        record = found[by]
        record.judgments += 1
        if accepted is None:
            record.given.update(as_values(answers.get(main)))
            continue
        missed = not design.is_right(design.asked_of(accepted), answers)
        excused = state != _ENABLED
        kind = kind_of(accepted, main)
        record.tally = record.tally.add(kind, missed=missed, forgiven=excused)
    for by, mode in Page.objects.filter(participation__in=found).values_list(*_SENT):
        found[by].pages += 1
        found[by].quizzes += mode == Mode.QUIZ
    return found


def forget_some(job: Job, last: int) -> bool:
    """Who judged a draft's rows up to the id `last` elsewhere goes with them, some at a time, in
    the caller's transaction; whether there may be more.
    """
    made = Judgment.objects.filter(
        unit__job=job, unit__lte=last, participation__imported__isnull=False
    )
    some = list(made.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    Judgment.objects.filter(pk__in=some).delete()
    if len(some) == AT_ONCE:
        return True
    left = job.participations.filter(imported__isnull=False, judgments__isnull=True)
    people = dict(left.order_by("pk").values_list("pk", "user")[:AT_ONCE])
    Page.objects.filter(participation__in=people).delete()
    Participation.objects.filter(pk__in=people).delete()
    User.objects.filter(pk__in=people.values(), is_active=False).delete()
    return len(people) == AT_ONCE


def place(job: Job) -> None:
    """Units with an image wait no longer: their test questions come into use, and those that were
    judged stand where their judgments put them. A launch shuffles them anew.
    """
    ready = job.units.filter(state=UnitState.NEW, unit_images__isnull=False, imported__isnull=False)
    work = ready.filter(test_question=None, judgments__isnull=False).distinct().order_by("number")
    found = list(work.values_list("pk", flat=True))
    with write():
        TestQuestion.objects.filter(
            unit__in=ready, state=TestQuestion.State.ON_HOLD, on_hold_for=NO_IMAGE
        ).update(state=_ENABLED, on_hold_for="")
        Slot.objects.filter(job=job).delete()
    for first in range(0, len(found), AT_ONCE):
        some = found[first : first + AT_ONCE]
        counts = judged_before(job, some)
        with write():
            Slot.objects.bulk_create(
                slot_of(job, unit, (first + index) * GAP, counts.get(unit))
                for index, unit in enumerate(some)
            )


def slot_of(job: Job, unit: int, position: int, counts: tuple[int, int] | None) -> Slot:
    counted, wanted = counts or (0, job.judgments_per_unit)
    return Slot(
        job=job,
        position=position,
        unit_id=unit,
        counted=counted,
        wanted=wanted,
        open=counted < wanted,
    )


def judged_before(job: Job, units: Sequence[int]) -> dict[int, tuple[int, int]]:
    """How many judgments count for units that came over, and how many these units need."""
    if not came_over(job):
        return {}
    made = Judgment.objects.filter(
        unit__in=units, test=None, page__counted=True, page__mode=Mode.WORK
    ).order_by("pk")
    votes: dict[int, list[Vote]] = defaultdict(list)
    for unit, answers, tally in made.values_list("unit", "answers", "participation__tally"):
        said = {name: as_values(answer) for name, answer in answers.items()}
        votes[unit].append(Vote(said, Tally.from_document(json.loads(tally)).total))
    question = newest_design(job.pk).main_question
    offered = {question.name: [choice.value for choice in question.choices]}
    stopping = rules_of(job).stopping
    return {unit: (len(some), wanted(stopping, some, offered)) for unit, some in votes.items()}
