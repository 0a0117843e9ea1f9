"""Where tasks run, and the cage around hostile bytes. It must not know what a task does."""

from foureyes.engine.running.base import Executor, Task, TaskResult
from foureyes.engine.running.local import LocalExecutor
from foureyes.engine.running.report import CageReport, cage_available
from foureyes.engine.running.watching import watched


def executor(name, workers):
    return LocalExecutor(workers)
