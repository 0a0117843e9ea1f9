"""Runs Python, or the command, in a process of its own: Django is set up once per process."""

from __future__ import annotations

import os
import subprocess
import sys

COMMAND = "from foureyes.cli import main; main()"


def python(program: str, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program given as text; `variables` are added to its environment."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **variables}
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, stdin=subprocess.DEVNULL
    )
