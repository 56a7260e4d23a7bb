"""Judgments become consensus; untrusted ones are kept and not counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from overread.core.aggregation import (
    METHOD,
    METHOD_VERSION,
    Agreed,
    Averaged,
    Collected,
    Opinion,
    Shared,
    above,
    agree,
    average,
    collect,
)
from overread.core.aggregation.marks import VERSION
from overread.core.design import Aggregation, AnyQuestion, Design, as_values
from overread.core.golden import accepted_values
from overread.store.models import Consensus, Job, Judgment
from overread.store.queries.aggregation import Contributor, Judged, contributors, judged_units
from overread.store.queries.design import design_of
from overread.store.queries.drawn import ByQuestion, Drawn, drawn
from overread.store.queries.fits import posteriors
from overread.store.write import write

Answer = Agreed | Averaged | Shared | Collected


@dataclass(frozen=True)
class UnitResult:
    """What a unit's counted judgments add up to, by question; None without an answer."""

    judged: Judged
    counted: list[Judgment]
    answers: Mapping[str, Answer | None]


@dataclass(frozen=True)
class Results:
    """A job's results as they stand: computed from the judgments and from trust as it is now."""

    design: Design
    contributors: Mapping[int, Contributor]
    units: Sequence[UnitResult]
    drawn: ByQuestion


def results(job: Job) -> Results:
    design = design_of(job)
    crowd = contributors(job)
    units = [_unit_result(judged, crowd, design.questions) for judged in judged_units(job)]
    return Results(design, crowd, units, drawn(job, design))


def _unit_result(
    judged: Judged, crowd: Mapping[int, Contributor], questions: Sequence[AnyQuestion]
) -> UnitResult:
    counted = [
        one
        for one in judged.judgments
        if not one.is_repeat and not crowd[one.participation_id].tainted
    ]
    answers = {question.name: _answer(question, counted, crowd) for question in questions}
    return UnitResult(judged, counted, answers)


def _answer(
    question: AnyQuestion, counted: Sequence[Judgment], crowd: Mapping[int, Contributor]
) -> Answer | None:
    opinions = [
        Opinion(as_values(one.answers.get(question.name)), crowd[one.participation_id].trust)
        for one in counted
    ]
    offered = list(accepted_values(question))
    match question.aggregated:
        case Aggregation.MEAN:
            return average(opinions)
        case Aggregation.ALL:
            return collect(opinions)
        case Aggregation.ABOVE:
            return above(opinions, offered, question.threshold)
    return agree(opinions, offered)


def settle(job: Job, results: Results, *, at: datetime) -> None:
    """Keep the consensus of the main question, and of what is drawn, as snapshots with their
    method, version and inputs.
    """
    question = results.design.main_question.name
    fitted = posteriors(job)
    snapshots = [
        _snapshot(result, question, results.contributors, fitted, at)
        for result in results.units
        if isinstance(result.answers[question], Agreed) and result.judged.golden is None
    ]
    snapshots += [
        _drawn_snapshot(result, name, by_unit[result.judged.unit.pk], at)
        for name, by_unit in results.drawn.items()
        for result in results.units
        if result.judged.unit.pk in by_unit and result.judged.golden is None
    ]
    with write():
        Consensus.objects.bulk_create(snapshots)


def _snapshot(
    result: UnitResult,
    question: str,
    crowd: Mapping[int, Contributor],
    fitted: Mapping[int, dict[str, Any]],
    at: datetime,
) -> Consensus:
    agreed = result.answers[question]
    assert isinstance(agreed, Agreed)
    readers = [crowd[one.participation_id] for one in result.counted]
    return Consensus(
        unit=result.judged.unit,
        question=question,
        answer=agreed.answer,
        confidence=agreed.confidence,
        tied=agreed.tied,
        method=METHOD,
        version=METHOD_VERSION,
        inputs={
            "judgments": [one.pk for one in result.counted],
            "trust": {one.participation.pseudonym: one.trust for one in readers},
            "posterior": fitted.get(result.judged.unit.pk),
        },
        created_at=at,
    )


def _drawn_snapshot(result: UnitResult, question: str, drawn: Drawn, at: datetime) -> Consensus:
    return Consensus(
        unit=result.judged.unit,
        question=question,
        marks=[
            {
                **msgspec.to_builtins(one.mark),
                "drawn_by": [drawn.by[at].participation.pseudonym for at in one.drawn_by],
                "support": round(one.support, 4),
            }
            for one in drawn.image.standing
        ],
        confidence=drawn.image.share,
        method=drawn.image.fusing,
        version=VERSION,
        inputs={
            "judgments": drawn.judgments,
            "trust": {one.participation.pseudonym: one.trust for one in drawn.by},
            "posterior": None,
        },
        created_at=at,
    )
