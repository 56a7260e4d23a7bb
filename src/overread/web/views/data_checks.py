"""What lies behind the Data tab: what could tell the label, and rows that show the same film."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from overread.core.checks.leaking import FACTS
from overread.core.leaks import Power
from overread.core.problems import Refused
from overread.flows.near_duplicates import settle
from overread.store.models import Job, Resemblance
from overread.store.queries.design import design_of
from overread.store.queries.leaks import powers_of
from overread.store.queries.near_duplicates import is_comparing, otherwise_labelled, pairs_of
from overread.store.queries.thumbnails import thumbnails
from overread.web.access import signed_in
from overread.web.ids import id_of
from overread.web.templatetags.overread import say
from overread.web.views.head import job_page, refuse

PAIRS_PER_PAGE = 20


def leaks(request: HttpRequest, job: Job) -> HttpResponse:
    """Everything that was tried on the labelled rows, and how much of the labels it tells."""
    found = powers_of(job)
    names = {name: say(words) for name, words in FACTS.items()}
    tried = [
        *((f"“{one.column}”", one) for one in _strongest(found.columns)),
        *((names[one.column], one) for one in _strongest(found.images)),
    ]
    return job_page(request, job, "data", template="leaks", tried=tried)


def _strongest(powers: Sequence[Power]) -> list[Power]:
    return sorted(powers, key=lambda one: (not one.gives_away, -one.right, one.column))


def duplicates(request: HttpRequest, job: Job) -> HttpResponse:
    """Rows that show the same film, side by side: keep both, or leave one out."""
    if request.method == "POST":
        return _settle(request, job)
    page = Paginator(pairs_of(job), PAIRS_PER_PAGE).get_page(request.GET.get("page"))
    small = {one.unit.pk: one for one in thumbnails(u for p in page for u in (p.first, p.second))}
    main = design_of(job).main_question
    return job_page(
        request,
        job,
        "data",
        template="duplicates",
        rows=page,
        pairs=[(one, small[one.first_id], small[one.second_id]) for one in page],
        otherwise_labelled=otherwise_labelled(job, main.name),
        labels={choice.value: choice.label for choice in main.choices},
        is_comparing=is_comparing(job),
    )


def _settle(request: HttpRequest, job: Job) -> HttpResponse:
    pair = get_object_or_404(pairs_of(job), pk=id_of(request.POST.get("pair", "")))
    decision = request.POST.get("decision", "")
    if decision not in Resemblance.Decision.values:
        raise Http404
    try:
        settle(pair, decision, actor=signed_in(request), at=datetime.now(UTC))
    except Refused as refused:
        refuse(request, refused)
    return redirect("duplicates", job=job.pk)
