"""Runs tasks in processes of this machine; a process that dies costs the task that it was at.

Each worker is a pebble pool of one process. A larger pool shares one pipe and its locks among its workers:
one that is killed while it holds them stops all others, and one that dies before its acknowledgement is
read leaves a task that never ends (pebble 5.2, `pool/process.py`). Alone, neither can happen.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from queue import SimpleQueue
from typing import Self

from pebble import ProcessExpired, ProcessPool

from foureyes.engine.errors import EngineError
from foureyes.engine.model import Fault, FaultCode
from foureyes.engine.running.base import Task, TaskResult
from foureyes.engine.running.performing import Outcome, fault_of, perform
from foureyes.engine.running.pulling import results

_ATTEMPTS = 2
_IN_FLIGHT_PER_WORKER = 2


class LocalExecutor:
    """The executor of one machine. See `base.Executor` for what it promises."""

    def __init__(
        self, workers: int, initializer: Callable[..., None] | None = None, initargs: tuple[object, ...] = ()
    ) -> None:
        """`initializer(*initargs)` is called first in each process; where it fails, no task begins."""
        if workers < 1:
            raise ValueError("an executor needs at least one worker")
        self._workers = [_Worker(initializer, initargs) for _ in range(workers)]
        self._stopping = False
        self._run: _Run | None = None

    def run(self, tasks: Iterable[Task]) -> Iterator[TaskResult]:
        """See `base.Executor.run`."""
        run = self._run = _Run(self._workers, self._is_stopping)
        source = iter(tasks)
        yield from results(run, lambda: self._fill(run, source))

    def stop(self) -> None:
        """See `base.Executor.stop`."""
        self._stopping = True

    def close(self) -> None:
        """See `base.Executor.close`."""
        self._stopping = True
        if self._run is not None:
            self._run.abandon()
        for worker in self._workers:
            worker.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _is_stopping(self) -> bool:
        return self._stopping

    def _fill(self, run: _Run, source: Iterator[Task]) -> None:
        """Pull as many tasks as may be in flight; when stopping, forget those that were not begun."""
        while not self._stopping and run.outstanding < _IN_FLIGHT_PER_WORKER * len(self._workers):
            task = next(source, None)
            if task is None:
                return
            run.outstanding += 1
            run.give(_Job(task))
        if self._stopping:
            run.forget_waiting()


@dataclass(frozen=True, slots=True)
class _Job:
    task: Task
    attempt: int = 1


class _Worker:
    """One process, replaced whenever it dies."""

    def __init__(self, initializer: Callable[..., None] | None, initargs: tuple[object, ...]) -> None:
        self._initializer = initializer
        self._initargs = initargs
        self._pool: ProcessPool | None = None
        self._broken: list[ProcessPool] = []
        self._ending = threading.Lock()

    def begin(self, task: Task) -> Future[Outcome]:
        """Have a task done, in a new process if the last is gone."""
        if self._pool is not None:
            try:
                return self._pool.schedule(perform, args=(task,))
            except RuntimeError:  # the process died while it had nothing to do
                self._broken.append(self._pool)
        self._pool = ProcessPool(
            max_workers=1,
            initializer=_prepare_process,
            initargs=(self._initializer, self._initargs),
            context=_warm_context(task),
        )
        return self._pool.schedule(perform, args=(task,))

    def end(self) -> None:
        """Kill the process. Not to be called from a pool's own thread."""
        with self._ending:
            pools = [*self._broken, *([self._pool] if self._pool is not None else [])]
            self._broken, self._pool = [], None
            for pool in pools:
                pool.stop()  # type: ignore[no-untyped-call]  # pebble types most calls, not this one
            for pool in pools:
                pool.join()


