"""Maker notes built as their makers build them."""

from __future__ import annotations

import struct

import pytest

from engine.decoding.metadata.building import (
    Entries,
    directory,
    jpeg_with_exif,
    long,
    rational,
    short,
    stated,
    text,
    tiff,
    undefined,
)
from foureyes.engine.model import FactName, FactValue, Origin


def _of_outer(
    make: str, head: bytes, tags: Entries, model: str = "M", order: str = "<"
) -> dict[FactName, list[FactValue]]:
    """A note whose offsets count from the TIFF header."""
    block = tiff(
        {0x010F: text(make), 0x0110: text(model)},
        {0x9003: text("2022:08:14 11:12:32")},
        order=order,
        note=(head, tags),
    )
    return stated(jpeg_with_exif(block), Origin.MAKER_NOTE)


def _of_own(make: str, note: bytes, model: str = "M") -> dict[FactName, list[FactValue]]:
    """A note that counts from itself."""
    block = tiff({0x010F: text(make), 0x0110: text(model)}, {0x927C: undefined(note)})
    return stated(jpeg_with_exif(block), Origin.MAKER_NOTE)


_CANON: Entries = {
    0x0007: text("Firmware Version 1.0.2"),
    0x0008: long(1104854),
    0x0009: text("Ann Owner"),
    0x000C: long(1670520998),
    0x0095: text("EF28-80mm"),
    0x0096: text("ZC3031830"),
    0x4019: undefined(bytes.fromhex("00006ef2ca") + bytes(25)),
}


@pytest.mark.parametrize("order", ["<", ">"])
def test_canon(order: str) -> None:
    assert _of_outer("Canon", b"", _CANON, order=order) == {
        FactName.BODY_SERIAL: ["1670520998", "ZC3031830"],
        FactName.LENS_MODEL: ["EF28-80mm"],
        FactName.LENS_SERIAL: ["00006ef2ca"],
        FactName.FIRMWARE: ["Firmware Version 1.0.2"],
        FactName.OWNER: ["Ann Owner"],
        FactName.FILE_NUMBER: [1104854],
    }


def test_a_canon_note_that_was_moved_is_read_by_its_footer() -> None:
    tags = {0x0009: text("Ann Owner"), 0x000C: long(77)}
    note = directory(tags, 5000) + b"II*\0" + struct.pack("<I", 5000)
    assert _of_own("Canon", note)[FactName.OWNER] == ["Ann Owner"]


def test_a_note_that_was_moved_without_its_offsets_makes_up_nothing() -> None:
    found = _of_own("Canon", directory({0x0009: text("Ann Owner"), 0x000C: long(77)}, 5000))
    assert found == {
        FactName.BODY_SERIAL: ["0000000077"],
        FactName.METADATA_FAULT: ["maker note: 1 values lie outside of it"],
    }


@pytest.mark.parametrize(
    ("model", "bits", "number"),
    [
        # as the fields of folder and file are documented for these models
        ("Canon EOS 350D DIGITAL", (100 & 0x3FF) << 6 | (24 & 0xFF) << 16 | 24 >> 8, 1000024),
        ("Canon EOS 400D DIGITAL", ((101 - 64) << 10) | (4912 >> 4) | (4912 & 0xF) << 20, 1014912),
        ("Canon EOS 5D", 1234, None),
    ],
)
def test_file_numbers_of_older_canons(model: str, bits: int, number: int | None) -> None:
    info = struct.pack("<HI", 8, bits)
    found = _of_outer("Canon", b"", {0x0093: undefined(info)}, model=model)
    assert found.get(FactName.FILE_NUMBER, [None]) == [number]


def test_nikon() -> None:
    tags = {
        0x001D: text("8964244"),
        0x0084: rational((18, 1), (55, 1), (35, 10), (56, 10)),
        0x00A7: long(2533),
        0x00B8: undefined(b"0100" + struct.pack(">HHH", 0, 100, 423)),
    }
    note = b"Nikon\0\2\x10\0\0MM\0*\0\0\0\x08" + directory(tags, 8, ">")
    assert _of_own("NIKON CORPORATION", note) == {
        FactName.BODY_SERIAL: ["8964244"],
        FactName.FILE_NUMBER: [2533],
        FactName.LENS_MODEL: ["18-55 mm f/3.5-5.6"],
    }


def test_nikons_file_number_stands_in_for_the_shutter_count() -> None:
    tags = {0x00A0: text("NO= 2001f1c0"), 0x00B8: undefined(b"0100" + struct.pack("<HHH", 0, 100, 423))}
    found = _of_own("NIKON", b"Nikon\0\2\x10\0\0II*\0\x08\0\0\0" + directory(tags, 8))
    assert found == {FactName.BODY_SERIAL: ["2001f1c0"], FactName.FILE_NUMBER: [423]}


def _enciphered(plain: bytes) -> bytes:
    return bytes(byte**3 % 249 if byte < 249 else byte for byte in plain)


