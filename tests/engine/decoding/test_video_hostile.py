"""Broken and hostile films: each ends as frames with a fault, or as a fault, and opens nothing else."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import av
import numpy as np
import pytest

from films import decode, make_film, with_box, with_external_data
from foureyes.engine.decoding.formats import video_film, video_frames
from foureyes.engine.decoding.formats.base import CannotDecode
from foureyes.engine.decoding.formats.video import DEMUXERS
from foureyes.engine.model import FactName, Fault, FaultCode

IN_OPEN, IN_NONBLOCK = 0x20, 0o4000


@contextmanager
def opens_of(path: Path) -> Iterator[list[bytes]]:
    """What the kernel saw of openings of a file, filled in when the block ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(IN_NONBLOCK)
    assert watch >= 0
    assert libc.inotify_add_watch(watch, os.fsencode(path), IN_OPEN) >= 0
    seen: list[bytes] = []
    try:
        yield seen
        seen.append(os.read(watch, 4096))
    except BlockingIOError:
        pass
    finally:
        os.close(watch)


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A whole film that the hostile files of this module point to."""
    return make_film(tmp_path / "canary.mp4", [(7, 1.0)])


def scripts(canary: Path) -> dict[str, str]:
    return {
        "hls": f"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1.0,\n{canary}\n#EXTINF:1.0,\nfile://{canary}\n#EXT-X-ENDLIST\n",
        "ffconcat": f"ffconcat version 1.0\nfile '{canary}'\nduration 1.0\n",
        "concat": f"concat:{canary}|{canary}",
        "dash": f'<?xml version="1.0"?><MPD><Period><BaseURL>{canary}</BaseURL></Period></MPD>',
        "sdp": f"v=0\nm=video 5004 RTP/AVP 96\na=control:{canary}\n",
        "subfile": f"subfile,,start,0,end,100,,:{canary}",
    }


def assert_gives_no_frames(hostile: Path, name: str = "mp4") -> None:
    try:
        decoded = decode(hostile, name)
    except CannotDecode as caught:
        fault = Fault(caught.code, caught.detail)
    else:
        assert not decoded.frames
        assert decoded.fault
        fault = decoded.fault
    assert fault.code in (FaultCode.DAMAGED, FaultCode.UNSUPPORTED, FaultCode.FORBIDDEN)
    assert "/" not in fault.detail


def test_the_watch_sees_an_opening(canary: Path) -> None:
    with opens_of(canary) as seen:
        canary.read_bytes()
    assert seen


@pytest.mark.parametrize("script", ["hls", "ffconcat", "concat", "dash", "sdp", "subfile"])
def test_playlists_open_nothing_under_any_format(tmp_path: Path, canary: Path, script: str) -> None:
    hostile = tmp_path / "film.mp4"
    hostile.write_text(scripts(canary)[script])
    with opens_of(canary) as seen:
        for name in DEMUXERS:
            assert_gives_no_frames(hostile, name)
    assert not seen


def test_a_format_that_is_not_on_the_list_is_refused(canary: Path) -> None:
    for name in ("hls", "concat", "sdp", "unknown"):
        with pytest.raises(CannotDecode) as caught:
            decode(canary, name)
        assert caught.value.code is FaultCode.UNSUPPORTED


def test_external_data_references_open_nothing(tmp_path: Path, canary: Path) -> None:
    hostile = tmp_path / "hostile.mp4"
    hostile.write_bytes(with_external_data(canary.read_bytes(), str(canary)))
    asked_for = []

    def note(url: str, *_: object) -> object:
        asked_for.append(url)
        raise FileNotFoundError

    options = {"enable_drefs": "1", "use_absolute_path": "1"}
    with hostile.open("rb") as stream, suppress(FileNotFoundError):
        av.open(stream, "r", format="mov", options=options, io_open=note)
    assert str(canary) in asked_for, "the fixture must be a reference that FFmpeg would follow"
    with opens_of(canary) as seen:
        assert_gives_no_frames(hostile)
    assert not seen


def test_the_protocol_list_holds_where_a_playlist_demuxer_got_through(
    tmp_path: Path, canary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second wall, alone: concat opens its parts past `io_open`, but by no protocol."""
    lax = {"allowed_extensions": "ALL", "safe": "0"}
    walls = {"protocol_whitelist": video_film.PROTOCOLS}
    monkeypatch.setitem(DEMUXERS, "hls", "hls")
    monkeypatch.setitem(DEMUXERS, "concat", "concat")
    hostile = tmp_path / "film"
    for name, script in (("hls", "hls"), ("concat", "ffconcat")):
        hostile.write_text(scripts(canary)[script])
        monkeypatch.setattr(video_film, "_options", lambda *_: lax | walls)
        with opens_of(canary) as seen:
            assert_gives_no_frames(hostile, name)
        assert not seen
    monkeypatch.setattr(video_film, "_options", lambda *_: lax)
    with opens_of(canary) as seen:
        decode(hostile, "concat")
    assert seen, "without the wall concat opens the file: the test above can fail"


