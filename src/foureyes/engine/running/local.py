"""temporary"""

from __future__ import annotations
import importlib, multiprocessing
from collections import deque
from pebble import ProcessPool
from foureyes.engine.model import Fault, FaultCode
from foureyes.engine.running.base import Task, TaskResult


def call(function, arguments):
    m, _, n = function.partition(":")
    return getattr(importlib.import_module(m), n)(*arguments)


class LocalExecutor:
    def __init__(self, workers):
        self.workers = workers
        self.pool = ProcessPool(max_workers=workers, context=multiprocessing.get_context("spawn"))

    def __enter__(self):
        return self

    def __exit__(self, *a):
        self.close()

    def run(self, tasks):
        flight = deque()
        for t in tasks:
            flight.append((t, self.pool.schedule(call, args=[t.function, t.arguments])))
            if len(flight) >= 2 * self.workers:
                yield self.end(*flight.popleft())
        while flight:
            yield self.end(*flight.popleft())

    def end(self, t, f):
        try:
            return TaskResult(t.id, None, f.result())
        except Exception as e:
            import traceback

            traceback.print_exc()
            return TaskResult(t.id, Fault(FaultCode.TASK_DIED, str(e)))

    def stop(self):
        pass

    def close(self):
        self.pool.stop()
        self.pool.join()
