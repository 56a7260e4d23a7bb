"""Why a row has its label: every judgment, who made it, what the methods make of them."""

from django.http import Http404, HttpRequest, HttpResponse

from overread.core.instants import instant
from overread.store.models import Job
from overread.store.queries.design import design_of, row_of
from overread.store.queries.fits import explanation
from overread.store.queries.thumbnails import thumbnails
from overread.web.shown_drawings import findings_in_words, layers, readers_in_words
from overread.web.views.head import job_page


def label(request: HttpRequest, job: Job, unit: int) -> HttpResponse:
    row = row_of(job, unit)
    if row is None:
        raise Http404
    question = design_of(job).main_question
    found, picture = explanation(job, row), thumbnails([row])[0]
    return job_page(
        request,
        job,
        "results",
        template="label",
        found=found,
        rows=[(one, instant(one.judgment.created_at)) for one in found.readings],
        one=picture,
        drawn=[
            (asked, findings_in_words(asked, it), readers_in_words(asked, it))
            for asked, it in found.drawn
        ],
        layers=layers([it for _, it in found.drawn], picture.large),
        labels={choice.value: choice.label for choice in question.choices},
        question=question,
        viewer=request.user,
    )
