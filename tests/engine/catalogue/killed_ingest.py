"""Program of `test_killed.py`: takes orders on its standard input, forks a child for each that ingests.

The parent loads everything once, so that a child starts within a millisecond and a hundred of them can
be killed in seconds. An order is a line of JSON; the answers are lines: the child's process number, then
how it ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import alembic.command  # noqa: F401 - loaded once, before the first fork

from engine.catalogue import made_up
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings

STEPS = ("fsync", "pwrite", "replace", "truncate", "unlink")
"""Calls by which anything reaches the disk, but for the database's own."""


def ingest(order: dict[str, Any]) -> None:
    """Commit all batches that are not committed yet, as the pipeline does."""
    if order["die_at"] is not None:
        die_at_step(order["die_at"])
    settings = EngineSettings(database_url=order["database_url"])
    batches = made_up.batches(order["seed"], order["count"], order["size"])
    with Catalogue.open(
        Workspace.open(Path(order["workspace"])), settings, write=True, wait=True
    ) as catalogue:
        source = catalogue.source("s", "/s", "folder")
        for number, batch in enumerate(batches):
            if not catalogue.unit_done(source, str(number)):
                catalogue.commit(source, batch, unit_done=str(number))


def die_at_step(step: int) -> None:
    """Kill this process just before its `step`-th call that changes the disk."""
    done = 0

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal done
            done += 1
            if done == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)

        return call

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            ingest(json.loads(line))
            os._exit(0)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
