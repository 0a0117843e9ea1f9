"""What every metadata reader must keep, whatever the bytes: an end, no exception, facts of the agreed form."""

from __future__ import annotations

import re
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decoding.metadata.building import (
    box,
    data_set,
    directory,
    facts,
    jpeg,
    long,
    png,
    rational,
    resource,
    short,
    text,
    tiff,
    undefined,
    untrusted,
)
from foureyes.engine.decoding.metadata import MEMBERS, readers
from foureyes.engine.decoding.metadata.base import MetadataReader
from foureyes.engine.model import Fact, FactName

_XMP = b'http://ns.adobe.com/xap/1.0/\0<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description/></r:RDF>'
_GPS = {
    1: text("N"),
    2: rational((41, 1), (53, 1), (2, 1)),
    3: text("E"),
    4: rational((12, 1), (29, 1), (3, 1)),
}


def _block(maker: str, head: bytes) -> bytes:
    note = {
        0x0007: text("Firmware 1"),
        0x0009: text("Somebody"),
        0x000C: long(77),
        0x2010: long(8),
        0x9050: undefined(bytes(300)),
    }
    return tiff(
        {0x010F: text(maker), 0x0112: short(1)},
        {0x9003: text("2022:08:14 11:12:32")},
        _GPS,
        note=(head, note),
    )


_SEEDS = (
    jpeg(
        (0xE1, b"Exif\0\0" + _block("Canon", b"")),
        (0xE1, _XMP),
        (0xED, b"Photoshop 3.0\0" + resource(0x0404, data_set(80, b"Ann"))),
        (0xE2, b"ICC_PROFILE\0\1\1" + bytes(36) + b"acsp" + bytes(120)),
        (0xEB, b"JP\0\1\0\0\0\1" + box(b"jumb", box(b"jumd", bytes(17)))),
        (0xDB, bytes(65)),
        (0xC4, bytes(40)),
        (0xC0, bytes([8, 0, 9, 0, 9, 1, 1, 17, 0])),
    ),
    jpeg((0xE1, b"Exif\0\0" + _block("SONY", b"SONY DSC \0\0\0"))),
    jpeg((0xE1, b"Exif\0\0" + _block("OLYMPUS", b"OLYMP\0\1\0"))),
    jpeg((0xE1, b"Exif\0\0" + tiff({0x010F: text("FUJIFILM")}, {0x927C: undefined(b"FUJIFILM\x0c\0\0\0" + directory(_GPS, 12))}))),
    _block("Panasonic", b"Panasonic\0\0\0"),
    png((b"eXIf", _block("NIKON", b"")), (b"zTXt", b"Raw profile type xmp\0\0" + zlib.compress(b"\nxmp\n 4\n3c613e3c"))),
    b"II\x2b\0\x08\0\0\0\x10\0\0\0\0\0\0\0" + b"\1" + bytes(7) + b"\x0f\1\2\0" + bytes(28),
    box(b"ftyp", b"heic") + box(b"meta", bytes(4), box(b"iinf", bytes(6)), box(b"iloc", bytes(8))) + box(b"uuid", bytes(40)),
    b"GIF89a\1\0\1\0\0\0\0!\xff\x0bXMP DataXMP<a/>\1\xff\xfe\0!\xfe\3abc\0;",
    b"8BPS" + bytes(26) + b"\0\0\0\x40" + resource(0x0404, data_set(80, b"Ann")) + resource(0x040F, bytes(10)),
    b"FUJIFILMCCD-RAW ".ljust(84, b"\0") + b"\0\0\0\x5c\0\0\1\0" + jpeg((0xE1, b"Exif\0\0" + bytes(20))),
    b"\0MRM\0\0\0\x20\0TTW\0\0\0\x10II*\0\x08\0\0\0",
    b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"brob", b"Exif", b"\x0b\x02\x80\0\0\0\0\x03") + box(b"jumb", bytes(20)),
)  # fmt: skip

_ANY = re.compile(r".+")
_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?"
_TEXT_FORMS = {
    FactName.CAPTURED_AT: re.compile(_MOMENT + r"([+-]\d\d:\d\d)?"),
    FactName.CHANGED_AT: re.compile(_MOMENT + r"([+-]\d\d:\d\d)?"),
    FactName.GPS_TIME: re.compile(_MOMENT + "Z"),
    FactName.QUANTISATION: re.compile(r"[0-9a-f]{16}"),
}
_NUMBER_FORMS: dict[FactName, tuple[type, float, float]] = {
    FactName.LATITUDE: (float, -90, 90),
    FactName.LONGITUDE: (float, -180, 180),
    FactName.ALTITUDE: (float, -1e9, 1e9),
    FactName.GPS_ERROR: (float, 0, 1e12),
    FactName.FILE_NUMBER: (int, 1, 10**12),
    FactName.ORIENTATION: (int, 1, 8),
}
"""Facts that are numbers; a text under one of these names, or a number under another, fails."""


