"""The Design tab: questions, examples, instructions, and what else contributors see."""

from datetime import UTC, datetime

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from overread.core.design import Design
from overread.core.design_changes import meaning
from overread.core.problems import Refused
from overread.core.states import JobState
from overread.flows.design import rename
from overread.flows.redesign import revise_design
from overread.store.models import DesignVersion, Job
from overread.store.queries.design import columns_to_show, current_design
from overread.web.access import signed_in
from overread.web.forms import PARTS, DesignForm
from overread.web.images import owner_address
from overread.web.shown_examples import shown_examples
from overread.web.templatetags.overread import say
from overread.web.views.designing import designer_data
from overread.web.views.head import job_page, refuse


def design(request: HttpRequest, job: Job) -> HttpResponse:
    version = current_design(job)
    shown = Design.from_document(version.document)
    form = DesignForm.of(job.title, shown, columns_to_show(job), request.POST or None)
    if request.method == "POST" and form.is_valid() and _save(request, job, shown, form):
        return redirect("design", job=job.pk)
    return _page(request, job, version, shown, form)


def _page(
    request: HttpRequest, job: Job, version: DesignVersion, shown: Design, form: DesignForm
) -> HttpResponse:
    user = signed_in(request)
    return job_page(
        request,
        job,
        "design",
        form=form,
        parts=[(form[name], form.initial[name]) for name in PARTS],
        design=shown,
        version=version,
        data=designer_data(request, job, version.number, shown),
        example_groups=shown_examples(shown, job, lambda one: owner_address(one, user)),
    )


def _save(request: HttpRequest, job: Job, old: Design, form: DesignForm) -> bool:
    user, now = signed_in(request), datetime.now(UTC)
    new = msgspec.structs.replace(old, **form.changed(old, request.POST))
    try:
        done = revise_design(job, new, actor=user, at=now)
    except Refused as refused:
        refuse(request, refused)
        return False
    if form.cleaned_data["title"] != job.title:
        rename(job, form.cleaned_data["title"], actor=user, at=now)
    messages.success(request, _("Saved: design version {n}.").format(n=done.version.number))
    if job.state != JobState.DRAFT:
        for words in meaning(old, new):
            messages.warning(request, say(words))
    return True
