"""The fixed binary form in which questions enter the cage and answers leave it.

The reading side trusts nothing: lengths, counts, ranges and enum indexes are checked before a value is
used, and whatever does not fit is a WireError. No pickle, no JSON, no format of anybody else's.

An answer is any number of FACTS frames, one HEADER, then as many FRAME frames as the header says.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from foureyes.engine.decoding.content import ContentType, Family
from foureyes.engine.decoding.facts import FACT_KINDS, TEXT_AT_MOST, FactKind, fact_is_sound
from foureyes.engine.model import Decoded, Fact, FactName, Fault, FaultCode, Frame, MediaKind, Origin
from foureyes.engine.settings import DecodingSettings

VERSION = 1
TAG_FACTS, TAG_HEADER, TAG_FRAME = 1, 2, 3

FACTS_AT_MOST = 5_000
FRAMES_AT_MOST = 5_000
SIDE_AT_MOST = 16_384
"""Longer side of a frame that leaves the cage, pixels."""
DETAIL_AT_MOST = 200
FORMAT_AT_MOST = 24

_QUESTION = struct.Struct("<BBQIIdB")
_HEADER = struct.Struct("<BBIIHbBB")
_FRAME = struct.Struct("<IIdB")
_FACT = struct.Struct("<BBBH")
_NAMES, _ORIGINS, _CODES = tuple(FactName), tuple(Origin), tuple(FaultCode)
_KINDS, _FAMILIES = tuple(MediaKind), tuple(Family)
_FORMS = (FactKind.TEXT, FactKind.INTEGER, FactKind.NUMBER)


class WireError(Exception):
    """What came through is not what our own worker sends."""


def question_to_bytes(content: ContentType, settings: DecodingSettings) -> bytes:
    """What the worker is asked: the content's type and the decoding settings."""
    name = content.format.encode("ascii")
    fixed = _QUESTION.pack(
        VERSION,
        _FAMILIES.index(content.family),
        settings.pixels_at_most,
        settings.side_pixels,
        settings.frames_at_most,
        settings.frame_seconds,
        len(name),
    )
    return fixed + name


def question_from_bytes(question: bytes) -> tuple[ContentType, DecodingSettings]:
    """The reverse, inside the cage."""
    _, family, pixels, side, frames, seconds, length = _QUESTION.unpack_from(question)
    name = question[_QUESTION.size : _QUESTION.size + length].decode("ascii")
    settings = DecodingSettings(
        pixels_at_most=pixels, side_pixels=side, frames_at_most=frames, frame_seconds=seconds
    )
    return ContentType(_FAMILIES[family], name), settings


def facts_to_frame(facts: Iterable[Fact]) -> tuple[int, bytes]:
    """One FACTS frame. Facts must be sound (`facts.sound`)."""
    return TAG_FACTS, b"".join(_fact_to_bytes(fact) for fact in facts)


def to_frames(decoded: Decoded) -> Iterator[tuple[int, bytes]]:
    """The whole answer for one decoded content, in order."""
    if decoded.facts:
        yield facts_to_frame(decoded.facts)
    yield TAG_HEADER, _header_to_bytes(decoded)
    for frame in decoded.frames:
        height, width = frame.pixels.shape[:2]
        fixed = _FRAME.pack(height, width, frame.at_seconds, frame.scene_change)
        yield TAG_FRAME, fixed + frame.pixels.tobytes()


@dataclass(slots=True)
class Answer:
    """Collects one answer frame by frame; what it holds is checked."""

    content: ContentType
    facts: list[Fact] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    _header: tuple[Decoded, int] | None = None

    def take(self, tag: int, untrusted_payload: bytes) -> None:
        """Check and keep one frame.

        Raises:
            WireError: it does not fit; the answer must be given up.
        """
        if tag == TAG_FACTS:
            self.facts.extend(_facts_from_bytes(untrusted_payload, FACTS_AT_MOST - len(self.facts)))
        elif tag == TAG_HEADER and self._header is None:
            self._header = _header_from_bytes(untrusted_payload)
        elif tag == TAG_FRAME and self._header is not None and len(self.frames) < self._header[1]:
            self.frames.append(_frame_from_bytes(untrusted_payload))
        else:
            raise WireError("a frame out of turn")

    def result(self) -> Decoded:
        """The whole answer.

        Raises:
            WireError: frames are missing.
        """
        if self._header is None or len(self.frames) != self._header[1]:
            raise WireError("an answer cut short")
        head = self._header[0]
        return Decoded(
            kind=head.kind,
            format=head.format,
            width=head.width,
            height=head.height,
            frames=tuple(self.frames),
            facts=tuple(self.facts),
            fault=head.fault,
        )

    def broken_off(self, fault: Fault) -> Decoded | Fault:
        """What is left where the worker died or lied: facts that had come before, else the fault alone."""
        if not self.facts:
            return fault
        kind = MediaKind.VIDEO if self.content.family is Family.VIDEO else MediaKind.PICTURE
        return Decoded(kind, self.content.format, 0, 0, (), tuple(self.facts), fault)


