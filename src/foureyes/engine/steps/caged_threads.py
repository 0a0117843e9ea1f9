"""Threads that each keep a caged worker of their own: it is started where it is first needed, once.

It knows nothing of what is done with them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar


class Closing(Protocol):
    """What ends a caged worker."""

    def close(self) -> None:
        """End it."""


Worker = TypeVar("Worker", bound=Closing)
_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


class CagedThreads(Generic[Worker]):
    """A context manager: it owns the threads and their workers."""

    def __init__(self, start: Callable[[], Worker], threads: int) -> None:
        self._start = start
        self._held = ExitStack()
        self._own = threading.local()
        self._pool = ThreadPoolExecutor(threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)  # before its workers go: a thread would start them anew
        self._held.close()

    def each(
        self,
        work: Callable[[_Given], _Made],
        given: Iterable[_Given],
        told: Callable[[int], None] = lambda _: None,
    ) -> list[_Made]:
        """Do the same with each of many things. `told`: how many are done, in their order."""
        done: list[_Made] = []
        for made in self._pool.map(work, given):
            done.append(made)
            told(len(done))
        return done

    def worker(self) -> Worker:
        """The caged worker of the thread that asks."""
        if not hasattr(self._own, "worker"):
            self._own.worker = self._start()
            self._held.callback(self._own.worker.close)
        worker: Worker = self._own.worker
        return worker
