"""Judgments as the aggregation wants them: by unit, each with its contributor's trust."""

import json
from collections import defaultdict
from dataclasses import dataclass

from overread.core.judging import TAINTED
from overread.core.removal import Tally
from overread.core.states import UnitState
from overread.store.models import (
    Image,
    ImportedContributor,
    Job,
    Judgment,
    Participation,
    TestQuestion,
    Unit,
    UnitImage,
)
from overread.store.queries.judging import UNIT_STANDING


@dataclass(frozen=True)
class Contributor:
    """A participation with its record on this job's test questions since the latest quiz began."""

    participation: Participation
    record: Tally

    @property
    def imported(self) -> ImportedContributor | None:
        """What the reference platform said of one who came over from there."""
        return getattr(self.participation, "imported", None)

    @property
    def trust(self) -> float | None:
        """The platform's figure stands until our own score of the same test answers changes."""
        there = self.imported
        keeps = there is not None and there.trust is not None and there.own == self.record.trust
        return there.trust if there and keeps else self.record.trust

    @property
    def tainted(self) -> bool:
        return self.participation.state in TAINTED


@dataclass(frozen=True)
class Judged:
    """A unit with all its judgments, oldest first."""

    unit: Unit
    standing: UnitState
    judgments: list[Judgment]
    golden: TestQuestion | None

    @property
    def report_state(self) -> str:
        """The state in the reference platform's words, where it has one."""
        if self.golden is not None:
            return "golden"
        words = {UnitState.JUDGING: "in progress"}
        return words.get(self.standing, self.standing)


def contributors(job: Job) -> dict[int, Contributor]:
    """Everyone who was invited, by participation id."""
    return {
        one.pk: Contributor(one, Tally.from_document(json.loads(one.tally)))
        for one in job.participations.select_related("user", "imported").order_by("pk")
    }


def judged_units(job: Job) -> list[Judged]:
    """Every unit of the job in row order; work, test questions and held rows alike, but none that
    was erased.
    """
    by_unit: dict[int, list[Judgment]] = defaultdict(list)
    for judgment in (
        Judgment.objects.filter(unit__job=job).select_related("page").order_by("created_at", "pk")
    ):
        by_unit[judgment.unit_id].append(judgment)
    golden = {
        question.unit_id: question
        for question in TestQuestion.objects.filter(unit__job=job, unit__slot=None).select_related(
            "current"
        )
    }
    kept = job.units.exclude(state=UnitState.ERASED)
    units = kept.select_related("patient").annotate(standing=UNIT_STANDING).order_by("number")
    return [
        Judged(unit, UnitState(unit.standing), by_unit[unit.pk], golden.get(unit.pk))
        for unit in units
    ]


def judged_images(job: Job) -> dict[int, Image]:
    """The picture of each unit that the label is about: of several the frontal one."""
    shown = UnitImage.objects.filter(unit__job=job, role=UnitImage.ImageRole.FRONTAL)
    return {one.unit_id: one.image for one in shown.select_related("image__original")}
