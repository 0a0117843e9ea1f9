"""The contract of executors: tasks in, results out, whatever machine or process does the work.

An executor only dispatches. What a task does, and that doing it twice does no harm, is the task's affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, Self, cast

from foureyes.engine.model import Fault


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work that another process can do. Idempotent: it may be begun twice."""

    id: str
    function: str
    """Dotted `module:function`, imported where the task runs."""
    arguments: tuple[object, ...] = ()
    """Picklable and small: paths and settings, never pixels."""


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What came of one task: a fault, or the function's own small, picklable value."""

    id: str
    error: Fault | None = None
    value: object | None = None


class Executor(Protocol):
    """Runs tasks. Not thread-safe; one `run` at a time."""

    def run(self, tasks: Iterable[Task]) -> Iterator[TaskResult]:
        """Yield one result for each task, as they complete.

        Pulls lazily: at most 2 x workers tasks are pulled and not yet yielded. A task whose process dies
        is begun once more, then it is a `task-died` fault; an exception of a task is a fault, but an
        EngineError is raised here, for it concerns more than its task. No task is timed out: a file may
        have 50 GB. Dropping the iterator kills what is running.
        """

    def stop(self) -> None:
        """Begin no more tasks, for good; the present `run` yields what is running and ends.

        It only sets a flag: a signal handler may call it.
        """

    def close(self) -> None:
        """Kill what is running and free everything; a `run` that another thread is in ends. Idempotent."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...


class ExecutorFactory(Protocol):
    """How a member of the family is made."""

    def __call__(self, workers: int, *, address: str = ...) -> Executor:
        """An executor of so many processes; only members that join clusters take an address."""


@dataclass(frozen=True, slots=True)
class ExecutorMember:
    """One way to run tasks; loaded when it is asked for, since its library may be absent."""

    name: str
    place: str
    """Dotted `module:Class`."""
    joins_clusters: bool = False

    def load(self) -> ExecutorFactory:
        """The class. Raises ImportError where its library is absent."""
        module, _, name = self.place.partition(":")
        return cast("ExecutorFactory", getattr(import_module(module), name))
