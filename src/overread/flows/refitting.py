"""The model of a job's judgments, fitted anew in the worker; never in the web process."""

from datetime import datetime
from typing import Any

import numpy as np

from overread.core.aggregation import Auto, Fit, Judgments
from overread.core.aggregation.auto import named
from overread.core.aggregation.uncertainty import accuracy
from overread.store.models import Job, ModelFit, Posterior
from overread.store.queries.fits import Readings, marks, readings
from overread.store.write import write

VERSION = 1
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
    units = sorted({unit for unit, _, _ in found.rows})
    workers = sorted({by for _, by, _ in found.rows})
    classes = list(dict.fromkeys([*found.answers, *(answer for _, _, answer in found.rows)]))
    judgments = _judgments(found, units, workers, classes)
    known = np.array([_number(classes, found.known.get(unit)) for unit in units])
    expected = [EXPECTED.get(found.expertise[by], np.nan) for by in workers]
    fit = Auto().fit_to(judgments, known, expected)
    # The mark comes last: a fit that broke off half-way is out of date still.
    _keep_posteriors(job, units, classes, fit)
    return _keep_fit(job, found, classes, fit, _crowd(judgments, fit, workers), mark, at)


def _judgments(
    found: Readings, units: list[int], workers: list[int], classes: list[str]
) -> Judgments:
    numbers = [{name: at for at, name in enumerate(names)} for names in (units, workers, classes)]
    columns = [
        np.array([number[row[at]] for row in found.rows], dtype=np.int64)
        for at, number in enumerate(numbers)
    ]
    return Judgments.of(*columns, tasks=len(units), workers=len(workers), classes=len(classes))


def _number(classes: list[str], answer: str | None) -> int:
    return classes.index(answer) if answer in classes else -1


def _crowd(judgments: Judgments, fit: Fit, workers: list[int]) -> dict[str, dict[str, Any]]:
    rates = accuracy(judgments, fit)
    made = judgments.per_worker.tolist()
    columns = [np.round(one, DIGITS).tolist() for one in (rates.estimate, rates.low, rates.high)]
    rows = zip(workers, made, *columns, strict=True)
    return {
        str(by): {"judgments": count, "accuracy": estimate, "low": low, "high": high}
        for by, count, estimate, low, high in rows
    }


def _keep_fit(
    job: Job,
    found: Readings,
    classes: list[str],
    fit: Fit,
    crowd: dict[str, Any],
    mark: str,
    at: datetime,
) -> ModelFit:
    fields = {
        "question": found.question,
        "method": fit.method,
        "version": VERSION,
        "reason": fit.notes["reason"].document(),
        "warnings": [named(one, classes).document() for one in fit.notes["warnings"]],
        "contributors": crowd,
        "inputs": {"judgments": len(found.rows), "last": found.last, "of": mark},
        "created_at": at,
    }
    with write():
        return ModelFit.objects.update_or_create(job=job, defaults=fields)[0]


def _keep_posteriors(job: Job, units: list[int], classes: list[str], fit: Fit) -> None:
    """In short turns, so that judging goes on; unchanged rows are left alone."""
    shares = np.round(fit.posterior, DIGITS).tolist()
    kept = {
        unit: dict(zip(classes, row, strict=True)) for unit, row in zip(units, shares, strict=True)
    }
    before = dict(Posterior.objects.filter(unit__job=job).values_list("unit", "shares"))
    _remove_posteriors(sorted(before.keys() - kept.keys()))
    changed = [
        Posterior(
            unit_id=unit, answer=classes[number], probability=row[classes[number]], shares=row
        )
        for (unit, row), number in zip(kept.items(), fit.answer.tolist(), strict=True)
        if before.get(unit) != row and number >= 0
    ]
    for first in range(0, len(changed), ROWS_AT_ONCE):
        rows = changed[first : first + ROWS_AT_ONCE]
        with write():
            Posterior.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["unit"],
                update_fields=["answer", "probability", "shares"],
            )


def _remove_posteriors(units: list[int]) -> None:
    for first in range(0, len(units), ROWS_AT_ONCE):
        with write():
            Posterior.objects.filter(unit__in=units[first : first + ROWS_AT_ONCE]).delete()
