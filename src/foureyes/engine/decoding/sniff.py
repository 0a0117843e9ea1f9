"""Tells by its first bytes what a content is: our own allow-list of signatures, never a file's name.

The first match wins, so that a polyglot is handled as one thing everywhere. Never raises, whatever the
bytes; what matches nothing is `other`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from foureyes.engine.decoding import tiff_head
from foureyes.engine.decoding.content import ContentType, Family

HEAD_BYTES = 4096
"""How much of a file sniffing looks at."""

UNKNOWN = ContentType(Family.OTHER, "unknown")


def sniff(untrusted_head: bytes) -> ContentType:
    """Family and format of a content by its first 4,096 bytes (fewer where the file is shorter)."""
    head = bytes(untrusted_head[:HEAD_BYTES])
    for offset, magic, found in _SIGNATURES:
        if head.startswith(magic, offset):
            return found
    for look in _LOOKS:
        content = look(head)
        if content is not None:
            return content
    return UNKNOWN


def _iso_media(head: bytes) -> ContentType | None:
    """ISO base media (MP4, QuickTime, HEIF, AVIF, CR3): told apart by the brands of the `ftyp` box."""
    kind = head[4:8]
    if kind != b"ftyp":
        plausible = kind in _QUICKTIME_ATOMS and int.from_bytes(head[:4]) in _FIRST_ATOM_BYTES
        return _video("mov") if plausible else None
    end = min(max(int.from_bytes(head[:4]), 16), len(head))
    major = head[8:12]
    brands = [major] + [head[at : at + 4] for at in range(16, end - 3, 4)]
    if major in _STILL_BRANDS or not _is_film_brand(major):
        for brand in brands:
            if brand in _PICTURE_BRANDS:
                return _picture(_PICTURE_BRANDS[brand])
        if major in _STILL_BRANDS:
            return _picture("heif")
    if major in _AUDIO_BRANDS:
        return ContentType(Family.OTHER, "m4a")
    if major == b"qt  ":
        return _video("mov")
    return _video("3gp" if major.startswith((b"3gp", b"3g2")) else "mp4")


def _is_film_brand(major: bytes) -> bool:
    return major in _FILM_BRANDS or major.startswith((b"3g", b"iso", b"mp4"))


def _riff(head: bytes) -> ContentType | None:
    if not head.startswith(b"RIFF"):
        return None
    return {
        b"WEBP": _picture("webp"),
        b"AVI ": _video("avi"),
        b"AMV ": _video("avi"),
        b"WAVE": ContentType(Family.OTHER, "wav"),
    }.get(head[8:12])


def _matroska(head: bytes) -> ContentType | None:
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return _video("webm" if b"webm" in head[:128] else "matroska")


def _tiff(head: bytes) -> ContentType | None:
    """Plain TIFF or one of the camera raws that are TIFF inside."""
    if head[:4] not in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return None
    return _picture(tiff_head.format_of(head))


def _bitmap(head: bytes) -> ContentType | None:
    """BMP: two letters are a weak sign, so the offsets in its header must be sensible too."""
    if not head.startswith(b"BM") or len(head) < _BMP_HEADER_BYTES:
        return None
    offset, header = int.from_bytes(head[10:14], "little"), int.from_bytes(head[14:18], "little")
    return _picture("bmp") if 14 <= offset <= 1 << 20 and 12 <= header <= 256 else None  # noqa: PLR2004  limits of sense, not of the format


def _png(head: bytes) -> ContentType | None:
    if not head.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    before_pixels = head.partition(b"IDAT")[0]
    return _picture("apng" if b"acTL" in before_pixels else "png")


def _transport_stream(head: bytes) -> ContentType | None:
    """MPEG transport streams have a sync byte every 188 bytes; those of AVCHD cameras every 192."""
    for first, step, name in ((0, 188, "mpegts"), (4, 192, "mpegts")):
        syncs = head[first::step]
        if len(syncs) >= _SYNCS_NEEDED and set(syncs) == {0x47}:
            return _video(name)
    return None


def _ogg(head: bytes) -> ContentType | None:
    if not head.startswith(b"OggS"):
        return None
    moving = any(sign in head for sign in (b"\x80theora", b"\x01video", b"OVP80", b"BBCD"))
    return _video("ogg") if moving else ContentType(Family.OTHER, "ogg-audio")


def _elementary_video(head: bytes) -> ContentType | None:
    """Bare H.264 or H.265 as surveillance exports hold it: a start code, then a parameter set."""
    match = re.match(rb"\x00{2,3}\x01([\x09\x27\x47\x67])", head)
    if match:
        return _video("h264")
    return _video("hevc") if re.match(rb"\x00{2,3}\x01[\x40\x46]\x01", head) else None


def _tar(head: bytes) -> ContentType | None:
    return ContentType(Family.ARCHIVE, "tar") if head[257:262] == b"ustar" else None


def _picture(name: str) -> ContentType:
    return ContentType(Family.PICTURE, name)


def _video(name: str) -> ContentType:
    return ContentType(Family.VIDEO, name)


def _archive(name: str) -> ContentType:
    return ContentType(Family.ARCHIVE, name)


def _other(name: str) -> ContentType:
    return ContentType(Family.OTHER, name)


_BMP_HEADER_BYTES = 18
_SYNCS_NEEDED = 4
_FIRST_ATOM_BYTES = range(8, 1 << 31)
"""The first atom of a QuickTime film without `ftyp`; its `mdat` may be as long as the film."""
_QUICKTIME_ATOMS = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_AUDIO_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P "})
_FILM_BRANDS = frozenset({b"qt  ", b"avc1", b"dash", b"M4V ", b"MSNV", b"XAVC", b"f4v ", b"NDSC", b"mmp4"})
_STILL_BRANDS = frozenset({b"mif1", b"mif2", b"msf1", b"miaf"})
"""Brands that only say `HEIF of some kind`: the compatible brands say which."""
_PICTURE_BRANDS = {
    b"avif": "avif",
    b"avis": "avif",
    b"heic": "heic",
    b"heix": "heic",
    b"heim": "heic",
    b"heis": "heic",
    b"hevc": "heic",
    b"hevx": "heic",
    b"hevm": "heic",
    b"hevs": "heic",
    b"crx ": "cr3",
}

_SIGNATURES: tuple[tuple[int, bytes, ContentType], ...] = (
    (0, b"\xff\xd8\xff", _picture("jpeg")),
    (0, b"GIF87a", _picture("gif")),
    (0, b"GIF89a", _picture("gif")),
    (0, b"\xff\x0a", _picture("jxl")),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", _picture("jxl")),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", _picture("jpeg2000")),
    (0, b"\xff\x4f\xff\x51", _picture("jpeg2000")),
    (0, b"8BPS", _picture("psd")),
    (0, b"IIRO", _picture("orf")),
    (0, b"IIRS", _picture("orf")),
    (0, b"MMOR", _picture("orf")),
    (0, b"IIU\0", _picture("rw2")),
    (0, b"FUJIFILMCCD-RAW", _picture("raf")),
    (0, b"FOVb", _picture("x3f")),
    (0, b"\0MRM", _picture("mrw")),
    (0, b"II\x1a\0\0\0HEAPCCDR", _picture("crw")),
    (0, b"\0\0\x01\xba", _video("mpegps")),
    (0, b"\0\0\x01\xb3", _video("mpegvideo")),
    (0, b"FLV\x01", _video("flv")),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", _video("asf")),
    (0, b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", _video("mxf")),
    (0, b"\xb7\xd8\x00\x20\x37\x49\xda\x11\xa6\x4e\x00\x07\xe9\x5e\xad\x8d", _video("wtv")),
    (0, b"\x1f\x07\x00\x3f", _video("dv")),
    (0, b"\x1f\x07\x00\xbf", _video("dv")),
    (0, b".RMF", _video("realmedia")),
    (0, b"DKIF", _video("ivf")),
    (0, b"YUV4MPEG2", _video("yuv4mpeg")),
    (0, b"nut/multimedia container\0", _video("nut")),
    (0, b"PK\x03\x04", _archive("zip")),
    (0, b"PK\x05\x06", _archive("zip")),
    (0, b"7z\xbc\xaf\x27\x1c", _archive("7z")),
    (0, b"Rar!\x1a\x07", _archive("rar")),
    (0, b"\x1f\x8b", _archive("gzip")),
    (0, b"BZh", _archive("bzip2")),
    (0, b"\xfd7zXZ\0", _archive("xz")),
    (0, b"\x28\xb5\x2f\xfd", _archive("zstd")),
    (0, b"MSCF", _archive("cab")),
    (0, b"%PDF-", _other("pdf")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _other("ole")),
    (0, b"ID3", _other("mp3")),
    (0, b"fLaC", _other("flac")),
    (0, b"SQLite format 3\0", _other("sqlite")),
    (0, b"\x7fELF", _other("elf")),
)
"""Offset, bytes, and what they mean. Strong signatures only; weak ones are looked at more closely."""

_LOOKS: tuple[Callable[[bytes], ContentType | None], ...] = (
    _png,
    _riff,
    _tiff,
    _iso_media,
    _matroska,
    _ogg,
    _tar,
    _transport_stream,
    _elementary_video,
    _bitmap,
)
