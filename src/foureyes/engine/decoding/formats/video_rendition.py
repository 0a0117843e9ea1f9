"""A film for viewing: what it is, a minute of it as WebM (VP8 and Opus), and one exact frame.

Runs inside the cage. WebM with VP8 is what every Chromium and Firefox plays without patents or hardware, and
PyAV's wheel encodes it; sound that cannot be decoded is left out, never the pictures.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from typing import Any

import av
import av.container
import av.error
import av.video
import numpy as np
from numpy.typing import NDArray

from foureyes.engine.decoding import render_wire
from foureyes.engine.decoding.content import ContentType, Family
from foureyes.engine.decoding.formats import video_film
from foureyes.engine.decoding.formats.base import CannotDecode
from foureyes.engine.decoding.formats.video_frames import display_matrix, plausible_rate, plausible_seconds
from foureyes.engine.decoding.formats.video_upright import upright_size, uprightness
from foureyes.engine.decoding.render_wire import Question, What
from foureyes.engine.decoding.untrusted import UntrustedInput, opened
from foureyes.engine.model import FaultCode, FilmOutline
from foureyes.engine.settings import DecodingSettings, RenderSettings

MILLISECOND = Fraction(1, 1000)
BROKEN_AT_MOST = 500
SKIPPED_AT_MOST = 20_000
"""Frames decoded between a keyframe and the moment asked for: 11 minutes at 30 frames a second."""
PACKETS_AT_MOST = 2_000_000
CHUNK_BYTES = 8 * 1024**2
SAY_EVERY = 10
"""Frames between two words about how far it is."""
KEYFRAME_SECONDS = 1
BITS_A_PIXEL = 0.1
BITS_AT_LEAST, BITS_AT_MOST = 300_000, 6_000_000
SOUND_RATE = 48_000
_SPEED = {"deadline": "realtime", "cpu-used": "8", "qmin": "4", "qmax": "48", "lag-in-frames": "0"}
"""Of libvpx: the fastest there is; docs/workbench/viewing.md tells what it costs."""
_BROKEN = (av.error.InvalidDataError, av.error.EOFError, av.error.ArgumentError)

Pixels = NDArray[np.uint8]


def outline(untrusted: UntrustedInput, demuxer: str, asked: Question) -> Iterator[tuple[int, bytes]]:
    """What the film is, and a strip of frames taken evenly. Decodes keyframes only.

    Raises:
        CannotDecode: no frame of it can be decoded.
    """
    with _opened(untrusted, demuxer, asked) as film:
        seconds = film.seconds if film.seconds is not None else film.measured()
        step = seconds / render_wire.STRIP_FRAMES
        strip: list[tuple[float, Pixels]] = []
        for number in range(render_wire.STRIP_FRAMES):
            shown = film.near(number * step)
            if shown is not None and (not strip or shown[0] > strip[-1][0]):
                strip.append((shown[0], film.upright(shown[1], render_wire.STRIP_SIDE)))
        if not strip:
            raise CannotDecode(FaultCode.DAMAGED, "no frame of the film could be decoded")
        size = upright_size(film.stream.width, film.stream.height, uprightness(film.matrix))
        told = FilmOutline(seconds, film.rate, *size, film.sound is not None)
    yield render_wire.film_frame(told, len(strip))
    for at_seconds, pixels in strip:
        yield render_wire.strip_frame(at_seconds, pixels)


def part(untrusted: UntrustedInput, demuxer: str, asked: Question) -> Iterator[tuple[int, bytes]]:
    """The minute from `asked.at_seconds` on as WebM: progress, the times of its frames, its bytes.

    Raises:
        CannotDecode: no frame of this part can be decoded.
    """
    with _opened(untrusted, demuxer, asked) as film:
        writing = _Writing(film, asked)
        yield from writing.run()
        if not writing.times:
            raise CannotDecode(FaultCode.DAMAGED, "no frame of this part of the film could be decoded")
        whole = memoryview(writing.out.getbuffer())
    yield render_wire.Tag.TIMES, np.asarray(writing.times, "<f8").tobytes()
    for at in range(0, len(whole), CHUNK_BYTES):
        yield render_wire.Tag.CHUNK, bytes(whole[at : at + CHUNK_BYTES])


def frame_at(untrusted: UntrustedInput, demuxer: str, asked: Question) -> Pixels:
    """The frame that is on the screen at a second of the film, upright and at full size.

    Raises:
        CannotDecode: there is none.
    """
    with _opened(untrusted, demuxer, asked) as film:
        shown = None
        for at_seconds, frame in islice(film.frames(asked.at_seconds), SKIPPED_AT_MOST):
            if shown is not None and at_seconds > asked.at_seconds + 1e-4:
                break
            shown = frame
        if shown is None:
            raise CannotDecode(FaultCode.DAMAGED, "no frame could be decoded there")
        return film.upright(shown, None)


@dataclass(slots=True)
class _Film:
    """One open film, its picture stream and what is known of it."""

    container: Any
    stream: Any
    sound: Any
    seconds: float | None
    rate: float
    start: float
    matrix: bytes = b""
    broken: int = 0

    def near(self, seconds: float) -> tuple[float, av.video.VideoFrame] | None:
        """The first frame that can be had at or before a second: a keyframe."""
        return next(self.frames(seconds), None)

    def frames(self, seconds: float) -> Iterator[tuple[float, av.video.VideoFrame]]:
        """Frames with their seconds, from the last keyframe at or before a second on."""
        self.seek(seconds)
        for packet in self.packets(self.stream):
            yield from self.decoded(packet)

    def seek(self, seconds: float) -> None:
        """Go to the keyframe before; at the start there is nothing to do, and some demuxers cannot."""
        if seconds <= 0:
            return
        base = float(self.stream.time_base or 0) or 1e-6
        with suppress(av.error.FFmpegError):
            self.container.seek(int((seconds + self.start) / base), stream=self.stream)

    def packets(self, *streams: Any) -> Iterator[Any]:
        """Packets to the end, then one that drains the decoder."""
        with suppress(IndexError, av.error.InvalidDataError, av.error.EOFError):
            for packet in self.container.demux(*streams):
                if packet.size:
                    yield packet
        yield None

    def decoded(self, packet: Any) -> Iterator[tuple[float, av.video.VideoFrame]]:
        """Frames that a packet of the picture stream completes, with their seconds."""
        try:
            frames = self.stream.codec_context.decode(packet)
        except _BROKEN:
            self.broken += 1
            if self.broken > BROKEN_AT_MOST:
                raise CannotDecode(FaultCode.DAMAGED, "too many broken packets") from None
            return
        for frame in frames:
            if not self.matrix:
                self.matrix = display_matrix(frame) or b"-"
            if frame.pts is not None and self.stream.time_base:
                yield max(0.0, float(frame.pts * self.stream.time_base) - self.start), frame

    def upright(self, frame: av.video.VideoFrame, side: int | None) -> Pixels:
        """RGB pixels as they are to be seen, their longer side at most so long."""
        width, height = _fitted(frame.width, frame.height, side)
        small = frame.reformat(width, height, "rgb24", interpolation="AREA", threads=1)
        return uprightness(self.matrix).apply(np.asarray(small.to_ndarray(), dtype=np.uint8))

    def measured(self) -> float:
        """Seconds of a film that states none: packets are walked through, nothing is decoded."""
        last = 0.0
        for packet in islice(self.packets(self.stream), PACKETS_AT_MOST):
            if packet is not None and packet.pts is not None:
                last = max(last, float(packet.pts * packet.time_base) - self.start)
        return last


@contextmanager
def _opened(untrusted: UntrustedInput, demuxer: str, asked: Question) -> Iterator[_Film]:
    """One film for a `with` block."""
    settings = DecodingSettings(pixels_at_most=asked.pixels_at_most)
    with video_film.opened_film(untrusted, demuxer, settings) as container:
        stream = video_film.picture_stream(container)
        video_film.check_size(stream, settings)
        stream.thread_count = 1
        stream.codec_context.options = {"max_pixels": str(settings.pixels_at_most)}
        sound = container.streams.audio[0] if container.streams.audio else None
        for other in container.streams:
            if other not in (stream, sound):
                other.discard = av.stream.Discard.all
        start = float((stream.start_time or 0) * (stream.time_base or 0))
        seconds, rate = plausible_seconds(container, stream), plausible_rate(stream)
        yield _Film(container, stream, sound, seconds, rate, start)


@dataclass(slots=True)
class _Writing:
    """One part as it is written."""

    film: _Film
    asked: Question
    out: io.BytesIO = field(default_factory=io.BytesIO)
    times: list[float] = field(default_factory=list)
    _muxer: Any = None
    _video: Any = None
    _sound: Any = None
    _resampler: Any = None
    _samples: int = -1
    _last_ms: int = -1

    def run(self) -> Iterator[tuple[int, bytes]]:
        """Decode, turn upright, encode; says now and then how far it is."""
        film, begin = self.film, self.asked.at_seconds
        end = begin + self.asked.settings.part_seconds
        film.seek(begin)
        streams = [one for one in (film.stream, film.sound) if one is not None]
        over = False
        for packet in film.packets(*streams):
            if packet is not None and film.sound is not None and packet.stream.index == film.sound.index:
                self._hear(packet, begin, end)
                continue
            for at_seconds, frame in film.decoded(packet):
                over = over or at_seconds >= end
                if begin <= at_seconds < end:
                    self._show(frame, at_seconds)
                    if len(self.times) % SAY_EVERY == 0:
                        yield render_wire.progress_frame((at_seconds - begin) / (end - begin))
            if over:
                break
        self._close()

    def _show(self, frame: av.video.VideoFrame, at_seconds: float) -> None:
        if self._muxer is None:
            self._open(frame)
        ms = max(self._last_ms + 1, round((at_seconds - self.asked.at_seconds) * 1000))
        picture = self._fitting(frame)
        picture.pts, picture.time_base = ms, MILLISECOND
        picture.pict_type = 0
        self._muxer.mux(self._video.encode(picture))
        self._last_ms = ms
        self.times.append(at_seconds)

    def _open(self, frame: av.video.VideoFrame) -> None:
        size = upright_size(frame.width, frame.height, uprightness(self.film.matrix))
        width, height = (side - side % 2 or 2 for side in _fitted(*size, self.asked.settings.film_side))
        self._muxer = av.open(self.out, "w", format="webm")
        self._video = self._muxer.add_stream("libvpx", rate=Fraction(self.film.rate).limit_denominator(1001))
        self._video.width, self._video.height, self._video.pix_fmt = width, height, "yuv420p"
        context = self._video.codec_context
        context.time_base = MILLISECOND
        context.thread_count = 1
        context.gop_size = max(1, round(self.film.rate * KEYFRAME_SECONDS))
        bits = width * height * min(self.film.rate, 60.0) * BITS_A_PIXEL
        context.bit_rate = int(min(max(bits, BITS_AT_LEAST), BITS_AT_MOST))
        context.options = dict(_SPEED)
        if self.film.sound is not None:
            self._sound = self._muxer.add_stream("libopus", rate=SOUND_RATE, layout="stereo")
            self._sound.codec_context.bit_rate = 64_000
            self._sound.codec_context.thread_count = 1

    def _fitting(self, frame: av.video.VideoFrame) -> av.video.VideoFrame:
        width, height = self._video.width, self._video.height
        turn = uprightness(self.film.matrix)
        if turn.exif == 1:
            return frame.reformat(width, height, "yuv420p", interpolation="FAST_BILINEAR", threads=1)
        if turn.transpose:
            width, height = height, width
        small = frame.reformat(width, height, "rgb24", interpolation="FAST_BILINEAR", threads=1)
        upright = av.VideoFrame.from_ndarray(turn.apply(np.asarray(small.to_ndarray(), np.uint8)), "rgb24")
        return upright.reformat(format="yuv420p", threads=1)

    def _hear(self, packet: Any, begin: float, end: float) -> None:
        """Sound from the first frame on; whatever is wrong with it leaves it out."""
        if self._sound is None or packet.pts is None:
            return
        try:
            for frame in packet.decode():
                if frame.pts is None:
                    continue
                at = float(frame.pts * frame.time_base) - self.film.start
                if begin <= at < end:
                    self._sing(frame, at - begin)
        except (av.error.FFmpegError, ValueError):
            return

    def _sing(self, frame: Any, at: float) -> None:
        if self._resampler is None:
            size = self._sound.codec_context.frame_size or 960
            self._resampler = av.AudioResampler("flt", "stereo", SOUND_RATE, frame_size=size)
            self._samples = round(at * SOUND_RATE)
        frame.pts = None
        for piece in self._resampler.resample(frame):
            self._encode_sound(piece)

    def _encode_sound(self, piece: Any) -> None:
        piece.pts, piece.time_base = self._samples, Fraction(1, SOUND_RATE)
        self._samples += piece.samples
        self._muxer.mux(self._sound.encode(piece))

    def _close(self) -> None:
        if self._muxer is None:
            return
        self._muxer.mux(self._video.encode(None))
        if self._sound is not None:
            with suppress(av.error.FFmpegError, ValueError):
                self._muxer.mux(self._sound.encode(None))
        self._muxer.close()


def warm_up() -> None:
    """Encode a film of our own, with sound: what is loaded late must be there when the cage is sealed."""
    import os  # noqa: PLC0415 - used here only

    descriptor = os.memfd_create("warm-up")
    try:
        os.write(descriptor, sounding_film())
        content = ContentType(Family.VIDEO, "matroska")
        with opened(descriptor, content) as own:
            for what, work in ((What.OUTLINE, outline), (What.PART, part)):
                list(work(own, "matroska", Question(what, content, 1_000_000, RenderSettings())))
    finally:
        os.close(descriptor)


def sounding_film() -> bytes:
    """A film of three frames with a third of a second of silence, in Matroska."""
    out = io.BytesIO()
    with av.open(out, "w", format="matroska") as film:
        pictures = film.add_stream("mpeg4", rate=10)
        pictures.width = pictures.height = 64
        pictures.pix_fmt = "yuv420p"
        pictures.thread_count = 1
        sound = film.add_stream("pcm_s16le", rate=8000, layout="mono")
        for _ in range(3):
            film.mux(pictures.encode(av.VideoFrame(64, 64, "yuv420p")))
        heard = av.AudioFrame.from_ndarray(np.zeros((1, 2400), np.int16), format="s16", layout="mono")
        heard.rate = 8000
        film.mux(sound.encode(heard))
        film.mux(pictures.encode(None))
        film.mux(sound.encode(None))
    return out.getvalue()


def _fitted(width: int, height: int, side: int | None) -> tuple[int, int]:
    scale = 1.0 if side is None else min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
