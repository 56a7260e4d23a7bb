"""Rows of a job whose images show the same film."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from overread.core.intake import REPEATED
from overread.core.states import UnitState
from overread.store.models import Job, Resemblance, Unit, UnitImage


@dataclass(frozen=True)
class OtherLabel:
    """Two rows with one picture, the earlier first, and what each is labelled."""

    first: int
    second: int
    labels: tuple[str, str]


def to_compare() -> QuerySet[Job]:
    """Jobs with images that were not compared with their others yet."""
    new = _uncompared().filter(unit__job=OuterRef("pk"))
    return Job.objects.filter(Exists(new)).order_by("pk")


def is_comparing(job: Job) -> bool:
    return _uncompared().filter(unit__job=job).exists()


def _uncompared() -> QuerySet[UnitImage]:
    return UnitImage.objects.filter(compared=False, position=0, image__look__isnull=False)


def pairs_of(job: Job) -> QuerySet[Resemblance]:
    """Those without a decision first, the most alike before the others."""
    found = Resemblance.objects.filter(first__job=job).select_related("first", "second")
    return found.order_by("decision", "-agreement", "first__number", "second__number")


def undecided(job: Job) -> QuerySet[Resemblance]:
    return pairs_of(job).filter(decision="")


def alike(job: Job) -> list[tuple[int, int]]:
    """The units of each pair, whatever was decided: they belong together."""
    return list(pairs_of(job).values_list("first", "second"))


def otherwise_labelled(job: Job, question: str) -> list[OtherLabel]:
    """Rows with the same picture, or the same film, whose given labels differ."""
    alike = [(one.first, one.second) for one in pairs_of(job)]
    return [
        OtherLabel(first.number, second.number, labels)
        for first, second in [*_repeated(job), *alike]
        if all(labels := (_label(first, question), _label(second, question)))
        and labels[0] != labels[1]
    ]


def _repeated(job: Job) -> list[tuple[Unit, Unit]]:
    """Rows held for the picture of an earlier one, after that."""
    held = list(
        job.units.filter(state=UnitState.HELD, held__problem__template=REPEATED).order_by("number")
    )
    numbers = [_repeats(unit.held) for unit in held]
    earlier = {unit.number: unit for unit in job.units.filter(number__in=set(numbers))}
    pairs = zip(numbers, held, strict=True)
    return [(earlier[number], unit) for number, unit in pairs if number in earlier]


def _repeats(held: Any) -> int:
    return int(held["problem"]["values"]["row"])


def _label(unit: Unit, question: str) -> str:
    given: Mapping[str, str] = unit.given
    return given.get(question, "")
