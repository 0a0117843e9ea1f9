"""Reads a zip's table of contents, or where it is lost its local headers. Runs in the cage only.

Python's zipfile gives up on an archive with one bad line or a lost table, and holds the whole table in
memory; seized archives are cut off and damaged, so the table is read here, line by line.
"""

from __future__ import annotations

import os
import struct
import zlib
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from foureyes.engine.reading.unpack.slices import Damaged, buffered

LOCAL = struct.Struct("<4s5H3I2H")
SIZES_FOLLOW = 0x8
"""Flag: size and checksum stand behind the member."""
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR64 = struct.Struct("<4sIQI")
_MOST_COMMENT = 65_535
_FULL32 = 0xFFFFFFFF
_UNIX = 3
_DOS_FOLDER = 0x10
_UTF8 = 0x800
_ZIP64, _UNIX_TIMES, _NTFS_TIMES, _UNICODE_PATH = 0x0001, 0x5455, 0x000A, 0x7075
_SECOND = 1_000_000_000
_FILETIME_1970 = 116_444_736_000_000_000


class Member(NamedTuple):
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


def find_table(descriptor: int) -> tuple[int, int] | None:
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


def lines(descriptor: int, at: int, end: int) -> Iterator[tuple[int, Member]]:
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


def first_overlap(descriptor: int, at: int, end: int) -> int:
    """Where in the table the first member stands that shares bytes with another; past the end: nowhere.

    Bombs of one layer gain their size by letting many members share one run of packed bytes
    (D. Fifield, "A better zip bomb", 2019). 24 bytes a member are held: 120 MB for five million.
    """
    places, offsets, ends = array("q"), array("q"), array("q")
    for place, member in _central_while_good(descriptor, at, end):
        if not member.folder:
            places.append(place)
            offsets.append(min(member.offset, 2**62))
            ends.append(min(member.offset + LOCAL.size + member.packed, 2**62))
    if not places:
        return end
    begins, finishes = np.frombuffer(offsets, np.int64), np.frombuffer(ends, np.int64)
    order = np.argsort(begins, kind="stable")
    reach = np.maximum.accumulate(finishes[order])
    bad = np.flatnonzero(begins[order][1:] < reach[:-1])
    return min((places[order[i + 1]] for i in bad), default=end)


def local_member(descriptor: int, at: int) -> tuple[Member, int] | None:
    """Read a local header: the member, and where the next one should begin."""
    header = os.pread(descriptor, LOCAL.size, at)
    if len(header) < LOCAL.size or not header.startswith(b"PK\x03\x04"):
        return None
    _, _, flags, method, time, date, checksum, packed, size, name_bytes, extra_bytes = LOCAL.unpack(header)
    rest = os.pread(descriptor, name_bytes + extra_bytes, at + LOCAL.size)
    fields = (0, 0, 0, flags, method, time, date, checksum, packed, size, 0, 0, 0, 0, 0, 0, at)
    member = _member(fields, rest[:name_bytes], rest[name_bytes:], 0)
    begin = at + LOCAL.size + name_bytes + extra_bytes
    if flags & SIZES_FOLLOW and not member.packed:
        return _sized(descriptor, member, begin)
    return member, begin + member.packed


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


def _member(fields: tuple[int, ...], name: bytes, extra: bytes, shift: int) -> Member:
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
    return Member(
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


def _central_while_good(descriptor: int, at: int, end: int) -> Iterator[tuple[int, Member]]:
    try:
        yield from lines(descriptor, at, end)
    except Damaged:
        return


def _sized(descriptor: int, member: Member, begin: int) -> tuple[Member, int] | None:
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
