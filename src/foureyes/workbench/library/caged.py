"""The one caged decoder of this process: pictures that officers ask about, one after the other.

Never decodes outside the cage, and never keeps what it decoded.
"""

from __future__ import annotations

import threading

from foureyes.engine.decoding import ContentType, Decoder
from foureyes.engine.model import Decoded, Fault
from foureyes.engine.settings import CageLimits, EngineSettings

PATIENCE_SECONDS = 15.0
"""How long a request waits for its turn. A 12-megapixel JPEG takes 0.05 s, a raw of a camera 1 to 3 s."""
LIMITS = CageLimits(cpu_seconds=20.0, wall_seconds=25.0, files_per_worker=200)
"""Tighter than at an ingest: somebody waits for the page."""

_turn = threading.Lock()
_decoder: Decoder | None = None


class Busy(Exception):
    """Others' pictures are being decoded; asking again in a moment may help."""


def decoded(untrusted_fd: int, content: ContentType) -> Decoded | Fault:
    """Pixels and facts of one picture, or why there are none.

    Raises:
        Busy: the decoder was not free within `PATIENCE_SECONDS`.
        foureyes.engine.errors.CageError: hostile bytes cannot be caged on this machine.
    """
    global _decoder  # noqa: PLW0603 - one worker per process; it takes a second to start
    if not _turn.acquire(timeout=PATIENCE_SECONDS):
        raise Busy
    try:
        if _decoder is None:
            _decoder = Decoder(EngineSettings(cage=LIMITS))
        return _decoder.decode(untrusted_fd, content)
    finally:
        _turn.release()


def close() -> None:
    """End the worker (end of the server)."""
    global _decoder  # noqa: PLW0603 - as above
    with _turn:
        if _decoder is not None:
            _decoder.close()
            _decoder = None
