"""What the caged reader of lists says to its parent: columns of fixed widths, and faults in our own words.

The parent checks every length and every range here, and knows no format of lists.
"""

from __future__ import annotations

import struct
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.exchange.hash_lists.base import ROWS_AT_MOST, Trouble
from foureyes.engine.model import ListBatch, ListFault
from foureyes.engine.running.refusal import plain

_BATCH = struct.Struct("<IQB")
_FAULT = struct.Struct("<QQB")
_WIDTHS = (32, 20, 16, 32, 1, 1, 4, 8, 8)
"""Bytes of a row in each column, in the order of `pack_batch`."""
_ROW_BYTES = sum(_WIDTHS)
_ALL_DIGESTS = 15


class Tag(IntEnum):
    """Kinds of frames."""

    BATCH = 1
    TROUBLE = 2
    UNREADABLE = 3
    """The file as a whole is not what it was taken for, in words."""
    ALIVE = 4
    """Nothing: much was passed over."""


def pack_batch(batch: ListBatch) -> bytes:
    """Lay out a batch for the wire."""
    columns = (batch.sha256, batch.sha1, batch.md5, batch.pdq, batch.has, batch.removed.view(np.uint8))
    identity = np.zeros(len(batch), np.uint64) if batch.identity is None else batch.identity
    return b"".join(
        (
            _BATCH.pack(len(batch), len(batch.raw), batch.identity is not None),
            *(column.tobytes() for column in columns),
            batch.category.astype("<i4").tobytes(),
            batch.raw_end.astype("<i8").tobytes(),
            identity.astype("<u8").tobytes(),
            batch.raw,
        )
    )


def unpack_batch(untrusted_payload: bytes) -> ListBatch:
    """Read a batch. Raises ValueError where the child's frame is not one."""
    if len(untrusted_payload) < _BATCH.size:
        raise ValueError("a batch is shorter than agreed")
    count, raw_bytes, named = _BATCH.unpack_from(untrusted_payload)
    if count > ROWS_AT_MOST or len(untrusted_payload) != _BATCH.size + count * _ROW_BYTES + raw_bytes:
        raise ValueError("a batch is not as long as agreed")
    columns = _Columns(untrusted_payload, count)
    fixed = [columns.take(width) for width in _WIDTHS]
    sha256, sha1, md5, pdq, has, removed = fixed[:6]
    category, raw_end, identity = (
        column.view(kind)[:, 0] for column, kind in zip(fixed[6:], ("<i4", "<i8", "<u8"), strict=True)
    )
    batch = ListBatch(
        sha256=sha256,
        sha1=sha1,
        md5=md5,
        pdq=pdq,
        has=has[:, 0],
        removed=removed[:, 0] != 0,
        category=category,
        raw_end=raw_end,
        identity=identity if named else None,
        raw=columns.rest(),
    )
    ends = batch.raw_end
    rising = count == 0 or (ends[0] >= 0 and bool((np.diff(ends) >= 0).all()) and ends[-1] == raw_bytes)
    if not rising or (count == 0 and raw_bytes) or bool((batch.has > _ALL_DIGESTS).any()):
        raise ValueError("a batch makes no sense")
    return batch


def pack_trouble(trouble: Trouble) -> bytes:
    """Lay out a fault for the wire."""
    fault = trouble.fault
    return _FAULT.pack(fault.record, fault.line, trouble.broken) + plain(fault.detail).encode("ascii")


def unpack_trouble(untrusted_payload: bytes) -> Trouble:
    """Read a fault. Raises ValueError where the child's frame is not one."""
    if len(untrusted_payload) < _FAULT.size:
        raise ValueError("a fault is shorter than agreed")
    record, line, broken = _FAULT.unpack_from(untrusted_payload)
    words = plain(untrusted_payload[_FAULT.size :].decode("ascii", "replace"))
    return Trouble(ListFault(record, line, words), broken=bool(broken))


class _Columns:
    def __init__(self, untrusted_payload: bytes, count: int) -> None:
        self._payload = untrusted_payload
        self._count = count
        self._at = _BATCH.size

    def take(self, width: int) -> NDArray[np.uint8]:
        size = self._count * width
        column = np.frombuffer(self._payload, np.uint8, size, self._at).reshape(self._count, width)
        self._at += size
        return column

    def rest(self) -> bytes:
        return self._payload[self._at :]
