"""Settings of a taskforce's server behind HTTPS. Refuses to start when something would be unsafe."""

from __future__ import annotations

from foureyes.workbench.settings import readers, safety, sign_in
from foureyes.workbench.settings.base import *  # noqa: F403 - Django reads settings as names of one module

DEBUG = readers.flag("FOUREYES_DEBUG")
SECRET_KEY = readers.secret("FOUREYES_SECRET_KEY")
ALLOWED_HOSTS = readers.words("FOUREYES_HOSTS")
FOUREYES_RECORD_OUT = readers.folder("FOUREYES_RECORD_OUT") if readers.text("FOUREYES_RECORD_OUT") else None
FOUREYES_RECORD_MINUTES = readers.number("FOUREYES_RECORD_MINUTES", FOUREYES_RECORD_MINUTES)  # noqa: F405 - from base
FOUREYES_API_A_MINUTE = readers.number("FOUREYES_API_A_MINUTE", FOUREYES_API_A_MINUTE)  # noqa: F405 - from base
FOUREYES_REVEALS_A_DAY = readers.number("FOUREYES_REVEALS_A_DAY", FOUREYES_REVEALS_A_DAY)  # noqa: F405 - from base
FOUREYES_RECORD_KEY = readers.secret("FOUREYES_RECORD_KEY")
safety.refuse_unsafe(secret_key=SECRET_KEY, debug=DEBUG, hosts=ALLOWED_HOSTS)
safety.refuse_record_key(FOUREYES_RECORD_KEY)

FOUREYES_WORKSPACE = readers.folder("FOUREYES_WORKSPACE")
FOUREYES_CATALOGUE_URL = readers.secret("FOUREYES_CATALOGUE_URL") or None
DATABASES = {
    "default": readers.database(url)
    if (url := readers.secret("FOUREYES_WORKBENCH_DATABASE"))
    else readers.sqlite(FOUREYES_WORKSPACE / "workbench.sqlite")
}

SESSION_COOKIE_NAME = "__Host-foureyes_session"
CSRF_COOKIE_NAME = "__Host-foureyes_csrf"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
if readers.flag("FOUREYES_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

FOUREYES_SECOND_FACTOR = readers.choice(
    "FOUREYES_SECOND_FACTOR", (sign_in.REQUIRED, sign_in.OPTIONAL), sign_in.REQUIRED
)
FOUREYES_RECENT_SIGN_IN_MINUTES = readers.number(
    "FOUREYES_RECENT_SIGN_IN_MINUTES", sign_in.FOUREYES_RECENT_SIGN_IN_MINUTES
)
FOUREYES_OPENID = sign_in.openid_from_environment()
SOCIALACCOUNT_PROVIDERS = sign_in.openid_providers(FOUREYES_OPENID)
