"""What is known of an officer's second factors without any secret: whether there is one, and of what kind."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings

from foureyes.workbench.accounts.models import Officer

KINDS = {
    Authenticator.Type.WEBAUTHN.value: "key",
    Authenticator.Type.TOTP.value: "app",
    Authenticator.Type.RECOVERY_CODES.value: "codes",
}
"""Words of the record and the pages for django-allauth's types of second factors."""


def second_factors(**of: Any) -> Any:
    """Rows of second factors. Recovery codes are none: they stand in for one."""
    return Authenticator.objects.filter(**of).exclude(type=Authenticator.Type.RECOVERY_CODES)


def has_factor(officer: Officer) -> bool:
    """Whether an officer has a second factor."""
    return bool(second_factors(user=officer).exists())


def factor_is_required() -> bool:
    """Whether the settings require a second factor of everybody."""
    return bool(settings.FOUREYES_SECOND_FACTOR == "required")
