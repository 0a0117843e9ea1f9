"""Decodes a film as densely as it is worth: every frame of a short one, keyframes of a long one.

How much is decoded follows from the film alone, not from the clock, so that every machine gets the same
frames; only a film that exceeds the time limit is cut short, and says so in a fault.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import cast

import av
import av.container
import av.error
import av.video
import numpy as np
from av.sidedata.sidedata import SideData, Type
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from foureyes.engine.decoding.formats.video_choice import LOOK_SIDE, FrameChoice, look_of
from foureyes.engine.decoding.formats.video_upright import uprightness
from foureyes.engine.model import Fault, FaultCode, Frame
from foureyes.engine.settings import DecodingSettings

DENSE_PIXELS = 6_000_000_000
"""Film pixels up to which every frame is decoded: about 100 s of 1080p30, and 17 s of CPU (350 million
H.264 pixels a second on one core)."""

VISIT_PIXELS = 3_000_000_000
"""Pixels of single keyframes decoded in a long film: about 30 s of CPU (100 million a second)."""

VISITS_AT_MOST = 2000

VISIT_SECONDS = 1.0
"""Keyframes are not visited more often than this."""

PROCESS_SECONDS_AT_MOST = 50.0
"""CPU seconds for one film; the cage's own limit is 60 by default."""

WALL_SECONDS_AT_MOST = 75.0
"""The cage gives up on a silent worker after 90 s by default."""

BROKEN_PACKETS_AT_MOST = 500

PACKETS_TO_A_KEYFRAME = 600

USUAL_RATE, RATES = 25.0, (0.01, 1000.0)
"""Frames a second where none are stated, and what can be believed."""

LEAP_SECONDS = 86_400.0
"""A step between timestamps that is larger than this, none, or backwards, is a broken timestamp: the frame
rate then stands in."""


@dataclass(frozen=True, slots=True)
class Viewing:
    """What was seen of a film."""

    frames: tuple[Frame, ...]
    fault: Fault | None
    untrusted_matrix: bytes
    width: int
    height: int
    """As stored, of the first frame; 0 where there is none."""
    frame_count: int
    """Frames decoded."""
    end_seconds: float
    complete: bool
    """Whether every frame was decoded, so that count and end are the film's own."""


class _TimeIsUp(Exception):
    pass


class _Viewer:
    """State of one viewing."""

    def __init__(
        self, film: av.container.InputContainer, stream: av.video.VideoStream, settings: DecodingSettings
    ) -> None:
        self.film = film
        self.stream = stream
        self.settings = settings
        self.seconds = plausible_seconds(film, stream)
        self.rate = plausible_rate(stream)
        stretched = (self.seconds or 0.0) * 2 / max(1, settings.frames_at_most)
        self.choice = FrameChoice(settings.frames_at_most, max(settings.frame_seconds, stretched))
        self.start = float((stream.start_time or 0) * (stream.time_base or 0))
        self._luma, self._colour = VideoReformatter(), VideoReformatter()  # each keeps its scaler
        self.cpu_from = time.process_time()
        self.wall_from = time.monotonic()
        self.matrix = b""
        self.width = self.height = 0
        self.count = 0
        self.broken = 0
        self.pixels = 0
        self.at = 0.0

    def show(self, frame: av.video.VideoFrame) -> None:
        """Look at one decoded frame and keep it if it is worth it."""
        self._check_time()
        self.at = self._time_of(frame)
        self.count += 1
        self.pixels += frame.width * frame.height
        if not self.width:
            self.width, self.height = frame.width, frame.height
            self.matrix = display_matrix(frame)
        if frame.is_corrupt:
            return
        luma = self._luma.reformat(
            frame, LOOK_SIDE, LOOK_SIDE, "gray", interpolation="AREA", threads=1
        ).to_ndarray()
        look = look_of(np.asarray(luma, dtype=np.uint8))
        if self.choice.wants(look, self.at):
            self.choice.keep(self._pixels_of(frame), look, self.at)

    def frames_of(self, packet: av.Packet[av.video.VideoStream] | None) -> list[av.video.VideoFrame]:
        """Frames that a packet completes; none where it is broken."""
        self._check_time()
        try:
            return list(self.stream.codec_context.decode(packet))
        except (av.error.InvalidDataError, av.error.EOFError):
            self.broken += 1
            return []

    def _time_of(self, frame: av.video.VideoFrame) -> float:
        guess = self.at + 1 / self.rate if self.count else 0.0
        if frame.pts is None or not self.stream.time_base:
            return guess
        stated = float(frame.pts * self.stream.time_base) - self.start  # drained frames carry no time base
        if not self.count:
            return max(0.0, stated) if stated <= LEAP_SECONDS else 0.0
        return stated if self.at < stated <= self.at + LEAP_SECONDS else guess

    def _pixels_of(self, frame: av.video.VideoFrame) -> NDArray[np.uint8]:
        width, height = _reduced_size(frame, self.settings.side_pixels)
        small = self._colour.reformat(frame, width, height, "rgb24", interpolation="AREA", threads=1)
        return uprightness(self.matrix).apply(np.asarray(small.to_ndarray(), dtype=np.uint8))

    def _check_time(self) -> None:
        if (
            time.process_time() - self.cpu_from > PROCESS_SECONDS_AT_MOST
            or time.monotonic() - self.wall_from > WALL_SECONDS_AT_MOST
        ):
            raise _TimeIsUp


