"""Runs tasks with Ray Core: on this machine behind loopback, or on a cluster that is joined by its address.

Ray only dispatches: what is begun again, and when, is decided here, as in `local`. Never Ray Data, and
nothing of Ray's own that speaks to the outside: no usage statistics, no dashboard, no port but loopback's.
"""

from __future__ import annotations

import os
import secrets
import socket
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, Self

from foureyes.engine.errors import EngineError, UsageError
from foureyes.engine.model import Fault, FaultCode
from foureyes.engine.running.base import Task, TaskResult
from foureyes.engine.running.performing import Outcome, fault_of, perform
from foureyes.engine.running.pulling import results
from foureyes.engine.running.refusal import plain
from foureyes.engine.running.scratch import ScratchFolder

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Ray kills tasks where the machine's memory is full, whoever filled it, and tries them without end.
    "RAY_memory_monitor_refresh_ms": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    # Else each death of a worker is a paragraph on our standard output, JSON or not.
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".*",
}
_ON_LOOPBACK = {
    # Ray's name for it; without, ports are open on every address of the machine, whatever ray.init is told.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "token",
}
_OBJECT_STORE_BYTES = 80 * 1024**2
"""Ray's least: results are small values, what is large lies in files."""
_ATTEMPTS = 2
_IN_FLIGHT_PER_WORKER = 2
_WAIT_SECONDS = 0.2
_CONNECT_SECONDS = 10.0


class RayExecutor:
    """The executor of many machines. See `base.Executor` for what it promises.

    Weaker than `local` in one thing: Ray does not tell by which signal a process died.
    """

    def __init__(self, workers: int, address: str | None = None) -> None:
        """Start Ray on loopback with so many workers, or join the cluster at `address` (`host:port`).

        Where this process has Ray running already, that is used and left running. To be made in a thread that
        lives as long: Linux ends Ray's processes with the thread that started them.

        Raises:
            UsageError: the cluster cannot be joined.
        """
        if workers < 1:
            raise ValueError("an executor needs at least one worker")
        self._workers = workers
        self._ray = _Ray(workers, address)
        self._stopping = False
        self._run: _Run | None = None

    def run(self, tasks: Iterable[Task]) -> Iterator[TaskResult]:
        """See `base.Executor.run`."""
        run = self._run = _Run(self._ray, self._workers)
        source = iter(tasks)
        yield from results(run, lambda: self._fill(run, source))

    def stop(self) -> None:
        """See `base.Executor.stop`."""
        self._stopping = True
        if self._run is not None:
            self._run.stopping = True

    def close(self) -> None:
        """See `base.Executor.close`."""
        self.stop()
        if self._run is not None:
            self._run.abandon()
        self._ray.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _fill(self, run: _Run, source: Iterator[Task]) -> None:
        """Pull as many tasks as may be in flight; when stopping, forget those that were not begun."""
        while not self._stopping and run.outstanding < _IN_FLIGHT_PER_WORKER * self._workers:
            task = next(source, None)
            if task is None:
                return
            run.give(task)
        if self._stopping:
            run.forget_waiting()