def test_truncated_films_give_what_there_is(tmp_path: Path) -> None:
    shots = [(seed, 1.0) for seed in range(8)]
    data = make_film(tmp_path / "a.mp4", shots, container_options={"movflags": "faststart"}).read_bytes()
    half = tmp_path / "half.mp4"
    half.write_bytes(data[: len(data) // 2])
    decoded = decode(half)
    assert 2 <= len(decoded.frames) < 8
    assert decoded.fault
    assert decoded.fault.code is FaultCode.DAMAGED
    assert {fact.name for fact in decoded.facts} >= {FactName.CONTAINER, FactName.VIDEO_CODEC}
    head = tmp_path / "head.mp4"
    head.write_bytes(data[:200])
    with pytest.raises(CannotDecode) as caught:
        decode(head)
    assert caught.value.code in (FaultCode.DAMAGED, FaultCode.UNSUPPORTED)


def test_a_film_without_frames_keeps_its_facts(tmp_path: Path) -> None:
    data = make_film(tmp_path / "a.mp4", [(1, 1.0)], container_options={"movflags": "faststart"}).read_bytes()
    start = data.index(b"mdat") + 4
    (tmp_path / "b.mp4").write_bytes(data[:start] + bytes(len(data) - start))
    decoded = decode(tmp_path / "b.mp4")
    assert decoded.frames == ()
    assert decoded.fault
    assert (decoded.width, decoded.height) == (320, 180)


def test_declared_size_is_checked_before_decoding(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", [(1, 0.5)])
    with pytest.raises(CannotDecode) as caught:
        decode(film, pixels_at_most=320 * 180 - 1)
    assert caught.value.code is FaultCode.TOO_MANY_PIXELS


def test_a_bogus_duration_neither_hangs_nor_stands(tmp_path: Path) -> None:
    data = bytearray(make_film(tmp_path / "a.mp4", [(1, 1.0), (2, 1.0)]).read_bytes())
    for box, offset in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)):
        struct.pack_into(">I", data, data.index(box) + offset, 0x7FFFFFFF)
    (tmp_path / "b.mp4").write_bytes(data)
    decoded = decode(tmp_path / "b.mp4")
    told = {fact.name: fact.value for fact in decoded.facts}
    assert len(decoded.frames) >= 2
    assert float(told[FactName.DURATION]) < 10


def test_timestamps_that_stand_still_do_not_stop_the_cadence(tmp_path: Path) -> None:
    data = bytearray(make_film(tmp_path / "a.mp4", [(1, 8.0)], codec="mpeg4").read_bytes())
    at = data.index(b"stts")
    for entry in range(struct.unpack_from(">I", data, at + 8)[0]):
        struct.pack_into(">I", data, at + 16 + 8 * entry, 0)
    (tmp_path / "b.mp4").write_bytes(data)
    assert len(decode(tmp_path / "b.mp4", frame_seconds=0.1).frames) > 10


def test_broken_timestamps_stay_in_order(tmp_path: Path) -> None:
    data = bytearray(make_film(tmp_path / "a.mp4", [(1, 1.0), (2, 1.0)], codec="mpeg4").read_bytes())
    at = data.index(b"stts")
    count = struct.unpack_from(">I", data, at + 8)[0]
    for entry in range(count):
        struct.pack_into(">I", data, at + 16 + 8 * entry, 0x7FFFFFF0)
    (tmp_path / "b.mp4").write_bytes(data)
    times = [frame.at_seconds for frame in decode(tmp_path / "b.mp4").frames]
    assert times
    assert times == sorted(times)
    assert np.isfinite(times).all()


def test_thousands_of_streams_are_refused_or_cut(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", [(1, 0.5)]).read_bytes()
    at = film.index(b"moov") - 4
    moov = film[at + 8 : at + struct.unpack_from(">I", film, at)[0]]
    track_at = moov.index(b"trak") - 4
    track = moov[track_at : track_at + struct.unpack_from(">I", moov, track_at)[0]]
    (tmp_path / "b.mp4").write_bytes(with_box(film, (b"moov",), moov + 3000 * track))
    with pytest.raises(CannotDecode) as caught:
        decode(tmp_path / "b.mp4")
    assert caught.value.code is FaultCode.OUT_OF_MEMORY


def test_time_that_runs_out_keeps_what_was_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = make_film(tmp_path / "a.mp4", [(1, 1.0), (2, 1.0)])
    clock = iter(np.arange(0.0, 1000.0, 10.0))
    monkeypatch.setattr(video_frames.time, "process_time", lambda: float(next(clock)))
    decoded = decode(film)
    assert decoded.frames
    assert decoded.fault
    assert decoded.fault.code is FaultCode.TIMED_OUT


@pytest.mark.parametrize("container", ["mp4", "matroska", "avi", "mpegts", "flv"])
def test_flipped_bytes_end_as_result_or_fault(tmp_path: Path, container: str) -> None:
    codec = "flv" if container == "flv" else "mpeg4"
    options = {"g": "5"}
    data = make_film(
        tmp_path / "a", [(1, 0.5), (2, 0.5)], container=container, codec=codec, rate=25, options=options
    )
    whole = np.frombuffer(data.read_bytes(), dtype=np.uint8)
    random = np.random.default_rng(3)
    for _ in range(25):
        hurt = whole.copy()
        spots = random.integers(0, len(hurt), 1 + len(hurt) // 300)
        hurt[spots] = random.integers(0, 256, len(spots))
        (tmp_path / "b").write_bytes(hurt.tobytes())
        with suppress(CannotDecode):
            decoded = decode(tmp_path / "b", container)
            assert decoded.frames or decoded.fault
