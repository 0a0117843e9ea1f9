"""Brings what happened from the database to the hub: one reading thread for each process.

Woken at the commit of an announcement in this process, and by PostgreSQL's notifications for those of others.
On SQLite another process's announcements are found by looking, every `LOOK_SECONDS`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from foureyes.workbench.live import actions, notifying, queries
from foureyes.workbench.live.actions import What
from foureyes.workbench.live.hub import Hub, Told
from foureyes.workbench.live.models import Event
from foureyes.workbench.live.presence import Brief
from foureyes.workbench.live.written import change

LOOK_SECONDS = 2.0
AT_ONCE = 500
NAMES_SECONDS = 300.0
"""How long a name that was looked up counts."""
PRUNE_SECONDS = 6 * 60 * 60.0
RIGHTS = frozenset({What.ASSIGNMENT.value})
"""Changes by which somebody may see more or less."""

log = logging.getLogger(__name__)


class Feed:
    """The reading thread, and the listening one where there is PostgreSQL."""

    def __init__(self, hub: Hub, loop: asyncio.AbstractEventLoop) -> None:
        self._hub, self._loop = hub, loop
        self._woken = threading.Event()
        self._stop = threading.Event()
        self._names: dict[str, Brief] = {}
        self._named_at = 0.0
        self._pruned_at = float("-inf")
        self._day = timezone.now().date()
        self._listener: notifying.Listener | None = None
        self._thread = threading.Thread(target=self._run, name="live-feed", daemon=True)

    def start(self) -> None:
        """Begin at the newest event that there is. Asks the database: not for the event loop's thread."""
        self._hub.newest = queries.newest()
        if connection.vendor == "postgresql":
            self._hub.share = notifying.notify_signs
            self._listener = notifying.Listener(self._heard, self._woken.set)
            self._listener.start()
        actions.WAKERS.append(self._woken.set)
        actions.RIGHTS_WAKERS.append(self._rights_changed)
        actions.ENDED_WAKERS.append(self._session_ended)
        self._thread.start()

    def stop(self) -> None:
        """End both threads; does not wait for them."""
        actions.WAKERS.remove(self._woken.set)
        actions.RIGHTS_WAKERS.remove(self._rights_changed)
        actions.ENDED_WAKERS.remove(self._session_ended)
        self._stop.set()
        self._woken.set()
        if self._listener is not None:
            self._listener.stop()

    def _run(self) -> None:
        newest = self._hub.newest
        while not self._stop.is_set():
            self._woken.wait(LOOK_SECONDS)
            self._woken.clear()
            try:
                close_old_connections()
                self._look_at_the_day()
                newest = self._read(newest)
                self._prune_now_and_then()
            except DatabaseError as error:
                log.warning("events are not read, trying again: %s", type(error).__name__)
                self._stop.wait(LOOK_SECONDS)
        connection.close()

    def _read(self, newest: int) -> int:
        while found := queries.events(newest, at_most=AT_ONCE):
            told = self._told(found)
            for hear in actions.HEARERS:
                hear(frozenset(event.what for event in found))
            newest = found[-1].id
            self._in_loop(partial(self._hub.deliver, told))
            if len(found) < AT_ONCE:
                break
        return newest

    def _told(self, found: Sequence[Event]) -> list[Told]:
        self._look_up({event.officer for event in found})
        return [
            Told(
                event.id,
                event.series,
                event.to,
                change(event, self._names.get(event.officer)),
                event.what in RIGHTS,
                event.handling_code,
                tuple(event.units),
                tuple(event.concerned),
            )
            for event in found
        ]

    def _look_at_the_day(self) -> None:
        """An edition ends with its last day: whoever saw by it is asked for at once."""
        today = timezone.now().date()
        if today != self._day:
            self._day = today
            self._rights_changed()

    def _look_up(self, usernames: set[str]) -> None:
        if time.monotonic() - self._named_at > NAMES_SECONDS:
            self._names.clear()
            self._named_at = time.monotonic()
        if missing := usernames - self._names.keys():
            self._names |= queries.briefs(missing)

    def _prune_now_and_then(self) -> None:
        if time.monotonic() - self._pruned_at > PRUNE_SECONDS:
            self._pruned_at = time.monotonic()
            actions.prune()

    def _heard(self, payload: str) -> None:
        if payload == notifying.EVENT:
            self._woken.set()
        elif payload == notifying.RIGHTS:
            self._rights_changed()
        else:
            try:
                sender, signs = notifying.signs_in(payload)
            except ValueError:
                return
            if sender != self._hub.id:
                self._in_loop(lambda: self._hub.hear(signs))

    def _rights_changed(self) -> None:
        self._in_loop(self._hub.rights_changed)

    def _session_ended(self, session: str) -> None:
        self._in_loop(lambda: self._hub.end_session(session))

    def _in_loop(self, call: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # the loop is closed: the server ends
            self._stop.set()
