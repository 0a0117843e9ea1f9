"""Compiles numeric kernels with Numba on their first call, once per machine where a cache can be kept.

Numba itself is loaded then too: commands that call no kernel need not pay for it. Without a writable place
for the cache (a read-only installation without a home folder) Numba refuses to decorate at all; then the
kernel is compiled in each process instead. Never alters what a kernel computes: no fast-math, so sums keep
their order and their bits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def compiled(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return `function` compiled on its first call; the GIL is released while it runs.

    It calls other kernels by the names that they have in its module, and never itself.
    """
    return _Kernel(function)


class _Kernel(Generic[Arguments, Result]):
    """A function that is compiled when it is first called, with all kernels that it calls."""

    def __init__(self, function: Callable[Arguments, Result]) -> None:
        self._function: Any = function
        self._made: Callable[Arguments, Result] | None = None
        update_wrapper(self, function)

    def __call__(self, *arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        return self.made()(*arguments, **named)

    def made(self) -> Callable[Arguments, Result]:
        """The compiled function; names of kernels that it calls come to mean those compiled, for Numba."""
        if self._made is None:
            names = self._function.__globals__
            for name in self._function.__code__.co_names:
                if isinstance(called := names.get(name), _Kernel):
                    names[name] = called.made()
            self._made = _compiled(self._function)
        return self._made


def _compiled(function: Any) -> Any:
    import numba.np.linalg  # noqa: PLC0415 - 0.5 CPU seconds, which only those who call a kernel shall pay

    # Loading its first kernel, Numba asks SciPy whether `np.dot` may be compiled: 0.27 of the 0.75 CPU
    # seconds that it costs each process. No kernel here needs it; one that did would not compile.
    numba.np.linalg.ensure_blas = _no_linear_algebra
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:
        return numba.njit(nogil=True)(function)


def _no_linear_algebra() -> None:
    raise ImportError("kernels of Foureyes multiply no matrices")
