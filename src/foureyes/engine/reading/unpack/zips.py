"""Walks a zip by its table of contents, and opens one member by where it lies. Runs in the cage only.

Python's zipfile gives up on an archive with one bad entry or a lost table of contents, and holds the
whole table in memory; seized archives are cut off and damaged, so the table is read here. Inflating is
left to the libraries.
"""

from __future__ import annotations

import os
import stat
import struct
import zlib
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from foureyes.engine.reading.unpack.methods import METHODS, decompressed
from foureyes.engine.reading.unpack.slices import Damaged, Unsupported, buffered, window
from foureyes.engine.reading.unpack.wire import HEAD_BYTES, Entry, Tag, Trouble, pack_entry

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR64 = struct.Struct("<4sIQI")
_PLACE = struct.Struct("<QQQIHH")
_CURSOR = struct.Struct("<QQQ")
_MOST_COMMENT = 65_535
_BATCH = 500
_FULL32 = 0xFFFFFFFF
_UNIX = 3
_DOS_FOLDER = 0x10
_EMPTY_DEFLATED = 2
"""Bytes that deflate makes of nothing."""
_ENCRYPTED = 0x1
_SIZES_FOLLOW = 0x8
_UTF8 = 0x800
_ZIP64, _UNIX_TIMES, _NTFS_TIMES, _UNICODE_PATH = 0x0001, 0x5455, 0x000A, 0x7075
_SECOND = 1_000_000_000
_FILETIME_1970 = 116_444_736_000_000_000


class _Member(NamedTuple):
    """One line of the table of contents."""

    name: bytes
    offset: int
    packed: int
    size: int
    checksum: int
    method: int
    flags: int
    modified_ns: int | None
    mode: int
    """Unix file type and rights, 0 where not stated."""
    folder: bool


def walk(descriptor: int, cursor: bytes) -> Iterator[tuple[int, bytes]]:
    """List up to 500 members from a cursor on; see wire.py."""
    if cursor:
        at, end, stop = _CURSOR.unpack(cursor)
    else:
        table = _table(descriptor)
        if table is None:
            yield from _walk_without_table(descriptor)
            return
        at, end = table
        stop = _first_overlap(descriptor, at, end)
    listed = 0
    for place, member in _central(descriptor, at, end):
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
    if flags & _SIZES_FOLLOW and not (size or checksum):  # found without the table, sizes come after
        return
    if length != size or running != checksum:
        raise Damaged


def _entry(descriptor: int, member: _Member) -> Entry:
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
    header = os.pread(descriptor, _LOCAL.size, offset)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise Damaged
    *_, name_bytes, extra_bytes = _LOCAL.unpack(header)
    begin = offset + _LOCAL.size + name_bytes + extra_bytes
    return decompressed(method, buffered(descriptor, begin, begin + packed), flags)


def _table(descriptor: int) -> tuple[int, int] | None:
    """Find the table of contents: where it begins and ends, or None where the archive lost it."""
    size = os.fstat(descriptor).st_size
    tail_at = max(size - _MOST_COMMENT - _END.size, 0)
    tail = os.pread(descriptor, size - tail_at, tail_at)
    found = tail.rfind(b"PK\x05\x06")
    while found >= 0:
        table = _table_by(descriptor, tail_at + found)
        if table is not None:
            return table
        found = tail.rfind(b"PK\x05\x06", 0, found)
    return None


def _table_by(descriptor: int, end_at: int) -> tuple[int, int] | None:
    """Check one candidate for the end record; its table must lie right before it."""
    record = os.pread(descriptor, _END.size, end_at)
    if len(record) < _END.size:
        return None
    _, _, _, _, count, table_bytes, table_at, _ = _END.unpack(record)
    end = end_at
    locator = os.pread(descriptor, _LOCATOR64.size, max(end_at - _LOCATOR64.size, 0))
    if locator.startswith(b"PK\x06\x07") and len(locator) == _LOCATOR64.size:
        record64_at = _LOCATOR64.unpack(locator)[2]
        record64 = os.pread(descriptor, _END64.size, min(record64_at, 2**62))
        if record64.startswith(b"PK\x06\x06") and len(record64) == _END64.size:
            count, table_bytes, table_at = _END64.unpack(record64)[7:]
            end = record64_at
    begin = end - table_bytes  # not table_at: what was put before the archive shifts all offsets
    if begin < 0 or begin < table_at:
        return None
    if count and os.pread(descriptor, 4, begin) != b"PK\x01\x02":
        return None
    return begin, end


