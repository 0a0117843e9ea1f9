"""What is the same everywhere. Reads nothing from outside and turns no protection off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from foureyes.workbench.settings.sign_in import *  # noqa: F403 - Django reads settings as names of one module

DEBUG = False
ALLOWED_HOSTS: list[str] = []
DATABASES: dict[str, dict[str, Any]] = {}

FOUREYES_WORKSPACE: Path | None = None
"""Folder of the engine's workspace whose media are worked on."""
FOUREYES_CATALOGUE_URL: str | None = None
"""SQLAlchemy URL of the engine's catalogue; None means the one inside the workspace."""
FOUREYES_MEDIA_TOKEN_SECONDS = 120
"""Life of a link to previews or to a revealed thumbnail. The page asks for a new one when it needs it."""
FOUREYES_REVEAL_AT_MOST = 48
"""Media that one request may reveal: about one screen of the grid."""
FOUREYES_REVEALS_A_DAY = 1_000
"""Reveals that one officer has from midnight to midnight UTC; beyond it nothing sharp leaves."""
FOUREYES_RENDER_CACHE_BYTES = 20 * 1024**3
"""Bytes of pictures and films rendered for viewing; what was not looked at for longest goes first."""
FOUREYES_UPLOAD_BYTES = 64 * 1024 * 1024
"""The largest picture that may be asked about; raw files of cameras have up to 60 MB."""
FOUREYES_RECORD_KEY = ""
"""Private key that signs the record: base64 of the 32 bytes of an Ed25519 key."""
FOUREYES_RECORD_OUT: Path | None = None
"""Folder that checkpoints of the record are written to: what lies there should leave this machine."""
FOUREYES_RECORD_MINUTES = 10
"""Between two checkpoints while something is recorded."""
FOUREYES_API_A_MINUTE = 600
"""Requests of one token of a program within a minute."""

ROOT_URLCONF = "foureyes.workbench.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "foureyes.workbench.pages",
    "foureyes.workbench.accounts",
    "foureyes.workbench.audit",
    "foureyes.workbench.access",
    "foureyes.workbench.oversight",
    "foureyes.workbench.live",
    "foureyes.workbench.editions",
    "foureyes.workbench.library",
    "foureyes.workbench.series",
    "foureyes.workbench.findings",
    "foureyes.workbench.api",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "foureyes.workbench.pages.middleware.private_pages",
    "foureyes.workbench.live.middleware.newest_event",
    "foureyes.workbench.access.middleware.rights_once",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "foureyes.workbench.accounts.middleware.own_language",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "foureyes.workbench.accounts.middleware.SignedIn",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "foureyes.workbench.library.middleware.EngineErrorsInWords",
    "foureyes.workbench.oversight.middleware.RefusalsRecorded",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "foureyes.workbench.access.context.rights",
                "foureyes.workbench.series.unread.unread",
                "foureyes.workbench.findings.inboxes.waiting",
                "foureyes.workbench.library.viewing.viewing",
                "foureyes.workbench.editions.waits.waits",
            ],
            "builtins": ["foureyes.workbench.pages.templatetags.modules"],
        },
    }
]

SESSION_COOKIE_NAME = "foureyes_session"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_NAME = "foureyes_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "foureyes.workbench.pages.views.stale_form"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Not no-referrer: under that, browsers send `Origin: null` with a form and Django's check of the
# origin refuses it. Nothing goes to another site either way; /m/ says no-referrer (`library/media_route.py`).
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
    }
}

STATIC_URL = "/static/"
# Pages name static files with a version in the address (`pages/static_route.py`), to be kept for ever.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "foureyes.workbench.pages.delivered.VersionedStorage"},
}
# By their plain names they are asked for again each time: 304 when unchanged.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 0

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [Path(__file__).parent.parent / "locale"]
LANGUAGE_COOKIE_NAME = "foureyes_language"
LANGUAGE_COOKIE_SAMESITE = "Strict"
USE_I18N = True

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
"""Bytes of one form: 5,000 media named in one decision take 325 kB."""
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
FILE_UPLOAD_HANDLERS = ["foureyes.workbench.library.uploads.InMemoryOnly"]
"""No other: Django's own write larger uploads to disk under a name."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # A page that is not there is no event for the terminal, and its address may name a series.
    "loggers": {"django.request": {"level": "ERROR"}, "django.security.csrf": {"level": "ERROR"}},
}
