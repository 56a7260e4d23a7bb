"""Erase a patient: find one by the key, see what goes, confirm."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from overread.core.problems import Problem, Refused
from overread.flows.background import order_erasure
from overread.flows.privacy.waiting import on_its_way
from overread.store.models import Team
from overread.store.queries.people import teams_owned
from overread.store.queries.privacy import (
    erasures_of,
    holdings,
    patients_called,
    teams_knowing,
)
from overread.web.access import signed_in
from overread.web.templatetags.overread import say
from overread.web.views.head import refuse


def erase(request: HttpRequest) -> HttpResponse:
    """The key comes in a form's body, never in an address: addresses are kept in logs."""
    key = request.POST.get("key", "").strip()
    if request.method == "POST" and request.POST.get("confirmed") == "yes":
        return _erase(request, key)
    if request.method == "POST":
        return _show(request, key)
    return _page(request)


def _show(request: HttpRequest, key: str) -> HttpResponse:
    teams = teams_owned(signed_in(request))
    patient = patients_called(key, teams).first()
    if patient is None:
        return _page(request, key=key, unknown=True, status=404)
    return _page(request, key=key, found=holdings(patient), waiting=_waiting(patient.team, key))


def _waiting(team: Team, key: str) -> list[Problem]:
    return [problem.said(say) for problem in on_its_way(team, key)]


def _erase(request: HttpRequest, key: str) -> HttpResponse:
    user = signed_in(request)
    teams = teams_owned(user).order_by("pk")
    team = teams_knowing(key, teams).first() or teams[0]
    try:
        order_erasure(team, key, actor=user, at=datetime.now(UTC))
    except Refused as refused:
        refuse(request, refused)
    else:
        messages.success(request, _("The patient is being erased; the list below says when done."))
    return redirect("erase-patient")


def _page(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    erasures = erasures_of(teams_owned(signed_in(request)))
    return render(
        request, "owner/erase_patient.html", {"erasures": erasures, **context}, status=status
    )
