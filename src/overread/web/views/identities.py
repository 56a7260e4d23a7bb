"""The custodian's page: which child a pseudonym stands for, for a reason, and logged."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from overread.core.problems import Refused
from overread.flows.privacy import identities as flows
from overread.store.models import Custodian, Patient
from overread.store.queries.privacy import patients_called, patients_of_row
from overread.web.ids import id_of
from overread.web.views.head import refuse

SHOWN = 50


def identities(request: HttpRequest, custodian: Custodian) -> HttpResponse:
    actions = {"passphrase": _choose, "open": _open, "look up": _look_up}
    action = actions.get(request.POST.get("action", ""))
    if request.method != "POST" or action is None:
        return _page(request, custodian)
    try:
        return action(request, custodian)
    except Refused as refused:
        refuse(request, refused)
        return redirect("identities")


def _choose(request: HttpRequest, custodian: Custodian) -> HttpResponse:
    new = request.POST.get("new", "")
    try:
        validate_password(new)
    except ValidationError as error:
        return _page(request, custodian, faults=error.messages, status=422)
    flows.choose_passphrase(custodian, new, old=request.POST.get("passphrase", ""), at=_now())
    messages.success(request, _("Saved. Keep the passphrase: nobody can set it back."))
    return redirect("identities")


def _open(request: HttpRequest, custodian: Custodian) -> HttpResponse:
    """Shown once, in the answer to the form: it stands in no address and no session."""
    form = request.POST
    known = flows.open_identities(
        custodian,
        _patients(custodian, form.get("key", "").strip(), form.get("job", ""), form.get("row", "")),
        form.get("passphrase", ""),
        form.get("reason", ""),
        at=_now(),
    )
    return _page(request, custodian, known=known)


def _patients(custodian: Custodian, key: str, job: str, row: str) -> list[Patient]:
    """By key, or by a job's row: the patient of its table and those of its images."""
    if key:
        return list(patients_called(key, custodian.team))
    return patients_of_row(custodian.team, id_of(job.strip()), id_of(row.strip()))


def _look_up(request: HttpRequest, custodian: Custodian) -> HttpResponse:
    form = request.POST
    key = flows.look_up(
        custodian,
        form.get("patient_id", ""),
        form.get("issuer", ""),
        form.get("reason", ""),
        at=_now(),
    )
    return _page(request, custodian, key=key)


def _page(
    request: HttpRequest, custodian: Custodian, *, status: int = 200, **context: Any
) -> HttpResponse:
    log = flows.entries_of(custodian)[:SHOWN]
    page = {"custodian": custodian, "log": log, **context}
    return render(request, "people/identities.html", page, status=status)


def _now() -> datetime:
    return datetime.now(UTC)
