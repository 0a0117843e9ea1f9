"""What linking a batch costs beside linking everything, on made-up media through the catalogue's own calls.

    python bench/batch.py --media 100000,1000000 [--batch 10000] [--folder DIR] [--json batch.json]

For each size a workspace is filled, linked whole, given a batch, linked again, given another and linked
again: each batch by itself, where the first one reads what all media state and keeps it for the next; then
everything anew. Each is a process of its own, so that its peak of memory is its own. Media come in sessions
of one to sixty shots by bodies of 300 models: half state serials, a third positions, a fifth are near copies
of others; they lie in folders by session. No pictures are made: only what linking reads. Scenes and views are
not asked: what they cost a media of the batch is in docs/series.md. Prints the table of docs/series.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.model import (
    Digests,
    Fact,
    FactName,
    Fingerprint,
    Media,
    MediaKind,
    Occurrence,
    Origin,
    Outcome,
    Progress,
    TakenIn,
    Times,
)
from foureyes.engine.settings import EngineSettings

MODELS = 300
MEDIA_A_BODY = 80
YEARS = 10
COPIES = 0.2
REMEMBERED = 50_000
"""Media that copies are made of."""
COMMIT = 5_000
BEGAN = datetime(2012, 1, 1, 8)  # noqa: DTZ001 - as cameras state it: without a zone
STEPS = ("fill", "first", "more", "batch", "another", "next", "whole")
FILLS = ("fill", "more", "another")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--media", default="100000,1000000", help="sizes, one after the other")
    parser.add_argument("--batch", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        print(json.dumps(step(asked.step, asked.folder, int(asked.media), asked.batch)))
        return
    runs = [measured(int(float(size)), asked.batch, asked.folder) for size in asked.media.split(",")]
    tell(runs)
    if asked.json:
        asked.json.write_text(json.dumps(runs, indent=1))


def measured(media: int, batch: int, folder: Path) -> dict[str, Any]:
    """One size, each step in a process of its own."""
    place = folder / f"batch-{media}"
    shutil.rmtree(place, ignore_errors=True)
    found: dict[str, Any] = {"media": media, "new": batch}
    try:
        for name in STEPS:
            command = [sys.executable, __file__, "--step", name, "--folder", str(place)]
            command += ["--media", str(media), "--batch", str(batch)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            found[name] = json.loads(done.stdout)
            print(media, name, done.stdout.strip(), file=sys.stderr, flush=True)
        found["bytes"] = sum(one.stat().st_size for one in place.rglob("*") if one.is_file())
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return found


def step(name: str, folder: Path, media: int, batch: int) -> dict[str, Any]:
    """One step, and what it cost."""
    stages = Stages()
    workspace = Workspace.open_or_create(folder)
    said: dict[str, Any] = {}
    with Catalogue.open(workspace, EngineSettings(), write=True, purpose="bench") as catalogue:
        if name in FILLS:
            begin = (0, media, media + batch)[FILLS.index(name)]
            fill(
                catalogue, islice(made(media + 2 * batch), begin, media if name == "fill" else begin + batch)
            )
        else:
            report = pipeline.link(catalogue, stages, whole=name == "whole")
            assert report.whole == (name in {"first", "whole"})
            said = {"series": report.series, "links": sum(report.links.values()), "notes": report.notes[-1:]}
    stages.end()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {**stages.told(), "peak_gigabytes": round(peak, 2), **said}


class Stages:
    """Processor and clock seconds of each stage that is told of."""

    def __init__(self) -> None:
        self._begun, self._cpu, self._wall = "opening", time.process_time(), time.monotonic()
        self._stages: dict[str, tuple[float, float]] = {}

    def __call__(self, progress: Progress) -> None:
        """Hear of a stage."""
        if progress.stage != self._begun:
            self.end()
            self._begun = progress.stage

    def end(self) -> None:
        """Book what was spent since to the stage that was told of last."""
        cpu, wall = time.process_time(), time.monotonic()
        before = self._stages.get(self._begun, (0.0, 0.0))
        self._stages[self._begun] = before[0] + cpu - self._cpu, before[1] + wall - self._wall
        self._cpu, self._wall = cpu, wall

    def told(self) -> dict[str, Any]:
        """All of it."""
        return {
            "cpu_seconds": round(sum(cpu for cpu, _ in self._stages.values()), 1),
            "wall_seconds": round(sum(wall for _, wall in self._stages.values()), 1),
            "stages": {stage: round(cpu, 1) for stage, (cpu, _) in self._stages.items()},
        }


def fill(catalogue: Catalogue, items: Iterator[TakenIn]) -> None:
    source = catalogue.source("Seized disk", "/evidence/disk", "folder")
    waiting: list[TakenIn] = []
    for one in items:
        waiting.append(one)
        if len(waiting) == COMMIT:
            catalogue.commit(source, waiting)
            waiting = []
    catalogue.commit(source, waiting)


def made(count: int) -> Iterator[TakenIn]:
    """So many media; the same every time."""
    chance = random.Random(5)
    bodies = max(1, count // MEDIA_A_BODY)
    remembered: list[tuple[bytes, tuple[Fact, ...]]] = []
    number = session = 0
    while number < count:
        body = chance.randrange(bodies)
        at = BEGAN + timedelta(seconds=chance.randrange(YEARS * 365 * 86_400))
        shots = 1 + int(chance.paretovariate(1.0)) % 60
        place = (45 + chance.random() * 10, 5 + chance.random() * 10) if chance.random() < 1 / 3 else None
        first = chance.randrange(1, 9000)
        for shot in range(min(shots, count - number)):
            at += timedelta(seconds=chance.randrange(3, 70))
            facts, name = shot_facts(body, at, first + shot, place), f"IMG_{first + shot:04}.JPG"
            value = chance.randbytes(256)
            if remembered and chance.random() < COPIES:
                value, facts = near_copy(*chance.choice(remembered), chance)
                name = f"copy {number}.jpg"
            if len(remembered) < REMEMBERED:
                remembered.append((value, facts))
            else:
                remembered[chance.randrange(REMEMBERED)] = value, facts
            yield taken(number, f"{session // 500}/{session}/{name}", value, facts, at)
            number += 1
        session += 1


def shot_facts(body: int, at: datetime, number: int, place: tuple[float, float] | None) -> tuple[Fact, ...]:
    model = body % MODELS
    facts = [
        Fact(FactName.CAPTURED_AT, at.isoformat(), Origin.EXIF),
        Fact(FactName.CAMERA_MAKER, f"Maker {model % 12}", Origin.EXIF),
        Fact(FactName.CAMERA_MODEL, f"Model {model}", Origin.EXIF),
        Fact(FactName.QUANTISATION, f"tables of model {model}", Origin.JPEG),
        Fact(FactName.JPEG_LAYOUT, "SOI APP1-Exif DQT SOF0 DHT SOS", Origin.JPEG),
        Fact(FactName.STATED_SIZE, "4000x3000", Origin.EXIF),
    ]
    if body % 2:
        facts.append(Fact(FactName.BODY_SERIAL, f"7{body * 7919 % 1_000_003:07}", Origin.MAKER_NOTE))
        facts.append(Fact(FactName.FILE_NUMBER, number, Origin.MAKER_NOTE))
    if place:
        facts.append(Fact(FactName.LATITUDE, place[0] + number % 7 / 1e5, Origin.EXIF))
        facts.append(Fact(FactName.LONGITUDE, place[1], Origin.EXIF))
    return tuple(facts)


def near_copy(value: bytes, facts: tuple[Fact, ...], chance: random.Random) -> tuple[bytes, tuple[Fact, ...]]:
    """The same picture with 4 bits changed in each orientation; half of the copies keep what is stated."""
    changed = bytearray(value)
    for turn in range(8):
        for _ in range(4):
            changed[32 * turn + chance.randrange(32)] ^= 1 << chance.randrange(8)
    return bytes(changed), facts if chance.random() < 0.5 else ()


def taken(number: int, path: str, value: bytes, facts: tuple[Fact, ...], at: datetime) -> TakenIn:
    content = f"benchmark {number}".encode()
    digests = Digests(
        hashlib.sha256(content).hexdigest(),
        hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        hashlib.md5(content, usedforsecurity=False).hexdigest(),
        3_000_000 + number,
    )
    media = Media(
        digests,
        MediaKind.PICTURE,
        "jpeg",
        4000 if facts else 2000,
        3000 if facts else 1500,
        facts=facts,
        fingerprints=(Fingerprint("pdq", 1, value),),
    )
    times = Times(modified_ns=int(at.timestamp()) * 10**9)
    return TakenIn(Occurrence(path, digests.size, times), Outcome.MEDIA, digests.sha256, media)


def tell(runs: list[dict[str, Any]]) -> None:
    print("| media | linked | CPU s | clock s | peak GB | by stage, CPU s |\n|---|---|---|---|---|---|")
    for run in runs:
        batch = f"batch of {run['new']:,}"
        for name, what in (
            ("batch", f"a {batch}"),
            ("next", f"the next {batch}"),
            ("whole", "everything anew"),
        ):
            one = run[name]
            stages = ", ".join(f"{stage} {cpu}" for stage, cpu in one["stages"].items())
            cells = f"{one['cpu_seconds']} | {one['wall_seconds']} | {one['peak_gigabytes']} | {stages} |"
            print(f"| {run['media']:,} | {what} | {cells}")


if __name__ == "__main__":
    main()
