"""The model of a job's judgments, fitted anew in the worker; never in the web process."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np

from overread.core.aggregation import Auto, Fit, Judgments
from overread.core.aggregation.auto import named
from overread.core.aggregation.drawn_images import together
from overread.core.aggregation.figures import SEED, agreements, figures
from overread.core.aggregation.information import information
from overread.core.aggregation.judgments import Integers
from overread.core.aggregation.subgroups import MOST_GROUPS, subgroups
from overread.core.aggregation.uncertainty import accuracy, value_of_judgment
from overread.core.aggregation.within import within
from overread.formats.consensus_files import plain
from overread.store.models import Job, ModelFit, Posterior
from overread.store.queries.design import design_of
from overread.store.queries.drawn import drawn
from overread.store.queries.fits import FIT_VERSION, Readings, Row, marks, readings
from overread.store.queries.repeats import reread
from overread.store.write import write

# What is expected of a reader before the first judgment; nothing of lay contributors.
EXPECTED = {"radiologist": 0.9, "clinician": 0.85}
ROWS_AT_ONCE = 200
DIGITS = 4


def refit(job: Job, *, at: datetime) -> ModelFit | None:
    """Fit and store; None without an answer to fit to, when an earlier fit goes.

    Writes only what has changed.
    """
    mark = marks().get(job.pk, "")
    found = readings(job)
    if not found.rows:
        every = Posterior.objects.filter(unit__job=job)
        _remove_posteriors(list(every.values_list("unit", flat=True)))
        with write():
            ModelFit.objects.filter(job=job).delete()
        return None
    laid = Laid.out(found.rows, found.answers)
    expected = [EXPECTED.get(found.expertise[by], np.nan) for by in laid.workers]
    fit = Auto().fit_to(laid.judgments, laid.known(found), expected)
    # The mark comes last: a fit that broke off half-way is out of date still.
    _keep_posteriors(job, laid.units, laid.classes, fit)
    return _keep_fit(job, found, laid, fit, mark, at)


@dataclass(frozen=True)
class Laid:
    """Readings laid out as arrays, with what their numbers stand for."""

    judgments: Judgments
    units: list[int]
    workers: list[int]
    classes: list[str]

    @classmethod
    def out(cls, rows: Sequence[Row], answers: Sequence[str]) -> "Laid":
        """answers: in the order that breaks ties; others that were given follow."""
        units, workers = sorted({row[0] for row in rows}), sorted({row[1] for row in rows})
        classes = list(dict.fromkeys([*answers, *(answer for _, _, answer in rows)]))
        names: list[list[Any]] = [units, workers, classes]
        numbers = [{name: at for at, name in enumerate(one)} for one in names]
        columns = [
            np.array([number[row[at]] for row in rows], dtype=np.int64)
            for at, number in enumerate(numbers)
        ]
        sizes = {"tasks": len(units), "workers": len(workers), "classes": len(classes)}
        return cls(Judgments.of(*columns, **sizes), units, workers, classes)

    def known(self, found: Readings) -> Integers:
        """(units,) the known answers, as the statistics want them."""
        answers = (found.known.get(unit) for unit in self.units)
        return np.array([_number(self.classes, one) for one in answers], dtype=np.int32)


def _number(classes: list[str], answer: str | None) -> int:
    return classes.index(answer) if answer in classes else -1


def _crowd(found: Readings, laid: Laid, fit: Fit) -> dict[str, dict[str, Any]]:
    rates = accuracy(laid.judgments, fit, laid.known(found))
    made = laid.judgments.per_worker.tolist()
    columns = [np.round(one, DIGITS).tolist() for one in (rates.estimate, rates.low, rates.high)]
    rows = zip(laid.workers, made, *columns, strict=True)
    return {
        str(by): {"judgments": count, "accuracy": estimate, "low": low, "high": high}
        for by, count, estimate, low, high in rows
    }


def _figures(
    found: Readings, laid: Laid, fit: Fit, compared_by: str, drawn: Mapping[str, Any]
) -> dict[str, Any]:
    known = information(laid.judgments, fit, laid.known(found))
    good = asdict(figures(laid.judgments, fit, known))
    named_prevalence = dict(zip(laid.classes, good.pop("prevalence"), strict=True))
    document: dict[str, Any] = plain(
        {
            **good,
            "prevalence": named_prevalence,
            "by_expertise": _within(found.rows, lambda row: found.expertise[row[1]]),
            "compared_by": compared_by,
            "by_subgroup": _by_subgroup(found, laid, fit),
            "marks": drawn,
        }
    )
    return document


def _by_subgroup(found: Readings, laid: Laid, fit: Fit) -> dict[str, Any]:
    """How good labels are on units with each cell, where there are several."""
    cells = [found.subgroup.get(unit, "") for unit in laid.units]
    names = sorted(set(cells))
    if len(names) < 2:
        return {}
    of = np.array([names.index(cell) for cell in cells], dtype=np.int64)
    groups = subgroups(laid.judgments, fit, laid.known(found), of)
    return {
        names[number]: {
            **asdict(one),
            "prevalence": {
                label: asdict(it) for label, it in zip(laid.classes, one.prevalence, strict=True)
            },
        }
        for number, one in groups.items()
    }


def _drawn(job: Job) -> dict[str, Any]:
    """Of each question that is drawn, how far readers agree and how frequent its marks are."""
    found = drawn(job, design_of(job))
    return {
        question: asdict(together([one.image for one in by_unit.values()]))
        for question, by_unit in found.items()
        if by_unit
    }


def _with_themselves(job: Job, contributors: Sequence[int]) -> dict[str, Any] | None:
    """Where work came again."""
    again = reread(job, contributors).again
    return plain(asdict(within(again))) if len(again) else None


def _within(rows: Sequence[Row], group_of: Callable[[Row], str]) -> dict[str, Any]:
    """Agreement within each group of judgments, where there are several; the largest groups."""
    sizes = Counter(map(group_of, rows))
    largest = sorted(sizes, key=lambda group: (-sizes[group], group))[:MOST_GROUPS]
    if len(sizes) < 2:
        return {}
    rng = np.random.default_rng(SEED)
    return {
        group: {title: asdict(one) for title, one in agreements(judgments, rng).items()}
        for group in sorted(largest)
        if (judgments := _of_group(rows, group_of, group))
    }


def _of_group(rows: Sequence[Row], group_of: Callable[[Row], str], group: str) -> Judgments:
    return Laid.out([row for row in rows if group_of(row) == group], []).judgments


def _keep_fit(job: Job, found: Readings, laid: Laid, fit: Fit, mark: str, at: datetime) -> ModelFit:
    fields = {
        "question": found.question,
        "method": fit.method,
        "version": FIT_VERSION,
        "reason": fit.notes["reason"].document(),
        "warnings": [named(one, laid.classes).document() for one in fit.notes["warnings"]],
        "contributors": _crowd(found, laid, fit),
        "figures": _figures(found, laid, fit, job.compared_by, _drawn(job))
        | {"with_themselves": _with_themselves(job, laid.workers)},
        "inputs": {"judgments": len(found.rows), "last": found.last, "of": mark},
        "created_at": at,
    }
    with write():
        return ModelFit.objects.update_or_create(job=job, defaults=fields)[0]


def _keep_posteriors(job: Job, units: list[int], classes: list[str], fit: Fit) -> None:
    """In short turns, so that judging goes on; unchanged rows are left alone."""
    shares, gains = (
        np.round(one, DIGITS).tolist() for one in (fit.posterior, value_of_judgment(fit))
    )
    kept = {
        unit: (dict(zip(classes, row, strict=True)), gain)
        for unit, row, gain in zip(units, shares, gains, strict=True)
    }
    every = Posterior.objects.filter(unit__job=job).values_list("unit", "shares", "gain")
    before = {unit: (row, gain) for unit, row, gain in every}
    _remove_posteriors(sorted(before.keys() - kept.keys()))
    changed = [
        Posterior(
            unit_id=unit,
            answer=classes[number],
            probability=row[classes[number]],
            gain=gain,
            shares=row,
        )
        for (unit, (row, gain)), number in zip(kept.items(), fit.answer.tolist(), strict=True)
        if before.get(unit) != (row, gain) and number >= 0
    ]
    for first in range(0, len(changed), ROWS_AT_ONCE):
        rows = changed[first : first + ROWS_AT_ONCE]
        with write():
            Posterior.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["unit"],
                update_fields=["answer", "probability", "gain", "shares"],
            )


def _remove_posteriors(units: list[int]) -> None:
    for first in range(0, len(units), ROWS_AT_ONCE):
        with write():
            Posterior.objects.filter(unit__in=units[first : first + ROWS_AT_ONCE]).delete()
