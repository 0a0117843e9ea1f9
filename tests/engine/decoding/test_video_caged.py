"""The same films through the real cage: what is there outside must be there inside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from films import decode, make_film
from foureyes.engine.decoding.decoder import Decoder
from foureyes.engine.decoding.sniff import sniff
from foureyes.engine.model import Decoded, Fault, FaultCode
from foureyes.engine.running.cage import cage_available
from foureyes.engine.settings import EngineSettings

pytestmark = pytest.mark.skipif(
    not cage_available().sealed, reason=f"no cage on this machine: {cage_available().reason}"
)

FILMS = {
    "mp4": ("mp4", "libx264"),
    "mov": ("mov", "libx265"),
    "matroska": ("matroska", "libsvtav1"),
    "webm": ("webm", "libvpx-vp9"),
    "avi": ("avi", "mjpeg"),
    "asf": ("asf", "wmv2"),
    "mpegts": ("mpegts", "mpeg2video"),
    "flv": ("flv", "flv"),
    "ogg": ("ogg", "libvpx"),
    "mxf": ("mxf", "mpeg2video"),
}


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder(EngineSettings()) as caged:
        yield caged


def decode_caged(decoder: Decoder, path: Path) -> tuple[str, Decoded | Fault]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        content = sniff(os.pread(descriptor, 4096, 0))
        return content.format, decoder.decode(descriptor, content)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("name", FILMS)
def test_a_film_is_the_same_inside_and_outside(tmp_path: Path, decoder: Decoder, name: str) -> None:
    container, codec = FILMS[name]
    if codec not in av.codecs_available:
        pytest.skip(f"PyAV here has no {codec}")
    film = make_film(
        tmp_path / "film",
        [(1, 0.8), (2, 0.8)],
        container=container,
        codec=codec,
        rate=25,
        options={"g": "10"},
    )
    sniffed, inside = decode_caged(decoder, film)
    outside = decode(film, name)
    assert sniffed == name
    assert isinstance(inside, Decoded)
    assert inside.facts == outside.facts
    assert inside.fault == outside.fault is None
    assert [frame.at_seconds for frame in inside.frames] == [frame.at_seconds for frame in outside.frames]
    for one, other in zip(inside.frames, outside.frames, strict=True):
        assert (one.pixels == other.pixels).all()


def test_a_broken_film_costs_itself_only(tmp_path: Path, decoder: Decoder) -> None:
    whole = make_film(tmp_path / "whole.mp4", [(1, 1.0)])
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(whole.read_bytes()[:400])
    _, fault = decode_caged(decoder, broken)
    assert isinstance(fault, Fault)
    assert fault.code in (FaultCode.DAMAGED, FaultCode.UNSUPPORTED)
    _, decoded = decode_caged(decoder, whole)
    assert isinstance(decoded, Decoded)
    assert decoded.frames
