"""How well what is known of a job's rows and images tells their given labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from django.db.models import Q

from overread.core.golden import is_golden_column
from overread.core.intake import file_name
from overread.core.leaks import Power, powers
from overread.store.models import Job, UnitImage
from overread.store.queries.design import design_of

# Enough to find a leak, few enough for a page view.
LABELLED = 200


class _Labelled(NamedTuple):
    unit: int
    number: int
    cells: Mapping[str, str]
    label: str


@dataclass(frozen=True)
class Powers:
    """Of the table's columns, and of the images' other facts (core.checks.leaking.FACTS)."""

    columns: Sequence[Power]
    images: Sequence[Power]

    def leaks(self) -> tuple[list[Power], list[Power]]:
        """Those that give the label away."""
        columns = [one for one in self.columns if one.gives_away]
        return columns, [one for one in self.images if one.gives_away]


def powers_of(job: Job) -> Powers:
    """The same number of queries for every job."""
    labelled = _labelled(job, design_of(job).main_question.name)
    labels = [one.label for one in labelled]
    return Powers(
        powers(_columns(job, [one.cells for one in labelled]), labels),
        _image_powers(job, labelled),
    )


def _labelled(job: Job, question: str) -> list[_Labelled]:
    """Some rows whose label is given, from all over the table."""
    known = ~Q(given={}) | Q(test_question__current__isnull=False)
    every = list(job.units.filter(known).order_by("number").values_list("pk", flat=True))
    some = every[:: ceil(len(every) / LABELLED) or 1]
    found = job.units.filter(pk__in=some).values_list(
        "pk", "number", "data", "given", "test_question__current__accepted"
    )
    return [
        _Labelled(unit, number, cells, label)
        for unit, number, cells, given, accepted in found
        if (label := given.get(question) or next(iter((accepted or {}).get(question, ())), ""))
    ]


def _columns(job: Job, rows: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """The columns that may give a label away: not those that say it on purpose."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {
        name: [row.get(name, "") for row in rows]
        for name in names
        if name != job.label_column and not is_golden_column(name)
    }


def _image_powers(job: Job, labelled: Sequence[_Labelled]) -> list[Power]:
    shown = UnitImage.objects.filter(unit__in=[one.unit for one in labelled], position=0)
    images = {one.unit_id: one for one in shown.select_related("image")}
    known = [one for one in labelled if one.unit in images]
    rows = [_facts(job, one, images[one.unit]) for one in known]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name, "") for row in rows] for name in names}
    return powers(columns, [one.label for one in known])


def _facts(job: Job, row: _Labelled, shown: UnitImage) -> dict[str, str]:
    image, reference = shown.image, row.cells.get(job.image_column, "")
    name = file_name(reference)
    return {
        "name": name,
        "address": reference.removesuffix(name),
        "folder": shown.folder,
        "order": str(row.number),
        "width": str(image.width),
        "height": str(image.height),
        "shape": f"{image.width / image.height:.3f}",
        **image.traces,
    }
