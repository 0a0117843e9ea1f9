"""Where tasks run, and the cage around hostile bytes. It must not know what a task does."""

from __future__ import annotations

from foureyes.engine.errors import UsageError
from foureyes.engine.running.base import Executor, ExecutorMember, Task, TaskResult
from foureyes.engine.running.report import CageReport, cage_available
from foureyes.engine.running.watching import watched

__all__ = [
    "EXECUTORS",
    "CageReport",
    "Executor",
    "ExecutorMember",
    "Task",
    "TaskResult",
    "cage_available",
    "make_executor",
    "watched",
]

EXECUTORS = (ExecutorMember("local", "foureyes.engine.running.local:LocalExecutor"),)
"""The family, the usual one first. A new member is one file and one line here."""


def make_executor(name: str, workers: int) -> Executor:
    """The executor of that name. Raises UsageError where there is none, or its library is absent."""
    for member in EXECUTORS:
        if member.name == name:
            try:
                return member.load()(workers)
            except ImportError as error:
                raise UsageError(f"the executor {name!r} needs a library that is absent: {error}") from error
    known = ", ".join(member.name for member in EXECUTORS)
    raise UsageError(f"there is no executor {name!r}; known are: {known}")
