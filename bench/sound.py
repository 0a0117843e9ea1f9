"""How well sounds are told apart, and what it costs: re-encoded, cut, noisy ones among strangers.

    python bench/sound.py [--data DIR] [--strangers 2000] [--json FILE]

The sounds are the speech and the films of DIR's `manifest.csv` (files that hold silence are left out), and
drawn tunes. Of each condition, one copy of every sound is compared with all sounds and all other copies: a
stretch shared by copies of two different sounds is a false one. Then so many minutes of drawn tunes, no two
alike, are compared with each other, and some pairs of strangers are laid on each other at every shift, to see
how near chance comes. Last, what hearing costs in the cage. Files are decoded here without the cage but for
that: they are our own. A program for people: it asserts nothing.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from ground_truth import asked, keep, options, rows_of
from numpy.typing import NDArray

from foureyes import __version__
from foureyes.engine.decoding import ContentType, Family, Renderer
from foureyes.engine.fingerprints.sound import RATE, SPAN, STEP, Sound, sub_fingerprints
from foureyes.engine.matching import sounds
from foureyes.engine.model import SoundPair
from foureyes.engine.series.calibration import shipped
from foureyes.engine.settings import EngineSettings

Samples = NDArray[np.int16]
Items = NDArray[np.uint32]

SOURCE_RATE = 48_000
TUNES = 8
TUNE_SECONDS = 40.0
CODECS = (
    ("mp3", "libmp3lame", "mp3", 44_100, (32, 64, 128)),
    ("aac", "aac", "adts", 44_100, (24, 48, 96)),
    ("opus", "libopus", "ogg", 48_000, (12, 24, 64)),
)
CUTS = (3, 5, 7, 10, 20, 30)
DECIBELS = (20, 10, 5, 0)
SAMPLED = 500
"""Pairs of strangers that are laid on each other at every shift."""


def main() -> None:
    arguments = _arguments()
    held = _real(arguments.data)
    real = len(held)
    held |= {f"tune {n}": tune(n, TUNE_SECONDS, SOURCE_RATE) for n in range(TUNES)}
    result: dict[str, Any] = {
        "foureyes": __version__,
        "machine": platform.processor() or platform.machine(),
        "sounds": {"of files": real, "drawn": TUNES},
        "conditions": _all_judged(held),
        "strangers": _strangers(held, arguments.strangers),
        "cost": _cost(),
    }
    _print(result)
    keep(result, arguments.json)


def _arguments() -> argparse.Namespace:
    parser = options(__doc__)
    parser.add_argument("--strangers", type=int, default=2000, help="minutes of drawn tunes")
    return asked(parser)


def tune(seed: int, seconds: float, rate: int) -> Samples:
    """Chords of three notes with overtones, each for an eighth to half a second, and a little noise."""
    rng = np.random.default_rng([seed, 5])
    clock = np.arange(round(seconds * rate)) / rate
    heard = rng.normal(0, 200, len(clock))
    begin = 0
    while begin < len(clock):
        end = begin + round(rng.uniform(0.12, 0.5) * rate)
        for pitch in rng.integers(40, 84, 3):
            tone = 440.0 * 2 ** ((int(pitch) - 69) / 12)
            for overtone in (1, 2, 3):
                heard[begin:end] += 1500 / overtone * np.sin(2 * np.pi * tone * overtone * clock[begin:end])
        begin = end
    return np.clip(heard, -32_768, 32_767).astype(np.int16)


def items_of(samples: Samples, rate: int = SOURCE_RATE) -> Items:
    """Sub-fingerprints of samples at any rate."""
    return np.concatenate([np.empty(0, np.uint32), *sub_fingerprints([resampled(samples, rate, RATE)])])


def resampled(samples: Samples, rate: int, to: int) -> Samples:
    """The same at another rate."""
    if rate == to or len(samples) == 0:
        return samples
    resampler = av.AudioResampler("s16", "mono", to)
    made = [*resampler.resample(_frame(samples, rate)), *resampler.resample(None)]
    return np.concatenate([one.to_ndarray()[0] for one in made])


def encoded(samples: Samples, codec: str, container: str, rate: int, kilobits: int) -> Samples:
    """What is heard of samples at `SOURCE_RATE` once they were encoded."""
    if len(samples) == 0:
        return samples
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream: Any = file.add_stream(codec, rate=rate, layout="mono")
        stream.bit_rate = 1000 * kilobits
        resampler = av.AudioResampler(stream.format, "mono", rate, frame_size=stream.frame_size or 1024)
        frame = _frame(resampled(samples, SOURCE_RATE, rate), rate)
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    out.seek(0)
    return _decoded(out)


def _frame(samples: Samples, rate: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None], format="s16", layout="mono")
    frame.rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    return frame


def _decoded(file: io.BytesIO | str) -> Samples:
    """One channel at `SOURCE_RATE`."""
    resampler = av.AudioResampler("s16", "mono", SOURCE_RATE)
    made: list[av.AudioFrame] = []
    with av.open(file) as opened:
        for frame in opened.decode(audio=0):
            frame.pts = None
            made += resampler.resample(frame)
        made += resampler.resample(None)
    return np.concatenate([one.to_ndarray()[0] for one in made])


def _real(data: Path) -> dict[str, Samples]:
    """Speech, and one film of each group."""
    rows = rows_of(data)
    paths = [row["path"] for row in rows if row["set"] == "speech"]
    films = {row["group"]: row["path"] for row in rows if row["path"].endswith(".mp4")}
    held = {path: _decoded(str(data / path)) for path in (*paths, *films.values())}
    return {path: samples for path, samples in held.items() if len(np.unique(items_of(samples))) > 1}


def _conditions() -> Iterator[tuple[str, Callable[[Samples, np.random.Generator], Samples]]]:
    for name, codec, container, rate, bits in CODECS:
        for kilobits in bits:
            yield (
                f"{name} {kilobits} kbit",
                lambda samples, _, how=(codec, container, rate, kilobits): encoded(samples, *how),
            )
    for decibels in DECIBELS:
        yield f"noise {decibels} dB", lambda samples, rng, to=decibels: _noisy(samples, rng, to)
    for seconds in CUTS:
        yield (
            f"cut {seconds} s, aac 48 kbit",
            lambda samples, rng, to=seconds: encoded(_cut(samples, rng, to), "aac", "adts", 44_100, 48),
        )
    yield (
        "cut 10 s, noise 10 dB, opus 24 kbit",
        lambda samples, rng: encoded(_noisy(_cut(samples, rng, 10), rng, 10), "libopus", "ogg", 48_000, 24),
    )
    yield "4 % faster", lambda samples, _: resampled(samples, 49_920, SOURCE_RATE)


def _noisy(samples: Samples, rng: np.random.Generator, decibels: int) -> Samples:
    """White noise so much under the sound."""
    if len(samples) == 0:
        return samples
    power = float(np.sqrt((samples.astype(np.float64) ** 2).mean()))
    noise = rng.normal(0, power / 10 ** (decibels / 20), len(samples))
    return np.clip(samples + noise, -32_768, 32_767).astype(np.int16)


def _cut(samples: Samples, rng: np.random.Generator, seconds: int) -> Samples:
    """From anywhere; nothing where the sound is not longer than that."""
    count = seconds * SOURCE_RATE
    if len(samples) <= count:
        return samples[:0]
    begin = int(rng.integers(0, len(samples) - count))
    return samples[begin : begin + count]


def _all_judged(held: Mapping[str, Samples]) -> dict[str, dict[str, Any]]:
    """Each condition, said as it comes: all take minutes."""
    tracks = [items_of(samples) for samples in held.values()]
    told: dict[str, dict[str, Any]] = {}
    print(f"{'condition':38}{'sounds':>8}{'found':>8}{'false':>8}{'error':>9}{'most':>9}{'strength':>9}")
    for name, change in _conditions():
        told[name] = one = _judged(list(held.values()), tracks, change)
        numbers = [one[key] for key in ("sounds", "found", "false")]
        errors = [one["bit error, median"], one["bit error, most"], one["strength, median"]]
        cells = "".join(f"{'-' if number is None else number:>9}" for number in errors)
        print(f"{name:38}" + "".join(f"{number:>8}" for number in numbers) + cells, flush=True)
    return told


def _judged(
    held: Sequence[Samples],
    known: Sequence[Items],
    change: Callable[[Samples, np.random.Generator], Samples],
) -> dict[str, Any]:
    """One copy of each sound among all: how many are found, and how."""
    rng = np.random.default_rng(1)
    copies = [change(samples, rng) for samples in held]
    asked = [number for number, copy in enumerate(copies) if len(copy)]
    tracks = [*known, *(items_of(copies[number]) for number in asked)]
    source = [*range(len(known)), *asked]
    found = sounds.shared(sounds.Tracks.of(tracks)).stretches
    true = [one for one in found if source[one.a] == source[one.b]]
    errors = sorted(one.bit_error for one in true)
    return {
        "sounds": len(asked),
        "found": len(true),
        "false": len(found) - len(true),
        "pairs": len(tracks) * (len(tracks) - 1) // 2,
        "bit error, median": errors[len(errors) // 2] if errors else None,
        "bit error, most": errors[-1] if errors else None,
        "strength, median": sorted(_strength(one) for one in true)[len(true) // 2] if true else None,
    }


def _strength(one: sounds.Stretch) -> float:
    from foureyes.engine.series.links.same_sound import SameSound, score_of  # noqa: PLC0415 - used here only

    seconds = (one.length - 1) * STEP + SPAN
    score = score_of(SoundPair("a", "b", one.bit_error, seconds))
    return min(shipped().strength(SameSound.name, score), SameSound.cap)


def _strangers(held: Mapping[str, Samples], minutes: int) -> dict[str, Any]:
    """What is found among sounds of which no two have anything in common, and how near chance comes."""
    tracks = [items_of(samples) for samples in held.values()]
    tracks += [items_of(tune(1000 + n, 60.0, RATE), RATE) for n in range(minutes)]
    laid = sounds.Tracks.of(tracks)
    began = time.process_time()
    found = sounds.shared(laid)
    seconds = time.process_time() - began
    rng = np.random.default_rng(2)
    pairs = [tuple(rng.choice(len(tracks), 2, replace=False)) for _ in range(SAMPLED)]
    every = itertools.combinations(range(len(held)), 2)
    nearest = {
        "real and drawn": sorted(_nearest(tracks[a], tracks[b]) for a, b in every),
        "drawn": sorted(_nearest(tracks[a], tracks[b]) for a, b in pairs),
    }
    return {
        "films": len(tracks),
        "pairs": len(tracks) * (len(tracks) - 1) // 2,
        "sub-fingerprints": len(laid.items),
        "found": len(found.stretches),
        "cpu seconds": round(seconds, 2),
        "nearest two seconds of a pair, share of bits": {
            name: {"pairs": len(some), "least": round(some[0], 3), "median": round(some[len(some) // 2], 3)}
            for name, some in nearest.items()
        },
    }


def _nearest(one: Items, other: Items) -> float:
    """The least error of any window of the one on any of the other."""
    least, window = 1.0, sounds.WINDOW
    for shift in range(window - len(one), len(other) - window + 1):
        begin, end = max(0, -shift), min(len(one), len(other) - shift)
        if end - begin >= window:
            bits = np.bitwise_count(one[begin:end] ^ other[begin + shift : end + shift]).astype(np.int64)
            total = np.concatenate([[0], np.cumsum(bits)])
            least = min(least, float((total[window:] - total[:-window]).min()) / (32 * window))
    return least


def _cost(minutes: int = 10) -> dict[str, Any]:
    """CPU of one core for each minute of sound: decoded in the cage, and made a fingerprint of."""
    samples = np.concatenate([tune(n, 60.0, 44_100) for n in range(minutes)])
    told: dict[str, Any] = {}
    renderer = Renderer(EngineSettings(workers=1))
    with tempfile.TemporaryDirectory() as folder:
        for name, codec, kilobits in (("aac 128 kbit", "aac", 128), ("mp3 128 kbit", "libmp3lame", 128)):
            path = Path(folder) / "film.mkv"
            with av.open(str(path), "w", format="matroska") as film:
                pictures: Any = film.add_stream("mpeg4", rate=1)
                pictures.width = pictures.height = 64
                pictures.pix_fmt = "yuv420p"
                stream: Any = film.add_stream(codec, rate=44_100, layout="stereo")
                stream.bit_rate = 1000 * kilobits
                film.mux(pictures.encode(av.VideoFrame(64, 64, "yuv420p")))
                film.mux(pictures.encode(None))
                resampler = av.AudioResampler(stream.format, "stereo", 44_100, frame_size=stream.frame_size)
                for piece in (*resampler.resample(_frame(samples, 44_100)), *resampler.resample(None)):
                    film.mux(stream.encode(piece))
                film.mux(stream.encode(None))
            told[name] = _heard(renderer, path, minutes)
    renderer.close()
    return told


def _heard(renderer: Renderer, path: Path, minutes: int) -> dict[str, float]:
    descriptor = os.open(path, os.O_RDONLY)
    ours, children = time.process_time(), os.times()
    start, pieces = renderer.sound(descriptor, ContentType(Family.VIDEO, "matroska"))
    whole = list(pieces)
    outside = time.process_time() - ours
    began = time.process_time()
    made = Sound().make(whole, start)
    fingerprint = time.process_time() - began
    os.close(descriptor)
    renderer.close()  # ends the worker: its time is counted then
    after = os.times()
    caged = after.children_user + after.children_system - children.children_user - children.children_system
    return {
        "cage, with its start": round(caged / minutes, 3),
        "taking samples": round(outside / minutes, 3),
        "fingerprint": round(fingerprint / minutes, 3),
        "bytes kept a minute": sum(len(one.value) for one in made) // minutes,
    }


def _print(result: Mapping[str, Any]) -> None:
    print(json.dumps({key: one for key, one in result.items() if key != "conditions"}, indent=1))


if __name__ == "__main__":
    main()