def _central(descriptor: int, at: int, end: int) -> Iterator[tuple[int, _Member]]:
    """Read the table of contents line by line. Raises Damaged at the first bad one."""
    stream = buffered(descriptor, at, end)
    shift = _shift(descriptor, end)
    while at < end:
        fixed = stream.read(_CENTRAL.size)
        if len(fixed) < _CENTRAL.size or not fixed.startswith(b"PK\x01\x02"):
            raise Damaged
        fields = _CENTRAL.unpack(fixed)
        name_bytes, extra_bytes, comment_bytes = fields[10:13]
        rest = stream.read(name_bytes + extra_bytes + comment_bytes)
        if len(rest) < name_bytes + extra_bytes + comment_bytes:
            raise Damaged
        yield at, _member(fields, rest[:name_bytes], rest[name_bytes : name_bytes + extra_bytes], shift)
        at += _CENTRAL.size + len(rest)


def _shift(descriptor: int, end: int) -> int:
    """How far all stated offsets are off, where something stands before the archive: 0 as a rule."""
    record = os.pread(descriptor, _END.size, end)
    if record.startswith(b"PK\x05\x06") and len(record) == _END.size:
        _, _, _, _, _, table_bytes, table_at, _ = _END.unpack(record)
    elif record.startswith(b"PK\x06\x06"):
        record = os.pread(descriptor, _END64.size, end)
        table_bytes, table_at = _END64.unpack(record)[8:] if len(record) == _END64.size else (end, 0)
    else:
        return 0
    return max(int(end - table_bytes - table_at), 0)


def _member(fields: tuple[int, ...], name: bytes, extra: bytes, shift: int) -> _Member:
    (_, made_by, _, flags, method, time, date, checksum, packed, size) = fields[:10]
    attributes, offset = fields[15], fields[16]
    modified = _dos_time(date, time)
    for kind, value in _extras(extra):
        if kind == _ZIP64:
            size, packed, offset = _wide(value, size, packed, offset)
        elif kind == _UNIX_TIMES and value[:1] and value[0] & 1:
            modified = int.from_bytes(value[1:5], "little", signed=True) * _SECOND
        elif kind == _NTFS_TIMES:  # reserved, tag, size, FILETIME
            filetime = int.from_bytes(value[8:16], "little")
            modified = (filetime - _FILETIME_1970) * 100 if filetime else modified
        elif kind == _UNICODE_PATH and value[1:5] == zlib.crc32(name).to_bytes(4, "little"):
            name, flags = value[5:], flags | _UTF8
    mode = attributes >> 16 if made_by >> 8 == _UNIX else 0
    folder = size == 0 and (name.endswith((b"/", b"\\")) or bool(attributes & _DOS_FOLDER))
    return _Member(
        _utf8(name, flags), offset + shift, packed, size, checksum, method, flags, modified, mode, folder
    )


