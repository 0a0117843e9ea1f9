"""Lets the engine group the series anew after a ruling, in one background thread.

A ruling is safe before this begins: where it cannot run (an ingest holds the workspace), the ingest's own
linking obeys the ruling at its end.
"""

from __future__ import annotations

import logging
import threading

from foureyes.engine import pipeline
from foureyes.engine.errors import EngineError, WorkspaceBusy
from foureyes.workbench.library import holdings
from foureyes.workbench.series import outlines

PATIENCE_SECONDS = 5.0
"""How long a request waits to show the result at once; small workspaces take less than a second."""

log = logging.getLogger(__name__)
_wake = threading.Condition()
_wanted = 0
_done = 0
_running = False


def regroup() -> bool:
    """Ask for grouping anew, and whether it was done within the patience of a request."""
    global _wanted, _running  # noqa: PLW0603 - one background thread per process
    with _wake:
        _wanted += 1
        mine = _wanted
        if not _running:
            _running = True
            threading.Thread(target=_work, name="regrouping", daemon=True).start()
        return _wake.wait_for(lambda: _done >= mine or not _running, PATIENCE_SECONDS) and _done >= mine


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
        with holdings.writing("regrouping after a decision") as catalogue:
            pipeline.link(catalogue)
        outlines.kept.forget()
    except WorkspaceBusy as busy:
        log.info("not grouped anew now: %s", busy)
        return False
    except EngineError as error:
        log.warning("not grouped anew: %s", error)
        return False
    return True
