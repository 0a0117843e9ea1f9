"""Compiles numeric kernels with Numba, once per machine where a cache can be kept.

Without a writable place for the cache (a read-only installation without a home folder) Numba refuses to
decorate at all; then the kernel is compiled in each process instead. Never alters what a kernel computes:
no fast-math, so sums keep their order and their bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba.np.linalg
from numba import njit

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def _no_linear_algebra() -> None:
    raise ImportError("kernels of Foureyes multiply no matrices")


# Loading its first kernel, Numba asks SciPy whether `np.dot` may be compiled: 0.27 of the 0.75 CPU seconds
# that it costs each process. No kernel here needs it; one that did would not compile.
numba.np.linalg.ensure_blas = _no_linear_algebra


def compiled(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return `function` compiled on its first call; the GIL is released while it runs."""
    try:
        made = njit(cache=True, nogil=True)(function)
    except RuntimeError:
        made = njit(nogil=True)(function)
    return cast("Callable[Arguments, Result]", made)
