"""Networks: only pinned files are loaded, weights run nothing, and the graph computes what the paper says."""

from __future__ import annotations

import hashlib
import pickle
import shutil
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import correlate

from foureyes.engine.errors import ModelUnusable
from foureyes.engine.fingerprints.networks import Network, checked, lite0_file
from foureyes.engine.fingerprints.networks.model_file import (
    LITE0_SHA256,
    PACKAGE,
    WEIGHTS,
    WEIGHTS_SHA256,
    _installed,
)
from foureyes.engine.fingerprints.networks.torch_file import Weights, read_weights

HEAD = (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})


@pytest.fixture(scope="module")
def weights() -> Weights:
    return read_weights(checked(_installed() / WEIGHTS, WEIGHTS_SHA256))


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(lite0_file(None))


class Evil:
    """A pickle that would run a command."""

    def __reduce__(self) -> tuple[Any, ...]:
        import os  # noqa: PLC0415 - what it is about

        return os.system, ("touch /tmp/foureyes-was-here",)


def saved(named: object, *rest: bytes) -> bytes:
    return b"".join(pickle.dumps(one, 2) for one in (*HEAD, named)) + b"".join(rest)


@pytest.mark.parametrize(
    "untrusted",
    [
        saved(Evil()),
        saved({"weight": Evil()}),
        pickle.dumps(Evil(), 2),
        saved(OrderedDict(a=np.zeros(3))),
        b"".join(pickle.dumps(one, 2) for one in (HEAD[0], HEAD[1], Evil())),
        b"".join(pickle.dumps(one, 2) for one in (HEAD[0], HEAD[1], {"little_endian": False})),
        saved({}, pickle.dumps(["7"], 2)),
        b"",
        b"PK\x03\x04 a newer form",
        b"\x80\x02cbuiltins\neval\n(X\x01\x00\x00\x001tR.",
    ],
)
def test_a_weights_file_that_asks_for_anything_else_is_refused(
    untrusted: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.system", lambda _: pytest.fail("it was run"))
    with pytest.raises(ModelUnusable):
        read_weights(untrusted)


def test_a_weights_file_that_is_cut_short_is_refused() -> None:
    content = (_installed() / WEIGHTS).read_bytes()
    for length in (100, 40_000, 48_000, len(content) - 1):
        with pytest.raises(ModelUnusable):
            read_weights(content[:length])


def vector(length: int, offset: int = 0, step: int = 1) -> bytes:
    """A file with one tensor over two numbers."""
    named = (
        b"\x80\x02}U\x01actorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\n"
        b"U\x017U\x03cpuK\x02NtQK%cK%c\x85K%c\x85\x89)tRs." % (offset, length, step)
    )
    head = b"".join(pickle.dumps(one, 2) for one in HEAD)
    numbers = (2).to_bytes(8, "little") + np.array([3.0, 4.0], "<f4").tobytes()
    return head + named + pickle.dumps(["7"], 2) + numbers


def test_tensors_are_views_of_the_numbers_behind_them() -> None:
    assert read_weights(vector(2))["a"].tolist() == [3.0, 4.0]
    assert read_weights(vector(1, offset=1))["a"].tolist() == [4.0]


@pytest.mark.parametrize(("length", "offset", "step"), [(3, 0, 1), (2, 1, 1), (2, 0, 2), (1, 2, 1)])
def test_a_tensor_beyond_its_numbers_is_refused(length: int, offset: int, step: int) -> None:
    with pytest.raises(ModelUnusable, match="beyond"):
        read_weights(vector(length, offset, step))


def test_an_altered_or_missing_file_is_said_and_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    with pytest.raises(ModelUnusable, match="missing"):
        checked(path, "0" * 64)
    path.write_bytes(b"something else")
    with pytest.raises(ModelUnusable, match="not the pinned one"):
        checked(path, "0" * 64)
    assert checked(path, hashlib.sha256(b"something else").hexdigest().upper()) == b"something else"


def test_it_is_converted_once_and_kept(tmp_path: Path) -> None:
    folder, package = tmp_path / "models", tmp_path / PACKAGE
    with pytest.raises(ModelUnusable, match="missing"):
        lite0_file(folder, package)
    (package / WEIGHTS).parent.mkdir(parents=True)
    shutil.copy(_installed() / WEIGHTS, package / WEIGHTS)
    content = lite0_file(folder, package)
    assert hashlib.sha256(content).hexdigest() == LITE0_SHA256
    shutil.rmtree(package)
    assert lite0_file(folder, package) == content
    assert [path.suffix for path in folder.iterdir()] == [".onnx"]


def test_a_kept_file_that_was_altered_is_not_silently_replaced(tmp_path: Path) -> None:
    content = bytearray(lite0_file(tmp_path))
    (kept,) = tmp_path.iterdir()
    content[5_000_000] ^= 1
    kept.write_bytes(content)
    with pytest.raises(ModelUnusable, match=r"not the pinned one.*take it away, and it is made anew"):
        lite0_file(tmp_path)
    assert kept.read_bytes() == content


def test_altered_weights_are_not_converted(tmp_path: Path) -> None:
    (tmp_path / WEIGHTS).parent.mkdir(parents=True)
    content = (_installed() / WEIGHTS).read_bytes()
    (tmp_path / WEIGHTS).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ModelUnusable, match="not the pinned one"):
        lite0_file(None, tmp_path)


