"""IPTC, ICC, content credentials, the build of JPEGs and plain texts."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, ImageCms

from engine.decoding.metadata.building import (
    box,
    data_set,
    full_box,
    jpeg,
    png,
    resource,
    short,
    stated,
    text,
    tiff,
    webp,
)
from foureyes.engine.model import FactName, Origin

_SETS = (
    data_set(90, b"\x1b%G", record=1)
    + data_set(25, "Bäume".encode())
    + data_set(25, b"garden")
    + data_set(55, b"20220814")
    + data_set(60, b"111232+0300")
    + data_set(80, "Ann Müller".encode("latin-1"))
    + data_set(90, b"Utrecht")
    + data_set(120, b"A garden")
)


@pytest.mark.parametrize(
    "container",
    [
        lambda sets: jpeg((0xED, b"Photoshop 3.0\0" + resource(0x0404, sets))),
        lambda sets: jpeg(
            (0xED, b"Photoshop 3.0\0" + resource(0x0404, sets)[:30]),
            (0xED, b"Photoshop 3.0\0" + resource(0x0404, sets)[30:]),
        ),
        lambda sets: tiff({33723: (7, sets)}),
        lambda sets: tiff(
            {
                33723: (
                    4,
                    struct.unpack(f">{len(sets) // 4 + 1}I", sets.ljust((len(sets) // 4 + 1) * 4, b"\0")),
                )
            }
        ),
        lambda sets: tiff({34377: (1, resource(0x0404, sets))}),
    ],
    ids=["jpeg", "jpeg-split", "tiff", "tiff-turned", "tiff-photoshop"],
)
def test_iptc(container: Callable[[bytes], bytes]) -> None:
    assert stated(container(_SETS), Origin.IPTC) == {
        FactName.KEYWORD: ["Bäume", "garden"],
        FactName.ARTIST: ["Ann Müller"],
        FactName.PLACE_NAME: ["Utrecht"],
        FactName.DESCRIPTION: ["A garden"],
        FactName.CAPTURED_AT: ["2022-08-14T11:12:32+03:00"],
    }


def test_a_data_set_longer_than_its_block_is_a_fault() -> None:
    sets = data_set(80, b"Ann") + b"\x1c\2\x50\x40\0xx"
    found = stated(jpeg((0xED, b"Photoshop 3.0\0" + resource(0x0404, sets))), Origin.IPTC)
    assert found == {
        FactName.ARTIST: ["Ann"],
        FactName.METADATA_FAULT: ["IPTC: a data set is longer than its block"],
    }


def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _old_profile(name: bytes) -> bytes:
    element = b"desc\0\0\0\0" + struct.pack(">I", len(name) + 1) + name + b"\0"
    table = struct.pack(">I", 1) + struct.pack(">4sII", b"desc", 128 + 4 + 12, len(element))
    return bytes(36) + b"acsp" + bytes(88) + table + element


def test_profiles_of_both_versions() -> None:
    assert stated(webp((b"ICCP", _profile()))) == {FactName.COLOUR_PROFILE: ["sRGB built-in"]}
    assert stated(webp((b"ICCP", _old_profile(b"Acme RGB")))) == {FactName.COLOUR_PROFILE: ["Acme RGB"]}
    assert stated(png((b"iCCP", b"icc\0\0" + zlib.compress(_profile())))) == {
        FactName.COLOUR_PROFILE: ["sRGB built-in"]
    }


def test_a_profile_in_parts_and_out_of_order() -> None:
    whole = _profile()
    head = b"ICC_PROFILE\0"
    parts = ((0xE2, head + b"\2\2" + whole[200:]), (0xE2, head + b"\1\2" + whole[:200]))
    assert stated(jpeg(*parts), Origin.ICC) == {FactName.COLOUR_PROFILE: ["sRGB built-in"]}


def test_no_profile_is_a_fault() -> None:
    assert stated(webp((b"ICCP", b"nonsense"))) == {
        FactName.METADATA_FAULT: ["ICC profile: no profile header"]
    }


_STORE = bytes.fromhex("6332706100110010800000aa00389b71")


def _credentials(*labels: bytes) -> bytes:
    def described(name: bytes, label: bytes) -> bytes:
        return box(b"jumd", name, b"\3", label + b"\0")

    manifests = [box(b"jumb", described(bytes(16), label)) for label in labels]
    return box(b"jumb", described(_STORE, b"c2pa"), *manifests)


def _in_segments(boxes: bytes) -> bytes:
    first, rest = boxes[:60], boxes[60:]
    head = b"JP\0\1"
    return jpeg(
        (0xEB, head + struct.pack(">I", 1) + first), (0xEB, head + struct.pack(">I", 2) + boxes[:8] + rest)
    )


@pytest.mark.parametrize(
    "container",
    [
        _in_segments,
        lambda boxes: png((b"caBX", boxes)),
        lambda boxes: webp((b"C2PA", boxes)),
        lambda boxes: box(b"ftyp", b"avif\0\0\0\0")
        + full_box(b"uuid", 0xD8, bytes(0))[:8]
        + bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
        + bytes(4) + b"manifest\0" + bytes(8) + boxes,
    ],
    ids=["jpeg", "png", "webp", "bmff"],
)  # fmt: skip
def test_content_credentials_are_found_not_believed(container: Callable[[bytes], bytes]) -> None:
    whole = container(_credentials(b"urn:uuid:first", b"urn:uuid:active"))
    if whole[4:8] == b"ftyp":
        start = whole.index(b"uuid") - 4
        whole = whole[:start] + struct.pack(">I", len(whole) - start) + whole[start + 4 :]
    assert stated(whole, Origin.C2PA) == {FactName.CONTENT_CREDENTIALS: ["urn:uuid:active"]}


def test_other_jumbf_boxes_are_no_credentials() -> None:
    other = box(b"jumb", box(b"jumd", bytes(16), b"\3", b"other\0"))
    assert stated(png((b"caBX", other))) == {}


def _picture(**options: object) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64, 48), 50).convert("RGB").save(file, "JPEG", **options)
    return file.getvalue()


def test_quantisation_is_the_digest_of_the_tables_in_file_order() -> None:
    tables = [bytes([1]) * 64, bytes([2]) * 64]
    apart = jpeg((0xDB, b"\0" + tables[0]), (0xDB, b"\1" + tables[1]))
    together = jpeg((0xDB, b"\0" + tables[0] + b"\1" + tables[1]))
    expected = hashlib.sha256(b"\0" + tables[0] + b"\1" + tables[1]).hexdigest()[:16]
    assert stated(apart)[FactName.QUANTISATION] == stated(together)[FactName.QUANTISATION] == [expected]


def test_quality_shows_in_the_tables_and_nowhere_else() -> None:
    fine, coarse = stated(_picture(quality=95, subsampling=0)), stated(_picture(quality=50, subsampling=0))
    assert fine[FactName.QUANTISATION] != coarse[FactName.QUANTISATION]
    assert fine[FactName.JPEG_LAYOUT] == coarse[FactName.JPEG_LAYOUT]


def test_layout() -> None:
    plain = stated(_picture(quality=80))[FactName.JPEG_LAYOUT]
    assert plain == ["APP0-JFIF DQT*2 SOF0 DHT*4 SOS; sampling 2x2,1x1,1x1; Huffman standard"]
    better = stated(_picture(quality=80, optimize=True, subsampling=0))[FactName.JPEG_LAYOUT]
    assert better == ["APP0-JFIF DQT*2 SOF0 DHT*4 SOS; sampling 1x1,1x1,1x1; Huffman own"]
    progressive = str(stated(_picture(progressive=True))[FactName.JPEG_LAYOUT][0])
    assert "SOF2" in progressive


def test_layout_names_the_thumbnail() -> None:
    inside = _picture(quality=60)
    first = tiff({0x010F: text("Acme"), 0x0112: short(1)})
    second = struct.pack("<H", 2) + b"".join(
        struct.pack("<HHII", tag, 4, 1, value)
        for tag, value in ((0x0201, len(first) + 30), (0x0202, len(inside)))
    )
    end = 8 + 2 + 2 * 12
    block = (
        first[:end]
        + struct.pack("<I", len(first))
        + first[end + 4 :]
        + second
        + struct.pack("<I", 0)
        + inside
    )
    layout = str(stated(jpeg((0xE1, b"Exif\0\0" + block)))[FactName.JPEG_LAYOUT][0])
    assert "APP1-Exif SOS" in layout
    assert "thumbnail 64x48 " in layout


def test_plain_texts() -> None:
    assert stated(jpeg((0xFE, b"made by me")), Origin.JPEG)[FactName.COMMENT] == ["made by me"]
    assert stated(
        png((b"tEXt", b"Software\0Draw 2"), (b"zTXt", b"parameters\0\0" + zlib.compress(b"steps: 20")))
    ) == {
        FactName.SOFTWARE: ["Draw 2"],
        FactName.COMMENT: ["parameters: steps: 20"],
    }
    assert stated(png((b"iTXt", b"Creation Time\0\0\0\0\0" + b"2022-08-14T11:12:32Z"))) == {
        FactName.CAPTURED_AT: ["2022-08-14T11:12:32+00:00"]
    }
    assert stated(b"GIF89a\1\0\1\0\0\0\0" + b"!\xfe\x05hello\0;") == {FactName.COMMENT: ["hello"]}
