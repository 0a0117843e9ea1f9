"""What follows a sign-in and a sign-out, however they came about: session's row, its time, failures."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import user_logged_in as signed_in_by_allauth
from django.contrib import auth
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from foureyes.workbench.accounts import bound, lockout, recent, sessions
from foureyes.workbench.accounts.models import Officer


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: Officer, **_: object) -> None:
    lockout.forget_failures(user)
    sessions.begin(request, user)
    recent.note_sign_in(request)


@receiver(signed_in_by_allauth)
def _bind(request: HttpRequest, user: Officer, sociallogin: Any = None, **_: object) -> None:
    """Only now: our own second factor was shown as well."""
    if sociallogin is None:
        return
    identity = bound.identity_in(sociallogin.account.extra_data.get("id_token", {}))
    if identity is None or not bound.bind(user, identity):
        auth.logout(request)


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, user: Officer | None, **_: object) -> None:
    if user is not None and request.session.session_key:
        sessions.forget(request.session.session_key)
