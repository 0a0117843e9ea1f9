"""Settings of the tests: a database in memory, fast password hashing, nothing from the environment."""

from __future__ import annotations

from foureyes.workbench.settings.base import *  # noqa: F403 - Django reads settings as names of one module

SECRET_KEY = "the key of tests: known to everyone, used nowhere else, long enough"  # noqa: S105 - as it says
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }
}
FOUREYES_RECORD_KEY = "dGhlIGtleSBvZiB0ZXN0cyBpcyBubyBzZWNyZXQhISE="
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
