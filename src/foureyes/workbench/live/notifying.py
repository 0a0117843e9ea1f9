"""PostgreSQL's own notifications between server processes. On SQLite there are none, and nothing is sent.

What is sent says that something happened, or who is where (`presence`); never what was written.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import psycopg
from django.db import connection

from foureyes.workbench.live.presence import Brief, Here, Sign

CHANNEL = "foureyes_live"
EVENT, RIGHTS = "event", "rights"
BYTES_AT_MOST = 7_000
"""Of one notification; PostgreSQL refuses 8,000."""
LISTEN_SECONDS = 1.0
"""How long one wait for notifications lasts: a stop is heeded after that."""
AGAIN_SECONDS = 1.0

log = logging.getLogger(__name__)


def notify(payload: str) -> None:
    """Tell every process, once the transaction is committed (at once outside of one)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def notify_signs(sender: str, signs: Sequence[Sign]) -> None:
    """Tell every process who is where."""
    for payload in written(sender, signs):
        notify(payload)


def written(sender: str, signs: Iterable[Sign]) -> list[str]:
    """The signs as notifications, none of them too long."""
    rows = [
        [sign.series, *_officer(one.officer), one.part, one.mark, one.place_hidden, round(sign.seconds, 1)]
        for sign, one in ((sign, sign.here) for sign in signs)
    ]
    payloads: list[str] = []
    batch: list[Any] = []
    for row in rows:
        if batch and len(_payload(sender, [*batch, row]).encode()) > BYTES_AT_MOST:
            payloads.append(_payload(sender, batch))
            batch = []
        batch.append(row)
    return [*payloads, _payload(sender, batch)] if batch else payloads


def signs_in(payload: str) -> tuple[str, list[Sign]]:
    """The sender and the signs of a notification.

    Raises:
        ValueError: it is none; another version of us sent it perhaps.
    """
    try:
        said = json.loads(payload)
        signs = [
            Sign(series, Here(Brief(username, name, unit, country), part, mark, bool(hidden)), float(seconds))
            for series, username, name, unit, country, part, mark, hidden, seconds in said["signs"]
        ]
        return str(said["from"]), signs
    except (KeyError, TypeError) as error:
        raise ValueError("not a notification of ours") from error


class Listener:
    """One listening connection in a thread of its own; it connects again when it is lost."""

    def __init__(self, heard: Callable[[str], None], missed: Callable[[], None]) -> None:
        """`heard` gets every payload; `missed` is called after each connecting: some may have passed."""
        self._heard, self._missed = heard, missed
        self._stop = threading.Event()
        parameters = connection.get_connection_params()
        self._parameters = {
            name: value for name, value in parameters.items() if name not in _NOT_FOR_LISTENING
        }
        self._thread = threading.Thread(target=self._run, name="live-listening", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; it does within `LISTEN_SECONDS`."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except psycopg.Error as error:
                log.warning("not listening to PostgreSQL, trying again: %s", type(error).__name__)
                self._stop.wait(AGAIN_SECONDS)

    def _listen(self) -> None:
        with psycopg.connect(**self._parameters, autocommit=True) as listening:
            listening.execute(f"LISTEN {CHANNEL}")
            self._missed()
            while not self._stop.is_set():
                for notification in listening.notifies(timeout=LISTEN_SECONDS):
                    self._heard(notification.payload)
                # A server that went away silently is found by asking it.
                listening.execute("SELECT 1")


_NOT_FOR_LISTENING = frozenset({"cursor_factory", "context", "server_side_binding", "prepare_threshold"})


def _officer(officer: Brief) -> tuple[str, str, str, str]:
    return officer.username, officer.name, officer.unit, officer.country


def _payload(sender: str, rows: Sequence[object]) -> str:
    return json.dumps({"from": sender, "signs": rows}, ensure_ascii=False, separators=(",", ":"))
