"""Made-up corpora that touch every count and every neighbourhood that links are made from; from one seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from engine.series.made_up import NOON, sha
from foureyes.engine.model import (
    Fact,
    FactName,
    FactValue,
    Linkable,
    MediaKind,
    NearPair,
    Origin,
    ScenePair,
    ViewPair,
)

MODELS = ("Modelo 5", "Modelo 7", "MODELO 5", "")
SERIALS = ("8964244", "7730915", "4419073", "")
LENSES = ("55-200", "18-55", "")
OWNERS = ("Ines Ferreira", "Otto Brandt", "")
DOCUMENTS = ("0f1e2d3c4b5a69788796a5b4c3d2e1f0", "a5b4c3d2e1f00f1e2d3c4b5a69788796", "")
NAMES = ("IMG_{:04}.JPG", "DSC0{:04}.jpg", "PXL_20200601_12{:02}{:02}00123.jpg", "a{}.png")


@dataclass
class Made:
    """Media, and pairs among them."""

    held: list[Linkable] = field(default_factory=list)
    near: list[NearPair] = field(default_factory=list)
    scenes: list[ScenePair] = field(default_factory=list)
    views: list[ViewPair] = field(default_factory=list)

    def among(self, names: set[str]) -> Made:
        """What of it is among some media."""
        return Made(
            [one for one in self.held if one.sha256 in names],
            [one for one in self.near if {one.a, one.b} <= names],
            [one for one in self.scenes if {one.a, one.b} <= names],
            [one for one in self.views if {one.a, one.b} <= names],
        )


def corpus(seed: int, count: int) -> Made:
    """So many media; the smaller the world that they come from, the more of them meet."""
    chance = random.Random(seed)
    world = chance.choice((0.2, 1.0, 4.0)) * count
    held = [_one(number, chance, world) for number in range(count)]
    names = [one.sha256 for one in held]
    made = Made(held)
    for _ in range(count // 3 if count > 1 else 0):
        a, b = sorted(chance.sample(names, 2))
        made.near.append(NearPair(a, b, chance.randrange(32)))
        c, d = sorted(chance.sample(names, 2))
        made.scenes.append(ScenePair(c, d, chance.uniform(0.5, 1.0), refuted=chance.random() < 0.3))
        if chance.random() < 0.4:
            made.views.append(
                ViewPair(c, d, "sift", chance.randrange(8, 90), chance.random(), chance.random(), 0.5, 0.9)
            )
    made.near = list({(one.a, one.b): one for one in made.near}.values())
    made.scenes = list({(one.a, one.b): one for one in made.scenes}.values())
    made.views = list({(one.a, one.b): one for one in made.views}.values())
    return made


def _one(number: int, chance: random.Random, world: float) -> Linkable:
    stated = [Fact(name, value, Origin.EXIF) for name, value in (*_camera(chance, world), *_claims(chance))]
    if chance.random() < 0.6:
        stated.append(Fact(FactName.QUANTISATION, chance.choice("abcdefghijklmnopqrstuvwxyz"), Origin.JPEG))
        stated.append(Fact(FactName.JPEG_LAYOUT, "SOI-APP1", Origin.JPEG))
    folder = f"DCIM/{100 + chance.randrange(4)}"
    paths = [f"{folder}/" + chance.choice(NAMES).format(chance.randrange(60), chance.randrange(60))]
    folders = {f"1:{folder}"}
    if chance.random() < 0.2:
        paths.append(f"copies/{number}.jpg")
        folders.add("2:copies")
    return Linkable(
        sha(number),
        MediaKind.VIDEO if chance.random() < 0.1 else MediaKind.PICTURE,
        tuple(stated),
        tuple(sorted(paths)),
        format="jpeg",
        width=800,
        height=600,
        modified_ns=round(chance.random() * 3600 * world) * 10**9 if chance.random() < 0.8 else None,
        folders=tuple(sorted(folders)),
    )


def _camera(chance: random.Random, world: float) -> Iterator[tuple[FactName, FactValue]]:
    if model := chance.choice(MODELS):
        yield FactName.CAMERA_MAKER, "Hersteller"
        yield FactName.CAMERA_MODEL, model
    if serial := chance.choice(SERIALS):
        yield FactName.BODY_SERIAL, serial
    if lens := chance.choice(LENSES):
        yield FactName.LENS_MODEL, lens
        yield FactName.LENS_SERIAL, f"22{lens[:2]}47313"
    if chance.random() < 0.8:
        seconds = round(chance.random() * 60 * world) if chance.random() < 0.8 else 0
        yield FactName.CAPTURED_AT, (NOON + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()
    if chance.random() < 0.3:
        yield FactName.FILE_NUMBER, 1 + chance.randrange(int(world) + 5)


def _claims(chance: random.Random) -> Iterator[tuple[FactName, FactValue]]:
    if chance.random() < 0.4:
        yield FactName.LATITUDE, chance.choice((47.0, 89.99)) + chance.random() * 0.004
        yield FactName.LONGITUDE, 15 + chance.random() * 0.01
    if owner := chance.choice(OWNERS):
        yield chance.choice((FactName.OWNER, FactName.ARTIST)), owner
    if document := chance.choice(DOCUMENTS):
        yield FactName.IMAGE_ID, document
    if chance.random() < 0.2:
        yield FactName.SERIES_NAME, chance.choice(("Beach", "series 1"))
