"""What every executor does where the task runs: call the function, and let nothing escape but its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from foureyes.engine.errors import EngineError
from foureyes.engine.model import Fault, FaultCode
from foureyes.engine.running.base import Task
from foureyes.engine.running.refusal import plain


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes back from a process."""

    value: object | None = None
    fault: Fault | None = None
    engine_error: EngineError | None = None


def perform(task: Task) -> Outcome:
    """In the worker's process: import the function, call it, and let nothing escape."""
    module, _, name = task.function.partition(":")
    try:
        return Outcome(getattr(import_module(module), name)(*task.arguments))
    except EngineError as error:
        return Outcome(engine_error=error)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this task's result
        return Outcome(fault=fault_of(error))


def fault_of(error: BaseException) -> Fault:
    """An exception as the fault of its task."""
    code = FaultCode.OUT_OF_MEMORY if isinstance(error, MemoryError) else FaultCode.TASK_DIED
    return Fault(code, plain(f"{type(error).__name__}: {error}"))
