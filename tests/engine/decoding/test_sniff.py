from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decoding import made
from foureyes.engine.decoding import Family, sniff


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    body = major + b"\0\0\0\0" + b"".join(compatible)
    return struct.pack(">I", 8 + len(body)) + b"ftyp" + body + b"\0\0\0\x08mdat"


def tiff(*tags: tuple[int, int, int, bytes], order: str = "<") -> bytes:
    """A TIFF header and one directory; each tag: number, kind, count, four bytes of value."""
    entries = b"".join(struct.pack(order + "HHI", *tag[:3]) + tag[3] for tag in tags)
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(order + "IH", 8, len(tags)) + entries + b"\0\0\0\0"


def short(value: int) -> bytes:
    return struct.pack("<HH", value, 0)


def long(value: int) -> bytes:
    return struct.pack("<I", value)


def make(text: bytes) -> tuple[tuple[int, int, int, bytes], bytes]:
    """The Make tag whose text stands behind a directory of three tags, and that text."""
    return (0x010F, 2, len(text), long(8 + 2 + 3 * 12 + 4)), text


NIKON, NIKON_TEXT = make(b"NIKON CORPORATION\0")
SONY, SONY_TEXT = make(b"SONY\0")

HEADS = {
    "jpeg": b"\xff\xd8\xff\xe1",
    "gif": b"GIF89a",
    "webp": b"RIFF\x10\0\0\0WEBPVP8 ",
    "bmp": b"BM" + struct.pack("<IHHII", 1000, 0, 0, 54, 40),
    "psd": b"8BPS\0\x01",
    "jxl": b"\0\0\0\x0cJXL \r\n\x87\n",
    "heic": ftyp(b"heic", b"mif1"),
    "heif": ftyp(b"mif1", b"miaf"),
    "avif": ftyp(b"mif1", b"avif"),
    "cr3": ftyp(b"crx ", b"isom"),
    "mp4": ftyp(b"isom", b"avc1"),
    "mov": ftyp(b"qt  "),
    "3gp": ftyp(b"3gp4", b"isom"),
    "m4a": ftyp(b"M4A ", b"isom"),
    "tiff": tiff((0x0100, 3, 1, short(100))),
    "cr2": b"II*\0\x10\0\0\0CR\x02\0",
    "dng": tiff((0xC612, 1, 4, b"\x01\x04\0\0")),
    "nef": tiff((0x00FE, 4, 1, long(1)), NIKON, (0x014A, 4, 1, long(999))) + NIKON_TEXT,
    "arw": tiff((0x00FE, 4, 1, long(1)), SONY, (0x014A, 4, 1, long(999))) + SONY_TEXT,
    "orf": b"IIRO\x08\0\0\0",
    "rw2": b"IIU\0\x18\0\0\0",
    "raf": b"FUJIFILMCCD-RAW 0201",
    "matroska": b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska",
    "webm": b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm",
    "avi": b"RIFF\x10\0\0\0AVI LIST",
    "wav": b"RIFF\x10\0\0\0WAVEfmt ",
    "mpegts": (b"\x47" + bytes(187)) * 5,
    "mpegps": b"\0\0\x01\xba\x44",
    "flv": b"FLV\x01\x05",
    "asf": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c",
    "ogg": b"OggS\0\x02" + bytes(22) + b"\x80theora",
    "ogg-audio": b"OggS\0\x02" + bytes(22) + b"\x01vorbis",
    "zip": b"PK\x03\x04",
    "tar": bytes(257) + b"ustar\0" + bytes(250),
    "pdf": b"%PDF-1.7",
    "unknown": b"hello",
}


@pytest.mark.parametrize("name", HEADS)
def test_each_format_is_known_by_its_first_bytes(name: str) -> None:
    assert sniff(HEADS[name]).format == name


@pytest.mark.parametrize(
    ("head", "family"),
    [
        (HEADS["cr3"], Family.PICTURE),
        (HEADS["mp4"], Family.VIDEO),
        (HEADS["m4a"], Family.OTHER),
        (HEADS["zip"], Family.ARCHIVE),
        (b"", Family.OTHER),
        (b"BM is how this text begins, and no bitmap", Family.OTHER),
    ],
)
def test_families(head: bytes, family: Family) -> None:
    assert sniff(head).family is family


def test_the_second_m2ts_byte_pattern_is_a_film_too() -> None:
    packet = b"\0\0\0\0\x47" + bytes(187)
    assert sniff(packet * 6).format == "mpegts"


def test_a_nikon_tiff_that_is_no_raw_stays_a_tiff() -> None:
    plain = tiff((0x00FE, 4, 1, long(0)), NIKON, (0x0103, 3, 1, short(1))) + NIKON_TEXT
    assert sniff(plain).format == "tiff"


def test_a_picture_with_an_archive_behind_it_is_the_picture() -> None:
    assert sniff(made.saved(made.quarters(64, 64), "JPEG") + b"PK\x03\x04").format == "jpeg"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000"])
def test_what_pillow_writes_is_known(kind: str) -> None:
    content = sniff(made.saved(made.hills(64, 48), kind)[:4096])
    assert (content.family, content.format) == (Family.PICTURE, kind.lower())


def test_an_animated_png_is_told_from_a_still_one() -> None:
    frames = [made.hills(32, 32, seed) for seed in range(3)]
    assert sniff(made.saved(frames[0], "PNG", save_all=True, append_images=frames[1:])).format == "apng"


@given(st.binary(max_size=200), st.sampled_from(sorted(HEADS)))
def test_any_bytes_are_something(tail: bytes, name: str) -> None:
    assert sniff(HEADS[name][: len(tail)] + tail).format
    assert sniff(tail).format


@given(st.binary(max_size=120), st.sampled_from([b"II*\0", b"MM\0*", b"II+\0"]))
def test_any_tiff_directory_ends(tail: bytes, mark: bytes) -> None:
    assert sniff(mark + tail).family is Family.PICTURE
