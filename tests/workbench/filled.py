"""A workspace filled through `Catalogue.commit` with drawn landscapes: no person, no file from outside."""

from __future__ import annotations

import atexit
import hashlib
import io
import random
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from foureyes.engine import fingerprints, pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.model import (
    Decoded,
    Digests,
    Fact,
    FactName,
    Fault,
    FaultCode,
    Frame,
    Media,
    MediaKind,
    Occurrence,
    Origin,
    Outcome,
    TakenIn,
    Times,
)
from foureyes.engine.settings import EngineSettings

NOON_NS = 1_560_000_000 * 10**9


@dataclass(frozen=True)
class Plan:
    """One series to draw: `scenes` different pictures, each with `copies` copies besides."""

    folder: str
    scenes: int
    copies: int = 0
    camera: tuple[str, str, str] | None = None
    place: tuple[float, float] | None = None
    day: int = 1
    videos: int = 0


PLANS = (
    Plan("lake", 18, 2, ("NIKON", "NIKON D3200", "6012345"), (59.4370, 24.7536), 3),
    Plan("market", 9, 1, ("Canon", "Canon EOS 70D", "0830201"), (47.0679, 15.4417), 9),
    Plan("poster", 1, 5),
    Plan("clips", 6, 0, ("Apple", "iPhone 6", "F17NX"), (41.1579, -8.6291), 15, 2),
)
"""Largest first: the board shows them in this order."""
UNLINKED = 5


