"""A program of the cage that answers what no reader of lists would."""

from __future__ import annotations

from collections.abc import Iterator

from foureyes.engine.exchange.hash_lists.wire import Tag


def serve(_untrusted_fd: int, _question: bytes) -> Iterator[tuple[int, bytes]]:
    yield Tag.BATCH, b"\xff" * 100
