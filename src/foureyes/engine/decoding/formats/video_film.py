"""Opens one film from a descriptor, chooses its picture stream, and puts frames and facts together.

The one module that hands hostile bytes to FFmpeg. It must not open anything but the descriptor.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import av
import av.container
import av.error
import av.logging
import av.video
from av.stream import Disposition

from foureyes.engine.decoding.content import ContentType, Family
from foureyes.engine.decoding.formats.base import CannotDecode
from foureyes.engine.decoding.formats.video_facts import Observed, facts_of, has_decoder
from foureyes.engine.decoding.formats.video_frames import Viewing, view
from foureyes.engine.decoding.formats.video_upright import upright_size, uprightness
from foureyes.engine.decoding.untrusted import UntrustedInput, opened
from foureyes.engine.model import Decoded, Fault, FaultCode, MediaKind
from foureyes.engine.settings import DecodingSettings

STREAMS_AT_MOST = 100
"""Streams that a demuxer may create; a file can declare thousands."""

BUFFER_BYTES = 128 * 1024

PROTOCOLS = "none"
"""The list of allowed protocols. No protocol has this name; an empty list would allow all."""


class RefusedOpen(Exception):
    """The file asked for another file or address."""


class _Bytes:
    """The descriptor as FFmpeg reads it. `pread` keeps clear of the position that others share.

    It has no name and no `write`, so that FFmpeg finds no path to resolve and nothing to write to.
    """

    def __init__(self, untrusted: UntrustedInput) -> None:
        self._fd = untrusted.fd
        self._size = untrusted.size
        self._position = 0

    def read(self, count: int) -> bytes:
        data = os.pread(self._fd, count, self._position)
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("seek before the start")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def seekable(self) -> bool:
        return True


def warm_up() -> None:
    """Decode a film of our own: what PyAV and FFmpeg load late must be there when the cage is sealed."""
    av.logging.set_level(None)
    descriptor = os.memfd_create("warm-up")
    try:
        os.write(descriptor, _tiny_film())
        with opened(descriptor, ContentType(Family.VIDEO, "matroska")) as own:
            decode(own, "matroska", DecodingSettings())
    finally:
        os.close(descriptor)


def _tiny_film() -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="matroska") as film:
        stream = film.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1  # the cage is sealed in a process without other threads
        for _ in range(3):
            film.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        film.mux(stream.encode(None))
    return out.getvalue()


def decode(untrusted: UntrustedInput, demuxer: str, settings: DecodingSettings) -> Decoded:
    """The film behind the descriptor; see `VideoDecoder.decode`."""
    with opened_film(untrusted, demuxer, settings) as film:
        stream = picture_stream(film)
        check_size(stream, settings)
        viewing = view(film, stream, settings)
        return _decoded(untrusted.content.format, film, stream, viewing)


@contextmanager
def opened_film(
    untrusted: UntrustedInput, demuxer: str, settings: DecodingSettings
) -> Iterator[av.container.InputContainer]:
    """The container behind a descriptor, for a `with` block; what goes wrong in it becomes CannotDecode."""
    try:
        with av.open(
            _Bytes(untrusted),
            "r",
            format=demuxer,
            options=_options(demuxer, settings),
            metadata_errors="replace",
            buffer_size=BUFFER_BYTES,
            io_open=_refuse,
        ) as film:
            yield film
    except (MemoryError, av.error.MemoryError) as error:
        raise CannotDecode(
            FaultCode.OUT_OF_MEMORY, "the film needs more memory or streams than allowed"
        ) from error
    except RefusedOpen as error:
        raise CannotDecode(FaultCode.FORBIDDEN, "the film refers to other files or addresses") from error
    except (av.error.FFmpegError, OSError, ValueError, OverflowError) as error:
        raise CannotDecode(FaultCode.DAMAGED, "the container cannot be read") from error


def _options(demuxer: str, settings: DecodingSettings) -> dict[str, str]:
    options = {
        "protocol_whitelist": PROTOCOLS,
        "format_whitelist": ",".join(av.ContainerFormat(demuxer, "r").name.split(",")),
        "max_streams": str(STREAMS_AT_MOST),
        "max_pixels": str(settings.pixels_at_most),
        "threads": "1",
        "probesize": str(5_000_000),
        "analyzeduration": str(5_000_000),
    }
    if demuxer == "mov":
        options |= {"enable_drefs": "0", "use_absolute_path": "0"}
    return options


def _refuse(untrusted_url: str, flags: int, options: dict[str, str]) -> NoReturn:  # noqa: ARG001 - PyAV's
    raise RefusedOpen


def picture_stream(film: av.container.InputContainer) -> av.video.VideoStream:
    """The stream that a viewer would see. Raises CannotDecode where there is none."""
    moving = [s for s in film.streams.video if not s.disposition & Disposition.attached_pic]
    if not moving:
        if not film.streams:
            raise CannotDecode(FaultCode.DAMAGED, "no stream can be found in the container")
        if film.streams.audio:
            raise CannotDecode(FaultCode.UNSUPPORTED, "audio only")
        raise CannotDecode(FaultCode.UNSUPPORTED, "no picture stream")
    known = [s for s in moving if has_decoder(s)]
    if not known:
        raise CannotDecode(FaultCode.UNSUPPORTED, "no decoder for the codec of this film")
    return max(known, key=lambda s: (bool(s.disposition & Disposition.default), s.width * s.height))


def check_size(stream: av.video.VideoStream, settings: DecodingSettings) -> None:
    """Raises CannotDecode where a frame has more pixels than are ever decoded."""
    if stream.width * stream.height > settings.pixels_at_most:
        raise CannotDecode(
            FaultCode.TOO_MANY_PIXELS, f"{stream.width} x {stream.height} pixels in each frame of the film"
        )


def _decoded(
    format_name: str, film: av.container.InputContainer, stream: av.video.VideoStream, viewing: Viewing
) -> Decoded:
    upright = uprightness(viewing.untrusted_matrix)
    width, height = upright_size(viewing.width or stream.width, viewing.height or stream.height, upright)
    observed = Observed(upright.exif, viewing.frame_count, viewing.end_seconds if viewing.complete else None)
    fault = viewing.fault
    if not viewing.frames and fault is None:
        fault = Fault(FaultCode.DAMAGED, "no frame of the film could be decoded")
    return Decoded(
        kind=MediaKind.VIDEO,
        format=format_name,
        width=width,
        height=height,
        frames=viewing.frames,
        facts=tuple(facts_of(film, stream, observed)),
        fault=fault,
    )
