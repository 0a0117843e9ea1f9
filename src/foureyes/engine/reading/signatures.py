"""Tells by the first bytes of a file whether it is an archive, and which. It never looks at names.

`decoding/` has its own signatures for media: the two families do not know each other.
"""

from __future__ import annotations

from enum import StrEnum


class ArchiveKind(StrEnum):
    """Archives that are opened, and two sorts of containers that are not."""

    ZIP = "zip"
    TAR = "tar"
    SEVEN_ZIP = "7z"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"
    RAR = "rar"
    CABINET = "cab"
    DISK_IMAGE = "disk image"


UNREAD = frozenset({ArchiveKind.RAR, ArchiveKind.CABINET, ArchiveKind.DISK_IMAGE})
"""Known by their first bytes only so that they are reported, never passed over in silence."""

_MAGIC = (
    (b"PK\x03\x04", ArchiveKind.ZIP),
    (b"PK\x05\x06", ArchiveKind.ZIP),  # a zip without members
    (b"PK\x07\x08PK\x03\x04", ArchiveKind.ZIP),  # one that was meant to span discs
    (b"7z\xbc\xaf\x27\x1c", ArchiveKind.SEVEN_ZIP),
    (b"\x1f\x8b\x08", ArchiveKind.GZIP),
    (b"\xfd7zXZ\x00", ArchiveKind.XZ),
    (b"\x28\xb5\x2f\xfd", ArchiveKind.ZSTD),
    (b"Rar!\x1a\x07", ArchiveKind.RAR),
    (b"MSCF\x00\x00\x00\x00", ArchiveKind.CABINET),
    (b"EVF\x09\x0d\x0a\xff\x00", ArchiveKind.DISK_IMAGE),
    (b"EVF2\x0d\x0a\x81\x00", ArchiveKind.DISK_IMAGE),
)
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")
_TAR_BLOCK = 512


def archive_kind(untrusted_head: bytes) -> ArchiveKind | None:
    """Name the archive that begins with these bytes (512 are enough), or None."""
    for magic, kind in _MAGIC:
        if untrusted_head.startswith(magic):
            return kind
    if untrusted_head[:3] == b"BZh" and untrusted_head[4:10] in _BZIP2_BLOCKS:
        return ArchiveKind.BZIP2
    if is_tar(untrusted_head):
        return ArchiveKind.TAR
    return None


def is_tar(untrusted_head: bytes) -> bool:
    """Tell a tar by the checksum of its first header: old ones have no magic, and 262 bytes prove little."""
    block = untrusted_head[:_TAR_BLOCK]
    if len(block) < _TAR_BLOCK or not block[0]:
        return False
    stated = block[148:156].strip(b" \0")
    if not stated or not stated.isdigit():
        return False
    try:
        checksum = int(stated, 8)
    except ValueError:
        return False
    return checksum == sum(block[:148]) + 8 * 0x20 + sum(block[156:])
