"""Reasons to refuse to start, and the secret keys that a workspace keeps for itself."""

from __future__ import annotations

import base64
import os
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 50
"""Characters: Django's own check (security.W009) asks for as many."""

KEY_FILE = "workbench.key"
RECORD_KEY_FILE = "record.key"
RECORD_KEY_BYTES = 32


def refuse_unsafe(*, secret_key: str, debug: bool, hosts: Sequence[str]) -> None:
    """Stop a production start that would be unsafe.

    Raises:
        ImproperlyConfigured: a missing or short secret, debug on, or a host list that is empty or open.
    """
    if len(secret_key) < SHORTEST_SECRET:
        raise ImproperlyConfigured(
            f"FOUREYES_SECRET_KEY (or ..._FILE) must hold at least {SHORTEST_SECRET} characters"
        )
    if debug:
        raise ImproperlyConfigured("Debug is on and shows internals to whoever asks: use the dev settings")
    if not hosts:
        raise ImproperlyConfigured(
            "FOUREYES_HOSTS is empty: name the hosts that officers type into the browser"
        )
    if any(host == "*" or host.startswith(".") for host in hosts):
        raise ImproperlyConfigured(
            "FOUREYES_HOSTS must name each host; '*' and '.domain' let others pose as this one"
        )


def workspace_key(workspace: Path) -> str:
    """The secret key of one workspace, made at the first start and kept in a file that only its owner reads.

    Raises:
        ImproperlyConfigured: others may read or change the file, or it was cut short.
    """
    key = _made_or_kept(workspace / KEY_FILE, secrets.token_urlsafe(64))
    if len(key) < SHORTEST_SECRET:
        raise ImproperlyConfigured(f"{KEY_FILE} is too short: delete it, everyone then signs in again")
    return key


def record_key(workspace: Path) -> str:
    """The private key that signs the record of one workspace: made and kept as `workspace_key`.

    Raises:
        ImproperlyConfigured: others may read or change the file, or it holds no key.
    """
    fresh = base64.b64encode(secrets.token_bytes(RECORD_KEY_BYTES)).decode("ascii")
    key = _made_or_kept(workspace / RECORD_KEY_FILE, fresh)
    refuse_record_key(key)
    return key


def refuse_record_key(key: str) -> None:
    """Stop a start whose record could not be signed.

    Raises:
        ImproperlyConfigured: the key is missing or malformed.
    """
    try:
        good = len(base64.b64decode(key, validate=True)) == RECORD_KEY_BYTES
    except ValueError:
        good = False
    if not good:
        raise ImproperlyConfigured(
            f"FOUREYES_RECORD_KEY (or ..._FILE, or {RECORD_KEY_FILE}) must hold base64 of {RECORD_KEY_BYTES} "
            f"random bytes: `openssl rand -base64 {RECORD_KEY_BYTES}` makes them"
        )


def _made_or_kept(path: Path, fresh: str) -> str:
    """What the file holds, made with `fresh` in it where there is none."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(fresh)
        return fresh
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise ImproperlyConfigured(f"{path.name} may be read by others (mode {mode:o}): run chmod 600 on it")
    return path.read_text(encoding="ascii").strip()