def from_frames(frames: Iterable[tuple[int, bytes]], content: ContentType) -> Decoded:
    """A whole answer, checked.

    Raises:
        WireError: anything about it does not fit.
    """
    answer = Answer(content)
    for tag, payload in frames:
        answer.take(tag, payload)
    return answer.result()


def _header_to_bytes(decoded: Decoded) -> bytes:
    name = decoded.format.encode("ascii")
    detail = decoded.fault.detail[:DETAIL_AT_MOST].encode("ascii", "replace") if decoded.fault else b""
    code = _CODES.index(decoded.fault.code) if decoded.fault else -1
    kind = _KINDS.index(decoded.kind)
    size = (decoded.width, decoded.height)
    return (
        _HEADER.pack(VERSION, kind, *size, len(decoded.frames), code, len(name), len(detail)) + name + detail
    )


def _header_from_bytes(payload: bytes) -> tuple[Decoded, int]:
    """The header as a Decoded without frames or facts, and how many frames follow."""
    if len(payload) < _HEADER.size:
        raise WireError("a short header")
    version, kind, width, height, frames, code, name_bytes, detail_bytes = _HEADER.unpack_from(payload)
    if version != VERSION or kind >= len(_KINDS) or not -1 <= code < len(_CODES):
        raise WireError("a header with unknown values")
    if len(payload) != _HEADER.size + name_bytes + detail_bytes or frames > FRAMES_AT_MOST:
        raise WireError("a header of the wrong length")
    text = payload[_HEADER.size :]
    name = _plain(text[:name_bytes], FORMAT_AT_MOST)
    if not name.replace("-", "").isalnum() or (frames and not (width and height)):
        raise WireError("a header that makes no sense")
    fault = Fault(_CODES[code], _plain(text[name_bytes:], DETAIL_AT_MOST)) if code >= 0 else None
    return Decoded(_KINDS[kind], name, width, height, (), (), fault), frames


def _plain(untrusted: bytes, at_most: int) -> str:
    if len(untrusted) > at_most or not all(32 <= byte < 127 for byte in untrusted):  # noqa: PLR2004  printable ASCII
        raise WireError("text that is not plain")
    return untrusted.decode("ascii")


def _frame_from_bytes(payload: bytes) -> Frame:
    if len(payload) < _FRAME.size:
        raise WireError("a short frame")
    height, width, at_seconds, scene_change = _FRAME.unpack_from(payload)
    if not (1 <= height <= SIDE_AT_MOST and 1 <= width <= SIDE_AT_MOST):
        raise WireError("a frame of impossible size")
    if len(payload) - _FRAME.size != height * width * 3:
        raise WireError("a frame whose pixels do not fill it")
    if not (math.isfinite(at_seconds) and at_seconds >= 0) or scene_change > 1:
        raise WireError("a frame at an impossible time")
    pixels = np.frombuffer(payload, np.uint8, offset=_FRAME.size).reshape(height, width, 3)
    return Frame(pixels, at_seconds, bool(scene_change))


def _fact_to_bytes(fact: Fact) -> bytes:
    form = FACT_KINDS[fact.name]
    if form is FactKind.TEXT:
        value = str(fact.value).encode("utf-8")
    else:
        value = struct.pack("<q" if form is FactKind.INTEGER else "<d", fact.value)
    return (
        _FACT.pack(_NAMES.index(fact.name), _ORIGINS.index(fact.origin), _FORMS.index(form), len(value))
        + value
    )


def _facts_from_bytes(payload: bytes, at_most: int) -> Iterator[Fact]:
    at = 0
    for _ in range(at_most + 1):
        if at == len(payload):
            return
        if len(payload) - at < _FACT.size:
            break
        name, origin, form, length = _FACT.unpack_from(payload, at)
        at += _FACT.size
        yield _fact_from_bytes(name, origin, form, payload[at : at + length], length)
        at += length
    raise WireError("facts that do not add up")


def _fact_from_bytes(name: int, origin: int, form: int, value: bytes, length: int) -> Fact:
    if name >= len(_NAMES) or origin >= len(_ORIGINS) or form >= len(_FORMS) or len(value) != length:
        raise WireError("a fact with unknown values")
    if FACT_KINDS[_NAMES[name]] is not _FORMS[form]:
        raise WireError("a fact of the wrong form")
    fact = Fact(_NAMES[name], _value_from_bytes(_FORMS[form], value), _ORIGINS[origin])
    if not fact_is_sound(fact):
        raise WireError("a fact out of range")
    return fact


def _value_from_bytes(form: FactKind, value: bytes) -> str | int | float:
    try:
        if form is FactKind.TEXT:
            if len(value) > TEXT_AT_MOST * 4:
                raise WireError("a text too long")
            return value.decode("utf-8")
        number: int | float = struct.unpack("<q" if form is FactKind.INTEGER else "<d", value)[0]
    except (UnicodeDecodeError, struct.error) as error:
        raise WireError("a value that is not of its form") from error
    else:
        return number
