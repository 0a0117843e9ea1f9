"""Counts wrong passwords and second factors in the database, and locks a name for a while after too many."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from foureyes.workbench.accounts.models import Officer


def is_locked_out(officer: Officer) -> bool:
    """Whether too many failures lock this officer now; asks the database, not the object."""
    return Officer.objects.filter(pk=officer.pk, locked_until__gt=timezone.now()).exists()


def count_failure(officer: Officer) -> None:
    """One more; the last one that is allowed locks."""
    Officer.objects.filter(pk=officer.pk).update(failures=F("failures") + 1)
    Officer.objects.filter(pk=officer.pk, failures__gte=settings.FOUREYES_FAILURES_AT_MOST).update(
        failures=0, locked_until=timezone.now() + timedelta(seconds=settings.FOUREYES_LOCKED_SECONDS)
    )


def forget_failures(officer: Officer) -> None:
    """Start counting anew: after a sign-in that came to its end, never after the password alone.

    Otherwise whoever knows the password could try second factors for ever, four at a time.
    """
    unlocked = Officer.objects.filter(pk=officer.pk)
    unlocked.exclude(failures=0, locked_until=None).update(failures=0, locked_until=None)
