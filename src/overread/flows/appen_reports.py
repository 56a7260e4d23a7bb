"""Results leave in the reference platform's reports."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TextIO

from overread.core.aggregation import Averaged, Collected, Shared
from overread.core.design import Design, as_values
from overread.core.marks import read_marks
from overread.flows.aggregation import Answer, Results, UnitResult, results
from overread.formats.appen_reports import (
    AGAIN,
    FIRST,
    AggregatedRow,
    FullRow,
    Result,
    Second,
    write_aggregated,
    write_full,
)
from overread.formats.cml.shapes import read_shapes, write_shapes
from overread.formats.mark_cells import write_findings
from overread.store.judging import mark
from overread.store.models import ImportedJudgment, Job, TestQuestion
from overread.store.queries import imported as there
from overread.store.queries.aggregation import (
    Contributor,
    Judged,
    contributors,
    judged_units,
)
from overread.store.queries.design import design_of

CHANNEL = "overread"
CONSENSUS = ":consensus"
SIMULATED = "simulated"


def aggregated_report(job: Job, out: TextIO) -> None:
    """One line per unit, in the reference platform's aggregated columns."""
    found, keys = results(job), there.unit_keys(job)
    second: dict[str, Second] = {
        question.name: question.second_column for question in found.design.questions
    }
    tested = _tested(found.design)
    columns = [
        *_columns([one.judged for one in found.units]),
        *(f"{name}_gold" for name in tested),
        *(f"{name}{CONSENSUS}" for name in found.drawn),
    ]
    rows = (
        _aggregated(one, {**_gold(one.judged, tested), **_fused(one, found)}, keys)
        for one in found.units
    )
    write_aggregated(out, second, columns, rows)


def _aggregated(
    result: UnitResult, beside: Mapping[str, str], keys: Mapping[int, str]
) -> AggregatedRow:
    judged = result.judged
    last = max((one.created_at for one in result.counted), default=None)
    return AggregatedRow(
        unit_id=keys.get(judged.unit.pk, judged.unit.pk),
        golden=_is_golden(judged),
        unit_state=judged.report_state,
        trusted_judgments=len(result.counted),
        last_judgment_at=None if judged.golden else last,
        results={
            name: _cells(answer, f"{judged.unit.pk}")
            for name, answer in result.answers.items()
            if answer
        },
        data={**judged.unit.data, **beside},
    )


def _fused(result: UnitResult, found: Results) -> dict[str, str]:
    """What is drawn as one drawing, beside the platform's list of all that was drawn."""
    unit = result.judged.unit.pk
    return {
        f"{name}{CONSENSUS}": write_findings(one.image.standing, f"{unit}", one.readers)
        for name, by_unit in found.drawn.items()
        if (one := by_unit.get(unit))
    }


def _is_golden(judged: Judged) -> bool:
    """A test question that is not in use says no, though its unit's state is golden."""
    return judged.golden is not None and judged.golden.state == TestQuestion.State.ENABLED


def _cells(answer: Answer, name: str) -> Result:
    """Several answers stand each in a line of the cell, and so do their confidences."""
    match answer:
        case Averaged():
            return Result(f"{round(answer.mean, 4):g}", [answer.variance])
        case Shared():
            return Result("\n".join(answer.answers), answer.confidences)
        case Collected():
            lines = [_shapes(value, f"{name}-{n}") for n, value in enumerate(answer.values, 1)]
            return Result("\n".join(lines), [])
    return Result(answer.answer, [answer.confidence])


def _shapes(value: str, name: str) -> str:
    marks = read_shapes(value) if value.startswith("[") else []
    return write_shapes(marks, name) if marks else value


def full_report(job: Job, out: TextIO) -> None:
    """One line per judgment, untrusted ones too, in the reference platform's full columns."""
    design, units, crowd = design_of(job), judged_units(job), contributors(job)
    tested = _tested(design)
    gold = [f"{name}{end}" for name in tested for end in ("_gold", "_gold_reason")]
    names = [question.name for question in design.questions]
    again = job.repeat_share > 0 or any(
        judgment.is_repeat for judged in units for judgment in judged.judgments
    )
    rows = _full_rows(job, units, crowd, tested)
    write_full(out, names, [*_columns(units), *gold], rows, readings=again)


def _full_rows(
    job: Job, units: Sequence[Judged], crowd: Mapping[int, Contributor], tested: Sequence[str]
) -> Iterator[FullRow]:
    keys, came_over = there.unit_keys(job), there.judgments(job)
    for judged in units:
        marks = mark(judged.judgments) if judged.golden else {}
        data = {**judged.unit.data, **_gold(judged, tested)}
        for judgment in judged.judgments:
            by = crowd[judgment.participation_id]
            answers = {
                name: _printed(value, f"{judgment.pk}") for name, value in judgment.answers.items()
            }
            row = FullRow(
                unit_id=keys.get(judged.unit.pk, judged.unit.pk),
                created_at=judgment.created_at,
                golden=_is_golden(judged),
                id=judgment.pk,
                missed=marks[judgment.pk].missed if judgment.pk in marks else None,
                started_at=judgment.page.created_at,
                tainted=by.tainted,
                channel=SIMULATED if by.participation.simulated else CHANNEL,
                trust=by.trust,
                worker_id=by.participation.pseudonym,
                answers=answers,
                data=data,
                reading="" if judgment.test_id else AGAIN if judgment.is_repeat else FIRST,
            )
            one = came_over.get(judgment.pk)
            yield _as_it_came(row, one, by) if one else row


def _as_it_came(row: FullRow, one: ImportedJudgment, by: Contributor) -> FullRow:
    """One from the reference platform, in that platform's words."""
    assert by.imported is not None
    return replace(
        row,
        id=one.key,
        missed=one.missed,
        trust=one.trust if by.trust == by.imported.trust else row.trust,
        worker_id=by.imported.key,
        channel=one.channel,
        country=one.country,
    )


def _printed(answer: object, name: str) -> str:
    """An answer in a cell: several values each in a line, marks as the platform's shapes."""
    marks = read_marks(answer)
    return write_shapes(marks, name) if marks else "\n".join(as_values(answer))


def _tested(design: Design) -> list[str]:
    return [question.name for question in design.questions if question.tested]


def _columns(units: Sequence[Judged]) -> list[str]:
    return list(dict.fromkeys(name for judged in units for name in judged.unit.data))


def _gold(judged: Judged, tested: Sequence[str]) -> dict[str, str]:
    version = judged.golden.current if judged.golden else None
    if version is None:
        return {}
    cells = {}
    for name in tested:
        cells[f"{name}_gold"] = "\n".join(version.accepted.get(name, ()))
        cells[f"{name}_gold_reason"] = version.reasons.get(name, "")
    return cells
