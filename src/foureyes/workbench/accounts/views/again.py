"""Asks officers who are signed in to show again who they are, then shows the form that they were sending."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from foureyes.workbench.accounts import actions, factors, queries, recent
from foureyes.workbench.accounts.forms import CodeForm, KeyForm, PasswordForm
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.accounts.views.onward import is_ours, safe_onward
from foureyes.workbench.accounts.views.sign_in import LOCKED, WRONG_CODE, WRONG_KEY

WRONG_PASSWORD = _("This is not your password.")


@sensitive_post_parameters("password", "code", "credential")
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """Ask for the password, or a second factor."""
    officer = cast("Officer", request.user)
    problem: object = ""
    if request.method == "POST":
        problem = _problem_with(request, officer)
        if not problem:
            return redirect("accounts:kept" if recent.kept_form(request) else safe_onward(request))
    kinds = {one.kind for one in queries.factors_of(officer)}
    context = {
        "password_form": PasswordForm() if officer.has_usable_password() else None,
        "code_form": CodeForm(auto_id="again_%s") if kinds else None,
        "problem": problem,
        "kinds": kinds,
        "onward": safe_onward(request),
        "keeps": recent.kept_form(request) is not None,
    }
    if "key" in kinds:
        context["options"] = factors.signing_options(officer)
    return render(request, "accounts/again.html", context, status=422 if problem else 200)


def _problem_with(request: HttpRequest, officer: Officer) -> object:
    """What is wrong with what was given; empty where it fits."""
    if "password" in request.POST:
        form = PasswordForm(request.POST)
        wrong = WRONG_PASSWORD
        if form.is_valid() and actions.confirm_by_password(request, officer, form.cleaned_data["password"]):
            return ""
    else:
        key_form = KeyForm(request.POST) if "credential" in request.POST else None
        given = key_form or CodeForm(request.POST)
        wrong = WRONG_KEY if key_form else WRONG_CODE
        if given.is_valid() and actions.confirm_by_factor(
            request, officer, given.cleaned_data.get("code", ""), given.cleaned_data.get("credential")
        ):
            return ""
    return LOCKED if queries.is_locked(officer.username) else wrong


@require_safe
def kept(request: HttpRequest) -> HttpResponse:
    """The form that was being sent, to send it now."""
    form = recent.kept_form(request)
    if form is None or not is_ours(request, form.path):
        return redirect("/")
    return render(request, "accounts/kept.html", {"kept": form})
