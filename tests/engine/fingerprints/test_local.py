from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

import made_scenes
from foureyes.engine.errors import ModelUnusable
from foureyes.engine.fingerprints import local
from foureyes.engine.fingerprints.local.xfeat import (
    prepared,
    sample_cubic,
    sample_linear,
    strongest,
)
from foureyes.engine.model import LocalFeatures

WALL = made_scenes.scene(1)
NETWORK = import_module(local.xfeat.__module__)
MAKERS = {"xfeat": local.xfeat, "sift": local.sift}


@pytest.mark.parametrize("method", MAKERS)
def test_features_are_places_with_descriptors_of_length_one(method: str) -> None:
    features = MAKERS[method](WALL, 640, 500)
    assert features.method == method
    assert 200 < len(features) <= 500
    assert np.linalg.norm(features.descriptors, axis=1) == pytest.approx(np.ones(len(features)), abs=1e-4)
    assert (features.points >= 0).all()
    assert (features.points < [features.width, features.height]).all()


@pytest.mark.parametrize("method", MAKERS)
def test_the_strongest_come_first(method: str) -> None:
    many, few = MAKERS[method](WALL, 640, 400), MAKERS[method](WALL, 640, 50)
    assert {tuple(one) for one in few.points.tolist()} <= {tuple(one) for one in many.points[:80].tolist()}


@pytest.mark.parametrize("method", MAKERS)
def test_a_plain_picture_has_hardly_any(method: str) -> None:
    assert len(MAKERS[method](np.full((300, 400, 3), 120, np.uint8), 640, 500)) < 10


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (900, 3)])
@pytest.mark.parametrize("method", MAKERS)
def test_no_shape_is_too_odd(method: str, shape: tuple[int, int]) -> None:
    assert len(MAKERS[method](np.zeros((*shape, 3), np.uint8), 640, 500)) < 10


@pytest.mark.parametrize("method", MAKERS)
def test_what_is_packed_comes_back_nearly_the_same(method: str) -> None:
    features = MAKERS[method](WALL, 640, 2_000, 1.5)
    kept = local.packed(features, 100)
    assert len(kept.value) == local.value_bytes(method)
    back = local.unpacked(method, np.frombuffer(kept.value, np.uint8), kept.at_seconds)
    count = min(len(features), local.KEYPOINTS)
    assert (back.width, back.height, back.at_seconds, len(back)) == (
        features.width,
        features.height,
        1.5,
        count,
    )
    assert (back.ground == features.ground).all()
    assert np.abs(back.points - features.points[:count]).max() <= 1 / 64
    assert (back.descriptors * features.descriptors[:count]).sum(axis=1).min() > 0.995


def test_nothing_can_be_packed_too() -> None:
    blank = np.zeros((16, 16), np.uint8)
    nothing = LocalFeatures(
        "sift", 8, 8, np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32), blank, blank
    )
    assert len(local.unpacked("sift", np.frombuffer(local.packed(nothing, 0).value, np.uint8))) == 0


def test_a_value_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="take 52744 bytes"):
        local.unpacked("xfeat", np.zeros(10, np.uint8))


def test_a_value_that_states_too_many_keypoints_gives_no_more_than_there_are() -> None:
    value = np.full(local.value_bytes("xfeat"), 255, np.uint8)
    assert len(local.unpacked("xfeat", value)) == local.KEYPOINTS


@pytest.mark.parametrize(("mode", "ours"), [("cubic", "cubic"), ("linear", "linear")])
def test_sampling_is_that_of_onnx_which_is_that_of_the_published_code(mode: str, ours: str) -> None:
    numbers = np.random.default_rng(3)
    height, width = 96, 128
    points = np.stack([numbers.integers(0, width, 300), numbers.integers(0, height, 300)], axis=1)
    points = np.vstack([points, [[0, 0], [width - 1, height - 1], [0, height - 1]]]).astype(np.float32)
    planes = numbers.normal(size=(5, height // 8, width // 8)).astype(np.float32)
    grid = (2 * points / np.array([width - 1, height - 1], np.float32) - 1)[None, None]
    expected = _grid_sample(planes[None], grid.astype(np.float32), mode)[0, :, 0].T
    if ours == "cubic":
        sampled = sample_cubic(planes, points, (height, width))
    else:
        sampled = np.stack([sample_linear(one, points, (height, width)) for one in planes], axis=1)
    assert sampled == pytest.approx(expected, abs=1e-5)


def test_the_strongest_places_are_the_highest_around() -> None:
    heat = np.zeros((64, 64), np.float32)
    heat[10, 20], heat[11, 21], heat[40, 50], heat[5, 5] = 0.9, 0.8, 0.6, 0.04
    points, scores = strongest(heat, np.ones((8, 8), np.float32), 10)
    assert points.tolist() == [[20, 10], [50, 40]]
    assert scores == pytest.approx([0.9, 0.6])


@pytest.mark.parametrize(
    ("size", "looked_at"), [((1200, 1600), (480, 640)), ((20, 20), (64, 64)), ((500, 333), (480, 320))]
)
def test_sides_are_what_the_network_takes(size: tuple[int, int], looked_at: tuple[int, int]) -> None:
    assert prepared(np.zeros((*size, 3), np.uint8), 640).shape == looked_at


def test_a_missing_or_altered_network_is_said_plainly_and_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    altered = bytearray(NETWORK.PATH.read_bytes())
    altered[1000] ^= 1
    NETWORK._network.cache_clear()
    monkeypatch.setattr(NETWORK, "PATH", tmp_path / "xfeat.onnx")
    with pytest.raises(ModelUnusable, match=r"xfeat\.onnx is missing"):
        local.xfeat(WALL, 640, 50)
    NETWORK.PATH.write_bytes(altered)
    with pytest.raises(ModelUnusable, match="not the pinned one"):
        local.xfeat(WALL, 640, 50)


def _grid_sample(planes: NDArray[np.float32], grid: NDArray[np.float32], mode: str) -> NDArray[np.float32]:
    node = helper.make_node(
        "GridSample", ["x", "grid"], ["y"], mode=mode, padding_mode="zeros", align_corners=0
    )
    graph = helper.make_graph(
        [node],
        "sampling",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, planes.shape),
            helper.make_tensor_value_info("grid", TensorProto.FLOAT, grid.shape),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": planes, "grid": grid})[0], np.float32)
