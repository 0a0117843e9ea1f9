"""The sound of a film as plain samples, to be compared: one channel, 11,025 a second.

Runs inside the cage and decodes no picture. A broken packet costs itself, never the rest.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import av
import av.container
import av.error
import numpy as np
from av.stream import Discard, Disposition
from numpy.typing import NDArray

from foureyes.engine.decoding import render_wire
from foureyes.engine.decoding.content import ContentType, Family
from foureyes.engine.decoding.formats import video_film
from foureyes.engine.decoding.formats.base import CannotDecode
from foureyes.engine.decoding.formats.video_facts import has_decoder
from foureyes.engine.decoding.formats.video_rendition import sounding_film
from foureyes.engine.decoding.render_wire import PIECE_SAMPLES, SOUND_RATE, SOUND_SECONDS_AT_MOST
from foureyes.engine.decoding.untrusted import UntrustedInput, opened
from foureyes.engine.model import FaultCode
from foureyes.engine.settings import DecodingSettings

BROKEN_AT_MOST = 500
PACKETS_AT_MOST = 5_000_000
_LATEST_START = render_wire.SECONDS_AT_MOST
_BROKEN = (av.error.FFmpegError, ValueError)

Samples = NDArray[np.int16]


def sound(untrusted: UntrustedInput, demuxer: str) -> Iterator[tuple[int, bytes]]:
    """When the sound begins, then its samples in pieces of 30 seconds.

    Raises:
        CannotDecode: there is none, or nothing of it can be decoded.
    """
    with video_film.opened_film(untrusted, demuxer, DecodingSettings()) as film:
        stream = _stream(film)
        for other in film.streams:
            if other.index != stream.index:
                other.discard = Discard.all
        stream.thread_count = 1
        started = False
        for start, piece in _pieces(_decoded(film, stream)):
            if not started:
                yield render_wire.start_frame(start)
                started = True
            yield render_wire.Tag.SAMPLES, piece.astype("<i2").tobytes()
        if not started:
            raise CannotDecode(FaultCode.DAMAGED, "nothing of the sound could be decoded")


def warm_up() -> None:
    """Hear a film of our own: what is loaded late must be there when the cage is sealed."""
    descriptor = os.memfd_create("warm-up")
    try:
        os.write(descriptor, sounding_film())
        with opened(descriptor, ContentType(Family.VIDEO, "matroska")) as own:
            list(sound(own, "matroska"))
    finally:
        os.close(descriptor)


def _stream(film: av.container.InputContainer) -> Any:
    """The one that a player would play."""
    known = [one for one in film.streams.audio if has_decoder(one)]
    if not known:
        raise CannotDecode(FaultCode.UNSUPPORTED, "the film has no sound that can be decoded")
    return max(known, key=lambda one: bool(one.disposition & Disposition.default))


def _decoded(film: av.container.InputContainer, stream: Any) -> Iterator[tuple[float, Samples]]:
    """Samples with the second at which the first of them stands, four hours at most."""
    resampler = av.AudioResampler("s16", "mono", SOUND_RATE)
    left = SOUND_SECONDS_AT_MOST * SOUND_RATE
    start: float | None = None
    for frame in _frames(film, stream):
        if start is None:
            start = _second(frame, film)
        for heard in _resampled(resampler, frame):
            yield start, heard[:left]
            left -= len(heard)
            if left <= 0:
                return
    if start is not None:
        for heard in _resampled(resampler, None):
            yield start, heard[:left]


def _frames(film: av.container.InputContainer, stream: Any) -> Iterator[Any]:
    broken = 0
    with suppress(IndexError, *_BROKEN):  # a container that breaks off has told what it holds
        for packet in islice(film.demux(stream), PACKETS_AT_MOST):
            try:
                yield from packet.decode()
            except _BROKEN:
                broken += 1
                if broken > BROKEN_AT_MOST:
                    return


def _resampled(resampler: av.AudioResampler, frame: Any) -> Iterator[Samples]:
    """Without times: the method counts samples. What cannot be resampled is left out."""
    if frame is not None:
        frame.pts = None
    try:
        made = resampler.resample(frame)
    except _BROKEN:
        return
    for one in made:
        yield np.asarray(one.to_ndarray(), np.int16)[0]


def _second(frame: Any, film: av.container.InputContainer) -> float:
    begins = (film.start_time or 0) / 1_000_000
    at = float(frame.pts * frame.time_base) if frame.pts is not None and frame.time_base else begins
    return min(max(0.0, at - begins), _LATEST_START)


def _pieces(heard: Iterator[tuple[float, Samples]]) -> Iterator[tuple[float, Samples]]:
    """The same in pieces of `PIECE_SAMPLES`, the last one shorter."""
    waiting: list[Samples] = []
    count, start = 0, 0.0
    for start, samples in heard:
        waiting.append(samples)
        count += len(samples)
        while count >= PIECE_SAMPLES:
            whole = np.concatenate(waiting)
            yield start, whole[:PIECE_SAMPLES]
            waiting, count = [whole[PIECE_SAMPLES:]], count - PIECE_SAMPLES
    if count:
        yield start, np.concatenate(waiting)
