"""ONNX Runtime must send nothing and keep no identifier of the machine, in any process of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import foureyes
from foureyes.engine.fingerprints.networks import Network, lite0_file
Network(lite0_file(None))
"""


def test_no_identifier_and_no_event_is_stored(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    places = ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "TMPDIR")
    subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**clean, **dict.fromkeys(places, str(tmp_path))},
        check=True,
    )
    assert not list(tmp_path.rglob("*"))


def test_every_process_of_ours_has_it_switched_off() -> None:
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
