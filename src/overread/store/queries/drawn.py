"""Marks that readers drew, by question and unit."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from overread.core.aggregation.confidence import Opinion
from overread.core.aggregation.drawn_images import DrawnImage, image_of
from overread.core.design import Design, Marks
from overread.core.states import UnitState
from overread.store.models import Job, Judgment, UnitImage
from overread.store.queries.aggregation import Contributor, contributors


@dataclass(frozen=True)
class Drawn:
    """by, judgments: whose each drawing of the image is, and which judgment it came with."""

    image: DrawnImage
    by: list[Contributor]
    judgments: list[int]

    @property
    def readers(self) -> int:
        return len(self.by)


ByQuestion = Mapping[str, Mapping[int, Drawn]]


def drawn_questions(design: Design) -> list[Marks]:
    return [one for one in design.questions if isinstance(one, Marks)]


def drawn(job: Job, design: Design, units: Collection[int] | None = None) -> ByQuestion:
    """What untainted readers drew, weighed by trust as it stands; of some units, or of all.

    Who says that an image can't be judged says nothing about marks. The same number of queries
    for every job, and none where the design asks for no marks.
    """
    questions = drawn_questions(design)
    if not questions:
        return {}
    crowd = {key: one for key, one in contributors(job).items() if not one.tainted}
    said: dict[int, list[Judgment]] = defaultdict(list)
    for judgment in _judgments(job, list(crowd), units):
        said[judgment.unit_id].append(judgment)
    sizes = _sizes(job, units)
    return {
        question.name: {
            unit: _drawn(question.name, judgments, crowd, sizes[unit])
            for unit, judgments in said.items()
            if unit in sizes
        }
        for question in questions
    }


def _drawn(
    question: str,
    judgments: list[Judgment],
    crowd: Mapping[int, Contributor],
    size: tuple[int, int],
) -> Drawn:
    by = [crowd[one.participation_id] for one in judgments]
    answers = [
        (one.answers.get(question), Opinion((), who.trust).weight)
        for one, who in zip(judgments, by, strict=True)
    ]
    return Drawn(image_of(answers, size), by, [one.pk for one in judgments])


def _judgments(job: Job, by: list[int], units: Collection[int] | None) -> list[Judgment]:
    found = Judgment.objects.filter(
        unit__job=job, participation__in=by, attempt=0, cannot_be_judged=False
    ).exclude(unit__state=UnitState.ERASED)
    if units is not None:
        found = found.filter(unit__in=list(units))
    return list(found.only("unit", "participation", "answers").order_by("unit", "pk"))


def _sizes(job: Job, units: Collection[int] | None) -> dict[int, tuple[int, int]]:
    """Of the picture that marks are drawn on: of several the frontal one."""
    shown = UnitImage.objects.filter(unit__job=job, role=UnitImage.ImageRole.FRONTAL)
    if units is not None:
        shown = shown.filter(unit__in=list(units))
    rows = shown.values_list("unit", "image__width", "image__height")
    return {unit: (width, height) for unit, width, height in rows}
