"""What the caged unpacker and its parent say to each other: fixed structures, nothing that is parsed.

Neither side trusts the other side's numbers: the parent counts bytes itself.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from foureyes.engine.model import Fault, FaultCode
from foureyes.engine.reading.signatures import ArchiveKind

CHUNK_BYTES = 256 * 1024
HEAD_BYTES = 600
"""Of each member that can be opened by itself: enough to see that it is an archive (tar: 263)."""

_ENTRY = struct.Struct("<BBBQqHH")
_QUESTION = struct.Struct("<BB")
_OPEN = struct.Struct("<QQ")
_NO_SIZE = 2**64 - 1
_NO_TIME = -(2**63)
TO_THE_END = 2**64 - 1


class Tag(IntEnum):
    """Kinds of frames in an answer."""

    ENTRY = 1
    """A member begins; its bytes follow where it has no locator of its own."""
    CHUNK = 2
    END = 3
    """The member's bytes are complete, and their checksum is right where there is one."""
    TROUBLE = 4
    """The member in progress, or else the archive, cannot be read on: one byte of `Trouble`."""
    CURSOR = 5
    """There are more members: ask again from here."""


class Trouble(IntEnum):
    """All that can be wrong, as one byte; the words are the parent's."""

    NONE = 0
    ENCRYPTED = 1
    UNSUPPORTED = 2
    DAMAGED = 3
    OVERLAP = 4
    LINK = 5
    SPECIAL = 6
    NO_CONTENTS_TABLE = 7
    OUT_OF_MEMORY = 8

    @property
    def fault(self) -> Fault:
        """The fault to record."""
        return _FAULTS[self]


_FAULTS = {
    Trouble.NONE: Fault(FaultCode.ARCHIVE_DAMAGED, "the unpacker answered nonsense"),
    Trouble.ENCRYPTED: Fault(FaultCode.ENCRYPTED, "locked by a password"),
    Trouble.UNSUPPORTED: Fault(FaultCode.UNSUPPORTED, "packed by a method that is not read"),
    Trouble.DAMAGED: Fault(FaultCode.ARCHIVE_DAMAGED, "damaged or cut off"),
    Trouble.OVERLAP: Fault(
        FaultCode.ARCHIVE_BOMB, "its members lie over each other, as in a bomb: the rest was abandoned"
    ),
    Trouble.LINK: Fault(FaultCode.SYMBOLIC_LINK, "a link inside an archive: not followed"),
    Trouble.SPECIAL: Fault(FaultCode.SPECIAL_FILE, "a device or pipe inside an archive: not made"),
    Trouble.NO_CONTENTS_TABLE: Fault(
        FaultCode.ARCHIVE_DAMAGED, "its table of contents is missing: read from its start, as far as it goes"
    ),
    Trouble.OUT_OF_MEMORY: Fault(FaultCode.OUT_OF_MEMORY, "unpacking needs more memory than it may have"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One member of an archive, as the archive states it."""

    untrusted_name: bytes
    """UTF-8 where the archive's encoding is known, else its own bytes."""
    size: int | None = None
    modified_ns: int | None = None
    trouble: Trouble = Trouble.NONE
    locator: bytes = b""
    """How to ask for this member by itself; empty where its bytes follow at once."""
    head: bytes = b""
    """Its first bytes, where it has a locator."""


class Operation(IntEnum):
    """Kinds of questions."""

    WALK = 1
    OPEN = 2


@dataclass(frozen=True, slots=True)
class Question:
    """WALK lists members from a cursor on (empty: the start); OPEN gives some bytes of one member."""

    operation: Operation
    kind: ArchiveKind
    place: bytes = b""
    """The cursor or the locator, as the child gave it."""
    start: int = 0
    limit: int = TO_THE_END

    def packed(self) -> bytes:
        """Lay out for the wire."""
        kind = list(ArchiveKind).index(self.kind)
        return _QUESTION.pack(self.operation, kind) + _OPEN.pack(self.start, self.limit) + self.place

    @classmethod
    def unpacked(cls, question: bytes) -> Question:
        """Read what `packed` laid out."""
        operation, kind = _QUESTION.unpack_from(question)
        start, limit = _OPEN.unpack_from(question, _QUESTION.size)
        place = question[_QUESTION.size + _OPEN.size :]
        return cls(Operation(operation), list(ArchiveKind)[kind], place, start, limit)


def pack_entry(entry: Entry) -> bytes:
    """Lay out an entry for the wire; sizes and times beyond what 64 bits hold are left out."""
    size = entry.size if entry.size is not None and 0 <= entry.size < _NO_SIZE else _NO_SIZE
    modified = entry.modified_ns
    if modified is None or not _NO_TIME < modified < 2**63:
        modified = _NO_TIME
    separate = bool(entry.locator)
    head = _ENTRY.pack(1, separate, entry.trouble, size, modified, len(entry.locator), len(entry.head))
    return head + entry.locator + entry.head + entry.untrusted_name


def unpack_entry(untrusted_payload: bytes) -> Entry:
    """Read an entry. Raises ValueError where the child's frame is not one."""
    try:
        version, _, trouble, size, modified, locator_bytes, head_bytes = _ENTRY.unpack_from(untrusted_payload)
        checked = Trouble(trouble)
    except struct.error as error:
        raise ValueError("an entry is cut off") from error
    rest = untrusted_payload[_ENTRY.size :]
    if version != 1 or locator_bytes + head_bytes > len(rest):
        raise ValueError("an entry is not laid out as agreed")
    return Entry(
        untrusted_name=rest[locator_bytes + head_bytes :],
        size=None if size == _NO_SIZE else size,
        modified_ns=None if modified == _NO_TIME else modified,
        trouble=checked,
        locator=rest[:locator_bytes],
        head=rest[locator_bytes : locator_bytes + head_bytes],
    )


def trouble_of(untrusted_payload: bytes) -> Trouble:
    """Read the byte of a TROUBLE frame. Raises ValueError where it is not one."""
    if len(untrusted_payload) != 1:
        raise ValueError("a trouble is one byte")
    return Trouble(untrusted_payload[0])
