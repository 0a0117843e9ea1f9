"""The sound of films as samples out of the cage: whole, late, broken, long and not there at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from films import make_film
from foureyes.engine.decoding import CannotRender, ContentType, Family, Renderer, render_wire
from foureyes.engine.decoding.render_wire import Tag
from foureyes.engine.decoding.wire import WireError
from foureyes.engine.fingerprints.sound import sub_fingerprints
from foureyes.engine.model import FaultCode
from foureyes.engine.settings import EngineSettings
from made_sounds import RATE, Samples, make_sounding_film, melody, silence


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    """One caged worker for all."""
    made = Renderer(EngineSettings(workers=1))
    yield made
    made.close()


def heard(renderer: Renderer, path: Path, name: str = "mp4") -> tuple[float, Samples]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        start, pieces = renderer.sound(descriptor, ContentType(Family.VIDEO, name))
        return start, np.concatenate(list(pieces))
    finally:
        os.close(descriptor)


def differing(one: Samples, other: Samples) -> float:
    """Share of bits in which the sub-fingerprints of two sounds differ."""
    items = [np.concatenate(list(sub_fingerprints([samples]))) for samples in (one, other)]
    count = min(map(len, items))
    return float(np.unpackbits((items[0][:count] ^ items[1][:count]).view(np.uint8)).mean())


@pytest.mark.parametrize(
    ("container", "name", "codec", "rate"),
    [
        ("mp4", "mp4", "aac", 44_100),
        ("matroska", "matroska", "libopus", 48_000),
        ("avi", "avi", "libmp3lame", 22_050),
        ("mov", "mov", "pcm_s16le", RATE),
    ],
)
def test_what_a_film_sounds_of_comes_out(
    renderer: Renderer, tmp_path: Path, container: str, name: str, codec: str, rate: int
) -> None:
    drawn = melody(1, 8.0, rate)
    film = make_sounding_film(
        tmp_path / "film", 1, drawn, container=container, codec=codec, rate=rate, bit_rate=96_000
    )
    start, samples = heard(renderer, film, name)
    assert start == pytest.approx(0.0, abs=0.1)
    assert len(samples) == pytest.approx(8 * RATE, rel=0.03)
    again = make_sounding_film(tmp_path / "plain", 1, drawn, container="mov", codec="pcm_s16le", rate=rate)
    assert differing(samples, heard(renderer, again, "mov")[1]) < 0.15


def test_more_than_a_piece_is_whole(renderer: Renderer, tmp_path: Path) -> None:
    drawn = melody(2, 70.0)
    film = make_sounding_film(tmp_path / "film", 1, drawn, container="mov", codec="pcm_s16le")
    assert np.array_equal(heard(renderer, film, "mov")[1], drawn)


def test_sound_that_begins_late_says_so(renderer: Renderer, tmp_path: Path) -> None:
    film = make_sounding_film(
        tmp_path / "film", 1, melody(3, 5.0, 44_100), rate=44_100, late=4.0, container="matroska"
    )
    assert heard(renderer, film, "matroska")[0] == pytest.approx(4.0, abs=0.1)


def test_a_film_without_sound_is_told(renderer: Renderer, tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", [(1, 2.0)])
    with pytest.raises(CannotRender, match="no sound") as told:
        heard(renderer, film)
    assert told.value.fault.code is FaultCode.UNSUPPORTED


def test_a_broken_sound_gives_what_is_whole(renderer: Renderer, tmp_path: Path) -> None:
    film = make_sounding_film(
        tmp_path / "film", 1, melody(4, 20.0, 44_100), rate=44_100, container="matroska"
    )
    untrusted = bytearray(film.read_bytes())
    rng = np.random.default_rng(1)
    middle = len(untrusted) // 3
    untrusted[middle : middle + 2000] = rng.integers(0, 256, 2000, dtype=np.uint8).tobytes()
    film.write_bytes(untrusted)
    _, samples = heard(renderer, film, "matroska")
    assert 5 * RATE < len(samples) <= 21 * RATE


@pytest.mark.parametrize("seed", range(12))
def test_random_bytes_within_a_film_end_in_samples_or_a_fault(
    renderer: Renderer, tmp_path: Path, seed: int
) -> None:
    film = make_sounding_film(tmp_path / "film", 1, silence(3.0, 44_100), rate=44_100)
    untrusted = bytearray(film.read_bytes())
    rng = np.random.default_rng(seed)
    for at in rng.integers(0, len(untrusted), 200):
        untrusted[at] = int(rng.integers(0, 256))
    film.write_bytes(untrusted)
    with suppress(CannotRender):  # nothing else may come of it
        heard(renderer, film)


@pytest.mark.parametrize(
    ("tag", "untrusted"),
    [
        (Tag.SAMPLES, b""),
        (Tag.SAMPLES, b"odd"),
        (Tag.SAMPLES, bytes(2 * render_wire.PIECE_SAMPLES + 2)),
        (Tag.CHUNK, bytes(2)),
    ],
)
def test_samples_that_are_none_are_refused(tag: Tag, untrusted: bytes) -> None:
    with pytest.raises(WireError):
        render_wire.samples_of(tag, untrusted)


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf"), 1e12])
def test_an_impossible_start_is_refused(seconds: float) -> None:
    with pytest.raises(WireError):
        render_wire.start_of(*render_wire.start_frame(seconds))
