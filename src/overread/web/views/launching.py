"""The Launch tab: checks, settings, estimate, launch, pilot, pause, invitations."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from random import SystemRandom
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from overread.core.checks import Approval, Mark, ready
from overread.core.problems import Refused
from overread.core.states import StepError
from overread.core.test_questions import quiz_kinds
from overread.flows.background import order_dry_run
from overread.flows.design import approve
from overread.flows.dry_run import report_of
from overread.flows.judging import launching
from overread.flows.people import invite
from overread.flows.settings import Settings, doubts, set_settings
from overread.store.models import Job
from overread.store.queries.checks import checked
from overread.store.queries.design import design_of
from overread.store.queries.estimate import expected, forecast_of
from overread.store.queries.pilot import pilot
from overread.store.queries.quality import enabled_tests
from overread.store.queries.standing import Standing, standing
from overread.web.access import signed_in
from overread.web.forms import ApprovalForm, InvitationForm, PilotForm, PriceForm
from overread.web.settings_form import SettingsForm
from overread.web.views.head import job_page, refuse
from overread.web.views.settings_advice import certainties, saving, warnings

OK, UNFIT = 200, 422


def launch(request: HttpRequest, job: Job) -> HttpResponse:
    """Shows the tab; launches all, a pilot or the rest; saves the settings, or tries them."""
    if "launch" in request.POST:
        return _launch(request, job)
    if "approve" in request.POST:
        return _approve(request, job)
    form = _settings_form(job, request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return _page(request, job)
    if form.is_valid() and "try" in request.POST:
        return _page(request, job, form, tried=form.settings())
    if form.is_valid() and _saved(request, job, form):
        return redirect("launch", job=job.pk)
    return _page(request, job, form, status=UNFIT)


def _settings_form(job: Job, data: Any = None) -> SettingsForm:
    question = design_of(job).main_question
    return SettingsForm(job, {choice.value: choice.label for choice in question.choices}, data)


def _page(
    request: HttpRequest,
    job: Job,
    form: SettingsForm | None = None,
    *,
    tried: Settings | None = None,
    status: int = OK,
    **forms: Any,
) -> HttpResponse:
    found = standing(job)
    findings = checked(found)
    shown = tried or Settings.of(job)
    balance = quiz_kinds(enabled_tests(job), design_of(job).main_question.name)
    went = pilot(found)
    return job_page(
        request,
        job,
        "launch",
        status=status,
        standing=found,
        findings=findings,
        ready=ready(findings),
        done=sum(one.mark == Mark.DONE for one in findings),
        form=form or _settings_form(job),
        certainties=certainties(shown, balance) if found.tests_are_on else [],
        tried=tried,
        tried_group=request.POST.get("try", "") if tried else "",
        saving=saving(found, tried, balance) if tried else None,
        dynamic_warnings=warnings(found, shown),
        doubts=doubts(shown, found.test_questions),
        pilot=went,
        estimate=went.estimate if went else expected(found),
        rehearsed=report_of(job),
        **_forecast(request, found),
        **{
            "invitation": InvitationForm(),
            "pilot_form": PilotForm.of(found.work),
            "approval_form": ApprovalForm(),
            **forms,
        },
    )


def _forecast(request: HttpRequest, found: Standing) -> dict[str, Any]:
    """The estimate's range, and what it costs where a price was given."""
    likely = forecast_of(found)
    form = PriceForm(request.GET if "price" in request.GET else None)
    shown: dict[str, Any] = {"forecast": likely, "price_form": form}
    if likely is not None and form.is_valid():
        price = form.chosen()
        shown |= {"cost": price.cost(likely), "plain_cost": price.plain(likely)}
    return shown


def rehearsal(request: HttpRequest, job: Job) -> HttpResponse:
    """Start a dry run; how far the latest one is, as a part of the tab."""
    if request.method == "POST":
        order_dry_run(job, at=datetime.now(UTC))
        return redirect(reverse("launch", kwargs={"job": job.pk}) + "#dry-run")
    context = {"job": job, "rehearsed": report_of(job)}
    return render(request, "owner/parts/rehearsed.html", context)


def _saved(request: HttpRequest, job: Job, form: SettingsForm) -> bool:
    """Whether the settings could be saved; what is wrong with them is added to the form."""
    try:
        set_settings(job, form.settings(), actor=signed_in(request), at=datetime.now(UTC))
    except Refused as refused:
        form.add(refused.problem)
        return False
    messages.success(request, _("Saved."))
    return True


def _approve(request: HttpRequest, job: Job) -> HttpResponse:
    form = ApprovalForm(request.POST)
    if not form.is_valid():
        return _page(request, job, approval_form=form, status=UNFIT)
    approval = Approval(**form.cleaned_data)
    approve(job, approval, actor=signed_in(request), at=datetime.now(UTC))
    messages.success(request, _("Saved."))
    return redirect("launch", job=job.pk)


def _launch(request: HttpRequest, job: Job) -> HttpResponse:
    """`launch` is "yes" for all rows, "pilot" for some, "rest" for those after a pilot."""
    what, rows = request.POST["launch"], None
    if what == "pilot":
        form = PilotForm.of(standing(job).work, request.POST)
        if not form.is_valid():
            return _page(request, job, pilot_form=form, status=UNFIT)
        rows = form.cleaned_data["rows"]
    launched: Callable[..., Job] = (
        launching.launch_rest if what == "rest" else partial(launching.launch, rows=rows)
    )
    try:
        launched(job, actor=signed_in(request), at=datetime.now(UTC), rng=SystemRandom())
    except Refused as refused:
        refuse(request, refused)
    except StepError:
        messages.info(request, _("This job was launched before."))
    else:
        messages.success(request, _("The job is running. Invite the people who will judge."))
    return redirect("launch", job=job.pk)


ACTIONS = {"pause": launching.pause, "resume": launching.resume, "cancel": launching.cancel}


def job_state(request: HttpRequest, job: Job) -> HttpResponse:
    """Pause, resume or cancel."""
    act = ACTIONS.get(request.POST.get("action", ""))
    try:
        if act is not None:
            act(job, actor=signed_in(request), at=datetime.now(UTC))
    except StepError:
        messages.error(request, _("The job has changed meanwhile. Look at its state, then decide."))
    return redirect("launch", job=job.pk)


def invitations(request: HttpRequest, job: Job) -> HttpResponse:
    """Make invitations and show their addresses, this once."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, job, invitation=form, status=UNFIT)
    base = settings.URL or request.build_absolute_uri("/").rstrip("/")
    made = invite(job, **form.cleaned_data, actor=signed_in(request), at=datetime.now(UTC))
    invited = [
        {"pseudonym": one.participation.pseudonym, "address": f"{base}/join/{one.token}"}
        for one in made
    ]
    return job_page(request, job, "launch", template="invitations", invited=invited)
