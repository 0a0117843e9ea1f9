"""Loads much at once without Python's search for cycles: nothing that an import makes is garbage.

While a program loads, Python looks through all that it has loaded dozens of times and finds nothing: of
1.4 CPU seconds that the workbench takes to load, 0.35 went there. It changes nothing once loading is done.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_sweeps() -> Iterator[None]:
    """No search for cycles within, then as before.

    For one thread at a time: the switch is the whole process's.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
