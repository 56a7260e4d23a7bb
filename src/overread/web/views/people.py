"""Sign in, sign out, join a job."""

from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from overread.core.problems import Refused
from overread.core.states import ParticipationState
from overread.flows.people import participation_of, redeem, set_password
from overread.store.models import Participation, User
from overread.store.queries.judging import participations_of
from overread.store.queries.people import custody_of, teams_owned
from overread.web.access import signed_in
from overread.web.templatetags.overread import say

BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignInForm(forms.Form):
    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    password = forms.CharField(
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class AccountForm(forms.Form):
    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    password = forms.CharField(
        label=gettext_lazy("New password"),
        help_text=gettext_lazy("At least twelve characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


def home(request: HttpRequest) -> HttpResponse:
    """To the jobs that one owns, else to those that one takes part in, else to signing in."""
    if not isinstance(request.user, User):
        return redirect("sign-in")
    if teams_owned(request.user).exists():
        return redirect("jobs")
    participations = list(participations_of(request.user))
    if not participations and custody_of(request.user):
        return redirect("identities")
    if len(participations) == 1:
        return redirect(_entrance(participations[0]), job=participations[0].job_id)
    return redirect("work")


def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(
            request, username=form.cleaned_data["email"], password=form.cleaned_data["password"]
        )
        if user is not None:
            login(request, user)
            return redirect(_where_to(request))
        form.add_error(None, _("This address and password do not go together. Try again."))
    return render(request, "people/sign_in.html", {"form": form})


def _where_to(request: HttpRequest) -> str:
    target = request.GET.get("next", "")
    here = url_has_allowed_host_and_scheme(target, {request.get_host()})
    return target if here else reverse("home")


def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """A single-use address. Used or too old, it says so and leads to signing in."""
    user = redeem(token, datetime.now(UTC)) if request.method == "GET" else None
    if user is None:
        return render(request, "people/link_used.html", status=410)
    login(request, user, backend=BACKEND)
    return redirect("home")


def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


def account(request: HttpRequest) -> HttpResponse:
    """Set the address and password with which one signs in from now on."""
    user = signed_in(request)
    form = AccountForm(request.POST or None, initial={"email": user.email})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            set_password(user, data["password"], email=data["email"], at=datetime.now(UTC))
        except Refused as refused:
            form.add_error("email", say(refused.problem.problem))
        else:
            update_session_auth_hash(request, user)
            messages.success(request, _("Saved. Sign in with this address and password."))
            return redirect("account")
    return render(request, "people/account.html", {"form": form})


def join(request: HttpRequest, token: str) -> HttpResponse:
    """An invitation, and the way back in for as long as it is good."""
    participation = participation_of(token, datetime.now(UTC))
    if participation is None:
        raise Http404
    login(request, participation.user, backend=BACKEND)
    return redirect(_entrance(participation), job=participation.job_id)


def _entrance(participation: Participation) -> str:
    return "welcome" if participation.state == ParticipationState.INVITED else "reading"
