"""Program of `test_killed.py`: brings an index up to date in forked children that die when told.

Forking spares each child the start of Python and the loading of kernels. An order is a line of JSON; the answer is a line: the
exit code of the child.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from engine.catalogue.killed_ingest import die_at_step, end_of
from engine.matching.index import made_up
from foureyes.engine.matching.index import Index

SEED, ROWS, BATCH = 31, 160, 16


def update(folder: Path) -> None:
    """Take in what is not covered yet, batch by batch, as linking does."""
    given = made_up.rows(SEED, ROWS, equal=0)
    index = Index.open(folder, write=True)
    while (first := index.manifest.watermark) < ROWS:
        index.update(*given.part(first, first + BATCH), earlier=given.earlier)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        update(Path(folder) / "index")  # loads the kernels that the children will need
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            if order["die_at"] is not None:
                die_at_step(order["die_at"])
            update(Path(order["folder"]))
            os._exit(0)
        print(end_of(child, order["kill_after"]), flush=True)


if __name__ == "__main__":
    main()