def view(
    film: av.container.InputContainer, stream: av.video.VideoStream, settings: DecodingSettings
) -> Viewing:
    """Decode and choose frames of one stream.

    Raises:
        av.error.FFmpegError: the container cannot be read on, and nothing was seen yet.
    """
    viewer = _Viewer(film, stream, settings)
    _set_up(stream, settings)
    fault, complete = None, False
    try:
        complete = _look_through(viewer)
    except _TimeIsUp:
        fault = Fault(FaultCode.TIMED_OUT, f"seen up to {viewer.at:.0f} s of the film within the time limit")
    except (av.error.FFmpegError, OSError) as error:
        fault = _fault_of(error, viewer)
    return Viewing(
        frames=viewer.choice.frames(),
        fault=fault or _damage(viewer, complete=complete),
        untrusted_matrix=viewer.matrix,
        width=viewer.width,
        height=viewer.height,
        frame_count=viewer.count,
        end_seconds=viewer.at + 1 / viewer.rate,
        complete=complete,
    )


def _set_up(stream: av.video.VideoStream, settings: DecodingSettings) -> None:
    for other in stream.container.streams:
        if other.index != stream.index:
            other.discard = av.stream.Discard.all
    stream.thread_count = 1
    # The deblocking filter costs a quarter of the time of H.264 and changes no bit at 64 x 64 that matters.
    stream.codec_context.options = {
        "max_pixels": str(settings.pixels_at_most),
        "skip_loop_filter": "all",
    }


def _look_through(viewer: _Viewer) -> bool:
    """Returns whether every frame was decoded."""
    size = viewer.stream.width * viewer.stream.height
    if viewer.seconds is None or viewer.seconds * viewer.rate * size <= DENSE_PIXELS:
        if _every_frame(viewer):
            return True
        if viewer.seconds is None:
            raise _TimeIsUp
    _keyframes(viewer)
    return False


def _every_frame(viewer: _Viewer) -> bool:
    """Returns whether the film ended before its budget of pixels did."""
    for packet in _packets(viewer):
        for frame in viewer.frames_of(packet):
            viewer.show(frame)
        if viewer.pixels > 2 * DENSE_PIXELS:
            return False
        if viewer.broken > BROKEN_PACKETS_AT_MOST:
            raise av.error.InvalidDataError(0, "too many broken packets")
    return True


def _packets(viewer: _Viewer) -> Iterator[av.Packet[av.video.VideoStream] | None]:
    """Packets of the stream, at the end None, which drains the decoder."""
    try:
        for packet in viewer.film.demux(viewer.stream):
            if packet.stream_index == viewer.stream.index and packet.size:
                yield packet
    except IndexError:
        # PyAV 18 loses count where a broken transport stream grows streams while it is read; the film
        # is at its end by then.
        viewer.broken += 1
    yield None


