"""Lets the engine group the series anew after a ruling, in one background thread.

A ruling is safe before this begins. Where another process writes to the workspace, the thread waits for it
to end; it never relies on that writer to link, as an ingest with `--no-link` does not.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from enum import Enum

from foureyes.engine import pipeline
from foureyes.engine.catalogue import LockHolder
from foureyes.engine.errors import EngineError
from foureyes.workbench.library import holdings
from foureyes.workbench.series import outlines

PATIENCE_SECONDS = 5.0
"""How long a request waits to show the result at once; small workspaces take less than a second."""

_patience = ContextVar("patience", default=PATIENCE_SECONDS)
log = logging.getLogger(__name__)
_wake = threading.Condition()
_wanted = 0
_done = 0
_running = False
_waiting = False


@contextlib.contextmanager
def without_waiting() -> Iterator[None]:
    """Inside this, a ruling does not wait for grouping anew: the next question does not depend on it."""
    token = _patience.set(0.0)
    try:
        yield
    finally:
        _patience.reset(token)


class Grouped(Enum):
    """How far grouping anew has come when the page is shown."""

    DONE = "done"
    UNDER_WAY = "under way"
    WAITING = "waiting"
    """Another process writes to the workspace; it follows when that ends."""
    FAILED = "failed"
    """The engine refused; the ruling stands and the next linking obeys it."""


def regroup() -> Grouped:
    """Ask for grouping anew, and how far that came within the patience of a request."""
    global _wanted, _running  # noqa: PLW0603 - one background thread per process
    patience = _patience.get()
    with _wake:
        _wanted += 1
        mine = _wanted
        if not _running:
            _running = True
            threading.Thread(target=_work, name="regrouping", daemon=True).start()
        _wake.wait_for(lambda: _done >= mine or _waiting or not _running, patience)
        if _done >= mine:
            return Grouped.DONE
        if not _running:
            return Grouped.FAILED
        return Grouped.WAITING if _waiting else Grouped.UNDER_WAY


def settled(seconds: float) -> bool:
    """Whether nothing is left to group anew, waiting that long for it at most."""
    with _wake:
        return _wake.wait_for(lambda: not _running, seconds) and _done >= _wanted


def _work() -> None:
    global _done, _running  # noqa: PLW0603 - as above
    while True:
        with _wake:
            if _done >= _wanted:
                _running = False
                _wake.notify_all()
                return
            turn = _wanted
        finished = _regroup_once()
        with _wake:
            if finished:
                _done = turn
            else:
                _running = False
            _wake.notify_all()
            if not finished:
                return


def _regroup_once() -> bool:
    try:
        with holdings.writing("regrouping after a decision", on_wait=_begin_waiting) as catalogue:
            _end_waiting()
            pipeline.link(catalogue)
        outlines.kept.forget()
    except EngineError as error:
        log.warning("not grouped anew: %s", error)
        return False
    except Exception:
        # Whatever it was, it must not leave every later ruling waiting for a thread that is gone.
        log.exception("not grouped anew")
        return False
    finally:
        _end_waiting()
    return True


def _begin_waiting(holder: LockHolder | None) -> None:
    global _waiting  # noqa: PLW0603 - as above
    log.info("grouping anew waits for %s", holder or "another writer")
    with _wake:
        _waiting = True
        _wake.notify_all()


def _end_waiting() -> None:
    global _waiting  # noqa: PLW0603 - as above
    with _wake:
        _waiting = False
