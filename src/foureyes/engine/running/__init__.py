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

EXECUTORS = (
    ExecutorMember("local", "foureyes.engine.running.local:LocalExecutor"),
    ExecutorMember("ray", "foureyes.engine.running.ray:RayExecutor", joins_clusters=True),
)
"""The family, the usual one first. A new member is one file and one line here."""


def make_executor(name: str, workers: int, address: str | None = None) -> Executor:
    """The executor of that name, joined to the cluster at `address` if one is given.

    Raises UsageError where there is none, its library is absent, or it joins no cluster.
    """
    for member in EXECUTORS:
        if member.name == name:
            if address is not None and not member.joins_clusters:
                raise UsageError(f"the executor {name!r} joins no cluster: leave the address out")
            try:
                factory = member.load()
                return factory(workers) if address is None else factory(workers, address=address)
            except ImportError as error:
                raise UsageError(f"the executor {name!r} needs a library that is absent: {error}") from error
    known = ", ".join(member.name for member in EXECUTORS)
    raise UsageError(f"there is no executor {name!r}; known are: {known}")
