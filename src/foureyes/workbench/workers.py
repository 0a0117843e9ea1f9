"""Several processes that serve one workspace on one port: started, started anew when one dies, stopped.

The process that starts them answers no request. Each worker (`worker`) listens for itself on the same port,
so that the system spreads connections evenly; each ends when its starter is gone. Only with PostgreSQL: by
its notifications they tell each other what happened and who is where.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

from foureyes.engine.errors import WorkspaceError

LOOK_SECONDS = 0.2
STOP_SECONDS = 15.0
"""How long a worker may take to end what it was asked, before it is killed."""
TOO_SOON_SECONDS = 5.0
"""A worker that ended within that time of its start is started anew after a pause as long."""
READY = "ready"
MODULE = "foureyes.workbench.worker"

log = logging.getLogger(__name__)


class Worker:
    """One process that serves."""

    def __init__(self, host: str, port: int) -> None:
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE, host, str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def wait_ready(self) -> bool:
        """Wait until it accepts connections; false where it ended before."""
        out = self._process.stdout
        return out is not None and out.readline().strip() == READY

    def ask_to_stop(self) -> None:
        """Have it end what it was asked, and then end."""
        if self.is_running():
            self._process.terminate()

    def stop(self, until: float) -> None:
        """Wait for its end until that moment, then kill it."""
        try:
            self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("worker %s did not end, and is killed", self.pid)
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


def supervise(count: int, host: str, port: int, on_ready: Callable[[], object]) -> None:
    """Keep so many workers running until SIGTERM or Ctrl-C, then end them; in the main thread.

    Raises:
        WorkspaceError: a worker did not start at all; the others are ended.
    """
    stop = threading.Event()

    def wish(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {one: signal.signal(one, wish) for one in (signal.SIGTERM, signal.SIGINT)}
    workers = [Worker(host, port) for _ in range(count)]
    try:
        if not all(one.wait_ready() for one in workers) and not stop.is_set():
            raise WorkspaceError("A worker did not start: its own words stand above.")
        on_ready()
        while not stop.wait(LOOK_SECONDS):
            workers = [_running(one, host, port, stop) for one in workers]
    finally:
        for one in workers:
            one.ask_to_stop()
        until = time.monotonic() + STOP_SECONDS
        for one in workers:
            one.stop(until)
        for number, handler in before.items():
            signal.signal(number, handler)


def _running(worker: Worker, host: str, port: int, stop: threading.Event) -> Worker:
    """The worker, or a new one in the place of one that ended."""
    if worker.is_running():
        return worker
    log.error("worker %s ended, another one is started", worker.pid)
    lived = time.monotonic() - worker.began
    worker.stop(time.monotonic())
    if lived < TOO_SOON_SECONDS:
        stop.wait(TOO_SOON_SECONDS - lived)
    return Worker(host, port)
