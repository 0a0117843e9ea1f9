"""Sensors asked about media that something else brings near: real files, decoded in the cage."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from foureyes.engine import pipeline, series
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.errors import CageError
from foureyes.engine.fingerprints.sensor import SIDE
from foureyes.engine.model import Progress, SensorPair
from foureyes.engine.series import links
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import sensing

SETTINGS = EngineSettings(workers=1)
WIDTH, HEIGHT = 1600, 1552
NOON = datetime(2021, 5, 3, 12, 0, 1)  # noqa: DTZ001 - a camera's clock knows no zone


def taken(body: int, shot: int, at: datetime, *, turned: bool = False, stated: int = WIDTH) -> bytes:
    """A picture by a camera of a body of its own, at one place; standing where `turned`."""
    numbers = np.random.default_rng(100 * body + shot)
    own = np.random.default_rng(body).normal(0, 0.02, (HEIGHT, WIDTH))
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH] / HEIGHT
    scene = 120 + 50 * np.sin(rows * numbers.uniform(2, 9)) * np.cos(columns * numbers.uniform(2, 9))
    seen = np.clip(np.rint(scene * (1 + own) + numbers.normal(0, 3, scene.shape)), 0, 255).astype(np.uint8)
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Model] = "Hersteller", "Modelo 5"
    exif[Base.Orientation] = 6 if turned else 1
    inner = exif.get_ifd(IFD.Exif)
    inner[Base.DateTimeOriginal] = at.strftime("%Y:%m:%d %H:%M:%S")
    inner[Base.ExifImageWidth], inner[Base.ExifImageHeight] = stated, HEIGHT
    place = exif.get_ifd(IFD.GPSInfo)
    place[GPS.GPSLatitudeRef], place[GPS.GPSLatitude] = "N", (48.0, 12.0, 30.0)
    place[GPS.GPSLongitudeRef], place[GPS.GPSLongitude] = "E", (16.0, 22.0, 10.0)
    out = io.BytesIO()
    Image.fromarray(seen).save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """One body on two days, another one on a third, and a picture that was made smaller."""
    folder = tmp_path_factory.mktemp("seized")
    later = NOON + timedelta(days=40)
    shots = {
        "first-1.jpg": taken(1, 1, NOON),
        "first-2.jpg": taken(1, 2, NOON + timedelta(seconds=8)),
        "first-3.jpg": taken(1, 3, NOON + timedelta(seconds=16)),
        "again.jpg": taken(1, 4, later, turned=True),
        "other.jpg": taken(2, 5, later + timedelta(days=30)),
        "small.jpg": taken(1, 6, later + timedelta(days=60), stated=4000),
    }
    for name, untrusted in shots.items():
        (folder / name).write_bytes(untrusted)
    workspace = Workspace.create(tmp_path_factory.mktemp("sensing") / "workspace")
    pipeline.ingest(folder, workspace, SETTINGS, with_linking=False)
    with Catalogue.open(workspace, SETTINGS, write=True, purpose="test") as catalogue:
        yield catalogue


def asked(catalogue: Catalogue) -> list[SensorPair]:
    given = series.evidence(catalogue.linkable(series.FACTS), ())
    return list(sensing.pairs(catalogue, SETTINGS, given, links.propose(given)))


def named(catalogue: Catalogue, pair: SensorPair) -> frozenset[str]:
    return frozenset(catalogue.occurrences(one)[0].occurrence.path for one in (pair.a, pair.b))


def test_one_body_on_two_days_is_known_again_and_another_is_not(held: Catalogue) -> None:
    found = {named(held, one): one for one in asked(held)}
    same = [one for names, one in found.items() if "again.jpg" in names and "other.jpg" not in names]
    others = [one for names, one in found.items() if "other.jpg" in names]
    assert min((one.pce for one in same), default=0) > 200
    assert max((one.pce for one in others), default=99) < 20
    assert not [names for names in found if "small.jpg" in names]
    assert all(0 < one.pixels <= SIDE * SIDE for one in found.values())


def test_a_question_is_asked_once_and_pixels_are_read_once(
    held: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = asked(held)
    kept = held.fingerprints(sensing.KIND).sha256
    assert len(kept) == len({bytes(row) for row in kept}) == 5

    def never(*_: object) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr(sensing.sensor, "pce", never)
    monkeypatch.setattr(sensing, "middle", never)
    assert asked(held) == before


def test_what_was_answered_takes_no_place_of_what_is_new(
    held: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = asked(held)
    assert len(before) > 1
    monkeypatch.setattr(sensing, "ASKED_AT_MOST", 1)
    assert asked(held) == before
    monkeypatch.setattr(sensing, "VERSION", 77)
    given = series.evidence(held.linkable(series.FACTS), ())
    stop, told = threading.Event(), list[Progress]()
    with Catalogue.open(held.workspace, SETTINGS) as reader:
        questions = list(links.propose(given))
        sensing.pairs(reader, SETTINGS, given, questions, told.append)
        assert [one.files_total for one in told] == [1]
        stop.set()
        assert not sensing.pairs(reader, SETTINGS, given, questions, told.append, stop)
        assert len(told) == 1


def test_what_a_sensor_says_is_a_reason_beside_another(held: Catalogue) -> None:
    linkable = list(held.linkable(series.FACTS))
    given = series.evidence(linkable, (), links.Signals(sensors=asked(held)))
    said = [one for one in links.propose(given) if one.kind == "same-sensor"]
    assert said
    assert all(one.strength <= 3.0 for one in said)
    built = series.build(given, (), ())
    name = {one.sha256: one.paths[0] for one in linkable}
    together = {frozenset(name[member] for member in one.members) for one in built.series}
    assert any({"first-1.jpg", "again.jpg"} <= one for one in together)
    assert not any({"other.jpg", "again.jpg"} <= one for one in together)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pixels_are_turned_back_to_how_they_were_recorded(orientation: int) -> None:
    from foureyes.engine.decoding.formats import pixels  # noqa: PLC0415 - the reverse of what is tested

    recorded = np.arange(12, dtype=np.uint8).reshape(3, 4)
    upright = pixels.upright(np.stack([recorded] * 3, axis=2), orientation)[:, :, 0]
    assert np.array_equal(sensing.as_recorded(upright, orientation), recorded)


def test_without_a_cage_what_is_known_is_told_and_nothing_is_asked(
    held: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = asked(held)

    def no_cage(*_: object) -> None:
        raise CageError("this kernel cannot build one")

    monkeypatch.setattr(sensing, "original", no_cage)
    assert asked(held) == before
    monkeypatch.setattr(sensing, "VERSION", 99)
    assert asked(held) == []
