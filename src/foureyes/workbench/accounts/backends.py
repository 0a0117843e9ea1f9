"""Checks a password. Failures are counted, and lock the name after too many (`lockout`)."""

from __future__ import annotations

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.utils import timezone

from foureyes.workbench.accounts.lockout import count_failure
from foureyes.workbench.accounts.models import Officer


class LockingBackend(BaseBackend):
    """Username and password. An unknown name costs as much time as a wrong password."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_: object,
    ) -> Officer | None:
        """The officer, or None; a locked account is not even tried."""
        del request
        if not username or password is None:
            return None
        officer = Officer.objects.select_related("unit").filter(username=username).first()
        if officer is None or not officer.is_active:
            make_password(password)
            return None
        if officer.locked_until and officer.locked_until > timezone.now():
            return None
        if officer.check_password(password):
            return officer
        count_failure(officer)
        return None

    def get_user(self, user_id: int) -> Officer | None:
        """The officer of a session, with the unit; None when no longer active."""
        return Officer.objects.select_related("unit").filter(pk=user_id, is_active=True).first()