class _Run:
    """The state of one `run`: tasks wait here, and whichever worker is free takes the next.

    `finished` is called in threads of pebble, so that a worker goes on while the consumer is busy.
    """

    def __init__(self, workers: list[_Worker], is_stopping: Callable[[], bool]) -> None:
        self.outstanding = 0
        """Tasks pulled and not yet yielded. Only the thread of `run` touches it."""
        self.done: SimpleQueue[TaskResult | EngineError | None] = SimpleQueue()
        """None: the run is over, whatever was outstanding."""
        self._is_stopping = is_stopping
        self._idle = list(workers)
        self._busy: set[_Worker] = set()
        self._waiting: deque[_Job] = deque()
        self._over = False
        self._lock = threading.RLock()

    def give(self, job: _Job) -> None:
        """Begin a job, or let it wait."""
        with self._lock:
            if self._idle:
                self._begin(self._idle.pop(), job)
            else:
                self._waiting.append(job)

    def forget_waiting(self) -> None:
        """Drop the jobs that no worker has begun."""
        with self._lock:
            self.outstanding -= len(self._waiting)
            self._waiting.clear()

    def abandon(self) -> None:
        """Kill what is running, and end the run even if another thread waits in it."""
        with self._lock:
            self._over = True
            busy = list(self._busy)
            self._busy.clear()
        for worker in busy:
            worker.end()
        self.done.put(None)

    def _begin(self, worker: _Worker, job: _Job) -> None:
        self._busy.add(worker)
        worker.begin(job.task).add_done_callback(partial(self._finished, worker, job))

    def _finished(self, worker: _Worker, job: _Job, future: Future[Outcome]) -> None:
        with self._lock:
            if self._over:
                return
            self._busy.discard(worker)
            result = _result_of(job, future)
            if result is None:
                self._begin(worker, _Job(job.task, job.attempt + 1))
                return
            self.done.put(result)
            if self._waiting and not self._is_stopping():
                self._begin(worker, self._waiting.popleft())
            else:
                self._idle.append(worker)


def _result_of(job: _Job, future: Future[Outcome]) -> TaskResult | EngineError | None:
    """The result, or None if the task is to be begun once more."""
    try:
        outcome = future.result()
    except (ProcessExpired, BrokenProcessPool, CancelledError) as error:
        if job.attempt < _ATTEMPTS:
            return None
        return TaskResult(job.task.id, Fault(FaultCode.TASK_DIED, _how_it_died(error)))
    except Exception as error:  # noqa: BLE001 - a value that cannot be sent between processes, say
        return TaskResult(job.task.id, fault_of(error))
    if outcome.engine_error is not None:
        return outcome.engine_error
    return TaskResult(job.task.id, outcome.fault, outcome.value)


def _how_it_died(error: BaseException) -> str:
    code = error.exitcode if isinstance(error, ProcessExpired) else None
    if isinstance(code, int) and code < 0:
        try:
            return f"its process died {_ATTEMPTS} times, last of {signal.Signals(-code).name}"
        except ValueError:
            pass
    return f"its process died {_ATTEMPTS} times"


_starting_server = threading.Lock()


def _warm_context(task: Task) -> ForkServerContext:
    """Processes forked from a server that has imported the task's module, and has no threads of ours.

    Not forked from the driver: it has threads, and a fork would copy their locks. Python 3.11's server looks
    for the module where the environment says, so the driver's search path is put there as it starts.
    """
    context = multiprocessing.get_context("forkserver")
    with _starting_server:
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        try:
            context.set_forkserver_preload([task.function.partition(":")[0]])
            forkserver.ensure_running()
        finally:
            if before is None:
                del os.environ["PYTHONPATH"]
            else:
                os.environ["PYTHONPATH"] = before
    return context


def _prepare_process(initializer: Callable[..., None] | None, initargs: tuple[object, ...]) -> None:
    """In the worker's process, before its first task. Pebble has made it ignore SIGINT already."""
    threading.Thread(target=_die_with_parent, name="die-with-parent", daemon=True).start()
    if initializer is not None:
        initializer(*initargs)


def _die_with_parent() -> None:
    """End this process when the driver is gone, however it went.

    A thread and not PR_SET_PDEATHSIG: that one fires when the *thread* that started the process ends, and
    pebble starts replacements from a thread of its own.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGKILL)
