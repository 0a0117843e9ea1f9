from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foureyes.engine.decoding import ContentType, Family, wire
from foureyes.engine.decoding.facts import FACT_KINDS, FactKind, fact_is_sound
from foureyes.engine.model import Decoded, Fact, FactName, Fault, FaultCode, Frame, MediaKind, Origin
from foureyes.engine.settings import DecodingSettings

JPEG = ContentType(Family.PICTURE, "jpeg")

ORIGINS = st.sampled_from([origin for origin in Origin if origin is not Origin.SOURCE])
TEXTS = st.text(min_size=1, max_size=40) | st.sampled_from(["x" * 1000, "\u754c" * 1000])
VALUES = {
    FactKind.TEXT: TEXTS,
    FactKind.INTEGER: st.integers(-(2**63), 2**63 - 1),
    FactKind.NUMBER: st.floats(allow_nan=False),
}
FACTS = (
    st.sampled_from(FactName)
    .flatmap(lambda name: st.builds(Fact, st.just(name), VALUES[FACT_KINDS[name]], ORIGINS))
    .filter(fact_is_sound)
)
FAULTS = st.builds(Fault, st.sampled_from(FaultCode), st.sampled_from(["", "in words", "~" * 200]))
SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))
FRAMES = st.builds(
    Frame,
    SHAPES.map(lambda shape: np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)),
    st.floats(0, 1e6),
    st.booleans(),
)
DECODED = st.builds(
    Decoded,
    st.sampled_from(MediaKind),
    st.sampled_from(["jpeg", "mp4", "ogg-audio", "3gp"]),
    st.integers(1, 2**32 - 1),
    st.integers(1, 2**32 - 1),
    st.lists(FRAMES, max_size=3).map(tuple),
    st.lists(FACTS, max_size=5).map(tuple),
    st.none() | FAULTS,
)


@given(DECODED)
def test_what_goes_in_comes_out(decoded: Decoded) -> None:
    back = wire.from_frames(wire.to_frames(decoded), JPEG)
    for name in ("kind", "format", "width", "height", "facts", "fault"):
        assert getattr(back, name) == getattr(decoded, name)
    assert len(back.frames) == len(decoded.frames)
    for one, other in zip(back.frames, decoded.frames, strict=True):
        assert np.array_equal(one.pixels, other.pixels)
        assert (one.at_seconds, one.scene_change) == (other.at_seconds, other.scene_change)


@given(
    st.sampled_from(Family),
    st.integers(0, 2**40),
    st.integers(1, 4096),
    st.integers(1, 5000),
    st.floats(0.1, 60),
)
def test_a_question_arrives_whole(
    family: Family, pixels: int, side: int, frames: int, seconds: float
) -> None:
    asked = DecodingSettings(
        pixels_at_most=pixels, side_pixels=side, frames_at_most=frames, frame_seconds=seconds
    )
    content = ContentType(family, "jpeg2000")
    assert wire.question_from_bytes(wire.question_to_bytes(content, asked)) == (content, asked)


def only_wire_errors(frames: list[tuple[int, bytes]]) -> None:
    try:
        decoded = wire.from_frames(frames, JPEG)
    except wire.WireError:
        return
    assert all(fact_is_sound(fact) for fact in decoded.facts)
    assert all(frame.pixels.ndim == 3 and frame.pixels.shape[2] == 3 for frame in decoded.frames)


@given(st.lists(st.tuples(st.integers(0, 4), st.binary(max_size=80)), max_size=5))
def test_noise_is_refused_and_nothing_else(frames: list[tuple[int, bytes]]) -> None:
    only_wire_errors(frames)


@given(DECODED, st.data())
def test_a_good_answer_with_a_byte_changed_is_refused_or_sound(decoded: Decoded, data: st.DataObject) -> None:
    frames = list(wire.to_frames(decoded))
    index = data.draw(st.integers(0, len(frames) - 1))
    tag, payload = frames[index]
    at = data.draw(st.integers(0, len(payload) - 1))
    frames[index] = (tag, payload[:at] + bytes([data.draw(st.integers(0, 255))]) + payload[at + 1 :])
    only_wire_errors(frames)


