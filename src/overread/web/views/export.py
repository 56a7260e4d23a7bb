"""The Results tab: labels, reports, data sets."""

import io
import tempfile
from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from overread.core.design import Choosing, Design
from overread.core.problems import Refused
from overread.flows.appen_reports import aggregated_report, full_report
from overread.flows.background import order_dataset
from overread.flows.comparing import columns_to_compare_by, compare_by
from overread.flows.export import dataset_file
from overread.store.models import DatasetVersion, Job
from overread.store.queries.design import design_of
from overread.store.queries.drawn import drawn, drawn_questions
from overread.store.queries.fits import Look, latest_fit, worth_another_look
from overread.store.queries.results import (
    LabelState,
    Verdict,
    dataset_of,
    datasets_of,
    verdicts,
)
from overread.store.queries.thumbnails import thumbnails, units_in_order
from overread.web.access import signed_in
from overread.web.shown_drawings import Line, in_words
from overread.web.shown_figures import shown_figures
from overread.web.views.head import job_page, refuse

ROWS_PER_PAGE = 60
LOOKS = [one.name for one in fields(Look)]
NOT_FITTED = Look(0.0, 0.0)
REPORTS = {"aggregated": aggregated_report, "full": full_report}


def results(request: HttpRequest, job: Job) -> HttpResponse:
    design = design_of(job)
    found = verdicts(job, design)
    chosen, order = request.GET.get("show", ""), request.GET.get("order", "")
    looks = worth_another_look(job, design.main_question)
    listed = filtered(found, chosen)
    if order in LOOKS:
        listed.sort(key=lambda one: (-getattr(looks.get(one.unit, NOT_FITTED), order), one.number))
    rows = Paginator(listed, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    here = [one.unit for one in rows]
    units, lines = units_in_order(job, here), _drawn_lines(job, design, here)
    labels = {choice.value: choice.label for choice in design.main_question.choices}
    return job_page(
        request,
        job,
        "results",
        rows=rows,
        shown=[
            (row, picture, looks.get(row.unit), lines.get(row.unit, ()))
            for row, picture in zip(rows, thumbnails(units), strict=True)
        ],
        filters=filters(found, design.main_question),
        chosen=chosen,
        order=order if looks else None,
        labels=labels,
        question=design.main_question,
        goodness=shown_figures(latest_fit(job), design),
        columns=columns_to_compare_by(job),
        **_datasets(job),
    )


def _drawn_lines(job: Job, design: Design, units: list[int]) -> dict[int, list[Line]]:
    """In words what stands of what was drawn, by row."""
    found = drawn(job, design, units)
    lines: dict[int, list[Line]] = {}
    for question in drawn_questions(design):
        for unit, one in found[question.name].items():
            lines.setdefault(unit, []).extend(in_words(question, one))
    return lines


def compare(request: HttpRequest, job: Job) -> HttpResponse:
    """Choose the column by which agreement is told apart."""
    column = request.POST.get("column", "")
    try:
        compare_by(job, column, actor=signed_in(request), at=datetime.now(UTC))
    except Refused as refused:
        refuse(request, refused)
    else:
        messages.success(request, _("Saved. The figures follow within seconds."))
    return redirect("results", job=job.pk)


def filtered(found: list[Verdict], chosen: str) -> list[Verdict]:
    """All rows; or those in a state or labelled with an answer, the least certain first."""
    if not chosen:
        return list(found)
    kept = [one for one in found if chosen in (one.state, _label(one))]
    return sorted(kept, key=lambda one: (one.confidence or 0, one.number))


def _label(verdict: Verdict) -> str:
    return verdict.answer if verdict.state == LabelState.LABELLED else ""


def filters(found: list[Verdict], question: Choosing) -> list[dict[str, Any]]:
    """What can be chosen, each with its count: answers first, then states."""
    answers = Counter(one.answer for one in found if one.state == LabelState.LABELLED)
    states = Counter(one.state for one in found)
    named = [
        {"value": choice.value, "label": choice.label, "count": answers[choice.value]}
        for choice in question.choices
        if choice.settles
    ]
    rest = [state for state in LabelState if state != LabelState.LABELLED]
    return named + [{"value": one.value, "state": one.value, "count": states[one]} for one in rest]


def report(request: HttpRequest, job: Job, kind: str) -> HttpResponseBase:
    """A report as a CSV file."""
    if kind not in REPORTS:
        raise Http404
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    REPORTS[kind](job, text)
    text.detach()
    file.seek(0)
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"job-{job.pk}-{kind}.csv",
        content_type="text/csv; charset=utf-8",
    )


def dataset(request: HttpRequest, job: Job) -> HttpResponse:
    """Have a data set built; GET is the fragment that shows how far it is."""
    if request.method == "POST":
        order_dataset(job, actor=signed_in(request), at=datetime.now(UTC))
        return redirect("results", job=job.pk)
    return render(request, "owner/datasets.html", {"job": job, **_datasets(job)})


def _datasets(job: Job) -> dict[str, Any]:
    found = datasets_of(job)
    building = any(one.state == DatasetVersion.State.BUILDING for one in found)
    return {"datasets": found, "is_building": building}


def dataset_zip(request: HttpRequest, job: Job, number: int) -> HttpResponseBase:
    version = dataset_of(job, number)
    if version is None or version.state != DatasetVersion.State.READY:
        raise Http404
    try:
        file = dataset_file(version).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, as_attachment=True, filename=f"job-{job.pk}-dataset-{number}.zip")
