"""Sign-in, sign-out and the choice of light or dark."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from foureyes.workbench.accounts import actions, queries
from foureyes.workbench.accounts.forms import SignInForm
from foureyes.workbench.accounts.models import Officer

REFUSED = "User name and password do not fit together."
LOCKED = "Too many wrong passwords: this name is locked for a quarter of an hour."


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; go on to the page that was asked for."""
    onward = _safe_onward(request)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        username = form.cleaned_data["username"]
        if actions.sign_in(request, username, form.cleaned_data["password"]):
            return redirect(onward)
        form.add_error(None, LOCKED if queries.is_locked(username) else REFUSED)
    status = 422 if form.errors else 200
    return render(request, "accounts/sign_in.html", {"form": form, "onward": onward}, status=status)


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
    return redirect(_safe_onward(request))


def _safe_onward(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"
