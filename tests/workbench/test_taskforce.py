"""A short taskforce on a really running server that is killed in the middle. It asserts no time.

`bench/taskforce.py` plays the experts; what was confirmed to one of them must be there at the end, and every
channel must have told all that happened, once and in order.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from postgresql import find_programs

BENCH = Path(__file__).parents[2] / "bench" / "taskforce.py"
SHORT = [
    "--experts",
    "4",
    "--minutes",
    "0.15",
    "--think",
    "0.3",
    "--series",
    "6",
    "--largest",
    "40",
    "--kill",
]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_that_was_confirmed_is_lost_when_the_server_is_killed(database: str, tmp_path: Path) -> None:
    if database == "postgresql" and find_programs() is None:
        pytest.skip("left out: PostgreSQL tests, because its programs (initdb, pg_ctl) are not installed")
    written = tmp_path / "result.json"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, str(BENCH), *SHORT, "--database", database, "--json", str(written)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    run = json.loads(written.read_text())["runs"][0]
    assert run["errors"] == []
    assert {name: lost for name, lost in run["lost"].items() if lost} == {}
    assert run["record"] == "whole"
    assert run["killed"]
    for kind in ("names", "reveals", "channels"):
        assert run["confirmed"][kind], f"nobody had {kind}"
    assert {"board", "series page", "grid table", "previews", "reveal", "presence"} <= run["took_ms"].keys()
