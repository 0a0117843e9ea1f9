"""A large synthetic series for the benchmarks of the pages: drawn landscapes through the catalogue's calls.

Pictures are landscapes of `random` shapes; none shows a person and none comes from a file. Thumbnails of a
few hundred different scenes are drawn once and made different by a comment in the JPEG, so that 20,000 media
are made in seconds; their previews are drawn for each. Links and the series are written as a linking would
leave them (`Catalogue.replace_linking`): scenes of a dozen shots a minute apart, every fourth shot with a
copy.
"""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from foureyes.engine import fingerprints
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.model import (
    Digests,
    Fact,
    FactName,
    Link,
    Media,
    MediaKind,
    Occurrence,
    Origin,
    Outcome,
    Series,
    TakenIn,
    Times,
)
from foureyes.engine.settings import EngineSettings

SERIES = "S-BENCHAAA"
DRAWN = 400
"""Different thumbnails; each media has a preview of its own."""
SHOTS_A_SCENE = 12
COPY_EVERY = 4
CAMERAS = (
    ("NIKON", "NIKON D3200", "6012345"),
    ("Canon", "Canon EOS 70D", "0830201"),
    ("Apple", "iPhone 6", ""),
)
BEGAN = datetime(2019, 7, 3, 14)  # noqa: DTZ001 - as cameras state it: without a zone
BATCH = 5_000


def fill(folder: Path, media: int) -> Workspace:
    """A workspace with one series of so many media."""
    workspace = Workspace.create(folder)
    made = list(_media(media))
    with Catalogue.open(workspace, EngineSettings(), write=True) as catalogue:
        source = catalogue.source("Seized laptop", "/evidence/laptop", "folder")
        for first in range(0, media, BATCH):
            batch = made[first : first + BATCH]
            catalogue.commit(source, [_taken(one, first + at) for at, one in enumerate(batch)])
        ids = [one.digests.sha256 for one in made]
        series = Series(SERIES, "One series of the benchmark", False, tuple(sorted(ids)))
        catalogue.replace_linking([series], list(_links(made)))
    return workspace


def _media(count: int) -> Iterator[Media]:
    chance = random.Random(4)
    scenes = [_scene(seed) for seed in range(DRAWN)]
    drawn = [_jpeg(scene) for scene in scenes]
    original = None
    for number in range(count):
        which = chance.randrange(DRAWN)
        if original is not None and number % COPY_EVERY == COPY_EVERY - 1:
            which, facts = original, ()
        else:
            original, facts = which, _facts(number)
        yield _one(number, scenes[which], drawn[which], facts, chance)


def _one(
    number: int, scene: Image.Image, jpeg: bytes, facts: tuple[Fact, ...], chance: random.Random
) -> Media:
    # A comment segment right after the first marker: another file, the same pixels.
    note = number.to_bytes(4, "big")
    thumbnail = jpeg[:2] + b"\xff\xfe\x00\x06" + note + jpeg[2:]
    shift = chance.randrange(64)
    pixels = np.asarray(scene.crop((shift, 0, shift + 192, 192)))
    content = f"benchmark {number}".encode()
    return Media(
        digests=Digests(
            hashlib.sha256(content).hexdigest(),
            hashlib.sha1(content, usedforsecurity=False).hexdigest(),
            hashlib.md5(content, usedforsecurity=False).hexdigest(),
            3_000_000 + number,
        ),
        kind=MediaKind.VIDEO if number % 50 == 0 else MediaKind.PICTURE,
        format="jpeg",
        width=4000 if facts else 2000,
        height=3000 if facts else 1500,
        duration_seconds=None,
        thumbnail=thumbnail,
        preview=fingerprints.preview(pixels),
        facts=facts,
        fingerprints=(),
    )


def _facts(number: int) -> tuple[Fact, ...]:
    scene, shot = divmod(number, SHOTS_A_SCENE)
    maker, model, serial = CAMERAS[scene % len(CAMERAS)]
    at = BEGAN + timedelta(hours=5 * scene, seconds=37 * shot)
    facts = [
        Fact(FactName.CAPTURED_AT, at.isoformat(), Origin.EXIF),
        Fact(FactName.CAMERA_MAKER, maker, Origin.EXIF),
        Fact(FactName.CAMERA_MODEL, model, Origin.EXIF),
    ]
    if serial:
        facts.append(Fact(FactName.BODY_SERIAL, serial, Origin.MAKER_NOTE))
    if scene % 2:
        facts.append(Fact(FactName.LATITUDE, 47.0 + scene % 7 / 100, Origin.EXIF))
        facts.append(Fact(FactName.LONGITUDE, 15.4, Origin.EXIF))
    return tuple(facts)


def _links(made: list[Media]) -> Iterator[Link]:
    """Each shot with the next of its scene, each copy with its original, each scene with the next."""
    found: dict[tuple[str, str, str], Link] = {}
    for number in range(1, len(made)):
        copy = number % COPY_EVERY == COPY_EVERY - 1
        same_scene = number // SHOTS_A_SCENE == (number - 1) // SHOTS_A_SCENE
        kind, strength, words = (
            ("same-picture", 6.0, "PDQ 4 of 256 bits apart")
            if copy
            else (
                "same-camera",
                5.0 if same_scene else 4.0,
                "NIKON D3200, body serial 6012345, 37 seconds apart",
            )
        )
        a, b = sorted((made[number - 1].digests.sha256, made[number].digests.sha256))
        found[a, b, kind] = Link(a, b, kind, strength, words)
    yield from (found[key] for key in sorted(found))


def _taken(one: Media, number: int) -> TakenIn:
    times = Times(modified_ns=(1_560_000_000 + 60 * number) * 10**9)
    path = f"DCIM/{100 + number // 1000}/IMG_{number:05}.JPG"
    return TakenIn(Occurrence(path, one.digests.size, times), Outcome.MEDIA, one.digests.sha256, one)


def _scene(seed: int) -> Image.Image:
    """Hills under a sky with houses."""
    chance = random.Random(seed)
    picture = Image.new("RGB", (256, 192))
    draw = ImageDraw.Draw(picture)
    top = [chance.randrange(90, 200) for _ in range(3)]
    for row in range(192):
        draw.line((0, row, 256, row), fill=tuple(min(255, value + row // 3) for value in top))
    for depth in range(4):
        base = 70 + depth * 30
        points = [(x, base + chance.randrange(-30, 30)) for x in range(0, 300, 32)]
        shade = tuple(max(0, value - 30 * depth) for value in (chance.randrange(60, 190), 160, 90))
        draw.polygon([(0, 192), *points, (256, 192)], fill=shade)
        for _ in range(chance.randrange(4, 12)):
            x, y, side = chance.randrange(256), base + chance.randrange(-5, 30), chance.randrange(8, 34)
            draw.rectangle((x, y, x + side, y + side), fill=(chance.randrange(150, 245), 190, 150))
            draw.polygon([(x - 4, y), (x + side // 2, y - side // 2), (x + side + 4, y)], fill=(110, 40, 40))
    # Grain, so that a thumbnail weighs what those of photos weigh (13 kB).
    grain = np.random.default_rng(seed).normal(0, 9, (192, 256, 1))
    return Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))


def _jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()
