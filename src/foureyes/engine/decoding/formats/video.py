"""Videos through PyAV's FFmpeg: upright frames and what the container says, from one open descriptor.

Never opens a path, a protocol or a playlist: the demuxer is forced from what sniffing found, and FFmpeg's
way of opening anything further is refused.
"""

from __future__ import annotations

from foureyes.engine.decoding.formats.base import CannotDecode
from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Decoded, FaultCode
from foureyes.engine.settings import DecodingSettings

DEMUXERS = {
    "mp4": "mov",
    "mov": "mov",
    "3gp": "mov",
    "matroska": "matroska",
    "webm": "matroska",
    "avi": "avi",
    "asf": "asf",
    "mpegts": "mpegts",
    "mpegps": "mpeg",
    "mpegvideo": "mpegvideo",
    "h264": "h264",
    "hevc": "hevc",
    "flv": "flv",
    "ogg": "ogg",
    "dv": "dv",
    "mxf": "mxf",
    "realmedia": "rm",
    "ivf": "ivf",
    "wtv": "wtv",
    "nut": "nut",
    "yuv4mpeg": "yuv4mpegpipe",
}
"""`ContentType.format` to the one FFmpeg demuxer that may see it. None of these opens other files."""


class VideoDecoder:
    """The member for films: PyAV, imported in `prepare` only."""

    name = "video"
    version = 1
    formats = frozenset(DEMUXERS)

    def prepare(self) -> None:
        """Load PyAV and everything that it loads late.

        Raises:
            ImportError: PyAV is not installed.
        """
        from foureyes.engine.decoding.formats import video_film  # noqa: PLC0415 - loads PyAV

        video_film.warm_up()

    def decode(self, untrusted: UntrustedInput, settings: DecodingSettings) -> Decoded:
        """Frames at scene changes, at movement and at a steady cadence; facts of the container.

        Returns:
            Frames upright and RGB, at most `frames_at_most`, in order of time. A film that is readable
            only in part comes with a fault beside its frames, one without any frame with facts and a fault.

        Raises:
            CannotDecode: no film (`unsupported`), unreadable (`damaged`), too large.
        """
        from foureyes.engine.decoding.formats import video_film  # noqa: PLC0415 - loads PyAV

        demuxer = DEMUXERS.get(untrusted.content.format)
        if demuxer is None:
            raise CannotDecode(FaultCode.UNSUPPORTED, "no demuxer is allowed for this format")
        return video_film.decode(untrusted, demuxer, settings)


DECODER = VideoDecoder()
