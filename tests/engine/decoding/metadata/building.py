"""Blocks of metadata made by hand for tests: TIFF structures, JPEG segments, PNG chunks, ISO boxes."""

from __future__ import annotations

import struct
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence

from foureyes.engine.decoding.content import ContentType, Family
from foureyes.engine.decoding.metadata import readers
from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Fact, FactName, FactValue, Origin

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, SRATIONAL = 1, 2, 3, 4, 5, 7, 10
_CODES = {BYTE: "B", SHORT: "H", LONG: "I", RATIONAL: "II", SRATIONAL: "ii"}
Value = tuple[int, object]
Entries = Mapping[int, Value]


def text(value: str | bytes) -> Value:
    return ASCII, (value.encode() if isinstance(value, str) else value) + b"\0"


def short(*numbers: int) -> Value:
    return SHORT, numbers


def long(*numbers: int) -> Value:
    return LONG, numbers


def rational(*pairs: tuple[int, int]) -> Value:
    return RATIONAL, pairs


def undefined(value: bytes) -> Value:
    return UNDEFINED, value


def _encoded(kind: int, value: object, order: str) -> tuple[int, bytes]:
    if isinstance(value, bytes):
        return len(value), value
    assert isinstance(value, Sequence)
    flat = [n for item in value for n in (item if isinstance(item, tuple) else (item,))]
    return len(value), struct.pack(order + _CODES[kind][0] * len(flat), *flat)


def directory(entries: Entries, at: int, order: str = "<", following: int = 0) -> bytes:
    """One directory that begins at `at`, its long values behind it."""
    far = at + 2 + 12 * len(entries) + 4
    table, values = struct.pack(order + "H", len(entries)), b""
    for tag, (kind, value) in sorted(entries.items()):
        count, encoded = _encoded(kind, value, order)
        if len(encoded) <= 4:
            field = encoded.ljust(4, b"\0")
        else:
            field = struct.pack(order + "I", far + len(values))
            values += encoded + b"\0" * (len(encoded) % 2)
        table += struct.pack(order + "HHI", tag, kind, count) + field
    return table + struct.pack(order + "I", following) + values


def tiff(
    main: Entries,
    exif: Entries | None = None,
    gps: Entries | None = None,
    order: str = "<",
    note: tuple[bytes, Entries] | None = None,
) -> bytes:
    """A TIFF block. `note` is a maker note whose offsets count from the TIFF header: its head, its tags."""
    entries, inner = dict(main), dict(exif or {})
    header = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    places = {tag: 0 for tag, there in ((0x8769, exif or note), (0x8825, gps)) if there}
    entries |= {tag: long(0) for tag in places}
    end = 8 + len(directory(entries, 8, order))
    if 0x8769 in places:
        places[0x8769] = end
        if note:
            inner[0x927C] = undefined(b"")
            probe = len(directory(inner, end, order))
            inner[0x927C] = undefined(note[0] + directory(note[1], end + probe + len(note[0]), order))
            inner = _note_last(inner, note, end, order)
        end += len(directory(inner, end, order))
    if 0x8825 in places:
        places[0x8825] = end
    entries |= {tag: long(place) for tag, place in places.items()}
    whole = header + directory(entries, 8, order)
    if 0x8769 in places:
        whole += directory(inner, places[0x8769], order)
    if gps:
        whole += directory(gps, places[0x8825], order)
    return whole


def _note_last(inner: dict[int, Value], note: tuple[bytes, Entries], at: int, order: str) -> dict[int, Value]:
    """The note with offsets that fit where `directory` will put it: tags below 0x927C stand before it."""
    before = {tag: value for tag, value in inner.items() if tag < 0x927C}
    table = 2 + 12 * len(inner) + 4
    behind = len(directory(before, 0, order)) - (2 + 12 * len(before) + 4)
    start = at + table + behind + len(note[0])
    return inner | {0x927C: undefined(note[0] + directory(note[1], start, order))}


def jpeg(*segments: tuple[int, bytes]) -> bytes:
    parts = [struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload for marker, payload in segments]
    return b"\xff\xd8" + b"".join(parts) + b"\xff\xda\0\x02" + b"\x12\x34" * 8 + b"\xff\xd9"


def jpeg_with_exif(block: bytes) -> bytes:
    return jpeg((0xE1, b"Exif\0\0" + block))


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    parts = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in (*chunks, (b"IEND", b""))
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    parts = [kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2) for kind, body in chunks]
    whole = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def box(kind: bytes, *content: bytes) -> bytes:
    whole = b"".join(content)
    return struct.pack(">I", 8 + len(whole)) + kind + whole


def full_box(kind: bytes, version: int, *content: bytes) -> bytes:
    return box(kind, bytes([version, 0, 0, 0]), *content)


def resource(number: int, payload: bytes) -> bytes:
    return b"8BIM" + struct.pack(">HHI", number, 0, len(payload)) + payload + b"\0" * (len(payload) % 2)


def data_set(number: int, value: bytes, record: int = 2) -> bytes:
    return struct.pack(">BBBH", 0x1C, record, number, len(value)) + value


def untrusted(data: bytes) -> UntrustedInput:
    return UntrustedInput(memoryview(data), -1, len(data), ContentType(Family.PICTURE, "unknown"))


def facts(data: bytes) -> list[Fact]:
    """Facts of all readers in order."""
    file = untrusted(data)
    return [fact for reader in readers() for fact in reader.read(file)]


def stated(data: bytes, origin: Origin | None = None) -> dict[FactName, list[FactValue]]:
    """Values by name, of one origin or of all."""
    found: dict[FactName, list[FactValue]] = defaultdict(list)
    for fact in facts(data):
        if origin in (None, fact.origin):
            found[fact.name].append(fact.value)
    return dict(found)
