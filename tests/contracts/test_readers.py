"""What every reader keeps to, whatever it reads."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from engine.reading.sources import tarred, zipped
from foureyes.engine import reading
from foureyes.engine.model import Unit
from foureyes.engine.settings import EngineSettings, ReadingSettings

DOCS = Path(__file__).parents[2] / "docs" / "families" / "readers"
SMALL = replace(ReadingSettings(), unit_files=7)


def folder(root: Path) -> Path:
    for i in range(30):
        (root / f"{i % 3}").mkdir(exist_ok=True)
        (root / f"{i % 3}" / f"{i}.jpg").write_bytes(b"%d" % i)
    (root / "link").symlink_to("0")
    return root


def archive(root: Path) -> Path:
    (root / "a").write_bytes(
        zipped({f"{i}.jpg": b"x" for i in range(20)} | {"in.tar": tarred({"y.jpg": b"y"})})
    )
    return root / "a"


def vics(root: Path) -> Path:
    media = [{"RelativeFilePath": f"{i}.jpg", "MediaFiles": [{"FilePath": f"{i}.jpg"}]} for i in range(20)]
    for i in range(15):
        (root / f"{i}.jpg").write_bytes(b"x")
    content = {
        "odata.metadata": "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Cases",
        "value": [{"Media": media}],
    }
    (root / "case.json").write_text(json.dumps(content))
    return root / "case.json"


SOURCES = {"folder": folder, "archive": archive, "vics": vics}


def planned(path: Path) -> list[Unit]:
    return list(reading.plan(path, SMALL))


def paths(units: list[Unit]) -> list[str]:
    return [opened.occurrence.path for unit in units for opened in reading.open_unit(unit, EngineSettings())]


def test_every_reader_is_tried_here() -> None:
    assert {reader.name for reader in reading.READERS} == set(SOURCES)


def test_names_are_unique_and_versions_stated() -> None:
    names = [reader.name for reader in reading.READERS]
    assert len(set(names)) == len(names)
    assert all(reader.version >= 1 for reader in reading.READERS)


@pytest.mark.parametrize("name", SOURCES)
def test_each_has_a_page(name: str) -> None:
    assert (DOCS / f"{name}.md").read_text().startswith("# ")


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_read_by_its_reader(tmp_path: Path, name: str) -> None:
    assert reading.reader_of(SOURCES[name](tmp_path)).name == name


@pytest.mark.parametrize("name", SOURCES)
def test_planning_and_opening_give_the_same_every_time(tmp_path: Path, name: str) -> None:
    source = SOURCES[name](tmp_path)
    units = planned(source)
    assert units == planned(source)
    found = paths(units)
    assert found == paths(units)
    assert len(set(found)) == len(found) >= 20


@pytest.mark.parametrize("name", SOURCES)
def test_units_are_small_and_travel(tmp_path: Path, name: str) -> None:
    for unit in planned(SOURCES[name](tmp_path)):
        assert pickle.loads(pickle.dumps(unit)) == unit  # noqa: S301  our own bytes
        assert len(pickle.dumps(unit)) < 8_000
        assert len(unit.members) <= 7


@pytest.mark.parametrize("name", SOURCES)
def test_halves_hold_what_the_unit_holds(tmp_path: Path, name: str) -> None:
    units = planned(SOURCES[name](tmp_path))
    split = [half for unit in units for half in reading.halves(unit) or (unit,)]
    assert sorted(paths(split)) == sorted(paths(units))
    while any(halves := [reading.halves(unit) for unit in split]):
        split = [half for unit, two in zip(split, halves, strict=True) for half in two or (unit,)]
    assert all(len(unit.members) <= 1 for unit in split)
    assert {reading.blamed(unit).path for unit in split if unit.members} <= set(paths(units))


@pytest.mark.parametrize("name", SOURCES)
def test_streams_begin_at_the_beginning_and_faults_have_none(tmp_path: Path, name: str) -> None:
    for unit in planned(SOURCES[name](tmp_path)):
        for opened in reading.open_unit(unit, EngineSettings()):
            assert (opened.stream is None) == (opened.occurrence.fault is not None)
            if opened.stream is not None:
                assert opened.stream.read()
