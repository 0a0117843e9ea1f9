"""The name of the ICC colour profile: it tells phones, programs and editing apart. Never applies it."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from foureyes.engine.decoding.metadata.blocks import blocks_of
from foureyes.engine.decoding.metadata.damaged import Damaged, guarded
from foureyes.engine.decoding.metadata.text import BYTES_AT_MOST, clean, decoded, utf16
from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Fact, FactName, Origin

TAGS_AT_MOST = 200
_HEADER = 128
_TABLE = struct.Struct(">4sII")
_RECORD = struct.Struct(">4sII")


class IccReader:
    """Reads the description of a colour profile."""

    name = "icc"
    version = 1

    def read(self, untrusted: UntrustedInput) -> Iterator[Fact]:
        """At most one fact."""
        profile = blocks_of(untrusted).icc
        if profile:
            yield from guarded(_facts(profile), "ICC profile", Origin.ICC)


def _facts(profile: bytes) -> Iterator[Fact]:
    if len(profile) < _HEADER + 4 or profile[36:40] != b"acsp":
        raise Damaged("no profile header")
    name = _description(profile) or f"without a name, made by {decoded(profile[80:84]) or 'nobody'}"
    yield Fact(FactName.COLOUR_PROFILE, name, Origin.ICC)


def _description(profile: bytes) -> str:
    (count,) = struct.unpack_from(">I", profile, _HEADER)
    for index in range(min(count, TAGS_AT_MOST)):
        place = _HEADER + 4 + index * _TABLE.size
        if place + _TABLE.size > len(profile):
            raise Damaged("its table ends before the last entry")
        kind, at, size = _TABLE.unpack_from(profile, place)
        if kind == b"desc":
            return _text(profile[at : at + min(size, BYTES_AT_MOST)])
    return ""


def _text(element: bytes) -> str:
    """Of version 2, a counted ASCII text; of version 4, texts in several languages, of which the first."""
    kind = element[:4]
    if kind == b"desc" and len(element) > 12:  # noqa: PLR2004 - type, nothing, count
        (size,) = struct.unpack_from(">I", element, 8)
        return decoded(element[12 : 12 + size])
    if kind == b"mluc" and len(element) >= 16 + _RECORD.size:
        _, size, at = _RECORD.unpack_from(element, 16)
        return utf16(element[at : at + size], ">")
    return clean(decoded(element[8:])) if kind == b"text" else ""


READER = IccReader()