class _Run:
    """The state of one `run`: a thread hands tasks to Ray and takes up what is done.

    No more tasks than workers are with Ray at once, so that those that wait can still be forgotten.
    """

    def __init__(self, ray: _Ray, workers: int) -> None:
        self.outstanding = 0
        """Tasks pulled and not yet yielded. Only the thread of `run` touches it."""
        self.done: SimpleQueue[TaskResult | EngineError | None] = SimpleQueue()
        """None: the run is over, whatever was outstanding."""
        self.stopping = False
        self._ray = ray
        self._workers = workers
        self._waiting: deque[Task] = deque()
        self._running: dict[Any, tuple[Task, int]] = {}
        """Ray's reference of what is running, with its task and which attempt it is."""
        self._over = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._dispatch, name="ray-dispatch", daemon=True)
        self._thread.start()

    def give(self, task: Task) -> None:
        """Begin a task, or let it wait."""
        with self._changed:
            self.outstanding += 1
            self._waiting.append(task)
            self._changed.notify()

    def forget_waiting(self) -> None:
        """Drop the tasks that were not begun."""
        with self._changed:
            self.outstanding -= len(self._waiting)
            self._waiting.clear()

    def abandon(self) -> None:
        """Kill what is running, and end the run even if another thread waits in it."""
        with self._changed:
            if self._over:
                return
            self._over = True
            running = list(self._running)
            self._changed.notify()
        for reference in running:
            self._ray.kill(reference)
        self.done.put(None)
        self._thread.join()

    def _dispatch(self) -> None:
        while True:
            with self._changed:
                while not self._over and not self._waiting and not self._running:
                    self._changed.wait()
                if self._over:
                    return
                while self._waiting and len(self._running) < self._workers and not self.stopping:
                    self._begin(self._waiting.popleft(), 1)
                running = list(self._running)
            if not running:  # stopping: whoever runs this forgets what waits
                self.done.put(None)
                return
            for reference in self._ray.finished(running):
                self._take_up(reference)

    def _begin(self, task: Task, attempt: int) -> None:
        self._running[self._ray.begin(task)] = (task, attempt)

    def _take_up(self, reference: Any) -> None:
        outcome = self._ray.outcome(reference)
        with self._changed:
            task, attempt = self._running.pop(reference)
            if self._over:
                return
            if outcome is None and attempt < _ATTEMPTS:
                self._begin(task, attempt + 1)
                return
        if outcome is None:
            self.done.put(
                TaskResult(task.id, Fault(FaultCode.TASK_DIED, f"its process died {_ATTEMPTS} times"))
            )
        elif outcome.engine_error is not None:
            self.done.put(outcome.engine_error)
        else:
            self.done.put(TaskResult(task.id, outcome.fault, outcome.value))


class _Ray:
    """All that is asked of Ray, in one place."""

    def __init__(self, workers: int, address: str | None) -> None:
        with _environment({**_QUIET, **({} if address else _ON_LOOPBACK)}):
            import ray  # noqa: PLC0415 - a second of CPU time, and an optional library

            self._ray = ray
            self._folder: ScratchFolder | None = None
            self._own = not ray.is_initialized()
            if self._own and address is not None:
                self._join(address)
            elif self._own:
                self._start(workers)
        # Ray's own retries have no end where it kills a task for its memory: none of them.
        self._perform = ray.remote(num_cpus=1, max_retries=0)(perform)

    def begin(self, task: Task) -> Any:
        """Have a task done; the reference names it from now on."""
        return self._perform.remote(task)

    def finished(self, references: list[Any]) -> list[Any]:
        """Those that are done, after a while at most."""
        return list(
            self._ray.wait(references, num_returns=len(references), timeout=0, fetch_local=False)[0]
        ) or list(self._ray.wait(references, num_returns=1, timeout=_WAIT_SECONDS, fetch_local=False)[0])

    def outcome(self, reference: Any) -> Outcome | None:
        """What came of it; None where its process died."""
        errors = self._ray.exceptions
        try:
            outcome = self._ray.get(reference)
        except errors.RayTaskError as error:  # `perform` lets nothing escape: its outcome could not be sent
            return Outcome(fault=fault_of(error.cause if isinstance(error.cause, Exception) else error))
        except errors.RayError:
            return None
        return outcome if isinstance(outcome, Outcome) else None

    def kill(self, reference: Any) -> None:
        """End the process that does this task."""
        self._ray.cancel(reference, force=True, recursive=True)

    def end(self) -> None:
        """End Ray if it was started here. Idempotent."""
        if self._own:
            self._own = False
            self._ray.shutdown()
            if self._folder is not None:
                self._folder.close()

    def _start(self, workers: int) -> None:
        self._folder = ScratchFolder("foureyes-ray-")
        own = {"RAY_AUTH_TOKEN": secrets.token_hex(32), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        with _environment(own):
            self._ray.init(
                num_cpus=workers,
                num_gpus=0,
                include_dashboard=False,
                object_store_memory=_OBJECT_STORE_BYTES,
                _temp_dir=str(self._folder.path),
                **_SILENT,
            )

    def _join(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), _CONNECT_SECONDS).close()  # Ray tries two minutes
            self._ray.init(address=address, **_SILENT)
        except (OSError, ValueError, OverflowError, RuntimeError, self._ray.exceptions.RayError) as error:
            raise UsageError(f"the Ray cluster at {address} cannot be joined: {plain(str(error))}") from error


_SILENT: dict[str, Any] = {"log_to_driver": False, "configure_logging": False, "logging_level": "ERROR"}


@contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    """Ray is told by the environment alone what it must do before it starts; put back after."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