def _has_its_form(fact: Fact) -> bool:
    value = fact.value
    if isinstance(value, str):
        if fact.name in _NUMBER_FORMS:
            return False
        return (
            value.isprintable()
            and 0 < len(value) <= 1000
            and _TEXT_FORMS.get(fact.name, _ANY).fullmatch(value) is not None
        )
    kind, least, most = _NUMBER_FORMS[fact.name]
    return isinstance(value, kind) and least <= value <= most


def _check(data: bytes) -> None:
    found = facts(data)
    assert all(_has_its_form(fact) for fact in found), [fact for fact in found if not _has_its_form(fact)]
    for origin in {fact.origin for fact in found}:
        of_origin = [fact.name for fact in found if fact.origin is origin]
        assert of_origin.count(FactName.LATITUDE) == of_origin.count(FactName.LONGITUDE)


@pytest.mark.parametrize("reader", readers(), ids=lambda reader: reader.name)
def test_a_member_is_named_as_its_module_and_has_a_version(reader: MetadataReader) -> None:
    assert reader.name in MEMBERS
    assert reader.version >= 1
    assert list(reader.read(untrusted(b"no metadata here"))) == []


def test_every_listed_member_is_there() -> None:
    assert tuple(reader.name for reader in readers()) == MEMBERS


@pytest.mark.parametrize("seed", _SEEDS)
def test_the_same_bytes_give_the_same_facts_in_the_same_order(seed: bytes) -> None:
    _check(seed)
    assert facts(seed) == facts(bytes(seed))


@pytest.mark.parametrize("seed", _SEEDS)
def test_every_cut_of_a_file_ends(seed: bytes) -> None:
    for end in range(0, len(seed), max(1, len(seed) // 60)):
        _check(seed[:end])


@settings(max_examples=400)
@given(
    seed=st.sampled_from(_SEEDS),
    changes=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=12),
    lies=st.lists(st.tuples(st.integers(0, 2000), st.sampled_from([b"\0" * 4, b"\xff" * 4, b"\0\0\0\1", b"\1\0\0\0", b"\x7f" * 4])), max_size=3),
)  # fmt: skip
def test_any_change_of_bytes_ends_in_facts_of_the_agreed_form(
    seed: bytes, changes: list[tuple[int, int]], lies: list[tuple[int, bytes]]
) -> None:
    data = bytearray(seed)
    for at, value in changes:
        data[at % len(data)] = value
    for at, value in lies:
        place = at % len(data)
        data[place : place + 4] = value
    _check(bytes(data))


@settings(max_examples=150)
@given(st.binary(max_size=300), st.sampled_from([seed[:16] for seed in _SEEDS]))
def test_any_bytes_behind_any_beginning_end(tail: bytes, head: bytes) -> None:
    _check(head + tail)


def test_repeated_and_packed_blocks_are_limited() -> None:
    bomb = zlib.compress(bytes(8 * 1024**2))
    chunks = [(b"zTXt", b"k%d\0\0" % number + bomb) for number in range(500)]
    profiles = [(b"zTXt", b"Raw profile type exif\0\0" + bomb)] * 50 + [(b"iCCP", b"x\0\0" + bomb)] * 50
    found = facts(png(*chunks, *profiles))
    assert {fact.name for fact in found} <= {FactName.METADATA_FAULT}
    many = jpeg(*[(0xE1, b"Exif\0\0" + tiff({0x010F: text(f"Maker {number}")})) for number in range(100)])
    assert len([fact for fact in facts(many) if fact.name is FactName.CAMERA_MAKER]) == 8


def test_facts_of_one_block_are_limited() -> None:
    sets = b"".join(data_set(25, b"%d" % number) for number in range(1500))
    found = facts(jpeg((0xED, b"Photoshop 3.0\0" + resource(0x0404, sets))))
    assert len([fact for fact in found if fact.name is FactName.KEYWORD]) == 1000
    assert any(fact.name is FactName.METADATA_FAULT for fact in found)
