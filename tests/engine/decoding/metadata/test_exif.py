"""EXIF of hand-made blocks, in both byte orders and from every container."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from engine.decoding.metadata.building import (
    box,
    facts,
    full_box,
    jpeg,
    jpeg_with_exif,
    long,
    png,
    rational,
    resource,
    short,
    stated,
    text,
    tiff,
    undefined,
    webp,
)
from foureyes.engine.decoding.metadata.blocks import jpeg as jpeg_blocks
from foureyes.engine.model import Fact, FactName, Origin

_MAIN = {
    0x010F: text("Acme"),
    0x0110: text("Snap 1"),
    0x0112: short(6),
    0x0131: text("Ver.1.0"),
    0x013B: text("Ann"),
}
_EXIF = {
    0x829A: rational((10, 600)),
    0x829D: rational((28, 10)),
    0x8827: short(400),
    0x9003: text("2022:08:14 11:12:32"),
    0x9011: text("+03:00"),
    0x9291: text("25"),
    0x920A: rational((35, 1)),
    0xA431: text("0012345"),
    0xA434: text("35mm f/2.8"),
    0xA435: text("L-77"),
    0xA420: text("f00dcafe"),
    0xA430: text("Bob"),
}


def _block(order: str = "<") -> bytes:
    return tiff(_MAIN, _EXIF, order=order)


@pytest.mark.parametrize("order", ["<", ">"])
def test_all_facts_in_both_byte_orders(order: str) -> None:
    found = stated(jpeg_with_exif(_block(order)), Origin.EXIF)
    assert found == {
        FactName.CAMERA_MAKER: ["Acme"],
        FactName.CAMERA_MODEL: ["Snap 1"],
        FactName.BODY_SERIAL: ["0012345"],
        FactName.LENS_MODEL: ["35mm f/2.8"],
        FactName.LENS_SERIAL: ["L-77"],
        FactName.SOFTWARE: ["Ver.1.0"],
        FactName.OWNER: ["Bob"],
        FactName.ARTIST: ["Ann"],
        FactName.IMAGE_ID: ["f00dcafe"],
        FactName.ORIENTATION: [6],
        FactName.EXPOSURE: ["1/60 s f/2.8 ISO 400 35 mm"],
        FactName.CAPTURED_AT: ["2022-08-14T11:12:32.250000+03:00"],
    }


def _heif(block: bytes) -> bytes:
    """A HEIF whose one EXIF item stands in `mdat`."""
    payload = struct.pack(">I", 6) + b"Exif\0\0" + block
    head = box(b"ftyp", b"heic\0\0\0\0heic")

    def meta(offset: int) -> bytes:
        infe = full_box(b"infe", 2, struct.pack(">HH", 7, 0), b"Exif", b"\0")
        iinf = full_box(b"iinf", 0, struct.pack(">H", 1), infe)
        iloc = full_box(
            b"iloc", 1, bytes([0x44, 0]), struct.pack(">HHHHHII", 1, 7, 0, 0, 1, offset, len(payload))
        )
        return full_box(b"meta", 0, iinf, iloc)

    offset = len(head) + len(meta(0)) + 8
    return head + meta(offset) + box(b"mdat", payload)


def _raf(block: bytes) -> bytes:
    inner = jpeg_with_exif(block)
    return b"FUJIFILMCCD-RAW ".ljust(84, b"\0") + struct.pack(">II", 92, len(inner)) + inner


def _mrw(block: bytes) -> bytes:
    blocks = b"\0TTW" + struct.pack(">I", len(block)) + block
    return b"\0MRM" + struct.pack(">I", len(blocks)) + blocks


def _psd(block: bytes) -> bytes:
    resources = resource(0x0422, block)
    return b"8BPS".ljust(26, b"\0") + struct.pack(">I", 0) + struct.pack(">I", len(resources)) + resources


def _imagemagick(block: bytes) -> bytes:
    body = b"\nexif\n%8d\n" % (len(block) + 6) + (b"Exif\0\0" + block).hex().encode() + b"\n"
    return png((b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(body)))


def _jxl(block: bytes) -> bytes:
    return b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"Exif", struct.pack(">I", 0) + block)


@pytest.mark.parametrize(
    "container",
    [
        jpeg_with_exif,
        lambda block: jpeg((0xE0, b"JFIF\0"), (0xE1, b"Exif\0\0" + block)),
        lambda block: png((b"eXIf", block)),
        _imagemagick,
        lambda block: webp((b"VP8 ", b"xxx"), (b"EXIF", block)),
        lambda block: webp((b"EXIF", b"Exif\0\0" + block)),
        lambda block: block,
        _heif,
        _jxl,
        _psd,
        _raf,
        _mrw,
    ],
    ids=[
        "jpeg",
        "jfif",
        "png",
        "imagemagick",
        "webp",
        "webp-prefixed",
        "tiff",
        "heif",
        "jxl",
        "psd",
        "raf",
        "mrw",
    ],
)
def test_every_container_gives_the_same_facts(container: Callable[[bytes], bytes]) -> None:
    found = stated(container(_block()), Origin.EXIF)
    assert found[FactName.BODY_SERIAL] == ["0012345"]
    assert found[FactName.CAPTURED_AT] == ["2022-08-14T11:12:32.250000+03:00"]
    assert FactName.METADATA_FAULT not in found


def test_a_packed_box_of_jpeg_xl() -> None:
    import imagecodecs  # noqa: PLC0415 - as the reader does

    packed = imagecodecs.brotli_encode(struct.pack(">I", 0) + _block())
    found = stated(b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"brob", b"Exif", packed))
    assert found[FactName.BODY_SERIAL] == ["0012345"]


def test_big_tiff() -> None:
    make = b"Acme Cameras\0"
    table = (
        struct.pack("<Q", 1)
        + struct.pack("<HHQQ", 0x010F, 2, len(make), 16 + 8 + 20 + 8)
        + struct.pack("<Q", 0)
    )
    found = stated(b"II" + struct.pack("<HHHQ", 43, 8, 0, 16) + table + make)
    assert found[FactName.CAMERA_MAKER] == ["Acme Cameras"]


def test_canons_raw_has_its_directories_apart() -> None:
    parts = [
        box(b"CMT1", tiff({0x010F: text("Canon"), 0x0110: text("EOS")})),
        box(b"CMT2", tiff({0xA431: text("613040000565")})),
        box(b"CMT3", tiff({0x0007: text("Firmware Version 1.0.0")})),
        box(b"CMT4", tiff({1: text("N"), 2: rational((1, 1)), 3: text("E"), 4: rational((2, 1))})),
    ]
    uuid = box(b"uuid", bytes.fromhex("85c0b687820f11e08111f4ce462b6a48"), *parts)
    found = stated(box(b"ftyp", b"crx \0\0\0\1crx isom") + box(b"moov", uuid))
    assert found[FactName.BODY_SERIAL] == ["613040000565"]
    assert found[FactName.FIRMWARE] == ["Firmware Version 1.0.0"]
    assert (found[FactName.LATITUDE], found[FactName.LONGITUDE]) == ([1.0], [2.0])


def test_what_pillow_writes() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Acme"
    exif.get_ifd(0x8769)[0xA431] = "123"
    exif.get_ifd(0x8825).update({1: "N", 2: (41.0, 53.0, 2.5), 3: "E", 4: (12.0, 29.0, 30.0)})
    for form in ("JPEG", "PNG", "WEBP", "AVIF"):
        file = io.BytesIO()
        Image.new("RGB", (32, 32)).save(file, form, exif=exif)
        found = stated(file.getvalue(), Origin.EXIF)
        assert found[FactName.CAMERA_MAKER] == ["Acme"], form
        assert found[FactName.BODY_SERIAL] == ["123"], form
        assert found[FactName.LATITUDE] == [pytest.approx(41.88402778)], form


def test_windows_texts_and_comments() -> None:
    block = tiff(
        {0x9C9E: (1, "one;two\0".encode("utf-16-le")), 0x9C9B: (1, "Title".encode("utf-16-le"))},
        {0x9286: undefined(b"ASCII\0\0\0a remark")},
    )
    found = stated(jpeg_with_exif(block), Origin.EXIF)
    assert found[FactName.KEYWORD] == ["one", "two"]
    assert found[FactName.DESCRIPTION] == ["Title"]
    assert found[FactName.COMMENT] == ["a remark"]


def test_worthless_claims_are_kept_and_impossible_ones_are_not() -> None:
    block = tiff(
        {0x0112: short(0), 0x0132: text("0000:00:00 00:00:00")},
        {0xA431: text("0000000"), 0x829A: rational((1, 0))},
    )
    found = stated(jpeg_with_exif(block), Origin.EXIF)
    assert found == {FactName.BODY_SERIAL: ["0000000"]}


def test_a_directory_that_points_at_itself_ends() -> None:
    block = b"II*\0\x08\0\0\0" + b"\1\0" + struct.pack("<HHII", 0x8769, 4, 1, 8) + struct.pack("<I", 8)
    assert stated(jpeg_with_exif(block), Origin.EXIF) == {}


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        (b"XX*\0\x08\0\0\0", "EXIF: no TIFF header"),
        (b"II*\0\xff\xff\0\0" + bytes(20), "EXIF: a pointer leads outside of the block"),
        (
            b"II*\0\x08\0\0\0\xff\xff" + bytes(40),
            "EXIF: a directory states more entries than any camera writes",
        ),
        (
            b"II*\0\x08\0\0\0\1\0" + struct.pack("<HHII", 0x010F, 2, 100, 9999),
            "EXIF: 1 values lie outside of the block",
        ),
    ],
)
def test_a_damaged_block_is_one_fault(block: bytes, fault: str) -> None:
    assert facts(jpeg_with_exif(block))[0] == Fact(FactName.METADATA_FAULT, fault, Origin.EXIF)


def test_what_stands_before_the_damage_is_kept() -> None:
    block = tiff({0x010F: text("Acme"), 0x8769: long(0xFFFFFF)})
    found = stated(jpeg_with_exif(block), Origin.EXIF)
    assert found[FactName.CAMERA_MAKER] == ["Acme"]
    assert found[FactName.METADATA_FAULT] == ["EXIF: 1 values lie outside of the block"]


def test_junk_between_segments_is_skipped() -> None:
    whole = jpeg_with_exif(_block())
    assert stated(whole[:2] + b"\xff\xff" + whole[2:], Origin.EXIF)[FactName.CAMERA_MAKER] == ["Acme"]
    padded = jpeg((0xE0, b"JFIF\0"))[:11] + bytes(500) + whole[2:]
    assert stated(padded, Origin.EXIF)[FactName.CAMERA_MAKER] == ["Acme"]
    endless = b"\xff\xd8\xff" + bytes(jpeg_blocks.JUNK_AT_MOST * 3)
    assert stated(endless, Origin.EXIF) == {}


def test_the_size_that_a_camera_stated_is_kept_and_no_size_is_none() -> None:
    block = tiff(_MAIN, {0xA002: long(3008), 0xA003: short(2000)})
    assert stated(jpeg_with_exif(block), Origin.EXIF)[FactName.STATED_SIZE] == ["3008x2000"]
    for width in (long(0), text("wide")):
        block = tiff(_MAIN, {0xA002: width, 0xA003: short(2000)})
        assert FactName.STATED_SIZE not in stated(jpeg_with_exif(block), Origin.EXIF)
