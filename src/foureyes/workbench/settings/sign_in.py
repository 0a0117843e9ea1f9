"""Settings of sign-in: passwords, second factors, lock-out, and one OpenID Connect server where it is named.

What django-allauth can do and a workbench must not is off: no sign-up, no mail, no "remember me".
"""

from __future__ import annotations

from typing import Any

from foureyes.workbench.settings import readers

REQUIRED, OPTIONAL = "required", "optional"
FOUREYES_SECOND_FACTOR = OPTIONAL
"""`required`: an officer without a second factor reaches nothing but the pages that set one up."""
FOUREYES_FAILURES_AT_MOST = 5
"""Wrong passwords and wrong second factors together, until the name is locked."""
FOUREYES_LOCKED_SECONDS = 15 * 60
FOUREYES_RECENT_SIGN_IN_MINUTES = 15
"""For how long a password or second factor is proof enough for releases and changes of rights."""
FOUREYES_OPENID: dict[str, str] = {}
"""`server`, `client`, `secret`, `claim`, `name`; empty where nobody signs in by OpenID Connect."""

AUTH_USER_MODEL = "accounts.Officer"
AUTHENTICATION_BACKENDS = ["foureyes.workbench.accounts.backends.LockingBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "series:board"

ACCOUNT_ADAPTER = "foureyes.workbench.accounts.adapters.OfficerAdapter"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = False
"""We count failures in the database (`accounts/lockout.py`), for all processes together."""
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")

MFA_ADAPTER = "foureyes.workbench.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Foureyes"
MFA_TOTP_TOLERANCE = 1
"""Steps of 30 seconds to either side: clocks of telephones differ."""
MFA_WEBAUTHN_USER_VERIFICATION = "preferred"

SOCIALACCOUNT_ADAPTER = "foureyes.workbench.accounts.adapters.OpenIDAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}


def openid_from_environment() -> dict[str, str]:
    """What `FOUREYES_OPENID` says, from the environment; empty where no server is named.

    Raises:
        ImproperlyConfigured: a server without client or secret, or one that is reached without HTTPS.
    """
    server = readers.text("FOUREYES_OPENID_SERVER").rstrip("/")
    if not server:
        return {}
    return {
        "server": readers.https(server, "FOUREYES_OPENID_SERVER"),
        "client": readers.needed("FOUREYES_OPENID_CLIENT"),
        "secret": readers.needed("FOUREYES_OPENID_SECRET"),
        "claim": readers.text("FOUREYES_OPENID_CLAIM", "preferred_username"),
        "name": readers.text("FOUREYES_OPENID_NAME", "OpenID Connect"),
    }


def openid_providers(openid: dict[str, str]) -> dict[str, Any]:
    """The same as django-allauth wants it."""
    if not openid:
        return {}
    app = {
        "provider_id": "openid",
        "name": openid["name"],
        "client_id": openid["client"],
        "secret": openid["secret"],
        "settings": {"server_url": openid["server"], "fetch_userinfo": False, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app], "SCOPE": ["openid", "profile"]}}
