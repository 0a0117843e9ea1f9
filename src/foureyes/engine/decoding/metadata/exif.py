"""EXIF of every container that has it, with the maker notes in it, to typed facts.

Never trusts an offset, never follows a pointer twice, never copies a file. What does not fit its form is
left out; a block that cannot be read is one METADATA_FAULT.
"""

from __future__ import annotations

from collections.abc import Iterator

from foureyes.engine.decoding.metadata import maker_notes
from foureyes.engine.decoding.metadata.blocks import ExifBlock, ExifRole, blocks_of
from foureyes.engine.decoding.metadata.damaged import Damaged, guarded
from foureyes.engine.decoding.metadata.dates import stated_time, utc_time
from foureyes.engine.decoding.metadata.gps import (
    Angle,
    NotAPlace,
    angle_of_fractions,
    angle_of_text,
    facts_of_position,
    position,
    rejected,
)
from foureyes.engine.decoding.metadata.text import user_comment, utf16
from foureyes.engine.decoding.metadata.tiff import Directory, Tiff
from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Fact, FactName, Origin

_TEXTS = {
    0x010F: FactName.CAMERA_MAKER,
    0x0110: FactName.CAMERA_MODEL,
    0xA431: FactName.BODY_SERIAL,
    0xC62F: FactName.BODY_SERIAL,  # DNG CameraSerialNumber
    0xFDE9: FactName.BODY_SERIAL,  # Camera Raw's own tag
    0xA434: FactName.LENS_MODEL,
    0xFDEA: FactName.LENS_MODEL,  # Camera Raw's own tag
    0xA435: FactName.LENS_SERIAL,
    0xA439: FactName.FIRMWARE,
    0x0131: FactName.SOFTWARE,
    0xA430: FactName.OWNER,
    0xFDE8: FactName.OWNER,  # Camera Raw's own tag
    0x013B: FactName.ARTIST,
    0xA437: FactName.ARTIST,  # Photographer, EXIF 3.0
    0x8298: FactName.COPYRIGHT,
    0x010E: FactName.DESCRIPTION,
    0xA436: FactName.DESCRIPTION,  # ImageTitle, EXIF 3.0
    0xA420: FactName.IMAGE_ID,
}
_WINDOWS_TEXTS = {
    0x9C9B: FactName.DESCRIPTION,
    0x9C9F: FactName.DESCRIPTION,
    0x9C9C: FactName.COMMENT,
    0x9C9D: FactName.ARTIST,
    0x9C9E: FactName.KEYWORD,
}
_ORIENTATION, _CHANGED, _ORIGINAL, _DIGITISED = 0x0112, 0x0132, 0x9003, 0x9004
_ZONES = {_CHANGED: 0x9010, _ORIGINAL: 0x9011, _DIGITISED: 0x9012}
_FRACTIONS = {_CHANGED: 0x9290, _ORIGINAL: 0x9291, _DIGITISED: 0x9292}
_STATED_WIDTH, _STATED_HEIGHT = 0xA002, 0xA003
_EXPOSURE_TIME, _F_NUMBER, _ISO, _FOCAL_LENGTH = 0x829A, 0x829D, 0x8827, 0x920A
_USER_COMMENT, _MAKER_NOTE = 0x9286, 0x927C
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_RAW_DATA_ID = 0xC65D
_WANTED = frozenset(
    {
        *_TEXTS, *_WINDOWS_TEXTS, *_ZONES, *_ZONES.values(), *_FRACTIONS.values(),
        _ORIENTATION, _STATED_WIDTH, _STATED_HEIGHT, _EXPOSURE_TIME, _F_NUMBER, _ISO, _FOCAL_LENGTH,
        _USER_COMMENT, _MAKER_NOTE, _EXIF_IFD, _GPS_IFD, _RAW_DATA_ID,
    }
)  # fmt: skip
_LAT_REF, _LAT, _LON_REF, _LON, _ALT_REF, _ALT, _GPS_CLOCK, _GPS_DAY, _GPS_ERROR = 1, 2, 3, 4, 5, 6, 7, 29, 31
_GPS_WANTED = frozenset({_LAT_REF, _LAT, _LON_REF, _LON, _ALT_REF, _ALT, _GPS_CLOCK, _GPS_DAY, _GPS_ERROR})
_DEEPEST, _HIGHEST = -12_000, 100_000
"""Metres: below the deepest trench, above any balloon."""
_ASCII = 2


