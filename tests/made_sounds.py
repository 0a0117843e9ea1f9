"""Sounds drawn by number: melodies, hums and noise, and films that sound of them. No recording is needed."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from films import view

RATE = 11_025
Samples = NDArray[np.int16]


def melody(seed: int, seconds: float, rate: int = RATE) -> Samples:
    """Notes with overtones over a beat and some noise: no two seeds share a bar."""
    rng = np.random.default_rng(seed)
    count = round(seconds * rate)
    time = np.arange(count) / rate
    heard = np.zeros(count)
    begin = 0.0
    while begin < seconds:
        lasts = float(rng.uniform(0.12, 0.5))
        here = slice(round(begin * rate), min(count, round((begin + lasts) * rate)))
        for pitch in rng.integers(40, 84, 3):
            tone = 440.0 * 2.0 ** ((int(pitch) - 69) / 12)
            for overtone in (1, 2, 3):
                heard[here] += np.sin(2 * np.pi * tone * overtone * time[here]) / overtone
        begin += lasts
    heard = 5_000 * heard / 3 + rng.integers(-300, 301, count)
    return np.clip(np.rint(heard), -32_768, 32_767).astype(np.int16)


def hum(seconds: float, rate: int = RATE, tone: float = 440.0) -> Samples:
    """One sine."""
    time = np.arange(round(seconds * rate)) / rate
    return np.rint(8_000 * np.sin(2 * np.pi * tone * time)).astype(np.int16)


def silence(seconds: float, rate: int = RATE) -> Samples:
    """Nothing."""
    return np.zeros(round(seconds * rate), np.int16)


def noisy(samples: Samples, seed: int, loudness: int) -> Samples:
    """The same with white noise."""
    noise = np.random.default_rng(seed).integers(-loudness, loudness + 1, len(samples))
    return np.clip(samples + noise, -32_768, 32_767).astype(np.int16)


def make_sounding_film(
    path: Path,
    shot: int,
    samples: Samples,
    *,
    container: str = "mp4",
    codec: str = "aac",
    bit_rate: int = 64_000,
    rate: int = RATE,
    late: float = 0.0,
) -> Path:
    """A film of one picture, as long as its sound, which begins `late` seconds after it."""
    seconds = len(samples) / rate + late
    with av.open(str(path), "w", format=container) as film:
        pictures = film.add_stream("libx264", rate=2, options={"preset": "ultrafast"})
        pictures.width, pictures.height, pictures.pix_fmt = 160, 90, "yuv420p"
        pictures.thread_count = 1
        heard = film.add_stream(codec, rate=rate, layout="mono")
        if not codec.startswith("pcm"):
            heard.bit_rate = bit_rate
        picture = view(shot, 160, 90)
        for _ in range(max(1, round(seconds * 2))):
            film.mux(pictures.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        film.mux(pictures.encode(None))
        resampler = av.AudioResampler(heard.format, "mono", rate, frame_size=heard.frame_size or 1024)
        whole = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        whole.rate, whole.pts, whole.time_base = rate, 0, Fraction(1, rate)
        for piece in (*resampler.resample(whole), *resampler.resample(None)):
            piece.pts += round(late * rate)
            film.mux(heard.encode(piece))
        film.mux(heard.encode(None))
    return path