def scene(seed: int) -> Image.Image:
    """Hills with trees and houses under a sky: never the same twice, busy enough for a sure fingerprint."""
    chance = random.Random(seed)
    picture = Image.new("RGB", (256, 192))
    draw = ImageDraw.Draw(picture)
    top = [chance.randrange(90, 200) for _ in range(3)]
    for row in range(192):
        draw.line((0, row, 256, row), fill=tuple(min(255, value + row // 3) for value in top))
    for _ in range(chance.randrange(3, 8)):
        x, y = chance.randrange(256), chance.randrange(70)
        draw.ellipse((x, y, x + chance.randrange(30, 90), y + chance.randrange(8, 26)), fill=(235, 238, 240))
    for depth in range(4):
        base = 70 + depth * 30
        points = [(x, base + chance.randrange(-30, 30)) for x in range(0, 300, 32)]
        shade = tuple(max(0, value - 30 * depth) for value in (chance.randrange(60, 190), 160, 90))
        draw.polygon([(0, 192), *points, (256, 192)], fill=shade)
        for _ in range(chance.randrange(4, 12)):
            _house_or_tree(draw, chance, chance.randrange(256), base + chance.randrange(-5, 30))
    return picture


def drawn(seed: int, turned: int = 0) -> bytes:
    """The same scene as the bytes of a PNG file, turned anticlockwise by so many degrees."""
    buffer = io.BytesIO()
    scene(seed).rotate(turned, expand=True).save(buffer, "PNG")
    return buffer.getvalue()


def _house_or_tree(draw: ImageDraw.ImageDraw, chance: random.Random, x: int, y: int) -> None:
    side = chance.randrange(8, 34)
    if chance.random() < 0.5:
        dark = chance.randrange(20, 70)
        draw.polygon(
            [(x, y + side), (x + side // 3, y - side), (x + 2 * side // 3, y + side)],
            fill=(dark, dark + 30, dark),
        )
        return
    draw.rectangle((x, y, x + side, y + side), fill=(chance.randrange(150, 245), 190, 150))
    draw.polygon([(x - 4, y), (x + side // 2, y - side // 2), (x + side + 4, y)], fill=(110, 40, 40))
    draw.rectangle((x + side // 3, y + side // 3, x + side // 2, y + side // 2), fill=(30, 40, 60))


def media(
    seed: int, facts: tuple[Fact, ...], kind: MediaKind = MediaKind.PICTURE, quality: int = 80
) -> Media:
    """One media with real thumbnail, preview and fingerprints; quality tells copies of a seed apart."""
    picture = scene(seed)
    thumbnail = _saved(picture, "JPEG", quality=quality)
    moving = kind is MediaKind.VIDEO
    width, height = 4000 * quality // 80, 3000 * quality // 80
    decoded = Decoded(kind, "mp4" if moving else "jpeg", width, height, (Frame(np.asarray(picture)),), facts)
    return Media(
        digests=digests(thumbnail + kind.encode()),
        kind=kind,
        format=decoded.format,
        width=width,
        height=height,
        duration_seconds=12.5 if moving else None,
        thumbnail=thumbnail,
        preview=fingerprints.preview(decoded.frames[0].pixels),
        facts=facts,
        fingerprints=fingerprints.compute(decoded),
    )


def digests(content: bytes) -> Digests:
    """All digests of a content."""
    return Digests(
        hashlib.sha256(content).hexdigest(),
        hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        hashlib.md5(content, usedforsecurity=False).hexdigest(),
        len(content),
    )


def fill(folder: Path, plans: tuple[Plan, ...] = PLANS, unlinked: int = UNLINKED) -> Workspace:
    """A workspace with these series, some unlinked media and three faults, linked by the engine itself.

    Drawn once in a test process, which takes a CPU second: each caller gets a copy of its own.
    """
    shutil.copytree(_filled(plans, unlinked), folder)
    return Workspace.open(folder)


@cache
def _filled(plans: tuple[Plan, ...], unlinked: int) -> Path:
    """The workspace that is copied; nobody else may open it."""
    parent = Path(tempfile.mkdtemp(prefix="filled-"))
    atexit.register(shutil.rmtree, parent, ignore_errors=True)
    workspace = Workspace.create(parent / "workspace")
    with Catalogue.open(workspace, EngineSettings(), write=True) as catalogue:
        source = catalogue.source("Seized laptop", "/evidence/laptop", "folder")
        items = [item for number, plan in enumerate(plans) for item in _drawn(plan, 1000 * (number + 1))]
        items += [_taken(media(seed, ()), f"other/{seed}.jpg", seed) for seed in range(unlinked)]
        catalogue.commit(source, [*items, *_faults()])
        pipeline.link(catalogue)
    return workspace.path


def _drawn(plan: Plan, seed: int) -> list[TakenIn]:
    made: list[Media] = []
    for number in range(plan.scenes):
        kind = MediaKind.VIDEO if number < plan.videos else MediaKind.PICTURE
        made.append(media(seed + number, _facts(plan, number), kind))
        made += [media(seed + number, (), kind, 70 - 9 * at) for at in range(plan.copies)]
    return [_taken(one, f"{plan.folder}/IMG_{at:04}.JPG", at) for at, one in enumerate(made)]


def _facts(plan: Plan, number: int) -> tuple[Fact, ...]:
    facts = [Fact(FactName.CAPTURED_AT, f"2019-07-{plan.day:02}T14:{number:02}:30", Origin.EXIF)]
    if plan.camera:
        maker, model, serial = plan.camera
        facts += [
            Fact(FactName.CAMERA_MAKER, maker, Origin.EXIF),
            Fact(FactName.CAMERA_MODEL, model, Origin.EXIF),
        ]
        facts += [Fact(FactName.BODY_SERIAL, serial, Origin.MAKER_NOTE)] if serial else []
    if plan.place:
        north, east = plan.place
        facts += [
            Fact(FactName.LATITUDE, north + (number % 2) * 0.01, Origin.EXIF),
            Fact(FactName.LONGITUDE, east, Origin.EXIF),
        ]
    return tuple(facts)


def _taken(one: Media, path: str, minutes: int) -> TakenIn:
    times = Times(modified_ns=NOON_NS + minutes * 60 * 10**9)
    return TakenIn(Occurrence(path, one.digests.size, times), Outcome.MEDIA, one.digests.sha256, one)


def _faults() -> list[TakenIn]:
    told = {
        "broken/cut.jpg": Fault(FaultCode.DAMAGED, "the file ends inside its second scan"),
        "broken/flood.png": Fault(FaultCode.TOO_MANY_PIXELS, "40000 x 40000 declared"),
        "broken/\x1b[31mred\udcff.avi": Fault(FaultCode.CRASHED, "the decoder died: signal 11"),
    }
    return [TakenIn(Occurrence(path, 4096), Outcome.FAULT, fault=fault) for path, fault in told.items()]


def _saved(picture: Image.Image, form: str, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, quality=quality)
    return buffer.getvalue()
