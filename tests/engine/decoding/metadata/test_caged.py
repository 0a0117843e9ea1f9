"""In the sealed worker nothing can be loaded any more: every reader has to bring all it needs."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from engine.decoding.metadata.building import box, data_set, resource, text, tiff, undefined
from foureyes.engine.decoding import Decoder, sniff
from foureyes.engine.model import Decoded, FactName, FactValue
from foureyes.engine.settings import EngineSettings


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    made = Decoder(EngineSettings())
    yield made
    made.close()


def _facts(decoder: Decoder, folder: Path, data: bytes) -> dict[FactName, list[FactValue]]:
    (folder / "picture").write_bytes(data)
    descriptor = os.open(folder / "picture", os.O_RDONLY)
    try:
        decoded = decoder.decode(descriptor, sniff(data[:4096]))
    finally:
        os.close(descriptor)
    assert isinstance(decoded, Decoded)
    found: dict[FactName, list[FactValue]] = {}
    for fact in decoded.facts:
        found.setdefault(fact.name, []).append(fact.value)
    return found


_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<r:Description xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" aux:SerialNumber="777"/></r:RDF></x:xmpmeta>'
)


def test_a_jpeg_with_every_encoding(decoder: Decoder, tmp_path: Path) -> None:
    block = tiff(
        {0x9C9B: (1, "Böhme".encode("utf-16-le")), 0x013B: text("Müller".encode("latin-1"))},
        {0x9286: undefined(b"JIS\0\0\0\0\0" + "日本".encode("shift_jis"))},
    )
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 30)).save(file, "JPEG", exif=b"Exif\0\0" + block, icc_profile=None)
    whole = file.getvalue()
    packet = b"http://ns.adobe.com/xap/1.0/\0" + _XMP.encode("utf-16-be")
    sets = b"Photoshop 3.0\0" + resource(0x0404, data_set(25, b"garden"))
    extra = b"".join(
        struct.pack(">BBH", 255, marker, len(body) + 2) + body
        for marker, body in ((0xE1, packet), (0xED, sets))
    )
    found = _facts(decoder, tmp_path, whole[:2] + extra + whole[2:])
    assert FactName.METADATA_FAULT not in found
    assert found[FactName.DESCRIPTION] == ["Böhme"]
    assert found[FactName.ARTIST] == ["Müller"]
    assert found[FactName.COMMENT] == ["日本"]
    assert found[FactName.BODY_SERIAL] == ["777"]
    assert found[FactName.KEYWORD] == ["garden"]
    assert FactName.QUANTISATION in found


def test_a_packed_box_of_jpeg_xl(decoder: Decoder, tmp_path: Path) -> None:
    picture = imagecodecs.jpegxl_encode(np.zeros((32, 32, 3), np.uint8), usecontainer=True)
    packed = imagecodecs.brotli_encode(struct.pack(">I", 0) + tiff({0x010F: text("Acme")}))
    found = _facts(decoder, tmp_path, picture + box(b"brob", b"Exif", packed))
    assert found == {FactName.CAMERA_MAKER: ["Acme"]}
