"""Asks the caged worker for a list, and checks what it says. No format of lists is parsed here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from foureyes.engine.errors import HashListError
from foureyes.engine.exchange.hash_lists.base import Trouble
from foureyes.engine.exchange.hash_lists.wire import Tag, unpack_batch, unpack_trouble
from foureyes.engine.model import ListBatch
from foureyes.engine.running.cage import Cage, CageFault
from foureyes.engine.running.refusal import plain
from foureyes.engine.settings import CageLimits

_PROGRAM = "foureyes.engine.exchange.hash_lists.worker"
_ANY_OUTPUT = 2**62
_CPU_SECONDS = 24 * 3600.0
_SLOWEST_BYTES_A_SECOND = 500_000
"""A cage allows ten times its wall time for one answer: so slow may a list be read before it is given up."""


def batches(
    path: Path, untrusted_fd: int, name: str, *, allow_uncaged: bool
) -> Iterator[ListBatch | Trouble]:
    """Read a list as the format `name`. Raises HashListError, CageError."""
    limits = _limits(os.fstat(untrusted_fd).st_size)
    try:
        with Cage(_PROGRAM, limits, allow_uncaged=allow_uncaged) as cage:
            for tag, payload in cage.ask(untrusted_fd, name.encode()):
                if tag == Tag.BATCH:
                    yield unpack_batch(payload)
                elif tag == Tag.TROUBLE:
                    yield unpack_trouble(payload)
                elif tag == Tag.UNREADABLE:
                    raise HashListError(f"{path}: {plain(payload.decode('ascii', 'replace'))}")
    except CageFault as error:
        raise HashListError(f"{path}: {error.fault.detail or error.fault.code}") from None
    except ValueError as error:
        raise HashListError(f"{path}: the reader answered nonsense: {error}") from None


def _limits(size: int) -> CageLimits:
    """A list is read for as long as it takes: only silence and memory are limited."""
    limits = CageLimits()
    return replace(
        limits,
        cpu_seconds=_CPU_SECONDS,
        output_bytes=_ANY_OUTPUT,
        wall_seconds=max(limits.wall_seconds, size / _SLOWEST_BYTES_A_SECOND / 10),
        files_per_worker=1,
    )
