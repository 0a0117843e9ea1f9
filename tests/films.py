"""Makes small films and stills for tests, with PyAV and from seeds: nothing is stored."""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path

import av
import numpy as np
from PIL import Image

from foureyes.engine.decoding.content import ContentType, Family
from foureyes.engine.decoding.formats.video import DECODER
from foureyes.engine.decoding.untrusted import opened
from foureyes.engine.model import Decoded
from foureyes.engine.settings import DecodingSettings


def view(seed: int, width: int = 320, height: int = 180) -> np.ndarray:
    """A picture of its own for each seed, coarse and finer structure, (height, width, 3)."""
    random = np.random.default_rng(seed)
    layers = [
        np.asarray(
            Image.fromarray(random.integers(0, 256, (rows, rows * 2, 3), dtype=np.uint8)).resize(
                (width, height), Image.Resampling.BICUBIC
            ),
            dtype=np.float32,
        )
        for rows in (4, 11, 30)
    ]
    return np.asarray(0.5 * layers[0] + 0.3 * layers[1] + 0.2 * layers[2], dtype=np.uint8)


def make_film(
    path: Path,
    shots: list[tuple[int, float]],
    *,
    container: str = "mp4",
    codec: str = "libx264",
    size: tuple[int, int] = (320, 180),
    rate: int = 10,
    tags: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    matrix: list[int] | None = None,
) -> Path:
    """A film of static shots, each (seed, seconds)."""
    with av.open(str(path), "w", format=container, container_options=container_options or {}) as film:
        film.metadata.update(tags or {})
        stream = film.add_stream(codec, rate=rate, options=options or {"preset": "ultrafast", "g": "250"})
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if matrix:
            stream.set_display_matrix(matrix)
        for seed, seconds in shots:
            picture = view(seed, *size)
            for _ in range(round(seconds * rate)):
                film.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        film.mux(stream.encode(None))
    return path


def make_sound(path: Path, *, cover: bool = False) -> Path:
    """Half a second of silence, on request with a cover picture."""
    with av.open(str(path), "w", format="matroska") as film:
        sound = film.add_stream("pcm_s16le", rate=8000, layout="mono")
        if cover:
            picture = io.BytesIO()
            Image.fromarray(view(1)).save(picture, "JPEG")
            film.add_attachment("cover.jpg", "image/jpeg", picture.getvalue())
        samples = np.zeros((1, 4000), dtype=np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.rate = 8000
        film.mux(sound.encode(frame))
        film.mux(sound.encode(None))
    return path


def decode(path: Path, format_name: str = "mp4", **settings: float) -> Decoded:
    """The film as the member decodes it, outside the cage."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with opened(descriptor, ContentType(Family.VIDEO, format_name)) as untrusted:
            return DECODER.decode(untrusted, DecodingSettings(**settings))  # type: ignore[arg-type]  # options by name
    finally:
        os.close(descriptor)


def jpeg_still(picture: np.ndarray, quality: int = 60) -> np.ndarray:
    """What is left of a picture after a JPEG."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out))


def with_external_data(film: bytes, alias_path: str) -> bytes:
    """The MP4 with its data reference replaced by a QuickTime alias to another file (moov last)."""
    path = alias_path.encode()
    path += b"\0" * (len(path) % 2)
    alias = (
        bytes(4) + bytes(10) + b"\x03vol" + bytes(24) + bytes(12) + b"\x05x.mp4" + bytes(58) + bytes(16)
        + struct.pack(">HH", 1, 1) + bytes(16)
        + struct.pack(">HH", 2, len(path)) + path + struct.pack(">HH", 0xFFFF, 0)
    )  # fmt: skip
    entry = struct.pack(">I4s", 8 + len(alias), b"alis") + alias
    return with_box(film, (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"), bytes(7) + b"\1" + entry)


def with_box(data: bytes, way: tuple[bytes, ...], content: bytes) -> bytes:
    """Boxes with the content of one replaced, found by its way down."""
    out, at = b"", 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + size]
        if kind == way[0]:
            body = content if len(way) == 1 else with_box(body, way[1:], content)
        out += struct.pack(">I4s", 8 + len(body), kind) + body
        at += size
    return out