def test_what_is_no_network_is_said() -> None:
    with pytest.raises(ModelUnusable, match="cannot be loaded"):
        Network(b"no network")


def test_pictures_that_the_network_does_not_take_are_said(network: Network) -> None:
    with pytest.raises(ModelUnusable, match="does not take"):
        network.vectors(np.zeros((1, 5, 64, 64), np.float32))


def test_the_graph_computes_what_the_weights_say(network: Network, weights: Weights) -> None:
    """Against a forward pass of its own: batch norms unfolded, in double precision, by scipy."""
    pixels = np.random.default_rng(5).uniform(-1, 1, (3, 64, 96))
    made = network.vectors(pixels[None].astype(np.float32))[0]
    expected = forward(weights, pixels)
    assert made.shape == (1280,)
    assert float(made @ expected / np.linalg.norm(made) / np.linalg.norm(expected)) > 0.99999
    assert np.abs(made - expected).max() < 1e-3


def forward(weights: Weights, here: NDArray[Any]) -> NDArray[Any]:
    here = layer(weights, here, "_conv_stem", "_bn0", 2)
    number = 0
    for blocks, first_stride in ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1)):
        for index in range(blocks):
            name, entry = f"_blocks.{number}", here
            if number:
                here = layer(weights, here, f"{name}._expand_conv", f"{name}._bn0", 1)
            stride = first_stride if index == 0 else 1
            here = layer(weights, here, f"{name}._depthwise_conv", f"{name}._bn1", stride)
            here = layer(weights, here, f"{name}._project_conv", f"{name}._bn2", 1, clipped=False)
            here = here + entry if index else here
            number += 1
    here = layer(weights, here, "_conv_head", "_bn1", 1)
    return np.asarray((here**3).mean(axis=(1, 2)) ** (1 / 3))


def layer(
    weights: Weights, here: NDArray[Any], name: str, norm: str, stride: int, *, clipped: bool = True
) -> NDArray[Any]:
    kernel = weights[f"{name}.weight"].astype(float)
    size = kernel.shape[2]
    for axis in (1, 2):  # TensorFlow's SAME: what is missing, the odd one behind
        side = here.shape[axis]
        missing = max((-(-side // stride) - 1) * stride + size - side, 0)
        pads = [(0, 0)] * 3
        pads[axis] = (missing // 2, missing - missing // 2)
        here = np.pad(here, pads)
    if kernel.shape[1] == 1:
        made = np.stack([correlate(one, k[0], "valid") for one, k in zip(here, kernel, strict=True)])
    elif size == 1:
        made = np.tensordot(kernel[:, :, 0, 0], here, axes=1)
    else:
        made = np.stack([correlate(here, k, "valid")[0] for k in kernel])
    made = made[:, ::stride, ::stride]
    mean, variance, scale, shift = (
        weights[f"{norm}.{part}"].astype(float)[:, None, None]
        for part in ("running_mean", "running_var", "weight", "bias")
    )
    made = (made - mean) / np.sqrt(variance + 1e-3) * scale + shift
    return np.asarray(np.clip(made, 0, 6) if clipped else made)
