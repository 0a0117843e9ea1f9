"""XMP packets of every container that has them, to typed facts.

Parsed by defusedxml with document types forbidden, so that no entity is ever expanded. Reads properties
of the picture itself; of its history only what it was derived from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

import defusedxml
import defusedxml.ElementTree

from foureyes.engine.decoding.metadata.blocks import blocks_of
from foureyes.engine.decoding.metadata.damaged import Damaged, guarded
from foureyes.engine.decoding.metadata.dates import stated_time
from foureyes.engine.decoding.metadata.gps import (
    Angle,
    NotAPlace,
    angle_of_signed,
    angle_of_text,
    facts_of_position,
    position,
    rejected,
)
from foureyes.engine.decoding.metadata.text import clean
from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Fact, FactName, Origin

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PACKET_BYTES_AT_MOST = 1024**2
"""Larger packets carry depth maps and the like in text; the packet with the properties stays small."""
VALUES_AT_MOST = 200
"""Values taken of one list property."""

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"
_MM = "{http://ns.adobe.com/xap/1.0/mm/}"
_REF = "{http://ns.adobe.com/xap/1.0/sType/ResourceRef#}"
_TIFF = "{http://ns.adobe.com/tiff/1.0/}"
_EXIF = "{http://ns.adobe.com/exif/1.0/}"
_EXIF_EX = "{http://cipa.jp/exif/1.0/}"
_AUX = "{http://ns.adobe.com/exif/1.0/aux/}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
_IPTC_CORE = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}"
_IPTC_EXT = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
_LIGHTROOM = "{http://ns.adobe.com/lightroom/1.0/}"
_DIGIKAM = "{http://www.digikam.org/ns/1.0/}"
_REGIONS = "{http://www.metadataworkinggroup.com/schemas/regions/}"
_DJI = "{http://www.dji.com/drone-dji/1.0/}"

_TEXTS = {
    _TIFF + "Make": FactName.CAMERA_MAKER,
    _TIFF + "Model": FactName.CAMERA_MODEL,
    _EXIF_EX + "BodySerialNumber": FactName.BODY_SERIAL,
    _AUX + "SerialNumber": FactName.BODY_SERIAL,
    _DJI + "CameraSerialNumber": FactName.BODY_SERIAL,
    _DJI + "DroneSerialNumber": FactName.BODY_SERIAL,
    _EXIF_EX + "LensModel": FactName.LENS_MODEL,
    _AUX + "Lens": FactName.LENS_MODEL,
    _EXIF_EX + "LensSerialNumber": FactName.LENS_SERIAL,
    _AUX + "LensSerialNumber": FactName.LENS_SERIAL,
    _AUX + "Firmware": FactName.FIRMWARE,
    _XMP + "CreatorTool": FactName.SOFTWARE,
    _TIFF + "Software": FactName.SOFTWARE,
    _EXIF_EX + "CameraOwnerName": FactName.OWNER,
    _AUX + "OwnerName": FactName.OWNER,
    _DC + "creator": FactName.ARTIST,
    _TIFF + "Artist": FactName.ARTIST,
    _DC + "rights": FactName.COPYRIGHT,
    _TIFF + "Copyright": FactName.COPYRIGHT,
    _DC + "title": FactName.DESCRIPTION,
    _DC + "description": FactName.DESCRIPTION,
    _TIFF + "ImageDescription": FactName.DESCRIPTION,
    _PHOTOSHOP + "Headline": FactName.DESCRIPTION,
    _EXIF + "UserComment": FactName.COMMENT,
    _DC + "subject": FactName.KEYWORD,
    _LIGHTROOM + "hierarchicalSubject": FactName.KEYWORD,
    _DIGIKAM + "TagsList": FactName.KEYWORD,
    _IPTC_EXT + "PersonInImage": FactName.KEYWORD,
    _REGIONS + "Name": FactName.KEYWORD,
    _IPTC_EXT + "DigitalSourceType": FactName.TAG,
    _IPTC_CORE + "Location": FactName.PLACE_NAME,
    _PHOTOSHOP + "City": FactName.PLACE_NAME,
    _PHOTOSHOP + "State": FactName.PLACE_NAME,
    _PHOTOSHOP + "Country": FactName.PLACE_NAME,
    _MM + "DocumentID": FactName.IMAGE_ID,
    _MM + "InstanceID": FactName.IMAGE_ID,
    _MM + "OriginalDocumentID": FactName.IMAGE_ID,
    _REF + "documentID": FactName.IMAGE_ID,
    _REF + "originalDocumentID": FactName.IMAGE_ID,
    _EXIF + "ImageUniqueID": FactName.IMAGE_ID,
}
_CAPTURED = (
    _EXIF + "DateTimeOriginal",
    _PHOTOSHOP + "DateCreated",
    _EXIF + "DateTimeDigitized",
    _XMP + "CreateDate",
)
_CHANGED = (_XMP + "ModifyDate", _TIFF + "DateTime", _XMP + "MetadataDate")
_LISTS = (_RDF + "Bag", _RDF + "Seq", _RDF + "Alt")
_LOOKED_INTO = {_MM + "DerivedFrom", _REGIONS + "Regions"}
_FRACTION = re.compile(r"\s*([+\-]?\d{1,9}(?:\.\d{1,9})?)(?:/(\d{1,9}))?\s*", re.ASCII)

Properties = dict[str, list[str]]


class XmpReader:
    """Reads XMP."""

    name = "xmp"
    version = 1

    def read(self, untrusted: UntrustedInput) -> Iterator[Fact]:
        """Facts of every packet of a file, each once."""
        seen: set[Fact] = set()
        for packet in blocks_of(untrusted).xmp:
            for fact in guarded(_facts(packet), "XMP", Origin.XMP):
                if fact not in seen:
                    seen.add(fact)
                    yield fact


def _facts(packet: bytes) -> Iterator[Fact]:
    stated = _properties(_parsed(packet))
    for name, fact_name in _TEXTS.items():
        for untrusted_text in stated.get(name, ()):
            if text := clean(untrusted_text):
                yield Fact(fact_name, text, Origin.XMP)
    number = _first(stated, _AUX + "ImageNumber")
    if number.isascii() and number.isdigit() and int(number[:12]) > 0:
        yield Fact(FactName.FILE_NUMBER, int(number[:12]), Origin.XMP)
    for fact_name, names in ((FactName.CAPTURED_AT, _CAPTURED), (FactName.CHANGED_AT, _CHANGED)):
        moments = (stated_time(_first(stated, name)) for name in names)
        if moment := next((moment for moment in moments if moment), None):
            yield Fact(fact_name, moment, Origin.XMP)
    moment = stated_time(_first(stated, _EXIF + "GPSTimeStamp"))
    if moment and moment.endswith("+00:00"):
        yield Fact(FactName.GPS_TIME, moment.removesuffix("+00:00") + "Z", Origin.XMP)
    yield from _position_facts(stated)


def _parsed(packet: bytes) -> Element:
    body = _as_utf8(packet).strip(b"\0 \t\r\n")
    if len(body) > PACKET_BYTES_AT_MOST:
        raise Damaged("a packet is larger than any list of properties")
    try:
        root: Element = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except ParseError as error:
        raise Damaged("a packet is not well-formed") from error
    except defusedxml.DefusedXmlException as error:
        raise Damaged("a packet declares a document type, which is not read") from error
    except (ValueError, LookupError) as error:  # an encoding that does not exist
        raise Damaged("a packet states an unknown encoding") from error
    return root


def _as_utf8(packet: bytes) -> bytes:
    """UTF-16 without a byte-order mark, which the XMP standard allows and XML parsers do not."""
    head = packet[:8]
    if b"<\0" not in head:
        return packet
    start = head.index(b"<\0")
    order = "utf-16-be" if head[start - 1 : start] == b"\0" and start > 0 else "utf-16-le"
    return packet[start - (order == "utf-16-be") :].decode(order, "ignore").encode()


def _properties(root: Element) -> Properties:
    """Each property's values, from attributes and elements of the picture's descriptions."""
    found: Properties = {}
    rdf = root if root.tag == _RDF + "RDF" else root.find(".//" + _RDF + "RDF")
    for description in rdf if rdf is not None else ():
        for name, value in description.attrib.items():
            found.setdefault(name, []).append(value)
        for element in description:
            found.setdefault(element.tag, []).extend(_values(element))
            if element.tag in _LOOKED_INTO:
                _look_into(element, found)
    return found


def _look_into(element: Element, found: Properties) -> None:
    for inner in element.iter():
        for name, value in inner.attrib.items():
            if name in _TEXTS:
                found.setdefault(name, []).append(value)
        if inner is not element and inner.tag in _TEXTS:
            found.setdefault(inner.tag, []).extend(_values(inner))


def _values(element: Element) -> list[str]:
    for kind in _LISTS:
        listed = element.find(kind)
        if listed is not None:
            return [item.text for item in listed[:VALUES_AT_MOST] if item.text]
    text = element.text or element.get(_RDF + "resource")
    return [text] if text else []


def _first(stated: Properties, name: str) -> str:
    values = stated.get(name)
    return values[0] if values else ""


def _position_facts(stated: Properties) -> Iterator[Fact]:
    try:
        place = _position(stated)
    except NotAPlace as reason:
        yield rejected(reason, Origin.XMP)
        return
    if place is None:
        return
    yield from facts_of_position(*place, Origin.XMP)
    altitude = _number(_first(stated, _EXIF + "GPSAltitude") or _first(stated, _DJI + "AbsoluteAltitude"))
    if altitude is not None:
        below = _first(stated, _EXIF + "GPSAltitudeRef").strip() == "1"
        yield Fact(FactName.ALTITUDE, round(-abs(altitude) if below else altitude, 3), Origin.XMP)
    error = _number(_first(stated, _EXIF + "GPSHPositioningError"))
    if error is not None and error >= 0:
        yield Fact(FactName.GPS_ERROR, round(error, 3), Origin.XMP)


def _position(stated: Properties) -> tuple[float, float] | None:
    north, east = _first(stated, _EXIF + "GPSLatitude"), _first(stated, _EXIF + "GPSLongitude")
    if north or east:
        return position(_angle(north, "latitude"), _angle(east, "longitude"))
    north = _first(stated, _DJI + "GpsLatitude")
    east = _first(stated, _DJI + "GpsLongitude") or _first(
        stated, _DJI + "GpsLongtitude"
    )  # as older drones spell it
    if north and east:
        return position(angle_of_signed(north, "N", "S"), angle_of_signed(east, "E", "W"))
    return None


def _angle(untrusted_text: str, axis: str) -> Angle:
    if not untrusted_text:
        raise NotAPlace(f"there is no {axis}")
    return angle_of_text(untrusted_text)


def _number(untrusted_text: str) -> float | None:
    match = _FRACTION.fullmatch(untrusted_text)
    if match is None or (match[2] and int(match[2]) == 0):
        return None
    return float(match[1]) / int(match[2] or 1)


READER = XmpReader()
