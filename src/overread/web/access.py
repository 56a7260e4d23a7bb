"""Who may do what. Every address names the right that it needs; a stranger gets 404."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from overread.flows.people import participation_of
from overread.store.models import Job, Participation, User
from overread.store.queries import people

View = Callable[..., HttpResponseBase]


class Right(StrEnum):
    """What an address needs of the one who asks for it."""

    PUBLIC = "public"  # anybody; a secret in the address may decide in the view
    SIGNED_IN = "signed in"
    CUSTODIAN = "custodian"  # guards the identities of a team; the view gets the custodian
    OWNER = "owner"  # an owner in the team of the address's job; the view gets the job
    CONTRIBUTOR = "contributor"  # takes part in the address's job; the view gets the participation
    JUDGING = "judging"  # the same for JSON: session or invitation token
    IMAGE = "image"  # a signature bound to the one who asks


def guard(right: Right, view: View) -> View:
    """The view behind its right."""
    return _GUARDS[right](view)


def _owner(view: View) -> View:
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, job: int | None = None, **rest: Any) -> HttpResponseBase:
        user = signed_in(request)
        if job is None:
            if not people.teams_owned(user):
                raise Http404
            return view(request, **rest)
        found = Job.objects.filter(pk=job, team__in=people.teams_owned(user)).first()
        if found is None:
            raise Http404
        return view(request, found, **rest)

    return guarded


def _custodian(view: View) -> View:
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, **rest: Any) -> HttpResponseBase:
        found = people.custody_of(signed_in(request))
        if found is None:
            raise Http404
        return view(request, found, **rest)

    return guarded


def _contributor(view: View) -> View:
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, job: int, **rest: Any) -> HttpResponseBase:
        participation = _participation(signed_in(request), job)
        if participation is None:
            raise Http404
        return view(request, participation, **rest)

    return guarded


def _judging(view: View) -> View:
    @csrf_exempt  # a token needs none; a session is checked by judging_participation
    @wraps(view)
    def guarded(request: HttpRequest, job: int, **rest: Any) -> HttpResponseBase:
        found = judging_participation(request, job)
        return view(request, found, **rest) if isinstance(found, Participation) else found

    return guarded


def judging_participation(request: HttpRequest, job: int) -> Participation | JsonResponse:
    """Who asks, by invitation token or session; else the refusal to answer with."""
    token = bearer(request)
    if token:
        participation = participation_of(token, datetime.now(UTC))
        if participation is None:
            return refusal(401, "unknown token", _("This invitation is not known or too old."))
        return participation if participation.job_id == job else _no_such_job()
    if not request.user.is_authenticated:
        return refusal(401, "signed out", _("You are signed out. Open your invitation again."))
    check = CsrfViewMiddleware(_never)
    check.process_request(request)
    if check.process_view(request, _never, (), {}) is not None:
        return refusal(403, "csrf", _("This page is out of date. Reload it and try again."))
    return _participation(signed_in(request), job) or _no_such_job()


def _no_such_job() -> JsonResponse:
    return refusal(404, "not found", _("There is no such job for you."))


def _never(*_: object) -> HttpResponseBase:
    raise AssertionError("only the check is used")


_GUARDS: dict[Right, Callable[[View], View]] = {
    Right.PUBLIC: lambda view: view,
    Right.SIGNED_IN: lambda view: login_required(view),
    Right.CUSTODIAN: _custodian,
    Right.OWNER: _owner,
    Right.CONTRIBUTOR: _contributor,
    Right.JUDGING: _judging,
    Right.IMAGE: lambda view: view,
}


def signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _participation(user: User, job: int) -> Participation | None:
    return user.participations.select_related("job", "user").filter(job=job).first()


def bearer(request: HttpRequest) -> str:
    """The token of an Authorization header; empty without one."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def refusal(status: int, code: str, message: str, **more: object) -> JsonResponse:
    """An error as JSON clients get it."""
    return JsonResponse(refusal_document(code, message, **more), status=status)


def no_such_place() -> JsonResponse:
    """What is asked of a page is none of this contributor's."""
    return refusal(404, "no such page", _("This is no place of a page of yours."))


def refusal_document(code: str, message: str, **more: object) -> dict[str, object]:
    return {"error": {"code": code, "message": message, **more}}


def viewer(request: HttpRequest) -> dict[str, object]:
    """For every template: who looks, what they may see in the head, which version this is."""
    user = request.user if isinstance(request.user, User) else None
    owns, guards = people.owns_and_guards(user) if user else (False, False)
    return {
        "viewer": user,
        "viewer_owns": owns,
        "viewer_guards": guards,
        "version": settings.VERSION,
    }
