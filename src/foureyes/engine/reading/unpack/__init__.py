"""The caged unpacker: archives in, members out as a stream of frames. It never writes anything.

Started by the cage as a program: `serve` answers one question about one open file (see wire.py).
"""

from __future__ import annotations

import codecs
import importlib
from collections.abc import Iterator

from foureyes.engine.reading.signatures import ArchiveKind
from foureyes.engine.reading.unpack import sevens, tars, zips
from foureyes.engine.reading.unpack.slices import Unsupported
from foureyes.engine.reading.unpack.wire import Operation, Question, Tag, Trouble


def prepare() -> None:
    """Load what is loaded lazily elsewhere: once sealed, the cage opens no files."""
    for module in ("py7zr", "zstandard", "inflate64"):
        importlib.import_module(module)
    for encoding in ("utf-16-le", "utf-16LE", "cp437", "latin-1"):
        codecs.lookup(encoding)


def serve(untrusted_fd: int, question: bytes) -> Iterator[tuple[int, bytes]]:
    """Answer one question. What is wrong with an archive ends the answer as a TROUBLE frame."""
    try:
        yield from _answer(untrusted_fd, Question.unpacked(question))
    except (MemoryError, ImportError, PermissionError):  # what the cage forbids, it names itself
        raise
    except Unsupported:
        yield Tag.TROUBLE, bytes([Trouble.UNSUPPORTED])
    except Exception:  # noqa: BLE001  each library has its own errors for damage: all mean the same here
        yield Tag.TROUBLE, bytes([Trouble.DAMAGED])


def _answer(untrusted_fd: int, question: Question) -> Iterator[tuple[int, bytes]]:
    if question.operation is Operation.OPEN:
        opener = zips.open_member if question.kind is ArchiveKind.ZIP else tars.open_member
        yield from opener(untrusted_fd, question.place, question.start, question.limit)
        yield Tag.END, b""
    elif question.kind is ArchiveKind.ZIP:
        yield from zips.walk(untrusted_fd, question.place)
    elif question.kind is ArchiveKind.TAR:
        yield from tars.walk(untrusted_fd, question.place)
    elif question.kind is ArchiveKind.SEVEN_ZIP:
        yield from sevens.walk(untrusted_fd)
    else:
        yield from tars.walk_packed(untrusted_fd, question.kind)