def _keyframes(viewer: _Viewer) -> None:
    """Visit keyframes at even steps from where the viewer is to the end."""
    size = max(1, viewer.stream.width * viewer.stream.height)
    visits = max(1, min(VISITS_AT_MOST, VISIT_PIXELS // size))
    end = viewer.seconds or 0.0
    step = max(VISIT_SECONDS, (end - viewer.at) / visits)
    time_base = float(viewer.stream.time_base or 0) or 1e-6
    last_pts: int | None = None
    for target in _steps(viewer.at, end, step):
        if viewer.count and target < viewer.at:
            continue
        if viewer.count:  # the film stands at its start; some demuxers cannot seek back to it
            viewer.film.seek(int((target + viewer.start) / time_base), stream=viewer.stream)
        packet = _next_keyframe(viewer)
        if packet is None or packet.pts == last_pts:
            continue
        last_pts = packet.pts
        for frame in _alone(viewer, packet):
            viewer.show(frame)


def _steps(start: float, end: float, step: float) -> Iterator[float]:
    at = start
    while at < end:
        yield at
        at += step


def _next_keyframe(viewer: _Viewer) -> av.Packet[av.video.VideoStream] | None:
    packets = islice(viewer.film.demux(viewer.stream), PACKETS_TO_A_KEYFRAME)
    return next((packet for packet in packets if packet.is_keyframe and packet.size), None)


def _alone(viewer: _Viewer, packet: av.Packet[av.video.VideoStream]) -> list[av.video.VideoFrame]:
    """The picture of one keyframe: the decoder is drained, the next seek makes it ready again."""
    return (viewer.frames_of(packet) + viewer.frames_of(None))[:1]


def plausible_seconds(film: av.container.InputContainer, stream: av.video.VideoStream) -> float | None:
    """Length as stated, None where nothing is stated or it cannot be true."""
    stated = 0.0
    if film.duration:
        stated = film.duration / 1_000_000
    elif stream.duration and stream.time_base:
        stated = float(stream.duration * stream.time_base)
    return stated if 0 < stated <= 30 * LEAP_SECONDS else None


def plausible_rate(stream: av.video.VideoStream) -> float:
    """Frames a second as stated, or the usual rate where that cannot be true."""
    rate = float(stream.average_rate or stream.guessed_rate or USUAL_RATE)
    return rate if RATES[0] <= rate <= RATES[1] else USUAL_RATE


def _reduced_size(frame: av.video.VideoFrame, side_pixels: int) -> tuple[int, int]:
    scale = min(1.0, side_pixels / max(frame.width, frame.height))
    return max(1, round(frame.width * scale)), max(1, round(frame.height * scale))


def display_matrix(frame: av.video.VideoFrame) -> bytes:
    """How the container wants the frame turned, 36 bytes for `uprightness`; empty where it does not say."""
    side_data = cast("Iterable[SideData]", frame.side_data)  # PyAV's stubs take it for a plain mapping
    return next((bytes(item) for item in side_data if item.type is Type.DISPLAYMATRIX), b"")


def _fault_of(error: Exception, viewer: _Viewer) -> Fault:
    if isinstance(error, MemoryError):
        return Fault(FaultCode.OUT_OF_MEMORY, "a frame needs more memory than is allowed")
    return Fault(FaultCode.DAMAGED, f"the film breaks off after {viewer.at:.1f} s")


def _damage(viewer: _Viewer, *, complete: bool) -> Fault | None:
    if viewer.broken:
        return Fault(FaultCode.DAMAGED, f"{viewer.broken} packets of the film could not be decoded")
    end = viewer.at + 1 / viewer.rate
    if complete and viewer.count and viewer.seconds and end < 0.8 * viewer.seconds - 1:
        return Fault(FaultCode.DAMAGED, f"the film ends after {end:.1f} s of {viewer.seconds:.1f} s stated")
    return None
