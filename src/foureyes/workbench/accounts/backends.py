"""Checks a password, counts failures and locks the account for a while after too many of them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

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
            Officer.objects.filter(pk=officer.pk).exclude(failures=0).update(failures=0, locked_until=None)
            return officer
        _count_failure(officer)
        return None

    def get_user(self, user_id: int) -> Officer | None:
        """The officer of a session, with the unit; None when no longer active."""
        return Officer.objects.select_related("unit").filter(pk=user_id, is_active=True).first()


def _count_failure(officer: Officer) -> None:
    Officer.objects.filter(pk=officer.pk).update(failures=F("failures") + 1)
    Officer.objects.filter(pk=officer.pk, failures__gte=settings.FOUREYES_FAILURES_AT_MOST).update(
        failures=0, locked_until=timezone.now() + timedelta(seconds=settings.FOUREYES_LOCKED_SECONDS)
    )