@given(DECODED, st.data())
def test_an_answer_cut_short_is_refused(decoded: Decoded, data: st.DataObject) -> None:
    frames = list(wire.to_frames(decoded))
    if data.draw(st.booleans()):
        with pytest.raises(wire.WireError):
            wire.from_frames(frames[:-1], JPEG)
        return
    tag, payload = frames[-1]
    with pytest.raises(wire.WireError):
        wire.from_frames([*frames[:-1], (tag, payload[:-1])], JPEG)


def header(width: int = 4, height: int = 4, frames: int = 1, fault: int = -1) -> tuple[int, bytes]:
    return wire.TAG_HEADER, struct.pack("<BBIIHbBB", 1, 0, width, height, frames, fault, 4, 0) + b"jpeg"


def frame(height: int, width: int, size: int, at: float = 0.0) -> tuple[int, bytes]:
    return wire.TAG_FRAME, struct.pack("<IIdB", height, width, at, 0) + bytes(size)


def fact(name: FactName, form: int, value: bytes, origin: Origin = Origin.EXIF) -> tuple[int, bytes]:
    fixed = struct.pack("<BBBH", list(FactName).index(name), list(Origin).index(origin), form, len(value))
    return wire.TAG_FACTS, fixed + value


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [frame(2, 2, 12)],
        [header(), frame(2, 2, 11)],
        [header(), frame(2, 2, 13)],
        [header(), frame(0, 2, 0)],
        [header(), frame(2**16, 1, 2**16 * 3)],
        [header(), frame(2, 2, 12, float("nan"))],
        [header(), frame(2, 2, 12, -1.0)],
        [header(), frame(2, 2, 12), frame(2, 2, 12)],
        [header(), header(), frame(2, 2, 12)],
        [header(frames=wire.FRAMES_AT_MOST + 1)],
        [header(width=0), frame(2, 2, 12)],
        [header(frames=0, fault=len(FaultCode))],
        [fact(FactName.LATITUDE, 2, struct.pack("<d", 91.0)), header(frames=0)],
        [fact(FactName.LATITUDE, 2, struct.pack("<d", float("nan"))), header(frames=0)],
        [fact(FactName.LATITUDE, 0, b"north"), header(frames=0)],
        [fact(FactName.ORIENTATION, 1, struct.pack("<q", 9)), header(frames=0)],
        [fact(FactName.SOFTWARE, 0, b"\xff\xfe"), header(frames=0)],
        [fact(FactName.SOFTWARE, 0, b"x" * 1001), header(frames=0)],
        [fact(FactName.SOFTWARE, 0, b"\x1b[2J"), header(frames=0)],
        [fact(FactName.SOFTWARE, 0, "\u202egpj.exe".encode()), header(frames=0)],
        [fact(FactName.CASE_NUMBER, 0, b"7", Origin.SOURCE), header(frames=0)],
        [fact(FactName.SOFTWARE, 0, b"x")] * (wire.FACTS_AT_MOST + 1) + [header(frames=0)],
    ],
)
def test_lies_are_refused(frames: list[tuple[int, bytes]]) -> None:
    with pytest.raises(wire.WireError):
        wire.from_frames(frames, JPEG)


def test_facts_that_came_before_a_death_are_kept() -> None:
    answer = wire.Answer(JPEG)
    answer.take(*fact(FactName.CAMERA_MODEL, 0, b"X100"))
    left = answer.broken_off(Fault(FaultCode.CRASHED, "signal 11"))
    assert isinstance(left, Decoded)
    assert left.facts == (Fact(FactName.CAMERA_MODEL, "X100", Origin.EXIF),)
    assert (left.frames, left.fault) == ((), Fault(FaultCode.CRASHED, "signal 11"))


def test_a_death_before_any_fact_is_the_fault_alone() -> None:
    fault = Fault(FaultCode.TIMED_OUT, "")
    assert wire.Answer(JPEG).broken_off(fault) is fault
