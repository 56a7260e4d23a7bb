"""The labels as they stand, without the weight of every judgment's whole row."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from overread.core.aggregation import Agreed, Opinion, agree
from overread.core.design import Design, as_values
from overread.core.states import UnitState
from overread.store.models import DatasetVersion, Job, Judgment
from overread.store.models.judging import REPEATED
from overread.store.queries.aggregation import contributors
from overread.store.queries.judging import UNIT_STANDING


class LabelState(StrEnum):
    """What a row's label is worth."""

    LABELLED = "labelled"
    UNRESOLVED = "unresolved"
    OPEN = "open"
    TEST_QUESTION = "test question"
    HELD = "held"
    ERASED = "erased"


@dataclass(frozen=True)
class Verdict:
    """A row's answer to the main question, from its counted judgments and trust as it is now."""

    unit: int
    number: int
    state: LabelState
    answer: str
    confidence: float | None
    tied: bool
    judgments: int
    cannot_be_judged: int


@dataclass(frozen=True)
class _Said:
    """One counted judgment of a unit."""

    opinion: Opinion
    cannot_be_judged: bool


def verdicts(job: Job, design: Design) -> list[Verdict]:
    """Every row by number; the same number of queries for every job."""
    question = design.main_question
    said = _said(job, question.name)
    offered = [choice.value for choice in question.choices]
    settled = {choice.value for choice in question.choices if choice.settles}
    units = job.units.order_by("number").values_list(
        "pk", "number", UNIT_STANDING, "given", "test_question", "slot"
    )
    return [
        _verdict(
            (unit, number, state),
            given.get(question.name) if test and not slot else None,
            said.get(unit, ()) if state != UnitState.ERASED else (),
            offered,
            settled,
        )
        for unit, number, state, given, test, slot in units
    ]


def _said(job: Job, question: str) -> Mapping[int, list[_Said]]:
    trust = {key: one.trust for key, one in contributors(job).items() if not one.tainted}
    made = Judgment.objects.filter(unit__job=job, participation__in=list(trust)).exclude(REPEATED)
    rows = made.values_list("unit", "participation", "answers", "cannot_be_judged")
    by_unit: dict[int, list[_Said]] = defaultdict(list)
    for unit, by, answers, cannot in rows:
        opinion = Opinion(as_values(answers.get(question)), trust[by])
        by_unit[unit].append(_Said(opinion, cannot))
    return by_unit


def _verdict(
    row: tuple[int, int, str],
    given: str | None,
    said: Sequence[_Said],
    offered: Sequence[str],
    settled: set[str],
) -> Verdict:
    unit, number, state = row
    agreed = agree([one.opinion for one in said], offered)
    cannot = sum(one.cannot_be_judged for one in said)
    label_state = _label_state(state, given, agreed, settled, cannot, len(said))
    answer = given or (agreed.answer if agreed else "")
    confidence = agreed.confidence if agreed and given is None else None
    tied = bool(agreed and agreed.tied)
    return Verdict(unit, number, label_state, answer, confidence, tied, len(said), cannot)


def _label_state(
    state: str, given: str | None, agreed: Agreed | None, settled: set[str], cannot: int, count: int
) -> LabelState:
    if state in (UnitState.HELD, UnitState.ERASED):
        return LabelState(state)
    if given is not None:
        return LabelState.TEST_QUESTION
    if state != UnitState.FINALIZED:
        return LabelState.OPEN
    doubtful = agreed is None or agreed.tied or agreed.answer not in settled
    return LabelState.UNRESOLVED if doubtful or 2 * cannot >= count else LabelState.LABELLED


def datasets_of(job: Job) -> list[DatasetVersion]:
    """Newest first."""
    return list(job.datasets.order_by("-number"))


def dataset_of(job: Job, number: int) -> DatasetVersion | None:
    return job.datasets.filter(number=number).first()
