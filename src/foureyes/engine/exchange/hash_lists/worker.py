"""The program inside the cage: one list in, batches of columns out, in constant memory.

Runs under `running.cage`: `prepare` before the worker seals itself, `serve` once for each file. It sees
nothing but the list.
"""

from __future__ import annotations

from collections.abc import Iterator

from foureyes.engine.exchange.hash_lists import HASH_LIST_FORMATS, fields
from foureyes.engine.exchange.hash_lists.base import Trouble, Unreadable
from foureyes.engine.exchange.hash_lists.untrusted import UntrustedList
from foureyes.engine.exchange.hash_lists.wire import Tag, pack_batch, pack_trouble
from foureyes.engine.running.refusal import plain


def prepare() -> None:
    """Load and compile every reader while the worker may still open files."""
    fields.prepare()
    for member in HASH_LIST_FORMATS:
        member.prepare()


def serve(untrusted_fd: int, question: bytes) -> Iterator[tuple[int, bytes]]:
    """Read the file as the format whose name is the question."""
    member = next(member for member in HASH_LIST_FORMATS if member.name == question.decode())
    try:
        for found in member.read(UntrustedList(untrusted_fd)):
            if isinstance(found, Trouble):
                yield Tag.TROUBLE, pack_trouble(found)
            elif len(found):
                yield Tag.BATCH, pack_batch(found)
            else:
                yield Tag.ALIVE, b""
    except Unreadable as error:
        yield Tag.UNREADABLE, plain(str(error)).encode("ascii")
