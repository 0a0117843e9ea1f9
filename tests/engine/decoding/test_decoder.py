"""The decoder as ingestion uses it: hostile files in the real cage, each an outcome, none the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.decoding import made, made_raw
from foureyes.engine.decoding import Decoder, sniff
from foureyes.engine.model import Decoded, Fault, FaultCode
from foureyes.engine.settings import CageLimits, EngineSettings

VALLEY = Path(__file__).parents[2] / "files" / "valley.heif"


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder(EngineSettings()) as decoder:
        yield decoder


def ask(decoder: Decoder, data: bytes) -> Decoded | Fault:
    with made.sealed(data) as fd:
        return decoder.decode(fd, sniff(data[:4096]))


def shown(decoder: Decoder, data: bytes) -> Decoded:
    decoded = ask(decoder, data)
    assert isinstance(decoded, Decoded)
    assert decoded.fault is None
    return decoded


def code_of(outcome: Decoded | Fault) -> FaultCode | None:
    if isinstance(outcome, Fault):
        return outcome.code
    return outcome.fault.code if outcome.fault else None


def jpeg_xl() -> bytes:
    return bytes(imagecodecs.jpegxl_encode(np.asarray(made.quarters(64, 64))))


EVERY_FORMAT = {
    **{
        kind.lower(): lambda kind=kind: made.saved(made.quarters(64, 64), kind)
        for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000")
    },
    "heic": VALLEY.read_bytes,
    "jxl": jpeg_xl,
    "dng": lambda: made_raw.dng(made.saved(made.quarters(64, 64), "JPEG"), 64, 48),
    "cmyk": lambda: made.saved(made.quarters(64, 64).convert("CMYK"), "JPEG"),
}


@pytest.mark.parametrize("name", EVERY_FORMAT)
def test_each_format_decodes_with_no_disk_to_import_from(decoder: Decoder, name: str) -> None:
    data = EVERY_FORMAT[name]()
    decoded = shown(decoder, data)
    assert len(decoded.frames) == 1
    assert np.array_equal(decoded.frames[0].pixels, made.decoded(data).frames[0].pixels)


def test_a_plain_file_is_read_where_it_lies(decoder: Decoder, tmp_path: Path) -> None:
    path = tmp_path / "a picture.txt"
    path.write_bytes(made.saved(made.quarters(64, 64), "JPEG"))
    with path.open("rb") as stream:
        decoded = decoder.decode(stream.fileno(), sniff(path.read_bytes()))
    assert isinstance(decoded, Decoded)
    assert made.corners_of(decoded.frames[0].pixels) == [0, 1, 2, 3]


HOSTILE = {
    "nothing": (lambda: b"", FaultCode.EMPTY),
    "random bytes behind JPEG's magic": (
        lambda: b"\xff\xd8\xff" + np.random.default_rng(1).bytes(50_000),
        FaultCode.DAMAGED,
    ),
    "flood of pixels": (lambda: made.png(60_000, 60_000, made.packed_zeros(1000)), FaultCode.TOO_MANY_PIXELS),
    "flood in a GIF": (
        lambda: b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x08\0;",
        FaultCode.TOO_MANY_PIXELS,
    ),
    "half a WebP": (lambda: made.saved(made.hills(400, 300), "WEBP")[:1000], FaultCode.DAMAGED),
    "a TIFF whose strips lie outside": (
        lambda: made.saved(made.hills(400, 300), "TIFF")[:200],
        FaultCode.DAMAGED,
    ),
    "a profile that is a bomb": (
        lambda: made.png(
            40,
            40,
            made.packed_zeros(121 * 40),
            before=made.chunk(b"iCCP", b"icc\0\0" + made.packed_zeros(10**9)),
        ),
        FaultCode.DAMAGED,
    ),
    "a film that is none": (lambda: b"\0\0\0\x18ftypisom\0\0\0\0isomavc1" + bytes(2000), None),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_each_hostile_file_costs_one_fault(decoder: Decoder, name: str) -> None:
    build, expected = HOSTILE[name]
    code = code_of(ask(decoder, build()))
    assert code is not None
    assert expected in (None, code)
    assert shown(decoder, made.saved(made.quarters(64, 64), "JPEG")).frames


BOMB = made.png(19_000, 19_000, made.packed_zeros(57_001 * 19_000))
"""A gigabyte of pixels in a megabyte of file, within the limit of pixels."""


def test_a_bomb_within_the_limit_of_pixels_meets_the_limit_of_memory() -> None:
    with Decoder(EngineSettings(cage=CageLimits(address_space_bytes=1024**3))) as decoder:
        assert code_of(ask(decoder, BOMB)) is FaultCode.OUT_OF_MEMORY
        assert shown(decoder, made.saved(made.quarters(64, 64), "JPEG")).frames


def test_what_takes_too_long_is_stopped() -> None:
    with Decoder(EngineSettings(cage=CageLimits(cpu_seconds=0.5))) as decoder:
        assert code_of(ask(decoder, BOMB)) is FaultCode.TIMED_OUT
        assert shown(decoder, made.saved(made.quarters(64, 64), "JPEG")).frames


def test_an_unknown_format_is_told(decoder: Decoder) -> None:
    outcome = ask(decoder, b"no picture at all")
    assert outcome == Fault(FaultCode.UNSUPPORTED, "no decoder for unknown")


def test_a_file_that_shrinks_under_the_mapping_costs_one_fault(decoder: Decoder, tmp_path: Path) -> None:
    path = tmp_path / "shrinks.bmp"
    path.write_bytes(made.saved(made.hills(), "BMP"))
    head = path.read_bytes()[:4096]
    with path.open("rb") as stream:
        os.truncate(path, 100)
        assert code_of(decoder.decode(stream.fileno(), sniff(head))) is FaultCode.DAMAGED


SEEDS = [
    made.saved(made.hills(96, 72), kind)
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000")
] + [VALLEY.read_bytes(), jpeg_xl(), made_raw.dng(made.saved(made.hills(96, 72), "JPEG"), 64, 48)]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(range(len(SEEDS))),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=8)), max_size=6),
    st.floats(0.05, 1),
)
def test_whatever_is_changed_in_a_file_gives_an_outcome(
    decoder: Decoder, seed: int, changes: list[tuple[float, bytes]], kept: float
) -> None:
    data = bytearray(SEEDS[seed])
    for place, change in changes:
        at = int(place * len(data))
        data[at : at + len(change)] = change
    outcome = ask(decoder, bytes(data[: int(len(data) * kept)]))
    assert isinstance(outcome, Decoded | Fault)
    assert code_of(outcome) is not FaultCode.FORBIDDEN