class ExifReader:
    """Reads EXIF and maker notes."""

    name = "exif"
    version = 2

    def read(self, untrusted: UntrustedInput) -> Iterator[Fact]:
        """Facts of every EXIF block of a file, each once."""
        blocks = blocks_of(untrusted)
        if blocks.fault:
            yield Fact(FactName.METADATA_FAULT, f"container: {blocks.fault}", Origin.CONTAINER)
        seen: set[Fact] = set()
        maker = ""
        for block in blocks.exif:
            data = untrusted.data if block.data is None else memoryview(block.data)
            for fact in guarded(_facts_of_block(data, block, maker), "EXIF", Origin.EXIF):
                if fact not in seen:
                    seen.add(fact)
                    yield fact
                if fact.name is FactName.CAMERA_MAKER:
                    maker = str(fact.value)


def _facts_of_block(data: memoryview, block: ExifBlock, maker: str) -> Iterator[Fact]:
    tiff, first = Tiff.opened(data)
    if block.role is ExifRole.GPS:
        yield from _position_facts(tiff.directory(first, _GPS_WANTED))
    elif block.role is ExifRole.MAKER:
        yield from maker_notes.facts_of_canon(tiff, first)
    else:
        yield from _facts_of_directories(tiff, first, maker)
    if tiff.lost:
        yield Fact(FactName.METADATA_FAULT, f"EXIF: {tiff.lost} values lie outside of the block", Origin.EXIF)


def _facts_of_directories(tiff: Tiff, first: int, maker: str) -> Iterator[Fact]:
    main = tiff.directory(first, _WANTED)
    inner = _below(main, _EXIF_IFD, _WANTED)
    # Some programs write a value into the other of the two directories: one look at both serves all.
    both = Directory(tiff, {**inner.entries, **main.entries})
    yield from _text_facts(both)
    yield from _number_facts(both)
    yield from _time_facts(both)
    if _GPS_IFD in main.entries:
        yield from _position_facts(_below(main, _GPS_IFD, _GPS_WANTED))
    if _MAKER_NOTE in both.entries:
        stated_maker = both.text(0x010F) or maker
        yield from guarded(
            maker_notes.facts(both, _MAKER_NOTE, stated_maker, both.text(0x0110)),
            "maker note",
            Origin.MAKER_NOTE,
        )


def _below(directory: Directory, pointer: int, wanted: frozenset[int]) -> Directory:
    """The directory that a tag points to; an empty one where there is none or it cannot be read."""
    at = directory.integer(pointer)
    if at is None:
        return Directory(directory.block)
    try:
        return directory.block.directory(at, wanted)
    except Damaged:
        directory.block.lost += 1
        return Directory(directory.block)


def _text_facts(directory: Directory) -> Iterator[Fact]:
    for tag, name in _TEXTS.items():
        if tag in directory.entries and (text := directory.text(tag)):
            yield Fact(name, text, Origin.EXIF)
    for tag, name in _WINDOWS_TEXTS.items():
        if tag in directory.entries and (text := utf16(directory.raw(tag) or b"")):
            parts = text.split(";") if name is FactName.KEYWORD else [text]
            yield from (Fact(name, part.strip(), Origin.EXIF) for part in parts if part.strip())
    if _USER_COMMENT in directory.entries:
        text = user_comment(directory.raw(_USER_COMMENT) or b"", directory.block.order)
        if text:
            yield Fact(FactName.COMMENT, text, Origin.EXIF)
    if raw_id := directory.raw(_RAW_DATA_ID, 16):
        yield Fact(FactName.IMAGE_ID, raw_id.hex(), Origin.EXIF)


