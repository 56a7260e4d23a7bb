"""What lies behind the Data tab: what could tell the label."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse

from overread.core.checks.leaking import FACTS
from overread.core.leaks import Power
from overread.store.models import Job
from overread.store.queries.leaks import powers_of
from overread.web.templatetags.overread import say
from overread.web.views.head import job_page


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
