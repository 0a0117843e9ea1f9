"""temporary"""

from __future__ import annotations
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol
from foureyes.engine.model import Fault


@dataclass(frozen=True, slots=True)
class Task:
    id: str
    function: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskResult:
    id: str
    error: Fault | None = None
    value: Any = None


class Executor(Protocol):
    def run(self, tasks: Iterable[Task]) -> Iterator[TaskResult]: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...
