"""The program inside the cage that renders: a picture whole and in halves, a film in parts, its sound.

Runs under `running.cage` as `worker.py` does. A file that cannot be rendered ends in a fault, in words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from PIL import Image

from foureyes.engine.decoding import render_wire, worker
from foureyes.engine.decoding.content import Family
from foureyes.engine.decoding.formats import decoder_of
from foureyes.engine.decoding.formats.base import CannotDecode
from foureyes.engine.decoding.formats.video import DEMUXERS
from foureyes.engine.decoding.render_wire import Pixels, Question, Size, What
from foureyes.engine.decoding.untrusted import UntrustedInput, opened
from foureyes.engine.model import FaultCode
from foureyes.engine.running.refusal import Refusal
from foureyes.engine.settings import DecodingSettings

_WHOLE = 1 << 20
"""A side that no picture has: decoders then reduce nothing but what does not fit."""


def prepare() -> None:
    """Load every codec while the worker may still open files."""
    worker.prepare()
    from foureyes.engine.decoding.formats import video_rendition, video_sound  # noqa: PLC0415 - load PyAV

    video_rendition.warm_up()
    video_sound.warm_up()


def serve(untrusted_fd: int, question: bytes) -> Iterator[tuple[int, bytes]]:
    """Answer one question in the frames of `render_wire`."""
    asked = Question.unpacked(question)
    try:
        with opened(untrusted_fd, asked.content) as untrusted:
            yield from _answer(untrusted, asked)
    except ValueError as error:
        raise Refusal(FaultCode.EMPTY, "the file has no bytes") from error
    except CannotDecode as error:
        raise Refusal(error.code, error.detail) from error


def _answer(untrusted: UntrustedInput, asked: Question) -> Iterator[tuple[int, bytes]]:
    if asked.content.family is Family.VIDEO:
        yield from _film(untrusted, asked)
    elif asked.what is What.PICTURE:
        yield from _picture(untrusted, asked)
    else:
        raise Refusal(FaultCode.UNSUPPORTED, "a picture is no film")


def _film(untrusted: UntrustedInput, asked: Question) -> Iterator[tuple[int, bytes]]:
    from foureyes.engine.decoding.formats import video_rendition, video_sound  # noqa: PLC0415 - as above

    demuxer = DEMUXERS.get(asked.content.format)
    if demuxer is None:
        raise CannotDecode(FaultCode.UNSUPPORTED, "no demuxer is allowed for this format")
    if asked.what is What.OUTLINE:
        yield from video_rendition.outline(untrusted, demuxer, asked)
    elif asked.what is What.PART:
        yield from video_rendition.part(untrusted, demuxer, asked)
    elif asked.what is What.SOUND:
        yield from video_sound.sound(untrusted, demuxer)
    else:
        pixels = video_rendition.frame_at(untrusted, demuxer, asked)
        height, width = pixels.shape[:2]
        yield from _levels(pixels, Size(width, height, width, height, partial=False))


def _picture(untrusted: UntrustedInput, asked: Question) -> Iterator[tuple[int, bytes]]:
    decoder = decoder_of(asked.content.format)
    if decoder is None:
        raise CannotDecode(FaultCode.UNSUPPORTED, f"no decoder for {asked.content.format}")
    if not untrusted.whole:
        raise CannotDecode(FaultCode.TOO_LARGE, "a picture file of more than 512 MiB")
    decoded = decoder.decode(untrusted, _settings(asked))
    if not decoded.frames:
        raise CannotDecode(FaultCode.DAMAGED, "no pixels could be had")
    pixels = decoded.frames[0].pixels
    height, width = pixels.shape[:2]
    full = (max(decoded.width, width), max(decoded.height, height))
    size = Size(width, height, *full, partial=decoded.fault is not None)
    yield from _levels(pixels, size)


def _settings(asked: Question) -> DecodingSettings:
    return replace(
        DecodingSettings(),
        pixels_at_most=asked.pixels_at_most,
        side_pixels=_WHOLE,
        kept_pixels_at_most=asked.settings.pixels_at_most,
        kept_side_at_most=asked.settings.side_at_most,
        frames_at_most=1,
    )


def _levels(pixels: Pixels, size: Size) -> Iterator[tuple[int, bytes]]:
    """The size, then every level in bands, from the whole picture to what fits one tile."""
    yield render_wire.size_frame(size)
    for level, _ in enumerate(render_wire.level_sizes(size.width, size.height)):
        if level:
            pixels = np.asarray(Image.fromarray(pixels).reduce(2))
        yield from render_wire.band_frames(level, pixels)
