"""A caged program whose warm-up leaves a thread behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator


def prepare() -> None:
    threading.Thread(target=threading.Event().wait, daemon=True).start()


def serve(untrusted_fd: int, question: bytes) -> Iterator[tuple[int, bytes]]:
    yield untrusted_fd, question
