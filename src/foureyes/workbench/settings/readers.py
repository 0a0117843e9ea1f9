"""Typed readers of the environment. Secrets may come from files (`NAME_FILE`); no value is ever printed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})


def text(name: str, default: str = "") -> str:
    """Value of an environment variable, stripped; `default` where it is not set."""
    return os.environ.get(name, default).strip()


def secret(name: str) -> str:
    """A secret from NAME, or from the file that NAME_FILE names; empty where neither is set.

    Raises:
        ImproperlyConfigured: NAME_FILE names a file that cannot be read.
    """
    if file_name := text(f"{name}_FILE"):
        try:
            return Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}") from error
    return text(name)


def flag(name: str, *, default: bool = False) -> bool:
    """Yes or no: 1, true, yes, on, or 0, false, no, off.

    Raises:
        ImproperlyConfigured: the value is none of these words.
    """
    word = text(name, "1" if default else "0").lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} must be one of 1, true, yes, on, 0, false, no, off")


def number(name: str, default: int) -> int:
    """A whole number of at least 1.

    Raises:
        ImproperlyConfigured: the value is none.
    """
    value = text(name) or str(default)
    if not (value.isascii() and value.isdigit() and int(value)):
        raise ImproperlyConfigured(f"{name} must be a whole number of at least 1")
    return int(value)


def choice(name: str, choices: Sequence[str], default: str) -> str:
    """One of a few words.

    Raises:
        ImproperlyConfigured: the value is none of them.
    """
    value = text(name).lower() or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}")
    return value


def needed(name: str) -> str:
    """A secret, or another value, that something else which was set cannot do without.

    Raises:
        ImproperlyConfigured: it is not set.
    """
    if value := secret(name):
        return value
    raise ImproperlyConfigured(f"{name} is not set, and what else was set needs it")


def https(address: str, name: str) -> str:
    """An address that is reached by HTTPS, or by HTTP on this machine.

    Raises:
        ImproperlyConfigured: it is not.
    """
    parts = urlsplit(address)
    here = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not parts.hostname or parts.scheme not in ({"https", "http"} if here else {"https"}):
        raise ImproperlyConfigured(f"{name} must be an https:// address")
    return address


def words(name: str) -> list[str]:
    """Comma-separated words, without the empty ones."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def folder(name: str) -> Path:
    """An existing folder.

    Raises:
        ImproperlyConfigured: the variable is not set, or names no folder.
    """
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: name the workspace's folder")
    path = Path(value).expanduser()
    if not path.is_dir():
        raise ImproperlyConfigured(f"{name} names no folder")
    return path


def sqlite(path: Path) -> dict[str, object]:
    """Django's database entry for one SQLite file: write-ahead log, writers wait for each other."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            # A transaction that reads and then writes must take the write lock at its start, or two of
            # them deadlock; the audit chain counts on it too (`audit/actions.py`).
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }


def database(url: str) -> dict[str, object]:
    """Django's database entry for `postgresql://user:password@host:port/name?option=value`.

    Raises:
        ImproperlyConfigured: another scheme, or no database name.
    """
    parts = urlsplit(url)
    if parts.scheme.partition("+")[0] not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("The workbench database must be a postgresql:// address with a name")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": options.pop("port", "") or str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
