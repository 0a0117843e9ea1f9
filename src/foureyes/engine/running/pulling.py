"""How every executor hands results on: pulls tasks while there is room, yields what is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Protocol

from foureyes.engine.errors import EngineError
from foureyes.engine.running.base import TaskResult


class Pulling(Protocol):
    """The state of one `run`."""

    outstanding: int
    """Tasks pulled and not yet yielded. Only the thread of `run` touches it."""
    done: SimpleQueue[TaskResult | EngineError | None]
    """None: the run is over, whatever was outstanding."""

    def abandon(self) -> None:
        """Kill what is running, and end the run even if another thread waits in it."""


def results(run: Pulling, fill: Callable[[], None]) -> Iterator[TaskResult]:
    """Results as they come, until `fill`, which pulls tasks while there is room, leaves none outstanding.

    Raises EngineError where a task ended with one. Dropping the iterator abandons the run.
    """
    try:
        while True:
            fill()
            if not run.outstanding:
                return
            result = run.done.get()
            if result is None:
                return
            run.outstanding -= 1
            if isinstance(result, EngineError):
                raise result
            yield result
    finally:
        run.abandon()
