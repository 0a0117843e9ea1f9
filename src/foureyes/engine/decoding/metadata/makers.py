"""What each maker's note looks like: how it begins, where its directory is, which tags name the camera.

A table, and the facts that need more than one tag. `maker_values.py` holds the odd encodings and
`maker_notes.py` does the reading. Numbers of tags as the ExifTool project and libexif document them.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from foureyes.engine.decoding.metadata.maker_values import (
    after_equals,
    dotted,
    hexadecimal,
    hexadecimal_lens,
    integer,
    padded,
    pairs_turned,
    runs_of_text,
    text,
    text_or_hexadecimal,
    without_fill,
    without_flag,
)
from foureyes.engine.decoding.metadata.tiff import Directory
from foureyes.engine.model import Fact, FactName, FactValue, Origin

Reading = Callable[[Directory, int], "FactValue | None"]
"""The value of one tag, or None where it says nothing."""
Further = Callable[[Directory, str], Iterator[Fact]]
"""Facts that need more than one tag; gets the directory and the camera's model."""


class Tag(NamedTuple):
    """One tag that names the camera."""

    name: FactName
    reading: Reading


@dataclass(frozen=True, slots=True)
class Maker:
    """One form of maker note."""

    tags: Mapping[int, Tag]
    signature: bytes = b""
    """How the note begins; b"" where only the camera's maker tells."""
    make: str = ""
    """How the EXIF maker begins, in upper case, where there is no signature."""
    directory: int = 0
    """Where the directory begins, counted from the start of the note."""
    pointer: int | None = None
    """Where, instead, the note states the beginning of its directory."""
    base: int | None = None
    """Offsets count from here in the note; None: from the TIFF header outside."""
    order: str = ""
    """'<' or '>' where it is always the same."""
    mark: int | None = None
    """Where the note states its byte order as II or MM."""
    further: Further | None = None
    needed: frozenset[int] = field(default_factory=frozenset)
    """Tags that `further` reads."""


def _nikon(directory: Directory, model: str) -> Iterator[Fact]:
    """The shutter count runs on for ever; the file number, which starts anew, stands in for it."""
    del model
    count = integer(directory, 0x00A7)
    info = directory.raw(0x00B8, 10) or b""
    if count is None and len(info) == 10:  # noqa: PLR2004 - version (4), card, folder, file
        folder, number = struct.unpack_from(directory.block.order + "HH", info, 6)
        count = number if 100 <= folder <= 999 and number <= 9999 else None  # noqa: PLR2004 - the DCF standard's folders
    if count:
        yield Fact(FactName.FILE_NUMBER, count, Origin.MAKER_NOTE)
    lens = directory.fractions(0x0084)
    if lens and len(lens) == 4 and all(below and above > 0 for above, below in lens):  # noqa: PLR2004 - lengths, apertures
        short, long, wide, narrow = (above / below for above, below in lens)
        lengths = f"{short:g}" if short == long else f"{short:g}-{long:g}"
        apertures = f"{wide:.2g}" if wide == narrow else f"{wide:.2g}-{narrow:.2g}"
        yield Fact(FactName.LENS_MODEL, f"{lengths} mm f/{apertures}", Origin.MAKER_NOTE)


