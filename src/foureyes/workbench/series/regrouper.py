"""Groups series anew in a process of its own, at low priority, so that pages stay quick meanwhile.

Reads a line of JSON for each time that it is asked, `{"workspace": folder, "catalogue": URL or null}`, and
answers with lines: `{"waiting": for whom}` where another process writes, then `{"changed": [ids of series],
"seconds": of CPU}` or `{"failed": why}`. Ends when nobody can ask any more. Knows nothing of the workbench's
own database.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, LockHolder, Workspace
from foureyes.engine.errors import EngineError
from foureyes.engine.settings import EngineSettings

NICE = 10
CHANGED_AT_MOST = 500


def main() -> None:
    """Answer until the other end is gone."""
    os.nice(NICE)
    # Whoever asks may be killed at any moment: then nobody hears that the series were grouped.
    with contextlib.suppress(BrokenPipeError):
        _say({"ready": True})
        for line in sys.stdin:
            _say(_answer(json.loads(line)))


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    began = time.process_time()
    try:
        changed = _grouped(Path(asked["workspace"]), asked["catalogue"])
    except BrokenPipeError:
        raise
    except (EngineError, OSError) as error:
        return {"failed": str(error)}
    return {"changed": changed, "seconds": time.process_time() - began}


def _grouped(folder: Path, url: str | None) -> list[str]:
    with Catalogue.open(
        Workspace.open(folder),
        EngineSettings(database_url=url),
        write=True,
        purpose="regrouping after a decision",
        wait=True,
        on_wait=_waits,
    ) as catalogue:
        before = catalogue.last_change()
        pipeline.link(catalogue)
        groups = catalogue.changes_by_series(before, at_most=CHANGED_AT_MOST)
        return sorted({one.series_id for one in groups if one.series_id is not None})


def _waits(holder: LockHolder | None) -> None:
    _say({"waiting": str(holder or "another writer")})


def _say(said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
