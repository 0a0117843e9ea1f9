"""What a start must not load: seconds that every command, task process and page server would pay."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

LOADED = """
import sys
{program}
print(*sorted({{"alembic", "numba", "pyarrow.compute", "scipy.linalg"}} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("program", "loaded"),
    [
        ("import foureyes.cli", ""),
        ("from foureyes.engine import fingerprints; fingerprints.prepare()", "numba"),
    ],
    ids=["the command", "kernels"],
)
def test_nothing_slow_is_loaded_unasked(program: str, loaded: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LOADED.format(program=program)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.strip() == loaded
