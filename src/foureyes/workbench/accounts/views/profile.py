"""An officer's own pages: what they read and know, password, second factors, recovery codes, sessions."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from foureyes.workbench.accounts import actions, factors, held, queries, sessions
from foureyes.workbench.accounts.forms import AppForm, NewKeyForm, NewPasswordForm, ProfileForm
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.accounts.recent import require_recent_sign_in
from foureyes.workbench.accounts.views.language import remember
from foureyes.workbench.accounts.words import language_name


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """What an officer says of themselves, and how the pages look and speak."""
    officer = cast("Officer", request.user)
    said = queries.what_they_know(officer)
    form = ProfileForm(
        request.POST or None,
        initial={
            "full_name": officer.full_name,
            "languages": ", ".join(said.languages),
            "skills": ", ".join(said.skills),
            "language": officer.language or translation.get_language(),
            "theme": officer.theme,
        },
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.describe(
                officer, given["full_name"], given["language"], given["languages"], given["skills"]
            )
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            actions.choose_theme(officer, given["theme"])
            with translation.override(officer.language):
                messages.success(request, _("Kept."))
            answer = redirect("accounts:profile")
            remember(answer, officer.language)
            return answer
    read = [(code, language_name(code)) for code in said.languages]
    context = {"form": form, "read": read, "roles": queries.role_names(officer), "part": "profile"}
    return render(request, "accounts/profile.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change the password; the initial one must be."""
    officer = cast("Officer", request.user)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_password(request, officer, form.cleaned_data["old"], form.cleaned_data["new"])
        except ValidationError as refused:
            form.add_error("old" if getattr(refused, "code", "") == "old" else "new", refused)
        else:
            messages.success(request, _("Password changed. Your other sessions have ended."))
            return redirect(queries.must_first(officer) or "accounts:profile")
    context = {"form": form, "part": "password", "initial": officer.must_change_password}
    return render(request, "accounts/password.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD"])
def second_factors(request: HttpRequest) -> HttpResponse:
    """The officer's second factors and how many recovery codes are left."""
    officer = cast("Officer", request.user)
    context = {
        "held": queries.factors_of(officer),
        "left": factors.codes_left(officer),
        "part": "factors",
        "required": held.factor_is_required(),
    }
    return render(request, "accounts/factors.html", context)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def add_app(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app."""
    require_recent_sign_in(request)
    officer = cast("Officer", request.user)
    form = AppForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            factors.add_app(request, officer, form.cleaned_data["code"])
        except factors.FactorRefused:
            form.add_error("code", _("This code does not fit. Check the clock of the telephone."))
        else:
            messages.success(request, _("The app is your second factor now."))
            return _after_adding(officer)
    secret = factors.new_app_secret()
    path, width = factors.qr_path(factors.app_address(officer, secret))
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    context = {"form": form, "secret": spaced, "path": path, "width": width, "part": "factors"}
    return render(request, "accounts/add_app.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("credential")
@require_http_methods(["GET", "HEAD", "POST"])
def add_key(request: HttpRequest) -> HttpResponse:
    """Make a security key known."""
    require_recent_sign_in(request)
    officer = cast("Officer", request.user)
    form = NewKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            factors.add_key(officer, form.cleaned_data["name"], form.cleaned_data["credential"])
        except factors.FactorRefused:
            form.add_error(None, _("The security key did not fit, or it took too long. Try again."))
        else:
            messages.success(request, _("The security key is a second factor of yours now."))
            return _after_adding(officer)
    context = {"form": form, "options": factors.key_options(officer), "part": "factors"}
    return render(request, "accounts/add_key.html", context, status=422 if form.errors else 200)


def _after_adding(officer: Officer) -> HttpResponse:
    return redirect("accounts:codes" if factors.codes_to_keep(officer) else "accounts:factors")


@require_POST
def remove_factor(request: HttpRequest, number: int) -> HttpResponse:
    """Take one second factor away."""
    require_recent_sign_in(request)
    try:
        if not factors.remove(cast("Officer", request.user), number):
            raise Http404
    except factors.FactorRefused:
        messages.error(
            request, _("A second factor is required here: add another before you remove this one.")
        )
    else:
        messages.success(request, _("Removed."))
    return redirect("accounts:factors")


@require_http_methods(["GET", "HEAD", "POST"])
def codes(request: HttpRequest) -> HttpResponse:
    """Show recovery codes until the officer says that they are kept; make new ones."""
    require_recent_sign_in(request)
    officer = cast("Officer", request.user)
    if request.method == "POST":
        if request.POST.get("do") == "kept":
            factors.codes_were_kept(officer)
            return redirect("accounts:factors")
        if held.has_factor(officer):
            factors.make_codes(officer)
        return redirect("accounts:codes")
    context = {
        "codes": factors.codes_to_keep(officer),
        "left": factors.codes_left(officer),
        "part": "factors",
    }
    return render(request, "accounts/codes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def own_sessions(request: HttpRequest) -> HttpResponse:
    """The officer's sessions; end one, or all others."""
    officer = cast("Officer", request.user)
    here = request.session.session_key or ""
    listed = sessions.open_sessions(officer)
    if request.method == "POST":
        asked = request.POST.get("end", "")
        others = [one.pk for one in listed if one.key != here]
        chosen = others if asked == "others" else [pk for pk in others if str(pk) == asked]
        count = sessions.end(officer, chosen)
        messages.success(request, _("Sessions ended: %(count)s.") % {"count": count})
        return redirect("accounts:sessions")
    shown = [(one, sessions.spoken(one.browser), one.key == here) for one in listed]
    return render(request, "accounts/sessions.html", {"shown": shown, "part": "sessions"})