def _canon(directory: Directory, model: str) -> Iterator[Fact]:
    """Models of 2004 to 2006 scatter the bits of folder and file number over one 32-bit number."""
    if integer(directory, 0x0008):
        return
    info = directory.raw(0x0093, 6) or b""
    if len(info) < 6:  # noqa: PLR2004 - a length, then the number
        return
    (bits,) = struct.unpack_from(directory.block.order + "I", info, 2)
    if _CANONS_OF_2004.search(model):
        folder, file = (bits & 0xFFC0) >> 6, (bits >> 16 & 0xFF) | (bits & 0x3F) << 8
    elif _CANONS_OF_2006.search(model):
        folder, file = (bits & 0xFFC00) >> 10, (bits & 0x3FF) << 4 | bits >> 20 & 0xF
        folder += 64 * max(0, -(-(100 - folder) // 64))  # high bits that are left out; folders begin at 100
    else:
        return
    if file:
        yield Fact(FactName.FILE_NUMBER, folder * 10_000 + file, Origin.MAKER_NOTE)


def _pentax(directory: Directory, model: str) -> Iterator[Fact]:
    """The shutter count is masked with date and time; the internal number counts within a day of making."""
    del model
    day, clock, masked = (directory.raw(tag, 4) or b"" for tag in (0x0006, 0x0007, 0x005D))
    if len(day) == 4 and len(clock) >= 3 and len(masked) == 4:  # noqa: PLR2004 - 32-bit numbers
        moment = int.from_bytes(clock[:3] + b"\0", "big") ^ 0xFFFFFFFF
        count = int.from_bytes(masked, "big") ^ int.from_bytes(day, "big") ^ moment
        if 0 < count < 10_000_000:  # noqa: PLR2004 - beyond any shutter: the date was edited
            yield Fact(FactName.FILE_NUMBER, count, Origin.MAKER_NOTE)
    info = directory.integers(0x0215) or ()
    if len(info) == 5 and info[4]:  # noqa: PLR2004 - model, day, code (2), number
        yield Fact(FactName.BODY_SERIAL, f"{info[1]}-{info[4]}", Origin.MAKER_NOTE)


_CANONS_OF_2004 = re.compile(r"\b(20D|350D|REBEL XT|Kiss Digital N)\b")
_CANONS_OF_2006 = re.compile(r"\b(30D|400D|REBEL XTi|Kiss Digital X|K236)\b")

_EQUIPMENT = {
    0x0101: Tag(FactName.BODY_SERIAL, text),
    0x0102: Tag(FactName.BODY_SERIAL, text),
    0x0202: Tag(FactName.LENS_SERIAL, text),
    0x0203: Tag(FactName.LENS_MODEL, text),
}


def _olympus(directory: Directory, model: str) -> Iterator[Fact]:
    """Serial numbers stand in a directory of their own, by pointer or as one long value."""
    del model
    entry = directory.entries.get(0x2010)
    if entry is None:
        return
    at = directory.integer(0x2010) if entry.kind in (4, 13) else entry.at
    equipment = directory.block.directory(at or 0, frozenset({*_EQUIPMENT, 0x0104}))
    for tag, (name, reading) in _EQUIPMENT.items():
        if tag in equipment.entries and (value := reading(equipment, tag)):
            yield Fact(name, value, Origin.MAKER_NOTE)
    if firmware := equipment.integer(0x0104):
        digits = f"{firmware:04x}"
        yield Fact(FactName.FIRMWARE, f"{digits[:-3]}.{digits[-3:]}", Origin.MAKER_NOTE)


class _Hidden(NamedTuple):
    """Where Sony's enciphered tag 0x9050 keeps its numbers."""

    serial: int
    size: int
    counter: int | None


_SONY_TABLE = bytes({number**3 % 249: number for number in range(249)}.get(byte, byte) for byte in range(256))
"""The cipher is the cube modulo 249; bytes from 249 on stay as they are."""
_SONY_A = re.compile(r"ILCE-(3000|3500|5000|5100|6000|7|7R|7S|7M2|QX1)|NEX-(?!5N$|7$|VG20E$).+")
_SONY_OLD_MIRRORS = re.compile(r"SLT-.+|ILCA-(68|77M2)|HV")
_SONY_B = re.compile(
    r"ILCE-(6100|6300|6400|6500|6600|7C|7M3|7RM2|7RM3|7RM3A|7RM4|7RM4A|7SM2|9|9M2)|ILCA-99M2|ZV-E10"
)
_SONY_C = re.compile(r"ILCE-(7M4|7RM5|7SM3)|ILME-FX3")


def _hidden(model: str) -> _Hidden | None:
    if _SONY_A.fullmatch(model):
        return _Hidden(0x7C, 4, 0x32)
    if _SONY_OLD_MIRRORS.fullmatch(model):
        return _Hidden(0xF0, 5, 0x32)
    if _SONY_B.fullmatch(model):
        return _Hidden(0x88, 6, 0x3A)
    if _SONY_C.fullmatch(model):
        return _Hidden(0x88, 6, None)
    return _Hidden(0x8A, 6, None) if model == "ILCE-1" else None


def _sony(directory: Directory, model: str) -> Iterator[Fact]:
    hidden = _hidden(model)
    plain = (directory.raw(0x9050, 0x100) or b"").translate(_SONY_TABLE)
    if hidden is None or len(plain) < 0x100:  # noqa: PLR2004 - the shortest real one has 944 bytes
        return
    serial = plain[hidden.serial : hidden.serial + hidden.size]
    if any(serial):
        yield Fact(FactName.BODY_SERIAL, serial.hex(), Origin.MAKER_NOTE)
    if hidden.counter is not None:
        count = int.from_bytes(plain[hidden.counter : hidden.counter + 3], "little")
        if count:
            yield Fact(FactName.FILE_NUMBER, count, Origin.MAKER_NOTE)


_APPLE_TAGS = {tag: Tag(FactName.IMAGE_ID, text) for tag in (0x000B, 0x0011, 0x0015, 0x0020, 0x002B)}
"""Names of the burst, of the live photo's pair, of the picture, of the request and of the photo."""
_CANON_TAGS = {
    0x000C: Tag(FactName.BODY_SERIAL, padded),
    0x0096: Tag(FactName.BODY_SERIAL, without_fill),
    0x0095: Tag(FactName.LENS_MODEL, text),
    0x4019: Tag(FactName.LENS_SERIAL, hexadecimal_lens),
    0x0007: Tag(FactName.FIRMWARE, text),
    0x0009: Tag(FactName.OWNER, text),
    0x0028: Tag(FactName.IMAGE_ID, hexadecimal),
    0x0008: Tag(FactName.FILE_NUMBER, integer),
}
_FUJIFILM_TAGS = {
    0x0010: Tag(FactName.BODY_SERIAL, text),
    0x1438: Tag(FactName.FILE_NUMBER, without_flag),
}
_KODAK_TAGS = {0xFA19: Tag(FactName.BODY_SERIAL, text)}
_MOTOROLA_TAGS = {0x5501: Tag(FactName.BODY_SERIAL, text)}
_NIKON_TAGS = {
    0x001D: Tag(FactName.BODY_SERIAL, text),
    0x00A0: Tag(FactName.BODY_SERIAL, after_equals),
}
_OLYMPUS_TAGS = {
    0x0404: Tag(FactName.BODY_SERIAL, text),
    0x101A: Tag(FactName.BODY_SERIAL, text),
    0x0104: Tag(FactName.FIRMWARE, text),
    0x0405: Tag(FactName.FIRMWARE, text),
}
_PANASONIC_TAGS = {
    0x0025: Tag(FactName.BODY_SERIAL, runs_of_text),
    0x0051: Tag(FactName.LENS_MODEL, text),
    0x0052: Tag(FactName.LENS_SERIAL, text),
    0x0002: Tag(FactName.FIRMWARE, dotted),
}
_PENTAX_TAGS = {
    0x0229: Tag(FactName.BODY_SERIAL, text),
    0x0029: Tag(FactName.FILE_NUMBER, integer),
}
_RICOH_TAGS = {
    0x0005: Tag(FactName.BODY_SERIAL, text_or_hexadecimal),
    0x0002: Tag(FactName.FIRMWARE, text),
}
_SAMSUNG_TAGS = {
    0xA002: Tag(FactName.BODY_SERIAL, text),
    0xA005: Tag(FactName.LENS_SERIAL, text),
    0xA001: Tag(FactName.FIRMWARE, text),
}
_SIGMA_TAGS = {0x0002: Tag(FactName.BODY_SERIAL, text), 0x0017: Tag(FactName.FIRMWARE, text)}
_SONY_TAGS = {0x2031: Tag(FactName.BODY_SERIAL, pairs_turned)}

_OLYMPUS_NEEDS = frozenset({0x2010})
_NIKON_NEEDS = frozenset({0x0084, 0x00A7, 0x00B8})
_PENTAX_NEEDS = frozenset({0x0006, 0x0007, 0x005D, 0x0215})
_SONY_NEEDS = frozenset({0x9050})

CANON = Maker(_CANON_TAGS, make="CANON", further=_canon, needed=frozenset({0x0093}))
MAKERS = (
    Maker(_APPLE_TAGS, b"Apple iOS\0", directory=14, base=0, mark=12),
    Maker(_NIKON_TAGS, b"Nikon\0\2", directory=18, base=10, mark=10, further=_nikon, needed=_NIKON_NEEDS),
    Maker(_FUJIFILM_TAGS, b"FUJIFILM", pointer=8, base=0, order="<"),
    Maker(_FUJIFILM_TAGS, b"GENERALE", pointer=8, base=0, order="<"),
    Maker(_OLYMPUS_TAGS, b"OLYMPUS\0", directory=12, base=0, mark=8, further=_olympus, needed=_OLYMPUS_NEEDS),
    Maker(
        _OLYMPUS_TAGS, b"OM SYSTEM\0", directory=16, base=0, mark=12, further=_olympus, needed=_OLYMPUS_NEEDS
    ),
    Maker(_OLYMPUS_TAGS, b"OLYMP\0", directory=8, further=_olympus, needed=_OLYMPUS_NEEDS),
    Maker(_OLYMPUS_TAGS, b"EPSON\0", directory=8, further=_olympus, needed=_OLYMPUS_NEEDS),
    Maker(_PANASONIC_TAGS, b"Panasonic\0", directory=12),
    Maker(_PANASONIC_TAGS, b"LEICA\0\0\0", directory=8),
    Maker(_PANASONIC_TAGS, b"LEICA CAMERA AG\0", directory=18),
    Maker(_PENTAX_TAGS, b"AOC\0", directory=6, mark=4, further=_pentax, needed=_PENTAX_NEEDS),
    Maker(_PENTAX_TAGS, b"PENTAX \0", directory=10, base=0, mark=8, further=_pentax, needed=_PENTAX_NEEDS),
    Maker(_PENTAX_TAGS, b"RICOH\0II", directory=8, base=0, order="<", further=_pentax, needed=_PENTAX_NEEDS),
    Maker(_PENTAX_TAGS, b"RICOH\0MM", directory=8, base=0, order=">", further=_pentax, needed=_PENTAX_NEEDS),
    Maker(_RICOH_TAGS, b"Ricoh", directory=8),
    Maker(_RICOH_TAGS, b"RICOH", directory=8),
    Maker(_SIGMA_TAGS, b"SIGMA\0\0\0", directory=10),
    Maker(_SIGMA_TAGS, b"FOVEON\0\0", directory=10),
    Maker(_MOTOROLA_TAGS, b"MOT\0", directory=8, base=0),
    Maker(_SONY_TAGS, b"SONY DSC ", directory=12, further=_sony, needed=_SONY_NEEDS),
    Maker(_SONY_TAGS, b"SONY CAM ", directory=12, further=_sony, needed=_SONY_NEEDS),
    Maker(_SONY_TAGS, b"SONY MOBILE", directory=12, further=_sony, needed=_SONY_NEEDS),
    Maker(_SONY_TAGS, make="SONY", further=_sony, needed=_SONY_NEEDS),
    Maker(_NIKON_TAGS, make="NIKON", further=_nikon, needed=_NIKON_NEEDS),
    CANON,
    Maker(_SAMSUNG_TAGS, make="SAMSUNG"),
    Maker(_KODAK_TAGS, make="EASTMAN KODAK"),
)
"""Tried in this order: signatures first, since programs put one maker's note under another's name."""


class FixedText(NamedTuple):
    """A serial number at a fixed place of a note that has no directory."""

    signature: bytes
    at: int
    size: int


FIXED = (FixedText(b"\x01\xf1", 42, 30), FixedText(b"RECONYXH2\0", 126, 30))
"""Reconyx trail cameras, in UTF-16."""
