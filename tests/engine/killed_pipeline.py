"""Program of `test_killed.py`: takes orders on its standard input, forks an ingest for each, and kills it.

Everything is loaded here once. A fresh process spends two CPU seconds on imports, kernels and the trial of
the cage before its first file, so that most moments of its life come before anything can break.

The answer to an order tells how its ingest ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from itertools import pairwise
from multiprocessing import forkserver, util
from pathlib import Path
from typing import NamedTuple, NoReturn

import alembic.command  # noqa: F401 - loaded once, before the first fork
import scipy.sparse.csgraph  # noqa: F401 - the same: linking loads it late

from foureyes.engine import pipeline
from foureyes.engine.catalogue import Workspace
from foureyes.engine.model import Progress
from foureyes.engine.running.cage import cage_available
from foureyes.engine.settings import EngineSettings, ReadingSettings
from foureyes.engine.steps import warm

BEGUN = "begun"


class Order(NamedTuple):
    """One ingest, and when it is killed: so many seconds after a stage begins. With no stage it lives."""

    source: str
    workspace: str
    stage: str = ""
    seconds: float = 0.0
    with_workers: bool = False


class End(NamedTuple):
    """How one ended."""

    code: int
    stages: dict[str, float]
    """Each stage that was begun, in order, and how many seconds it took."""


def carry_out(order: Order) -> End:
    """Fork an ingest, kill it in time, and tell how it ended."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        _ingest(order, tell)
    os.close(tell)
    with suppress(ProcessLookupError):
        os.setpgid(child, child)
    begun: dict[str, float] = {}
    with os.fdopen(told) as lines:
        for line in lines:
            stage = line.rstrip("\n")
            begun.setdefault(stage, time.monotonic())
            if stage == order.stage:
                time.sleep(order.seconds)
                _kill(child, with_workers=order.with_workers)
                break
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    moments = [*begun.values(), time.monotonic()]
    lasted = [after - before for before, after in pairwise(moments)]
    return End(code, dict(zip(begun, lasted, strict=True)))


def _kill(child: int, *, with_workers: bool) -> None:
    with suppress(ProcessLookupError):
        (os.killpg if with_workers else os.kill)(child, signal.SIGKILL)


def _ingest(order: Order, tell: int) -> NoReturn:
    """In the child: an ingest in a group of its own, which says what it is at."""
    status = 1
    try:
        os.setpgid(0, 0)
        os.write(tell, f"{BEGUN}\n".encode())
        _fork_the_forkserver()
        workspace = Workspace.open_or_create(Path(order.workspace))
        settings = EngineSettings(workers=1, reading=ReadingSettings(unit_files=3))

        def say(progress: Progress) -> None:
            os.write(tell, f"{progress.stage}\n".encode())

        pipeline.ingest(Path(order.source), workspace, settings, source="seized", progress=say)
        status = 0
    except BaseException:  # noqa: BLE001 - it must never return into the loop of orders
        traceback.print_exc()
    os._exit(status)


def _fork_the_forkserver() -> None:
    """The server of task processes as a fork of this one, which has loaded all that it would import.

    Before this process has a second thread: a fork would copy its locks.
    """

    def forked(_: str, arguments: list[str], kept: list[int]) -> int:
        child = os.fork()
        if child:
            return child
        for one in Path("/proc/self/fd").iterdir():
            if (number := int(one.name)) > 2 and number not in kept:
                with suppress(OSError):  # the listing's own
                    os.close(number)
        try:
            exec(arguments[-1], {})  # noqa: S102 - the program that multiprocessing would start
        finally:
            os._exit(0)

    starts_anew = util.spawnv_passfds
    util.spawnv_passfds = forked
    try:
        forkserver.set_forkserver_preload([warm.__name__])
        forkserver.ensure_running()
    finally:
        util.spawnv_passfds = starts_anew


def main() -> None:
    assert cage_available().sealed
    for line in sys.stdin:
        print(json.dumps(carry_out(Order(**json.loads(line)))._asdict()), flush=True)


if __name__ == "__main__":
    main()
