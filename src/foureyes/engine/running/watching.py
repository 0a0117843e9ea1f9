"""Results of an executor beside a steady tick, so that the driver can commit and show progress meanwhile.

It knows neither what tasks do nor what a tick is for.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator

from foureyes.engine.running.base import Executor, Task, TaskResult

TICK_SECONDS = 0.25

_Arrived = TaskResult | BaseException | None


def watched(executor: Executor, tasks: Iterable[Task], stop: threading.Event) -> Iterator[TaskResult | None]:
    """Yield every result as it comes, None at each tick between, and None once at the end.

    Once `stop` is set no more tasks are handed out; what is in flight ends and is yielded.

    Raises whatever the executor, or the making of tasks, raised.
    """
    arrived: queue.SimpleQueue[_Arrived] = queue.SimpleQueue()
    pouring = threading.Thread(
        target=_pour, args=(executor, _until(stop, tasks), arrived), name="tasks", daemon=True
    )
    pouring.start()
    while True:
        try:
            result = arrived.get(timeout=TICK_SECONDS)
        except queue.Empty:
            if stop.is_set():
                executor.stop()
            yield None
            continue
        if isinstance(result, BaseException):
            raise result
        yield result
        if result is None:
            return


def _until(stop: threading.Event, tasks: Iterable[Task]) -> Iterator[Task]:
    for task in tasks:
        if stop.is_set():
            return
        yield task


def _pour(executor: Executor, tasks: Iterable[Task], into: queue.SimpleQueue[_Arrived]) -> None:
    """Hand results of this thread on; a failure is handed on too; None ends."""
    try:
        for result in executor.run(tasks):
            into.put(result)
    except BaseException as error:  # noqa: BLE001 -- raised again by whoever reads the queue
        into.put(error)
    into.put(None)
