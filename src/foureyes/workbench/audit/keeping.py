"""Signs the record every few minutes while the workbench is served, and sends the checkpoint out.

A place that cannot be written to, or a record that is broken, is logged and shown on the page of the record;
it never stops the workbench, and is tried again.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection

from foureyes.workbench.audit.checkpoints import make_checkpoint
from foureyes.workbench.audit.departures import send_out
from foureyes.workbench.audit.trees import RecordBroken

log = logging.getLogger(__name__)


class Keeper:
    """One thread of this process. Several processes may each have one: the second finds nothing to do."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="record", daemon=True)

    def start(self) -> None:
        """Begin. The first checkpoint is made after one interval."""
        self._thread.start()

    def stop(self) -> None:
        """Sign what is left, and end."""
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        every = timedelta(minutes=settings.FOUREYES_RECORD_MINUTES)
        while not self._stop.wait(every.total_seconds()):
            keep(not_within=every / 2)
        keep()


def keep(*, not_within: timedelta = timedelta(0)) -> None:
    """Make one checkpoint if there is something new, and send out what has not left."""
    try:
        make_checkpoint(not_within=not_within)
        send_out()
    except RecordBroken as broken:
        log.critical("The record is broken: %s", broken)
    except (OSError, DatabaseError) as error:
        log.error("The checkpoint could not be made or sent out: %s", error)  # noqa: TRY400 - words, not a trace
    finally:
        connection.close()
