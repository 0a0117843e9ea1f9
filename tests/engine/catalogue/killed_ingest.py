"""Program of `test_killed.py`: takes orders on its standard input, forks a child for each that ingests
or adds a list.

The parent loads everything once, so that a child starts within a millisecond and a hundred of them can
be killed in seconds. An order is a line of JSON; the answer is a line: the exit code of the child.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import alembic.command  # noqa: F401 - loaded once, before the first fork

from engine.catalogue import made_lists, made_up
from foureyes.engine.catalogue import Catalogue, Workspace, digest_files
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import listed

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
        done = catalogue.units_done(source)
        for number, batch in enumerate(batches):
            if str(number) not in done:
                catalogue.commit(source, batch)
                catalogue.mark_unit(source, str(number))


def add_list(order: dict[str, Any]) -> None:
    """Add a list of so many records where none is held, and check the media of one batch against it."""
    if order["die_at"] is not None:
        die_at_step(order["die_at"])
    digest_files.RUN_ROWS = 50
    settings = EngineSettings(database_url=order["database_url"])
    with Catalogue.open(
        Workspace.open(Path(order["workspace"])), settings, write=True, wait=True
    ) as catalogue:
        if not catalogue.lists():
            catalogue.add_list(made_lists.meta(), made_lists.many(order["records"]))
        listed.check_lists(catalogue)


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
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            (add_list if "records" in order else ingest)(order)
            os._exit(0)
        print(end_of(child, order["kill_after"]), flush=True)


def end_of(child: int, kill_after: float | None) -> int:
    """Wait for a child, killing it after some seconds; gives its exit code."""

    def kill(*_: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)

    if kill_after is not None:
        signal.signal(signal.SIGALRM, kill)
        signal.setitimer(signal.ITIMER_REAL, max(kill_after, 1e-6))
    status = os.waitpid(child, 0)[1]
    signal.setitimer(signal.ITIMER_REAL, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    main()
