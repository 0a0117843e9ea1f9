"""Second factors of the cast: set up without a browser, and the codes that fit now."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from foureyes.workbench.accounts import factors
from foureyes.workbench.accounts.models import Officer
from workbench.cast import PASSWORD
from workbench.factors_now import code_of


def give_app(officer: Officer) -> str:
    """Set an authenticator app up for the officer; gives its secret."""
    secret = generate_totp_secret()
    TOTP.activate(officer, secret)
    factors.make_codes(officer)
    return secret


def wrong_code(secret: str) -> str:
    """A code that fits at none of the steps that are allowed."""
    fitting = {code_of(secret, steps) for steps in range(-2, 3)}
    return next(f"{number:06}" for number in range(10) if f"{number:06}" not in fitting)


def recovery_codes(officer: Officer) -> list[str]:
    """Recovery codes that were not used."""
    held = Authenticator.objects.get(user=officer, type=Authenticator.Type.RECOVERY_CODES)
    return list(held.wrap().get_unused_codes())


def give_password(client: Client, officer: Officer, onward: str = "/exposure/") -> str:
    """Send name and password; gives where that leads."""
    form = {"username": officer.username, "password": PASSWORD, "next": onward}
    return str(client.post("/sign-in/", form).headers.get("Location", ""))
