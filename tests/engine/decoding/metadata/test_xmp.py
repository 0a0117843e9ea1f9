"""XMP of every container; document types and entities are never read."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from engine.decoding.metadata.building import box, facts, full_box, jpeg, png, resource, stated, tiff, webp
from foureyes.engine.model import Fact, FactName, FactValue, Origin

_HEAD = b"http://ns.adobe.com/xap/1.0/\0"
_NAMES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" '
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" '
    'xmlns:stRef="http://ns.adobe.com/xap/1.0/sType/ResourceRef#" '
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:drone="http://www.dji.com/drone-dji/1.0/"'
)


def _packet(attributes: str = "", elements: str = "") -> bytes:
    return (
        f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {_NAMES}>'
        f'<rdf:Description rdf:about="" {attributes}>{elements}</rdf:Description></rdf:RDF></x:xmpmeta>'
        f'{" " * 200}<?xpacket end="w"?>'
    ).encode()


def _jpeg(packet: bytes) -> bytes:
    return jpeg((0xE1, _HEAD + packet))


def _of(attributes: str = "", elements: str = "") -> dict[FactName, list[FactValue]]:
    return stated(_jpeg(_packet(attributes, elements)), Origin.XMP)


def test_attributes_elements_and_lists() -> None:
    found = _of(
        'aux:SerialNumber="777" aux:ImageNumber="4711" xmp:CreatorTool="Editor 1" xmp:ModifyDate="2022-08-14T12:00:00Z"',
        "<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator>"
        "<dc:subject><rdf:Bag><rdf:li>tree</rdf:li></rdf:Bag></dc:subject>"
        '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">A tree</rdf:li></rdf:Alt></dc:title>'
        "<exif:DateTimeOriginal>2022-08-14T11:12:32.5+03:00</exif:DateTimeOriginal>"
        '<xmpMM:DocumentID>xmp.did:1</xmpMM:DocumentID><xmpMM:DerivedFrom stRef:documentID="xmp.did:0"/>',
    )
    assert found == {
        FactName.BODY_SERIAL: ["777"],
        FactName.SOFTWARE: ["Editor 1"],
        FactName.ARTIST: ["Ann", "Bob"],
        FactName.DESCRIPTION: ["A tree"],
        FactName.KEYWORD: ["tree"],
        FactName.IMAGE_ID: ["xmp.did:1", "xmp.did:0"],
        FactName.FILE_NUMBER: [4711],
        FactName.CAPTURED_AT: ["2022-08-14T11:12:32.500000+03:00"],
        FactName.CHANGED_AT: ["2022-08-14T12:00:00+00:00"],
    }


def test_positions() -> None:
    found = _of('exif:GPSLatitude="41,53.2S" exif:GPSLongitude="12,29,30E" exif:GPSAltitude="125/10"')
    assert found[FactName.LATITUDE] == [pytest.approx(-41.88666667)]
    assert found[FactName.LONGITUDE] == [pytest.approx(12.49166667)]
    assert found[FactName.ALTITUDE] == [12.5]
    drone = _of('drone:GpsLatitude="-33.5" drone:GpsLongtitude="+151.25" drone:AbsoluteAltitude="+20.5"')
    assert (drone[FactName.LATITUDE], drone[FactName.LONGITUDE]) == ([-33.5], [151.25])
    bare = _of('exif:GPSLatitude="41,53.2" exif:GPSLongitude="12,29E"')
    assert bare == {FactName.GPS_REJECTED: ["the latitude has no compass letter"]}
    half = _of('exif:GPSLongitude="12,29E"')
    assert half == {FactName.GPS_REJECTED: ["there is no latitude"]}


def _extended(packet: bytes) -> bytes:
    name = b"0123456789ABCDEF0123456789ABCDEF"
    cut = len(packet) // 2
    parts = [
        b"http://ns.adobe.com/xmp/extension/\0" + name + struct.pack(">II", len(packet), at) + part
        for at, part in ((cut, packet[cut:]), (0, packet[:cut]))
    ]
    return jpeg(*((0xE1, part) for part in parts))


def _heif(packet: bytes) -> bytes:
    infe = full_box(b"infe", 2, struct.pack(">HH", 3, 0), b"mime", b"\0application/rdf+xml\0")
    iinf = full_box(b"iinf", 0, struct.pack(">H", 1), infe)
    iloc = full_box(b"iloc", 1, bytes([0x44, 0]), struct.pack(">HHHHHII", 1, 3, 1, 0, 1, 0, len(packet)))
    return box(b"ftyp", b"heic\0\0\0\0") + full_box(b"meta", 0, iinf, iloc, box(b"idat", packet))


def _gif(packet: bytes) -> bytes:
    trailer = b"\1" + bytes(range(255, -1, -1)) + b"\0"
    return b"GIF89a\1\0\1\0\0\0\0" + b"!\xff\x0bXMP DataXMP" + packet + trailer + b";"


@pytest.mark.parametrize(
    "container",
    [
        _jpeg,
        _extended,
        lambda packet: _jpeg(packet.decode().encode("utf-16-be")),
        lambda packet: png((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet)),
        lambda packet: webp((b"XMP ", packet)),
        lambda packet: tiff({700: (1, packet)}),
        lambda packet: jpeg((0xED, b"Photoshop 3.0\0" + resource(0x0424, packet))),
        _heif,
        _gif,
        lambda packet: b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"xml ", packet),
    ],
    ids=["jpeg", "extended", "utf-16", "png", "webp", "tiff", "photoshop", "heif", "gif", "jxl"],
)
def test_every_container(container: Callable[[bytes], bytes]) -> None:
    found = stated(container(_packet('aux:SerialNumber="777"')), Origin.XMP)
    assert found == {FactName.BODY_SERIAL: ["777"]}


_LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">&b;</x:xmpmeta>'
)


@pytest.mark.parametrize(
    ("packet", "fault"),
    [
        (_LAUGHS, "XMP: a packet declares a document type, which is not read"),
        (
            b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
            "XMP: a packet declares a document type, which is not read",
        ),
        (b"<x:xmpmeta", "XMP: a packet is not well-formed"),
        (b"<?xml version='1.0' encoding='nonesuch'?><x/>", "XMP: a packet states an unknown encoding"),
        (b"", "XMP: a packet is not well-formed"),
    ],
)
def test_hostile_packets_are_one_fault(packet: bytes, fault: str) -> None:
    assert Fact(FactName.METADATA_FAULT, fault, Origin.XMP) in facts(_jpeg(packet))


def test_deep_and_wide_packets_end() -> None:
    deep = png((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b"<a>" * 40_000 + b"</a>" * 40_000))
    assert stated(deep, Origin.XMP) == {}
    wide = (
        "<dc:subject><rdf:Bag>"
        + "".join(f"<rdf:li>{n}</rdf:li>" for n in range(500))
        + "</rdf:Bag></dc:subject>"
    )
    assert len(_of(elements=wide)[FactName.KEYWORD]) == 200
    huge = png(
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + _packet(elements="<dc:x>" + "y" * 1_100_000 + "</dc:x>"))
    )
    assert stated(huge) == {FactName.METADATA_FAULT: ["XMP: a packet is larger than any list of properties"]}