def _extras(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length


def _wide(value: bytes, *fields: int) -> tuple[int, int, int]:
    """Take from a zip64 field those numbers that did not fit, in their order."""
    wide, at = [], 0
    for field in fields:
        if field == _FULL32 and at + 8 <= len(value):
            wide.append(int.from_bytes(value[at : at + 8], "little"))
            at += 8
        else:
            wide.append(field)
    size, packed, offset = wide
    return size, packed, offset


def _utf8(name: bytes, flags: int) -> bytes:
    """Names without the UTF-8 mark are UTF-8 all the same from many programs, else code page 437."""
    if flags & _UTF8:
        return name
    try:
        name.decode()
    except UnicodeDecodeError:
        return name.decode("cp437").encode()
    return name


def _dos_time(date: int, time: int) -> int | None:
    """Local time of an unknown zone, to two seconds: taken as UTC, as no better is known."""
    try:
        moment = datetime(
            1980 + (date >> 9),
            date >> 5 & 15,
            date & 31,
            time >> 11,
            time >> 5 & 63,
            (time & 31) * 2,
            tzinfo=UTC,
        )
    except ValueError:
        return None
    return int(moment.timestamp()) * _SECOND


def _first_overlap(descriptor: int, at: int, end: int) -> int:
    """Where in the table the first member stands that shares bytes with another; past the end: nowhere.

    Bombs of one layer gain their size by letting many members share one run of packed bytes
    (D. Fifield, "A better zip bomb", 2019). 24 bytes a member are held: 120 MB for five million.
    """
    places, offsets, ends = array("q"), array("q"), array("q")
    for place, member in _central_while_good(descriptor, at, end):
        if not member.folder:
            places.append(place)
            offsets.append(min(member.offset, 2**62))
            ends.append(min(member.offset + _LOCAL.size + member.packed, 2**62))
    if not places:
        return end
    begins, finishes = np.frombuffer(offsets, np.int64), np.frombuffer(ends, np.int64)
    order = np.argsort(begins, kind="stable")
    reach = np.maximum.accumulate(finishes[order])
    bad = np.flatnonzero(begins[order][1:] < reach[:-1])
    return min((places[order[i + 1]] for i in bad), default=end)


def _central_while_good(descriptor: int, at: int, end: int) -> Iterator[tuple[int, _Member]]:
    try:
        yield from _central(descriptor, at, end)
    except Damaged:
        return


def _walk_without_table(descriptor: int) -> Iterator[tuple[int, bytes]]:
    """List the members of an archive that lost its end, by going from local header to local header."""
    at, size = 0, os.fstat(descriptor).st_size
    while at < size:
        found = _local(descriptor, at)
        if found is None:
            break
        member, at = found
        if not member.folder:
            yield Tag.ENTRY, pack_entry(_entry(descriptor, member))
    yield Tag.TROUBLE, bytes([Trouble.NO_CONTENTS_TABLE])


def _local(descriptor: int, at: int) -> tuple[_Member, int] | None:
    """Read a local header: the member, and where the next one should begin."""
    header = os.pread(descriptor, _LOCAL.size, at)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        return None
    _, _, flags, method, time, date, checksum, packed, size, name_bytes, extra_bytes = _LOCAL.unpack(header)
    rest = os.pread(descriptor, name_bytes + extra_bytes, at + _LOCAL.size)
    fields = (0, 0, 0, flags, method, time, date, checksum, packed, size, 0, 0, 0, 0, 0, 0, at)
    member = _member(fields, rest[:name_bytes], rest[name_bytes:], 0)
    begin = at + _LOCAL.size + name_bytes + extra_bytes
    if flags & _SIZES_FOLLOW and not member.packed:
        return _sized(descriptor, member, begin)
    return member, begin + member.packed


def _sized(descriptor: int, member: _Member, begin: int) -> tuple[_Member, int] | None:
    """Find the end of a member whose sizes come after it, by inflating it (other methods cannot tell)."""
    if member.method == 0 and os.pread(descriptor, 4, begin)[:2] == b"PK":  # nothing, as of a folder
        return member, begin + _descriptor_bytes(descriptor, begin)
    if member.method != zlib.DEFLATED:
        return None
    inflater, at, size, running = zlib.decompressobj(-15), begin, 0, 0
    pending = b""
    while not inflater.eof:
        if not pending:
            pending = os.pread(descriptor, 65_536, at)
            at += len(pending)
        if not pending:
            break
        try:
            chunk = inflater.decompress(pending, 1 << 20)
        except zlib.error:
            break
        size, running = size + len(chunk), zlib.crc32(chunk, running)
        pending = inflater.unconsumed_tail
    data_end = at - len(inflater.unused_data) - len(pending)
    whole = member._replace(packed=data_end - begin, size=size, checksum=running, folder=False)
    return whole, data_end + _descriptor_bytes(descriptor, data_end) if inflater.eof else 2**62


def _descriptor_bytes(descriptor: int, at: int) -> int:
    """Length of the record of sizes that may stand after a member: its mark is optional."""
    mark = os.pread(descriptor, 4, at)
    if mark == b"PK\x07\x08":
        return 16
    return 0 if mark in (b"PK\x03\x04", b"PK\x01\x02") else 12
