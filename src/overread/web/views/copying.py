"""A job from another one, and what differs between two versions of a design."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from overread.core.design_changes import MEANS, changes, effects
from overread.core.problems import Refused
from overread.flows.copying import copy_job
from overread.store.models import Job
from overread.store.queries.design_versions import version_of, versions_of
from overread.web.access import signed_in
from overread.web.forms import CopyForm
from overread.web.views.head import job_page, refuse


def copy(request: HttpRequest, job: Job) -> HttpResponse:
    """Ask which rows come along, and copy."""
    form = CopyForm(request.POST or None, initial={"title": job.title})
    if request.method == "POST" and form.is_valid():
        try:
            made = copy_job(
                job, **form.cleaned_data, actor=signed_in(request), at=datetime.now(UTC)
            )
        except Refused as refused:
            refuse(request, refused)
            return redirect("data", job=job.pk)
        messages.success(request, _("This is the copy. The other job is as it was."))
        return redirect("design", job=made.pk)
    return job_page(request, job, "launch", template="copy", form=form)


def design_changes(request: HttpRequest, job: Job) -> HttpResponse:
    """Two versions side by side: the newest two, or those that are asked for."""
    versions = versions_of(job)
    after = _number(request, "to", versions[0].number)
    before = _number(request, "from", max(1, after - 1))
    old, new = version_of(job, before), version_of(job, after)
    if old is None or new is None:
        raise Http404
    found = changes(old, new)
    return job_page(
        request,
        job,
        "design",
        template="design_changes",
        versions=versions,
        before=before,
        after=after,
        changes=found,
        means=[MEANS[one] for one in effects(found)],
        judged=sum(one.pages for one in versions if one.number < after),
    )


def _number(request: HttpRequest, name: str, default: int) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else default