def test_sony_enciphers_serial_and_count_by_model() -> None:
    plain = bytearray(0x100)
    plain[0x7C:0x80] = bytes.fromhex("46ffbd0c")
    plain[0x32:0x35] = (3520).to_bytes(3, "little")
    tags = {0x9050: undefined(_enciphered(bytes(plain)))}
    found = _of_outer("SONY", b"SONY DSC \0\0\0", tags, model="ILCE-6000")
    assert found == {FactName.BODY_SERIAL: ["46ffbd0c"], FactName.FILE_NUMBER: [3520]}
    assert _of_outer("SONY", b"SONY DSC \0\0\0", tags, model="DSC-RX100") == {}


def test_fujifilm() -> None:
    tags = {0x0010: text("FPX20017035 592D31313034060427796060110384"), 0x1438: short(0x8000 | 321)}
    found = _of_own("FUJIFILM", b"FUJIFILM\x0c\0\0\0" + directory(tags, 12))
    assert found == {
        FactName.BODY_SERIAL: ["FPX20017035 592D31313034060427796060110384"],
        FactName.FILE_NUMBER: [321],
    }


def test_olympus_and_om_system() -> None:
    equipment = {
        0x0101: text("BHP301234"),
        0x0104: long(0x1013),
        0x0202: text("ACA112233"),
        0x0203: text("12-40mm"),
    }
    for head in (b"OLYMPUS\0II\3\0", b"OM SYSTEM\0\0\0II\4\0"):
        at = len(head) + len(directory({0x2010: long(0)}, 0))
        note = head + directory({0x2010: long(at)}, len(head)) + directory(equipment, at)
        assert _of_own("OLYMPUS IMAGING CORP.", note) == {
            FactName.BODY_SERIAL: ["BHP301234"],
            FactName.LENS_SERIAL: ["ACA112233"],
            FactName.LENS_MODEL: ["12-40mm"],
            FactName.FIRMWARE: ["1.013"],
        }


def test_panasonic() -> None:
    tags = {
        0x0002: undefined(bytes([0, 1, 0, 21])),
        0x0025: undefined(b"\0\0S010604030293"),
        0x0051: text("LUMIX G 20"),
        0x0052: text("123456789"),
    }
    assert _of_outer("Panasonic", b"Panasonic\0\0\0", tags) == {
        FactName.BODY_SERIAL: ["S010604030293"],
        FactName.LENS_MODEL: ["LUMIX G 20"],
        FactName.LENS_SERIAL: ["123456789"],
        FactName.FIRMWARE: ["0.1.0.21"],
    }


@pytest.mark.parametrize("head", [b"PENTAX \0MM", b"RICOH\0MM"])
def test_pentax_and_ricoh(head: bytes) -> None:
    day, clock = bytes([7, 213, 8, 14]), bytes([11, 12, 32])
    masked = 4711 ^ int.from_bytes(day, "big") ^ 0xFFFFFFFF ^ int.from_bytes(clock + b"\0", "big")
    tags = {
        0x0006: undefined(day),
        0x0007: undefined(clock),
        0x005D: undefined(masked.to_bytes(4, "big")),
        0x0215: long(0x12C1E, 20060921, 1, 2, 132352),
        0x0229: text("3201234"),
    }
    assert _of_own("PENTAX", head + directory(tags, len(head), ">")) == {
        FactName.BODY_SERIAL: ["3201234", "20060921-132352"],
        FactName.FILE_NUMBER: [4711],
    }


def test_apple() -> None:
    tags = {0x0011: text("570F1469-09C7"), 0x002B: text("F0BAAA2A-49B5")}
    found = _of_own("Apple", b"Apple iOS\0\0\1MM" + directory(tags, 14, ">"))
    assert found == {FactName.IMAGE_ID: ["570F1469-09C7", "F0BAAA2A-49B5"]}


def test_samsung_counts_from_either_place() -> None:
    tags = {0xA001: text("NX1 firmware"), 0xA002: text("A22GCNQHB00001")}
    expected = {FactName.BODY_SERIAL: ["A22GCNQHB00001"], FactName.FIRMWARE: ["NX1 firmware"]}
    assert _of_outer("SAMSUNG", b"", tags) == expected
    assert _of_own("SAMSUNG", directory(tags, 0)) == expected


def test_serial_numbers_without_a_directory() -> None:
    reconyx = b"\x01\xf1".ljust(42, b"\0") + "H500DE01120343".ljust(15, "\0").encode("utf-16-le")
    assert _of_own("RECONYX", reconyx)[FactName.BODY_SERIAL] == ["H500DE01120343"]
    assert _of_own("EASTMAN KODAK COMPANY", b"KCTFL52301234 \0\0\0")[FactName.BODY_SERIAL] == [
        "KCTFL52301234"
    ]


def test_the_note_of_another_byte_order_than_its_block() -> None:
    note = directory({0x000C: long(77)}, 0, ">")
    assert _of_own("Canon", note)[FactName.BODY_SERIAL] == ["0000000077"]


def test_a_note_of_an_unknown_maker_says_nothing() -> None:
    assert _of_own("Acme", b"ACME".ljust(64, b"\x07")) == {}


def test_a_damaged_note_is_a_fault_beside_the_exif() -> None:
    found = _of_own("NIKON", b"Nikon\0\2\x10\0\0MM\0*\0\0\0\x08\xff\xff\xff\xff")
    assert found == {
        FactName.METADATA_FAULT: ["maker note: a directory states more entries than any camera writes"]
    }
