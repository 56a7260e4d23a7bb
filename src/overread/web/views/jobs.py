"""The list of jobs, a new one, and the way to where a job stands."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from overread.flows.design import create_job
from overread.formats.job_templates import job_templates
from overread.store.models import Job
from overread.store.queries.jobs import jobs_of
from overread.store.queries.people import teams_owned
from overread.store.queries.standing import standing
from overread.web.access import signed_in
from overread.web.forms import NewJobForm
from overread.web.views.head import next_step


def jobs(request: HttpRequest) -> HttpResponse:
    """Without any, straight to the first one."""
    found = jobs_of(signed_in(request))
    if not found:
        return redirect("new-job")
    return render(request, "owner/jobs.html", {"jobs": found})


def new_job(request: HttpRequest) -> HttpResponse:
    """Choose a template and a title."""
    user, templates = signed_in(request), list(job_templates().values())
    form = NewJobForm(request.POST or None, initial={"template": templates[0].name})
    if request.method == "POST" and form.is_valid():
        made = create_job(
            teams_owned(user)[0], **form.cleaned_data, actor=user, at=datetime.now(UTC)
        )
        return redirect("data", job=made.pk)
    is_first = not jobs_of(user).exists()
    context = {"form": form, "templates": templates, "is_first": is_first}
    return render(request, "owner/new_job.html", context)


def job(request: HttpRequest, job: Job) -> HttpResponse:
    """To the tab where the next step is."""
    return redirect(next_step(standing(job)).tab, job=job.pk)
