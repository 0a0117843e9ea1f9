"""A program of tests that loads everything once and forks a child for each order, to be killed.

An order is a line of JSON, and so is its answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Self

TESTS = Path(__file__).parent
SOURCES = TESTS.parent / "src"


class Nursery:
    """The running program. Fork by fork it spares each child the start of Python and what it imports."""

    def __init__(self, program: ModuleType) -> None:
        self._process = subprocess.Popen(
            [sys.executable, program.__file__ or ""],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{SOURCES}{os.pathsep}{TESTS}"},
        )

    def begin(self, **order: object) -> None:
        """Have something begun."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def ended(self) -> Any:
        """Wait for the end of what was begun; gives the program's answer."""
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def order(self, **order: object) -> Any:
        """Have something done; gives the program's answer."""
        self.begin(**order)
        return self.ended()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
