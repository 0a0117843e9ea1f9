"""Frames and facts of films made for the purpose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pdqhash
import pytest

from films import decode, jpeg_still, make_film, make_sound, view
from foureyes.engine.decoding.formats import video_frames
from foureyes.engine.decoding.formats.base import CannotDecode
from foureyes.engine.decoding.formats.video import DECODER, DEMUXERS
from foureyes.engine.decoding.formats.video_facts import iso_time, position_facts
from foureyes.engine.model import Decoded, FactName, FaultCode, MediaKind, Origin

NO_CUTS = {"preset": "ultrafast", "g": "600", "sc_threshold": "0"}
QUARTER_TURN = [0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30]


def facts(decoded: Decoded) -> dict[FactName, object]:
    assert {fact.origin for fact in decoded.facts} == {Origin.CONTAINER}
    return {fact.name: fact.value for fact in decoded.facts}


def nearest_bits(still: np.ndarray, decoded: Decoded) -> int:
    wanted, quality = pdqhash.compute(np.ascontiguousarray(still))
    assert quality >= 50
    found = [pdqhash.compute(frame.pixels)[0] for frame in decoded.frames]
    return min(int((wanted != bits).sum()) for bits in found)


def test_every_shot_has_a_frame_where_keyframes_hide_the_cuts(tmp_path: Path) -> None:
    shots = [(1, 2.0), (2, 1.0), (3, 0.4), (4, 3.0), (2, 1.0)]
    film = make_film(tmp_path / "a.mp4", shots, options=NO_CUTS)
    decoded = decode(film)
    assert decoded.kind is MediaKind.VIDEO
    assert decoded.fault is None
    assert (decoded.width, decoded.height) == (320, 180)
    for seed in (1, 2, 3, 4):
        assert nearest_bits(jpeg_still(view(seed, 640, 360)), decoded) <= 31
    assert nearest_bits(jpeg_still(view(99)), decoded) > 31
    changes = [frame.at_seconds for frame in decoded.frames if frame.scene_change]
    assert changes == pytest.approx([2.0, 3.0, 3.4, 6.4], abs=0.11)


def test_cadence_is_kept_in_a_still_scene_and_frames_are_bounded(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", [(1, 20.0)])
    times = [frame.at_seconds for frame in decode(film).frames]
    assert max(np.diff(times)) <= 2.11
    assert len(times) <= 11
    assert len(decode(film, frames_at_most=4, frame_seconds=0.5).frames) <= 4
    assert len(decode(film, frames_at_most=1).frames) == 1


def test_a_film_of_more_looks_than_may_be_kept_stays_covered(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", [(seed, 0.4) for seed in range(40)], options=NO_CUTS)
    decoded = decode(film, frames_at_most=10)
    times = [frame.at_seconds for frame in decoded.frames]
    assert len(times) == 10
    assert times == sorted(times)
    assert max(times) > 12
    assert min(times) == 0


def test_a_long_film_is_seen_by_its_keyframes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shots = [(seed, 3.0) for seed in range(8)]
    film = make_film(tmp_path / "a.mp4", shots, options={"preset": "ultrafast", "g": "10"})
    monkeypatch.setattr(video_frames, "DENSE_PIXELS", 1000)
    decoded = decode(film)
    for seed in range(8):
        assert nearest_bits(jpeg_still(view(seed)), decoded) <= 31
    times = [frame.at_seconds for frame in decoded.frames]
    assert max(np.diff(times)) <= 2.01
    assert times[-1] >= 21
    monkeypatch.setattr(video_frames, "VISIT_PIXELS", 4 * 320 * 180)
    assert 3 <= len(decode(film).frames) <= 5


@pytest.mark.parametrize(
    ("container", "codec", "name"),
    [
        ("mp4", "mpeg4", "mp4"),
        ("mov", "libx264", "mov"),
        ("matroska", "libx264", "matroska"),
        ("webm", "libvpx", "webm"),
        ("avi", "mpeg4", "avi"),
        ("avi", "mjpeg", "avi"),
        ("asf", "wmv2", "asf"),
        ("mpegts", "libx264", "mpegts"),
        ("mpeg", "mpeg2video", "mpegps"),
        ("flv", "flv", "flv"),
        ("ogg", "libvpx", "ogg"),
        ("mxf", "mpeg2video", "mxf"),
        ("ivf", "libvpx", "ivf"),
        ("nut", "mpeg4", "nut"),
        ("h264", "libx264", "h264"),
        ("yuv4mpegpipe", "rawvideo", "yuv4mpeg"),
    ],
)
def test_every_container(tmp_path: Path, container: str, codec: str, name: str) -> None:
    if codec not in av.codecs_available:
        pytest.skip(f"PyAV here has no {codec}")
    film = make_film(
        tmp_path / "film",
        [(1, 1.2), (2, 1.2)],
        container=container,
        codec=codec,
        rate=25,
        options={"g": "25"},
    )
    decoded = decode(film, name)
    assert decoded.fault is None
    assert decoded.format == name
    assert nearest_bits(view(1), decoded) <= 31
    assert nearest_bits(view(2), decoded) <= 31
    told = facts(decoded)
    assert told[FactName.DURATION] == pytest.approx(2.4, abs=0.3)
    assert told[FactName.FRAME_RATE] == pytest.approx(25, abs=0.1)


@pytest.mark.parametrize(
    ("matrix", "turn", "orientation"),
    [
        (QUARTER_TURN, lambda p: np.rot90(p, -1), 6),
        ([0, -65536, 0, 65536, 0, 0, 0, 0, 1 << 30], np.rot90, 8),
        ([-65536, 0, 0, 0, -65536, 0, 0, 0, 1 << 30], lambda p: np.rot90(p, 2), 3),
        ([-65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30], np.fliplr, 2),
    ],
)
def test_frames_stand_upright(
    tmp_path: Path, matrix: list[int], turn: Callable[[np.ndarray], np.ndarray], orientation: int
) -> None:
    decoded = decode(make_film(tmp_path / "a.mp4", [(5, 1.0)], matrix=matrix))
    upright = turn(view(5))
    assert (decoded.height, decoded.width) == upright.shape[:2]
    pixels = decoded.frames[0].pixels
    assert pixels.shape == upright.shape
    assert np.abs(pixels.astype(int) - upright).mean() < 12
    assert facts(decoded)[FactName.ORIENTATION] == orientation


def test_pixels_are_reduced_to_the_side_asked_for(tmp_path: Path) -> None:
    film = make_film(tmp_path / "a.mp4", [(5, 0.5)], size=(1280, 720))
    assert decode(film, side_pixels=256).frames[0].pixels.shape == (144, 256, 3)


def test_camera_time_and_place_of_a_phone(tmp_path: Path) -> None:
    tags = {
        "com.apple.quicktime.make": "Acme",
        "com.apple.quicktime.model": "Phone 3",
        "com.apple.quicktime.software": "17.1",
        "com.apple.quicktime.creationdate": "2024-05-06T07:08:09+0200",
        "com.apple.quicktime.location.ISO6709": "+48.2082+016.3738+151.0/",
    }
    film = make_film(
        tmp_path / "a.mov", [(1, 0.5)], container="mov", tags=tags,
        container_options={"movflags": "use_metadata_tags"},
    )  # fmt: skip
    told = facts(decode(film, "mov"))
    assert told[FactName.CAMERA_MAKER] == "Acme"
    assert told[FactName.CAMERA_MODEL] == "Phone 3"
    assert told[FactName.SOFTWARE] == "17.1"
    assert told[FactName.CAPTURED_AT] == "2024-05-06T07:08:09+02:00"
    assert told[FactName.LATITUDE] == 48.2082
    assert told[FactName.LONGITUDE] == 16.3738
    assert told[FactName.ALTITUDE] == 151.0
    assert told[FactName.VIDEO_CODEC] == "h264"
    assert told[FactName.FRAME_COUNT] == 5
    assert str(told[FactName.ENCODER]).startswith("Lavf")


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("-33.8568+151.2153/", (-33.8568, 151.2153)),
        ("+4012.22-07500.25/", (40.2036667, -75.0041667)),
        ("+401213.1-0750015.1+2.79/", (40.2036389, -75.0041944)),
        ("+95.0+010.0/", None),
        ("+48.2-200.5/", None),
        ("+00.0000+000.0000/", None),
        ("+4099.22-07500.25/", None),
        ("48 N 16 E", None),
    ],
)
def test_positions_are_places_on_earth_or_rejected(stated: str, expected: tuple[float, float] | None) -> None:
    told = {fact.name: fact.value for fact in position_facts({"location": (stated,)})}
    if expected is None:
        assert set(told) == {FactName.GPS_REJECTED}
    else:
        assert (told[FactName.LATITUDE], told[FactName.LONGITUDE]) == expected


def test_times_keep_their_zone_and_odd_ones_are_dropped() -> None:
    assert iso_time("2024-05-06T07:08:09.000000Z") == "2024-05-06T07:08:09+00:00"
    assert iso_time("2024-05-06 07:08:09.25") == "2024-05-06T07:08:09.250000"
    assert iso_time("2024-05-06T07:08:09-0330") == "2024-05-06T07:08:09-03:30"
    assert iso_time("1904-01-01T00:00:00Z") is None
    assert iso_time("2024-13-06T07:08:09Z") is None
    assert iso_time("yesterday") is None


def test_sound_without_pictures_is_not_media(tmp_path: Path) -> None:
    for cover in (False, True):
        with pytest.raises(CannotDecode) as caught:
            decode(make_sound(tmp_path / "a.mka", cover=cover), "matroska")
        assert caught.value.code is FaultCode.UNSUPPORTED
        assert caught.value.detail == "audio only"


def test_the_member_keeps_its_contract() -> None:
    DECODER.prepare()
    assert DECODER.name == "video"
    assert DECODER.formats == frozenset(DEMUXERS)
    assert not {"hls", "concat", "dash", "image2", "sdp", "rtsp", "lavfi"} & set(DEMUXERS.values())
