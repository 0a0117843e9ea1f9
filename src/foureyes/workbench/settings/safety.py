"""Reasons to refuse to start, and the secret key that a workspace keeps for itself."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 50
"""Characters: Django's own check (security.W009) asks for as many."""

KEY_FILE = "workbench.key"


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
    path = workspace / KEY_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _kept_key(path)
    key = secrets.token_urlsafe(64)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key)
    return key


def _kept_key(path: Path) -> str:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise ImproperlyConfigured(f"{path.name} may be read by others (mode {mode:o}): run chmod 600 on it")
    key = path.read_text(encoding="ascii").strip()
    if len(key) < SHORTEST_SECRET:
        raise ImproperlyConfigured(f"{path.name} is too short: delete it, everyone then signs in again")
    return key
