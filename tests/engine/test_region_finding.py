"""The thing inside a region, searched in what is held: real files, through the cage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import made_scenes
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.errors import OriginalAway, UsageError
from foureyes.engine.model import ScenePair
from foureyes.engine.settings import EngineSettings, SceneSettings
from foureyes.engine.steps import region_finding, scenes, viewing

SETTINGS = EngineSettings(workers=1)
TOY = made_scenes.scene(77, width=150, height=120, shapes=40)
BOX = (0.1, 0.2, 0.1 + 150 / 560, 0.2 + 120 / 420)
"""Where the toy stands in the room."""


class Held:
    """A case with one toy in two rooms."""

    def __init__(self, folder: Path) -> None:
        self.seized = folder / "seized"
        self.seized.mkdir()
        room = made_scenes.scene(61, shapes=60)
        room[84:204, 56:206] = TOY
        elsewhere = made_scenes.scene(62, shapes=60)
        turned = cv2.rotate(TOY, cv2.ROTATE_90_CLOCKWISE)
        elsewhere[200:350, 300:420] = turned
        pictures = {"room": room, "elsewhere": elsewhere, "other": made_scenes.scene(63)}
        pictures["plain"] = np.full((420, 560, 3), 90, np.uint8)
        for name, pixels in pictures.items():
            Image.fromarray(pixels).save(self.seized / f"{name}.png")
        workspace = Workspace.open_or_create(folder / "workspace")
        pipeline.ingest(self.seized, workspace, SETTINGS, source="seized", with_linking=False)
        self.catalogue = Catalogue.open(workspace, SETTINGS, write=True)
        self.named = {
            record.occurrence.path.split(".")[0]: str(record.sha256)
            for record in self.catalogue.iterate_occurrences()
        }


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    made = Held(tmp_path_factory.mktemp("regions"))
    yield made
    made.catalogue.close()


def test_the_thing_is_found_where_it_is(held: Held) -> None:
    told: list[int] = []
    found = pipeline.find_region(
        held.catalogue,
        held.named["room"],
        BOX,
        SETTINGS,
        everything=True,
        progress=lambda one: told.append(one.files_total or 0),
    )
    assert [one.sha256 for one in found.matches] == [held.named["elsewhere"]]
    assert (found.compared, found.held) == (4, 4)
    assert told == [4]
    (match,) = found.matches
    x, y = np.array(match.place).T * np.array([[560], [420]])
    assert (x.min(), x.max(), y.min(), y.max()) == pytest.approx((300, 420, 200, 350), abs=6)
    assert (x[0], y[0]) == pytest.approx((420, 200), abs=6)  # its upper left corner, turned clockwise
    assert not match.mirrored


def test_what_was_compared_before_is_searched_unasked(held: Held) -> None:
    a, b = sorted((held.named["elsewhere"], held.named["other"]))
    viewing.pairs(held.catalogue, SETTINGS, [ScenePair(a, b, 0.5)])
    found = pipeline.find_region(held.catalogue, held.named["room"], BOX, SETTINGS)
    assert [one.sha256 for one in found.matches] == [held.named["elsewhere"]]


def test_a_shortlist_is_looked_at(held: Held) -> None:
    found = region_finding.find_region(
        held.catalogue,
        held.named["room"],
        BOX,
        SETTINGS,
        shortlist=lambda pixels: [(held.named["elsewhere"], 0.0)] if pixels.shape[2] == 3 else [],
    )
    assert [one.sha256 for one in found.matches] == [held.named["elsewhere"]]


def test_what_looks_most_like_the_thing_is_named_first(held: Held) -> None:
    toy = scenes.like(held.catalogue, SETTINGS, TOY, at_most=3)
    assert len(toy) == 3
    assert held.named["plain"] not in {sha256 for sha256, _ in toy}
    room = np.asarray(Image.open(held.seized / "room.png"))
    assert scenes.like(held.catalogue, SETTINGS, room, at_most=1) == [(held.named["room"], 0.0)]
    off = replace(SETTINGS, scenes=SceneSettings(on=False))
    assert scenes.like(held.catalogue, off, room) == []


@pytest.mark.parametrize(
    ("name", "box", "said"),
    [
        ("room", (0.5, 0.5, 1.2, 0.9), "inside the picture"),
        ("room", (-0.1, 0.5, 0.3, 0.9), "inside the picture"),
        ("room", (float("nan"), 0.5, 0.3, 0.9), "inside the picture"),
        ("room", (0.5, 0.5, 0.4, 0.9), "left before its right"),
        ("room", (0.5, 0.5, 0.5, 0.9), "left before its right"),
        ("room", (0.5, 0.5, 0.51, 0.51), "too small"),
        ("plain", (0.2, 0.2, 0.8, 0.8), "too plain"),
    ],
)
def test_a_region_that_cannot_be_searched_is_said_plainly(
    held: Held, name: str, box: region_finding.Box, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        pipeline.find_region(held.catalogue, held.named[name], box, SETTINGS, everything=True)


def test_a_picture_has_no_second_to_look_at(held: Held) -> None:
    with pytest.raises(UsageError, match="no seconds"):
        pipeline.find_region(held.catalogue, held.named["room"], BOX, SETTINGS, at_seconds=3.0)


def test_an_unknown_media_is_said_plainly(held: Held) -> None:
    with pytest.raises(UsageError, match="no such picture"):
        pipeline.find_region(held.catalogue, "f" * 64, BOX, SETTINGS)


def test_a_region_of_an_original_that_is_away_cannot_be_searched(tmp_path: Path) -> None:
    away = Held(tmp_path)
    for path in away.seized.iterdir():
        path.unlink()
    with away.catalogue, pytest.raises(OriginalAway):
        pipeline.find_region(away.catalogue, away.named["room"], BOX, SETTINGS, everything=True)
