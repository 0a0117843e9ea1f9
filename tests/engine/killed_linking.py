"""Program of `test_killed_linking.py`: forks a `foureyes` command for each order, and kills it at a step.

A step is a statement that writes to the catalogue's database, or the commit of some. Everything is loaded here once. The answer to an order tells how its command
ended, and its steps.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

import alembic.command  # noqa: F401 - loaded once, before the first fork
import scipy.sparse.csgraph  # noqa: F401 - the same: linking loads it late
from sqlalchemy import event
from sqlalchemy.engine import Engine

from foureyes.cli import entry
from foureyes.engine import fingerprints
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.matching import RowPairs
from foureyes.engine.steps import batches, due, finding

COMMIT, ENDED, MATCHING = "COMMIT", "ended", "matching"


class Order(NamedTuple):
    """One command. It is killed before the first step that is not spared; with no list of those it lives."""

    command: list[str]
    spared: list[str] | None = None
    interrupted: bool = False
    """Whether it is sent an interrupt while it matches, which it does over and over until then."""
    says: str = ""
    """A file for what it prints."""


class End(NamedTuple):
    """How one ended."""

    code: int
    steps: list[str]
    """Those that were reached, in order: `INSERT link`, or `COMMIT INSERT link` where that is the last one."""


def carry_out(order: Order) -> End:
    """Fork a command and tell how it ended."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        _run(order, tell)
    os.close(tell)
    steps = []
    with os.fdopen(told) as lines:
        for line in lines:
            steps.append(line.rstrip("\n"))
            if order.interrupted and steps[-1] == MATCHING and steps.count(MATCHING) == 1:
                os.kill(child, signal.SIGINT)
    return End(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), steps)


def _run(order: Order, tell: int) -> NoReturn:
    """In the child: the command, which says each step before it takes it."""
    status, last = 1, ""

    def step(name: str) -> None:
        nonlocal last
        last = f"{COMMIT} {last}" if name == COMMIT else name
        os.write(tell, f"{last}\n".encode())
        if order.spared is not None and last not in order.spared:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        if order.says:
            said = os.open(order.says, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(said, 1)
            os.dup2(said, 2)
        if order.interrupted:
            finding.row_pairs = _without_end(step, finding.row_pairs)
        due.LEAST, due.SHARE, due.GROWN, batches.PART_AT_MOST = 0, 1, 1, 1
        _tell_of_the_database(step)
        sys.argv = ["foureyes", *order.command]
        status = _status_of(entry.main)
        step(ENDED)
    except BaseException:  # noqa: BLE001 - it must never return into the loop of orders
        traceback.print_exc()
    os._exit(status)


def _status_of(command: Callable[[], None]) -> int:
    try:
        command()
    except SystemExit as end:
        sys.stdout.flush()
        return int(end.code or 0)
    return 0


def _without_end(
    step: Callable[[str], None], match: Callable[[Catalogue], RowPairs]
) -> Callable[[Catalogue], RowPairs]:
    def matching(catalogue: Catalogue) -> RowPairs:
        while True:
            step(MATCHING)
            match(catalogue)

    return matching


def _tell_of_the_database(step: Callable[[str], None]) -> None:
    def before_statement(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        words = [word for word in statement.split() if word not in {"INTO", "FROM"}]
        if words[0] in {"INSERT", "UPDATE", "DELETE"}:
            step(" ".join(words[:2]))

    def before_commit(connection: Any) -> None:
        if connection.get_execution_options().get("foureyes_writes"):
            step(COMMIT)

    event.listen(Engine, "before_cursor_execute", before_statement)
    event.listen(Engine, "commit", before_commit)


def main() -> None:
    sys.stdout, answers = sys.stderr, sys.stdout  # what commands print is nobody's answer
    fingerprints.prepare()
    for line in sys.stdin:
        print(json.dumps(carry_out(Order(**json.loads(line)))._asdict()), file=answers, flush=True)


if __name__ == "__main__":
    main()
