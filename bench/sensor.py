"""How well sensors are told apart, and what it costs: true and false pairs of full-size originals.

    python bench/sensor.py [--data DIR] [--json FILE]

DIR holds `manifest.csv`, a row per file. A camera is a body that the column `camera` or `group` names, of
pictures with original bytes and 1536 pixels on the shorter side. Of every two cameras the patterns of one to
eight pictures are compared, every picture is compared with every pattern that it had no part in, and all
single pictures with each other. Files are decoded here without the cage: they are our own.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import platform
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ground_truth import asked, keep, options, rows_of
from PIL import Image

from foureyes.engine.fingerprints.sensor import SIDE, Sensor, luma_of
from foureyes.engine.matching.sensor import Pattern, pattern_of, pce

MOST = 8
THRESHOLDS = (15.0, 30.0, 60.0, 200.0)


@dataclass(frozen=True)
class Taken:
    """One picture's fingerprint, and the body that took it."""

    path: str
    body: str
    value: bytes
    quality: int


def main() -> None:
    arguments = _arguments()
    began = time.process_time()
    taken = list(_taken(arguments.data))
    made = time.process_time() - began
    began = time.process_time()
    outcomes = {
        "pattern and picture": list(_known(taken)),
        "pattern and pattern": list(_halves(taken)),
        "picture and picture": list(_singles(taken)),
    }
    compared = time.process_time() - began
    count = sum(len(one) for one in outcomes.values())
    megapixels = SIDE * SIDE / 1e6
    result = {
        "machine": platform.processor() or platform.machine(),
        "pictures": {body: sum(one.body == body for one in taken) for body in {one.body for one in taken}},
        "bytes_a_picture": Sensor.value_bytes,
        "cpu_seconds_a_megapixel": round(made / len(taken) / megapixels, 3),
        "cpu_seconds_a_comparison": round(compared / count, 3),
        "outcomes": {name: _rates(found) for name, found in outcomes.items()},
    }
    print(json.dumps(result, indent=1))
    keep(result, arguments.json)


def _arguments() -> argparse.Namespace:
    parser = options(__doc__)
    return asked(parser)


def _taken(data: Path) -> Iterator[Taken]:
    """Fingerprints of all originals that are large enough, as the sensor recorded them."""
    rows = [row for row in rows_of(data) if row["change"] == "original bytes" and row["camera"]]
    for row in rows:
        body = row["group"] if row["set"] == "camera" else row["camera"]
        content = (data / row["path"]).read_bytes()
        if body and content[:2] == b"\xff\xd8":
            picture = Image.open(io.BytesIO(content))
            if min(picture.size) < SIDE:
                continue
            luma = luma_of(np.asarray(picture.convert("RGB")))
            top, left = ((side - SIDE) // 2 for side in luma.shape)
            value, quality = Sensor().make(np.ascontiguousarray(luma[top : top + SIDE, left : left + SIDE]))
            yield Taken(row["path"], body, value, quality)


def _pattern(some: Sequence[Taken]) -> Pattern:
    return pattern_of(one.value for one in some[:MOST])


def _by_body(taken: Sequence[Taken]) -> dict[str, list[Taken]]:
    bodies: dict[str, list[Taken]] = defaultdict(list)
    for one in taken:
        bodies[one.body].append(one)
    return bodies


def _known(taken: Sequence[Taken]) -> Iterator[tuple[bool, float]]:
    """Each picture against each body: of its own, the others of it."""
    for body, held in _by_body(taken).items():
        whole = _pattern(held)
        for one in taken:
            others = [other for other in held if other is not one]
            if one.body == body and others:
                yield True, pce(_pattern(others), _pattern([one]))
            elif one.body != body:
                yield False, pce(whole, _pattern([one]))


def _halves(taken: Sequence[Taken]) -> Iterator[tuple[bool, float]]:
    """Both halves of each body's pictures, in all combinations."""
    halves = [
        (body, _pattern(held[start::2]))
        for body, held in _by_body(taken).items()
        for start in (0, 1)
        if held[start::2]
    ]
    for one, other in itertools.combinations(halves, 2):
        yield one[0] == other[0], pce(one[1], other[1])


def _singles(taken: Sequence[Taken]) -> Iterator[tuple[bool, float]]:
    for one, other in itertools.combinations(taken, 2):
        yield one.body == other.body, pce(_pattern([one]), _pattern([other]))


def _rates(found: Sequence[tuple[bool, float]]) -> dict[str, object]:
    """Of pairs of one body and of two: how many, their range, and the share above each threshold."""
    told: dict[str, object] = {}
    for name, wanted in (("one body", True), ("two bodies", False)):
        scores = sorted(score for same, score in found if same is wanted)
        if scores:
            told[name] = {
                "pairs": len(scores),
                "least, median, most": [round(scores[at], 1) for at in (0, len(scores) // 2, -1)],
                **{
                    f"above {one:.0f}": round(sum(s > one for s in scores) / len(scores), 4)
                    for one in THRESHOLDS
                },
            }
    return told


if __name__ == "__main__":
    main()
