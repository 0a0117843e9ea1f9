"""Has the engine group the series anew after a ruling: one background thread asks a process at low priority.

A ruling is safe before this begins. Rulings that come meanwhile are grouped together in the next run, and
between two runs there is a pause as long as a run. Where another process writes to the workspace, it is
waited for; nothing relies on that writer to link, as an ingest with `--no-link` does not.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.reach import forget_series
from foureyes.workbench.live.actions import What, announce_regrouped
from foureyes.workbench.series import outlines

PATIENCE_SECONDS = 8.0
"""How long a request waits to show the result at once; small workspaces take less than a second."""
START_SECONDS = 20.0
"""How long it waits for the process besides, which loads the engine when it is first needed."""
SMALL_AT_MOST = 1_000
"""Media of a workspace in which a request waits for the result, to show it at once. In a larger one its page
hears of it over the channel: 60 media take 0.03 s of CPU, 10,000 take 1 s (one core of an AMD EPYC)."""
LONG_SECONDS = 1.5
"""Of CPU. Where the last run took more, no request waits however few media there are."""
PAUSE_AT_MOST = 30.0
MODULE = "foureyes.workbench.series.regrouper"

_patience: ContextVar[float | None] = ContextVar("patience", default=None)
_put_off: ContextVar[list[bool] | None] = ContextVar("put_off", default=None)
log = logging.getLogger(__name__)
_wake = threading.Condition()
_starting = threading.Lock()
_wanted = 0
_done = 0
_running = False
_waiting = False
_ready = False
_took = 0.0
"""Seconds of CPU of the last run."""


@contextlib.contextmanager
def without_waiting() -> Iterator[None]:
    """Inside this, a ruling does not wait for grouping anew: the next question does not depend on it."""
    token = _patience.set(0.0)
    try:
        yield
    finally:
        _patience.reset(token)


@contextlib.contextmanager
def afterwards() -> Iterator[None]:
    """Group once when the block ends, without waiting: rulings in it bind when all is committed."""
    wanted: list[bool] = []
    token = _put_off.set(wanted)
    try:
        yield
    finally:
        _put_off.reset(token)
    if wanted:
        with without_waiting():
            regroup()


class Grouped(Enum):
    """How far grouping anew has come when the page is shown."""

    DONE = "done"
    UNDER_WAY = "under way"
    WAITING = "waiting"
    """Another process writes to the workspace; it follows when that ends."""
    FAILED = "failed"
    """The engine refused; the ruling stands and the next linking obeys it."""
    LATER = "later"
    """The catalogue could not be written to; the ruling is recorded, and binds once it can (`settling`)."""


class NotGrouped(Exception):
    """The engine refused, or the process is gone; the message says why."""


class Process:
    """The process that groups; started when it is first needed, and ended with this one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self.ended = False
        """This side ended it: what it was at is no failure."""

    def start(self) -> None:
        """Start it where it does not run. Takes a second: it loads the engine."""
        if self._process is not None and self._process.poll() is None:
            return
        self.ended = False
        # One thread of the kernels: with two cores, the other stays with the pages.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        environment["NUMBA_NUM_THREADS"] = "1"
        command = [sys.executable, "-m", MODULE]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self._hear()

    def group(self, on_wait: Callable[[str], None]) -> tuple[list[str], float]:
        """Group once; gives the series that changed, and the seconds of CPU that it took.

        Raises:
            NotGrouped: the engine refused, or the process is gone.
        """
        process = self._process
        if process is None or process.stdin is None:
            raise NotGrouped("not started")
        asked = {"workspace": str(settings.FOUREYES_WORKSPACE), "catalogue": settings.FOUREYES_CATALOGUE_URL}
        try:
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
        except OSError as error:
            raise NotGrouped("the process is gone") from error
        while "waiting" in (said := self._hear()):
            on_wait(said["waiting"])
        if "failed" in said:
            raise NotGrouped(said["failed"])
        return list(said["changed"]), float(said["seconds"])

    def close(self) -> None:
        """End it; what it has begun is done again by the next linking."""
        self.ended = True
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _hear(self) -> dict[str, Any]:
        out = None if self._process is None else self._process.stdout
        line = "" if out is None else out.readline()
        if not line:
            raise NotGrouped("the process is gone")
        said: dict[str, Any] = json.loads(line)
        return said


_process = Process()


def regroup() -> Grouped:
    """Ask for grouping anew, and how far that came within the patience of a request."""
    global _wanted, _running  # noqa: PLW0603 - one background thread per process
    if (put_off := _put_off.get()) is not None:
        put_off.append(True)
        return Grouped.UNDER_WAY
    asked = _patience.get()
    with _wake:
        _wanted += 1
        mine = _wanted
        if not _running:
            _running = True
            threading.Thread(target=_work, name="regrouping", daemon=True).start()
        patience = PATIENCE_SECONDS if asked is None else asked
        if patience and _takes_long():
            patience = 0.0
        if patience:
            _wake.wait_for(lambda: _ready or not _running, START_SECONDS)
        _wake.wait_for(lambda: _done >= mine or _waiting or not _running, patience)
        if _done >= mine:
            return Grouped.DONE
        if not _running:
            return Grouped.FAILED
        return Grouped.WAITING if _waiting else Grouped.UNDER_WAY


def ready() -> None:
    """Have the process started, so that the first ruling does not wait for it to load the engine."""
    with _starting:
        _process.start()


def hear(words: frozenset[str]) -> None:
    """Forget what another process grouped anew."""
    if What.REGROUPED in words:
        outlines.kept.forget()
        forget_series()


def settled(seconds: float) -> bool:
    """Whether nothing is left to group anew, waiting that long for it at most."""
    with _wake:
        return _wake.wait_for(lambda: not _running, seconds) and _done >= _wanted


@atexit.register
def close() -> None:
    """End the process (end of the server)."""
    _process.close()


def _work() -> None:
    global _done, _running, _took  # noqa: PLW0603 - as above
    try:
        while True:
            with _wake:
                if _done >= _wanted:
                    return
                turn = _wanted
            if (took := _regroup_once()) is None:
                return
            with _wake:
                _done, _took = turn, took
                _wake.notify_all()
                again = _done < _wanted
            if again:
                time.sleep(min(took, PAUSE_AT_MOST))  # half of the time is for pages
    finally:
        connection.close()
        with _wake:
            _running = False
            _wake.notify_all()


def _takes_long() -> bool:
    """Whether no request waits for a run."""
    return _took >= LONG_SECONDS or catalogue().counts().unique > SMALL_AT_MOST


def _regroup_once() -> float | None:
    """Seconds of CPU that it took; None where it failed."""
    try:
        ready()
        _begin()
        changed, took = _process.group(_begin_waiting)
    except NotGrouped as error:
        if not _process.ended:
            log.warning("not grouped anew: %s", error)
        return None
    except Exception:  # whatever it was, no later ruling must wait for a thread that is gone
        log.exception("not grouped anew")
        return None
    finally:
        _end_waiting()
    outlines.kept.forget()
    forget_series()
    try:
        announce_regrouped(changed)
    except DatabaseError as error:
        log.warning("pages are not told of the grouping: %s", error)
    return took


def _begin() -> None:
    global _ready  # noqa: PLW0603 - as above
    with _wake:
        _ready = True
        _wake.notify_all()


def _begin_waiting(holder: str) -> None:
    global _waiting  # noqa: PLW0603 - as above
    log.info("grouping anew waits for %s", holder)
    with _wake:
        _waiting = True
        _wake.notify_all()


def _end_waiting() -> None:
    global _waiting  # noqa: PLW0603 - as above
    with _wake:
        _waiting = False
