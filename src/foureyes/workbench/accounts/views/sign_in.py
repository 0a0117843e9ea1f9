"""Sign-in by password and second factor, or by OpenID Connect; sign-out; the choice of light or dark."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from foureyes.workbench.accounts import actions, factors, queries
from foureyes.workbench.accounts.adapters import REFUSED_BY_OPENID
from foureyes.workbench.accounts.forms import CodeForm, KeyForm, SignInForm
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.accounts.stages import SecondFactorStage, give_up, waiting
from foureyes.workbench.accounts.views.onward import safe_onward

REFUSED = _("User name and password do not fit together.")
LOCKED = _("Too many failures: this name is locked for a quarter of an hour.")
NO_SUCH_OFFICER = _("Your agency knows you, this workbench does not: ask its administrator.")
WRONG_CODE = _("This code does not fit. Codes of an app change every 30 seconds and are good once.")
WRONG_KEY = _("This security key does not fit, or it took too long. Try again.")


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; go on to the second factor, or to the page that was asked for."""
    onward = safe_onward(request)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        username = form.cleaned_data["username"]
        if answer := actions.sign_in(request, username, form.cleaned_data["password"], onward):
            return answer
        form.add_error(None, LOCKED if queries.is_locked(username) else REFUSED)
    status = 422 if form.errors else 200
    context = {"form": form, "onward": onward, "openid": settings.FOUREYES_OPENID.get("name", "")}
    if request.session.pop(REFUSED_BY_OPENID, False):
        context["refused"] = NO_SUCH_OFFICER
    return render(request, "accounts/sign_in.html", context, status=status)


@login_not_required
@sensitive_post_parameters("code", "credential")
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor of a sign-in whose password was right."""
    stage = waiting(request)
    if stage is None:
        return redirect("accounts:sign-in")
    officer = stage.login.user
    if request.method == "POST":
        return _second_factor_given(request, stage, officer)
    return _ask_second_factor(request, officer)


def _second_factor_given(request: HttpRequest, stage: SecondFactorStage, officer: Officer) -> HttpResponse:
    key_form = KeyForm(request.POST) if "credential" in request.POST else None
    form = key_form or CodeForm(request.POST)
    if not form.is_valid():
        return _ask_second_factor(request, officer, WRONG_KEY if key_form else WRONG_CODE)
    code, credential = form.cleaned_data.get("code", ""), form.cleaned_data.get("credential")
    try:
        factors.use(request, officer, code=code, credential=credential, where="sign-in")
    except factors.FactorRefused:
        if queries.is_locked(officer.username):
            give_up(request)
            context = {"form": SignInForm(), "onward": "/", "refused": LOCKED}
            return render(request, "accounts/sign_in.html", context, status=422)
        return _ask_second_factor(request, officer, WRONG_KEY if key_form else WRONG_CODE)
    return actions.finish_sign_in(stage)


def _ask_second_factor(request: HttpRequest, officer: Officer, problem: object = "") -> HttpResponse:
    kinds = {one.kind for one in queries.factors_of(officer)}
    context = {"form": CodeForm(), "problem": problem, "officer": officer, "kinds": kinds}
    if "key" in kinds:
        context["options"] = factors.signing_options(officer)
    status = 422 if problem else 200
    return render(request, "accounts/second_factor.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and show the sign-in page."""
    actions.sign_out(request)
    return redirect("accounts:sign-in")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep light or dark for this officer."""
    if isinstance(request.user, Officer):
        actions.choose_theme(request.user, request.POST.get("theme", ""))
    return redirect(safe_onward(request))