def _number_facts(directory: Directory) -> Iterator[Fact]:
    orientation = directory.integer(_ORIENTATION)
    if orientation is not None and 1 <= orientation <= 8:  # noqa: PLR2004 - EXIF knows eight
        yield Fact(FactName.ORIENTATION, orientation, Origin.EXIF)
    width, height = directory.integer(_STATED_WIDTH), directory.integer(_STATED_HEIGHT)
    if width and height and width > 0 and height > 0:
        yield Fact(FactName.STATED_SIZE, f"{width}x{height}", Origin.EXIF)
    if exposure := _exposure(directory):
        yield Fact(FactName.EXPOSURE, exposure, Origin.EXIF)


def _exposure(directory: Directory) -> str:
    seconds, aperture = directory.fraction(_EXPOSURE_TIME), directory.fraction(_F_NUMBER)
    iso, focal = directory.integer(_ISO), directory.fraction(_FOCAL_LENGTH)
    parts: list[str] = []
    if seconds is not None and seconds > 0:
        short = seconds < 0.3  # noqa: PLR2004 - from here on cameras show decimals
        parts.append(f"1/{round(1 / seconds)} s" if short else f"{seconds:.4g} s")
    if aperture is not None and aperture > 0:
        parts.append(f"f/{aperture:.2g}")
    if iso:
        parts.append(f"ISO {iso}")
    if focal is not None and focal > 0:
        parts.append(f"{focal:.4g} mm")
    return " ".join(parts)


def _time_facts(directory: Directory) -> Iterator[Fact]:
    captured = _time(directory, _ORIGINAL) or _time(directory, _DIGITISED)
    if captured:
        yield Fact(FactName.CAPTURED_AT, captured, Origin.EXIF)
    if changed := _time(directory, _CHANGED):
        yield Fact(FactName.CHANGED_AT, changed, Origin.EXIF)


def _time(directory: Directory, tag: int) -> str | None:
    text = directory.text(tag)
    if not text:
        return None
    return stated_time(text, directory.text(_FRACTIONS[tag]), directory.text(_ZONES[tag]))


def _position_facts(gps: Directory) -> Iterator[Fact]:
    moment = utc_time(gps.text(_GPS_DAY), gps.fractions(_GPS_CLOCK))
    if moment:
        yield Fact(FactName.GPS_TIME, moment, Origin.EXIF)
    if _LAT not in gps.entries and _LON not in gps.entries:
        return
    try:
        place = position(_angle(gps, _LAT, _LAT_REF, "latitude"), _angle(gps, _LON, _LON_REF, "longitude"))
    except NotAPlace as reason:
        yield rejected(reason, Origin.EXIF)
        return
    yield from facts_of_position(*place, Origin.EXIF)
    altitude = gps.fraction(_ALT)
    if altitude is not None:
        altitude = -abs(altitude) if gps.integer(_ALT_REF) == 1 else altitude
        if _DEEPEST <= altitude <= _HIGHEST:
            yield Fact(FactName.ALTITUDE, round(altitude, 3), Origin.EXIF)
    error = gps.fraction(_GPS_ERROR)
    if error is not None and error >= 0:
        yield Fact(FactName.GPS_ERROR, round(error, 3), Origin.EXIF)


def _angle(gps: Directory, tag: int, letter_tag: int, axis: str) -> Angle:
    letter = gps.text(letter_tag)
    entry = gps.entries.get(tag)
    if entry is None:
        raise NotAPlace(f"there is no {axis}")
    if entry.kind == _ASCII:
        return angle_of_text(gps.text(tag), letter)
    parts = gps.fractions(tag)
    if parts is None:
        raise NotAPlace(f"the {axis} is not made of numbers")
    return angle_of_fractions(parts, letter)


READER = ExifReader()
