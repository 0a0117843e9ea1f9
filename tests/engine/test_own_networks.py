"""Networks of a unit's own choice: what is taken, what is refused in words, and what comes of it in links."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import made_networks
from foureyes.engine import fingerprints, pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.errors import ModelUnusable, UsageError
from foureyes.engine.fingerprints.networks import Network
from foureyes.engine.matching.scenes import SHIPPED, Scale
from foureyes.engine.model import LinkReport
from foureyes.engine.settings import EngineSettings, SceneModel, SceneSettings
from foureyes.engine.steps import networks, scenes

SAMPLES = Path(__file__).parents[2] / "samples"
SETTINGS = EngineSettings(workers=1, allow_uncaged=True)
WANTED = SceneModel(Path(), "", 0, made_networks.MEAN, layout="", floor=0.1, likely=0.6)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "w")


@pytest.fixture
def seized(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLES / "laptop/Pictures/kite", tmp_path / "seized"))


def wanted(path: Path, **stated: object) -> SceneModel:
    return replace(WANTED, path=path, **stated)  # type: ignore[arg-type]  # fields by name


def ingested(seized: Path, workspace: Workspace) -> LinkReport:
    report = pipeline.ingest(seized, workspace, SETTINGS).linking
    assert report is not None
    return report


def linked(workspace: Workspace, settings: EngineSettings | None = SETTINGS) -> LinkReport:
    with Catalogue.open(workspace, SETTINGS, write=True) as catalogue:
        return pipeline.link(catalogue, settings=settings)


def kinds_held(workspace: Workspace) -> dict[str, int]:
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        return {kind: rows for kind, _, rows in catalogue.fingerprint_kinds() if kind.startswith("scene")}


def candidates(workspace: Workspace) -> set[str]:
    """Kinds of vectors by which the last linking found pairs."""
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        return {one.model for one in scenes.kept(catalogue)}


@pytest.mark.parametrize("layout", ["nchw", "nhwc", "nhwc-uint8"])
@pytest.mark.parametrize("count", ["n", 1])
def test_what_a_network_says_of_its_input_need_not_be_said(
    workspace: Workspace, tmp_path: Path, layout: str, count: int | str
) -> None:
    path = made_networks.network(tmp_path / "own.onnx", layout, count=count)
    added = pipeline.add_network(workspace, wanted(path))
    assert (added.layout, added.side) == (layout, made_networks.SIDE)
    assert added.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert networks.stated(workspace).scenes == SceneSettings(beside=(added,))


def test_the_layouts_of_one_network_make_one_vector(tmp_path: Path) -> None:
    with Image.open(SAMPLES / "laptop/Pictures/flight/medium03.jpg") as image:
        pixels = np.asarray(image.convert("RGB"))
    made = []
    for layout in ("nchw", "nhwc", "nhwc-uint8"):
        path = made_networks.network(tmp_path / f"{layout}.onnx", layout)
        model = SceneModel(path, hashlib.sha256(path.read_bytes()).hexdigest(), 32, made_networks.MEAN)
        scene = fingerprints.scene_of(replace(model, layout=layout, deviation=(64.0, 64.0, 64.0)))
        made.append(np.frombuffer(scene.make(pixels)[0], "<f2").astype(float))
    assert float(made[0] @ made[1]) > 0.999
    assert float(made[0] @ made[2]) > 0.999


def test_vectors_are_made_beside_the_shipped_ones(workspace: Workspace, seized: Path, tmp_path: Path) -> None:
    own = pipeline.add_network(workspace, wanted(made_networks.network(tmp_path / "own.onnx")))
    kind = fingerprints.kind_of(own)
    report = ingested(seized, workspace)
    held = kinds_held(workspace)
    assert set(held) == {"scene", kind}
    assert held["scene"] == held[kind] > 0
    assert any(note.startswith(f"network {kind} names") for note in report.notes)
    assert candidates(workspace) == {"scene", kind}
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        told = pipeline.networks_of_scenes(catalogue, SETTINGS)
    assert [(one.kind, one.numbers, one.wrong) for one in told] == [("scene", 1280, ""), (kind, 48, "")]
    assert told[1].file == str(own.path)


def test_vectors_are_made_instead_and_late_of_what_is_held(
    workspace: Workspace, seized: Path, tmp_path: Path
) -> None:
    ingested(seized, workspace)
    before = kinds_held(workspace)
    path = made_networks.network(tmp_path / "own.onnx", "nhwc-uint8")
    kind = fingerprints.kind_of(pipeline.add_network(workspace, wanted(path), instead=True))
    assert candidates(workspace) == set()
    linked(workspace)
    assert kinds_held(workspace) == {**before, kind: before["scene"]}
    assert candidates(workspace) == {kind}
    pipeline.remove_network(workspace, "own.onnx")
    assert candidates(workspace) == set()
    linked(workspace)
    assert candidates(workspace) == {"scene"}


def test_a_network_links_nothing_by_itself_until_it_is_calibrated(
    workspace: Workspace, seized: Path, tmp_path: Path
) -> None:
    path = made_networks.network(tmp_path / "own.onnx")
    pipeline.add_network(workspace, wanted(path), instead=True)
    assert "same-scene" not in ingested(seized, workspace).links
    assert candidates(workspace)


def test_a_quick_link_goes_by_what_was_found(workspace: Workspace, seized: Path, tmp_path: Path) -> None:
    pipeline.add_network(workspace, wanted(made_networks.network(tmp_path / "own.onnx")))
    before = ingested(seized, workspace)
    assert linked(workspace, None).links == before.links


def test_a_file_that_is_altered_or_gone_costs_its_own_vectors_alone(
    workspace: Workspace, seized: Path, tmp_path: Path
) -> None:
    path = made_networks.network(tmp_path / "own.onnx")
    kind = fingerprints.kind_of(pipeline.add_network(workspace, wanted(path)))
    path.write_bytes(path.read_bytes() + b"x")
    report = ingested(seized, workspace)
    assert set(kinds_held(workspace)) == {"scene"}
    assert any("not the pinned one" in note and kind in note for note in report.notes)
    path.unlink()
    assert any("is missing" in note and kind in note for note in linked(workspace).notes)
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        assert "is missing" in pipeline.networks_of_scenes(catalogue, SETTINGS)[1].wrong


@pytest.mark.parametrize(
    ("gives", "said"),
    [
        ("nan", "no number"),
        ("same", "gives the same"),
        ("zeros", "gives the same"),
        ("number", "not a vector for each picture"),
    ],
)
def test_what_makes_no_vectors_is_refused(
    workspace: Workspace, tmp_path: Path, gives: str, said: str
) -> None:
    path = made_networks.network(tmp_path / "own.onnx", gives=gives)
    with pytest.raises(UsageError, match=said):
        pipeline.add_network(workspace, wanted(path))
    assert networks.stated(workspace).scenes == SceneSettings()


def test_a_map_of_one_place_is_a_vector(workspace: Workspace, tmp_path: Path) -> None:
    added = pipeline.add_network(workspace, wanted(made_networks.network(tmp_path / "own.onnx", gives="map")))
    assert networks.stated(workspace).scenes.beside == (added,)


def test_of_several_outputs_one_is_to_be_named(workspace: Workspace, tmp_path: Path) -> None:
    path = made_networks.network(tmp_path / "own.onnx", outputs=("logits", "vector"))
    with pytest.raises(UsageError, match=r"2 outputs \(logits, vector\): say which"):
        pipeline.add_network(workspace, wanted(path))
    with pytest.raises(UsageError, match="no output 'other'"):
        pipeline.add_network(workspace, wanted(path, output="other"))
    pipeline.add_network(workspace, wanted(path, output="vector"))


def test_what_is_no_network_or_another_file_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "own.onnx"
    with pytest.raises(UsageError, match="is missing"):
        pipeline.add_network(workspace, wanted(path))
    with pytest.raises(UsageError, match="cannot be read"):
        pipeline.add_network(workspace, wanted(tmp_path))
    path.write_bytes(b"no network")
    with pytest.raises(UsageError, match="cannot be loaded"):
        pipeline.add_network(workspace, wanted(path))
    made_networks.network(path)
    with pytest.raises(UsageError, match="not the pinned one"):
        pipeline.add_network(workspace, wanted(path, sha256="ab" * 32))


@pytest.mark.parametrize("layout", ["nchw", "nhwc", "nhwc-uint8"])
def test_pictures_in_another_layout_are_refused(workspace: Workspace, tmp_path: Path, layout: str) -> None:
    path = made_networks.network(tmp_path / "own.onnx", layout)
    with pytest.raises(UsageError, match="does not take these pictures"):
        pipeline.add_network(workspace, wanted(path, layout=made_networks.OTHER_LAYOUT[layout], side=32))
    with pytest.raises(UsageError, match="does not take these pictures"):
        pipeline.add_network(workspace, wanted(path, side=64))


@pytest.mark.parametrize(
    "stated", [{"floor": 0.7, "likely": 0.6}, {"likely": 1.0}, {"side": 9}, {"deviation": (1.0, 0.0, 1.0)}]
)
def test_numbers_that_make_no_sense_are_refused(
    workspace: Workspace, tmp_path: Path, stated: dict[str, object]
) -> None:
    with pytest.raises(UsageError):
        pipeline.add_network(workspace, wanted(made_networks.network(tmp_path / "own.onnx"), **stated))


def test_one_is_added_once_and_stands_in_place_of_the_shipped_one_alone(
    workspace: Workspace, tmp_path: Path
) -> None:
    one, other = (made_networks.network(tmp_path / f"{layout}.onnx", layout) for layout in ("nchw", "nhwc"))
    pipeline.add_network(workspace, wanted(one), instead=True)
    with pytest.raises(UsageError, match="there already"):
        pipeline.add_network(workspace, wanted(one))
    with pytest.raises(UsageError, match="remove it first"):
        pipeline.add_network(workspace, wanted(other), instead=True)
    pipeline.add_network(workspace, wanted(other))
    assert pipeline.remove_network(workspace, str(one)).path == one
    with pytest.raises(UsageError, match="No networks are called nchw"):
        pipeline.remove_network(workspace, "nchw.onnx")
    assert [one.path for one in networks.stated(workspace).scenes.beside] == [other]


def test_vectors_of_one_file_shown_pictures_in_two_ways_are_of_two_kinds(tmp_path: Path) -> None:
    model = SceneModel(tmp_path / "own.onnx", "ab" * 32, 224)
    others = (
        replace(model, side=256),
        replace(model, mirrored=False),
        replace(model, mean=made_networks.MEAN),
        replace(model, output="vector"),
    )
    assert len({fingerprints.kind_of(one) for one in (model, *others)}) == 5
    assert fingerprints.kind_of(model) == fingerprints.kind_of(
        replace(model, path=Path("elsewhere"), sha256="AB" * 32, floor=0.1)
    )


def test_another_scale_links_everything_anew(workspace: Workspace, tmp_path: Path) -> None:
    path = made_networks.network(tmp_path / "own.onnx")
    gone_by = []
    for floor in (0.1, 0.2):
        pipeline.add_network(workspace, wanted(path, floor=floor))
        with Catalogue.open(workspace, SETTINGS, write=True) as catalogue:
            gone_by.append(list(networks.going_by(catalogue.workspace)))
        pipeline.remove_network(workspace, "own.onnx")
    assert gone_by[0] != gone_by[1]


@pytest.mark.parametrize("untrusted", ["", "{", "[]", '{"instead": false, "networks": [{"path": "x"}]}'])
def test_a_damaged_list_of_networks_is_said(workspace: Workspace, untrusted: str) -> None:
    (workspace.calibrations / networks.FILE).write_text(untrusted, encoding="utf-8")
    assert any("cannot be read: the shipped network looks" in note for note in linked(workspace).notes)
    assert networks.applied(SETTINGS, workspace) == SETTINGS


def test_a_list_with_a_scale_that_makes_no_sense_is_said(workspace: Workspace, tmp_path: Path) -> None:
    pipeline.add_network(workspace, wanted(made_networks.network(tmp_path / "own.onnx")))
    path = workspace.calibrations / networks.FILE
    held = json.loads(path.read_text("utf-8"))
    held["networks"][0]["floor"] = held["networks"][0]["likely"]
    path.write_text(json.dumps(held), encoding="utf-8")
    assert networks.stated(workspace).notes


def test_settings_that_name_a_network_of_their_own_count(workspace: Workspace, tmp_path: Path) -> None:
    pipeline.add_network(workspace, wanted(made_networks.network(tmp_path / "own.onnx")))
    off = replace(SETTINGS, scenes=SceneSettings(on=False))
    assert networks.applied(off, workspace) == off
    assert networks.applied(SETTINGS, workspace).scenes.beside


def test_a_picture_that_a_network_makes_no_vector_of_is_near_nothing(tmp_path: Path) -> None:
    path = made_networks.network(tmp_path / "own.onnx")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    scene = fingerprints.scene_of(SceneModel(path, digest, 32, squeezed=False))
    scene.prepare = lambda: None  # type: ignore[method-assign]  # it would be refused, for what it takes is square
    scene._values = made_networks.VALUES
    noise = np.random.default_rng(1).integers(0, 256, (100, 300, 3), np.uint8)
    assert scene.make(noise) == (bytes(scene.value_bytes), 0)


def test_cosines_of_another_network_are_put_where_the_shipped_ones_would_be() -> None:
    scale = Scale(0.1, 0.3)
    assert [scale.as_shipped(one) for one in (0.1, 0.2, 0.3, 1.0)] == [0.5, 0.6, 0.7, 1.0]
    assert [SHIPPED.as_shipped(one) for one in (0.5, 0.55, 0.7, 0.9, 1.0)] == [0.5, 0.55, 0.7, 0.9, 1.0]


def test_outputs_of_words_are_no_vectors(tmp_path: Path) -> None:
    network = Network(made_networks.network(tmp_path / "own.onnx").read_bytes())
    with pytest.raises(ModelUnusable, match="does not take"):
        network.vectors(np.zeros((1, 3, 31, 32), np.float32))
