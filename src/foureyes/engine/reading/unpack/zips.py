"""Walks a zip by its table of contents, and opens one member by where it lies. Runs in the cage only.

What the table says is read in `zip_table.py`; inflating is left to the libraries.
"""

from __future__ import annotations

import os
import stat
import struct
import zlib
from collections.abc import Iterator

from foureyes.engine.reading.unpack.methods import METHODS, decompressed
from foureyes.engine.reading.unpack.slices import Damaged, Unsupported, buffered, window
from foureyes.engine.reading.unpack.wire import HEAD_BYTES, Entry, Tag, Trouble, pack_entry
from foureyes.engine.reading.unpack.zip_table import (
    LOCAL,
    SIZES_FOLLOW,
    Member,
    find_table,
    first_overlap,
    lines,
    local_member,
)

_PLACE = struct.Struct("<QQQIHH")
_CURSOR = struct.Struct("<QQQ")
_BATCH = 500
_EMPTY_DEFLATED = 2
"""Bytes that deflate makes of nothing."""
_ENCRYPTED = 0x1


def walk(descriptor: int, cursor: bytes) -> Iterator[tuple[int, bytes]]:
    """List up to 500 members from a cursor on; see wire.py."""
    if cursor:
        at, end, stop = _CURSOR.unpack(cursor)
    else:
        table = find_table(descriptor)
        if table is None:
            yield from _walk_without_table(descriptor)
            return
        at, end = table
        stop = first_overlap(descriptor, at, end)
    listed = 0
    for place, member in lines(descriptor, at, end):
        if place >= stop:
            yield Tag.TROUBLE, bytes([Trouble.OVERLAP])
            return
        if listed == _BATCH:
            yield Tag.CURSOR, _CURSOR.pack(place, end, stop)
            return
        if member.folder:
            continue
        listed += 1
        yield Tag.ENTRY, pack_entry(_entry(descriptor, member))


def open_member(descriptor: int, locator: bytes, start: int, limit: int) -> Iterator[tuple[int, bytes]]:
    """Give bytes of one member; to its end, its size and checksum are proved."""
    offset, packed, size, checksum, method, flags = _PLACE.unpack(locator)
    content = _content(descriptor, offset, packed, method, flags)
    running, length = 0, 0
    for chunk in content:
        running = zlib.crc32(chunk, running)
        kept = chunk[max(start - length, 0) :][: max(limit - max(length - start, 0), 0)]
        length += len(chunk)
        if kept:
            yield Tag.CHUNK, kept
        if length - start >= limit:
            return
    if flags & SIZES_FOLLOW and not (size or checksum):  # found without the table, sizes come after
        return
    if length != size or running != checksum:
        raise Damaged


def _entry(descriptor: int, member: Member) -> Entry:
    trouble, head = Trouble.NONE, b""
    # A member that states no bytes but holds some is looked into all the same.
    stated = None if not member.size and member.packed > _EMPTY_DEFLATED else member.size
    if stat.S_ISLNK(member.mode):
        trouble = Trouble.LINK
    elif stat.S_IFMT(member.mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        trouble = Trouble.SPECIAL
    elif member.flags & _ENCRYPTED:
        trouble = Trouble.ENCRYPTED
    elif member.method not in METHODS:
        trouble = Trouble.UNSUPPORTED
    elif stated != 0:
        try:
            content = _content(descriptor, member.offset, member.packed, member.method, member.flags)
            head = b"".join(window(content, 0, HEAD_BYTES))
        except Unsupported:
            trouble = Trouble.UNSUPPORTED
        except Exception:  # noqa: BLE001  a damaged member costs itself only, whatever its library says
            trouble = Trouble.DAMAGED
    place = _PLACE.pack(
        member.offset, member.packed, member.size, member.checksum, member.method, member.flags
    )
    return Entry(member.name, stated, member.modified_ns, trouble, place, head)


def _content(descriptor: int, offset: int, packed: int, method: int, flags: int) -> Iterator[bytes]:
    header = os.pread(descriptor, LOCAL.size, offset)
    if len(header) < LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise Damaged
    *_, name_bytes, extra_bytes = LOCAL.unpack(header)
    begin = offset + LOCAL.size + name_bytes + extra_bytes
    return decompressed(method, buffered(descriptor, begin, begin + packed), flags)


def _walk_without_table(descriptor: int) -> Iterator[tuple[int, bytes]]:
    """List the members of an archive that lost its end, by going from local header to local header."""
    at, size = 0, os.fstat(descriptor).st_size
    while at < size:
        found = local_member(descriptor, at)
        if found is None:
            break
        member, at = found
        if not member.folder:
            yield Tag.ENTRY, pack_entry(_entry(descriptor, member))
    yield Tag.TROUBLE, bytes([Trouble.NO_CONTENTS_TABLE])
