"""Nobody signs in to the pages as a program, not even with a password given to its service officer."""

from __future__ import annotations

from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.api.models import Token


@receiver(user_logged_in)
def _no_program(user: Officer, request: HttpRequest | None = None, **_: object) -> None:
    if not Token.objects.filter(officer=user).exists():
        return
    if request is not None:
        request.session.flush()
    raise PermissionDenied
