"""Walks tar archives: plain ones member by member, packed ones as one stream. Runs in the cage only.

It also serves the single file of a plain .gz, .bz2, .xz or .zst.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import struct
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from foureyes.engine.reading.signatures import ArchiveKind, is_tar
from foureyes.engine.reading.unpack.methods import unpacked_zstd
from foureyes.engine.reading.unpack.slices import Damaged, buffered, chunks, window
from foureyes.engine.reading.unpack.wire import CHUNK_BYTES, HEAD_BYTES, Entry, Tag, Trouble, pack_entry

_CURSOR = struct.Struct("<Q")
_BATCH = 500
_BLOCK = 512
_SECOND = 1_000_000_000
_GZIP_NAME = 0x08
_GZIP_EXTRA = 0x04


def walk(descriptor: int, cursor: bytes) -> Iterator[tuple[int, bytes]]:
    """List up to 500 members of a plain tar, from a header's position on."""
    at = _CURSOR.unpack(cursor)[0] if cursor else 0
    stream = buffered(descriptor)
    stream.seek(at)
    end = at
    with _opened(stream, "r:") as tar:
        for listed, info in enumerate(_infos(tar)):
            if listed == _BATCH:
                yield Tag.CURSOR, _CURSOR.pack(info.offset)
                return
            end = info.offset_data + (0 if info.sparse else info.size)
            if not info.isdir():
                head = (
                    b"" if info.sparse else os.pread(descriptor, min(HEAD_BYTES, info.size), info.offset_data)
                )
                yield Tag.ENTRY, pack_entry(_entry(info, _CURSOR.pack(info.offset), head))
    if end > os.fstat(descriptor).st_size:
        raise Damaged


def open_member(descriptor: int, locator: bytes, start: int, limit: int) -> Iterator[tuple[int, bytes]]:
    """Give bytes of the member whose header stands at a position."""
    stream = buffered(descriptor)
    stream.seek(_CURSOR.unpack(locator)[0])
    with _opened(stream, "r:") as tar:
        info = next(_infos(tar))
        content = tar.extractfile(info)
        if content is None:
            raise Damaged
        for chunk in window(chunks(content.read), start, limit):
            yield Tag.CHUNK, chunk


def walk_packed(descriptor: int, kind: ArchiveKind) -> Iterator[tuple[int, bytes]]:
    """Give every member of a packed tar, or the one file that is packed, with its bytes."""
    stream = _Unpacked(_unpacked(descriptor, kind))
    if not is_tar(stream.head):
        name, modified_ns = _gzip_header(descriptor) if kind is ArchiveKind.GZIP else (b"", None)
        yield Tag.ENTRY, pack_entry(Entry(name, None, modified_ns))
        with suppress(Damaged):
            yield from _content(stream.read)
        return
    with _opened(stream, "r|") as tar:
        for info in _infos(tar):
            if info.isdir():
                continue
            entry = _entry(info)
            yield Tag.ENTRY, pack_entry(entry)
            if entry.trouble is not Trouble.NONE:
                continue
            content = tar.extractfile(info)
            if content is None:
                raise Damaged
            yield from _content(content.read)


def _content(read: Callable[[int], bytes]) -> Iterator[tuple[int, bytes]]:
    """Give a member to its end, or to where it breaks: raises Damaged after having said so."""
    try:
        for chunk in chunks(read):
            yield Tag.CHUNK, chunk
    except MemoryError:
        raise
    except Exception as error:
        yield Tag.TROUBLE, bytes([Trouble.DAMAGED])
        raise Damaged from error
    yield Tag.END, b""


class _Unpacked:
    """A decompressing stream that gives what it has before it says that the rest is damaged.

    `read` may give less than asked for before the end, which a buffered stream would swallow.
    """

    def __init__(self, content: Iterator[bytes]) -> None:
        self._content = content
        self._error: Exception | None = None
        self.head = b""
        try:
            while len(self.head) < _BLOCK and (got := next(content, b"")):
                self.head += got
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  each library has its own; told when reading gets there
            self._error = error
        self._pending = memoryview(self.head)

    def read(self, size: int) -> bytes:
        """Read at most `size` bytes, none at the end. Raises what the library raised."""
        if not self._pending:
            if self._error is not None:
                raise self._error
            self._pending = memoryview(next(self._content, b""))
        got, self._pending = bytes(self._pending[:size]), self._pending[size:]
        return got


def _unpacked(descriptor: int, kind: ArchiveKind) -> Iterator[bytes]:
    packed = buffered(descriptor)
    if kind is ArchiveKind.GZIP:
        return chunks(gzip.GzipFile(fileobj=packed).read1)
    if kind is ArchiveKind.BZIP2:
        return chunks(bz2.BZ2File(packed).read1)
    if kind is ArchiveKind.XZ:
        return chunks(lzma.LZMAFile(packed).read1)
    return unpacked_zstd(packed)


def _opened(stream: Any, mode: Any) -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=stream, mode=mode, bufsize=CHUNK_BYTES, errors="surrogateescape")
    except tarfile.TarError as error:
        raise Damaged from error


def _infos(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Give headers in order. TarFile.next() would take a bad one in the middle for the end, in silence."""
    archive: Any = tar  # its types leave out what a reader of headers needs
    try:
        info = tar.next()
        while info is not None:
            yield info
            archive.members.clear()  # else every header stays in memory
            archive.fileobj.seek(archive.offset)
            try:
                info = tar.tarinfo.fromtarfile(tar)
            except (tarfile.EOFHeaderError, tarfile.EmptyHeaderError):  # type: ignore[attr-defined]  # the stubs lack both
                return
    except tarfile.TarError as error:
        raise Damaged from error


def _entry(info: tarfile.TarInfo, locator: bytes = b"", head: bytes = b"") -> Entry:
    trouble = Trouble.NONE
    if info.issym() or info.islnk():
        trouble = Trouble.LINK
    elif info.isdev():
        trouble = Trouble.SPECIAL
    name = info.name.encode("utf-8", "surrogateescape")
    return Entry(name, info.size, _nanoseconds(info.mtime), trouble, locator, head)


def _nanoseconds(seconds: float) -> int | None:
    return int(seconds * _SECOND) if abs(seconds) < 2**33 else None


def _gzip_header(descriptor: int) -> tuple[bytes, int | None]:
    """The name and time that a gzip states, both often absent."""
    header = os.pread(descriptor, 4096, 0)
    flags, seconds = header[3], int.from_bytes(header[4:8], "little")
    modified_ns = seconds * _SECOND if seconds else None
    at = 10
    if flags & _GZIP_EXTRA:
        at += 2 + int.from_bytes(header[at : at + 2], "little")
    end = header.find(b"\0", at)
    if not flags & _GZIP_NAME or end < 0:
        return b"", modified_ns
    name = header[at:end]
    try:
        name.decode()
    except UnicodeDecodeError:
        return name.decode("latin-1").encode(), modified_ns  # RFC 1952
    return name, modified_ns
