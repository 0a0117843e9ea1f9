"""EfficientNet-Lite0 as an ONNX graph: from the weights of its package to the vector of a scene.

The network of Tan and Le (2019) in its variant for small machines, as published by Google and converted
to PyTorch by the package's author (Apache-2.0): batch norms are folded into the convolutions before
them, the classifier is left out, and the last feature map is pooled by generalised mean (Radenovic et
al., 2018, p = 3), which lets single strong details count, not just what fills the picture.
The same weights give the same bytes. Nothing is fetched and nothing of the package is run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.errors import ModelUnusable
from foureyes.engine.fingerprints.networks.torch_file import Weights

VALUES = 1280
INPUT, OUTPUT = "pixels", "vector"

_EPSILON = 1e-3
"""Of the batch norms, as in TensorFlow, where the weights come from."""
_POOLING = 3.0
_OPSET, _IR = 17, 8
_STAGES = ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1))
"""Blocks of each stage, and the stride of its first; kernels and widths are those of the weights."""

Array = NDArray[np.float32]


def graph(weights: Weights) -> bytes:
    """The ONNX file: input float32 (n, 3, height, width), output float32 (n, 1280), not of unit length.

    Raises ModelUnusable where a weight is missing.
    """
    try:
        return _Graph(weights).made()
    except KeyError as error:
        raise ModelUnusable(f"The weights file lacks {error}: it is of another network.") from error


def folded(weights: Weights, convolution: str, norm: str) -> tuple[Array, Array]:
    """Weight and bias of a convolution that does what it and the batch norm after it did."""
    scale = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"].astype(np.float64) + _EPSILON)
    weight = weights[f"{convolution}.weight"] * scale[:, None, None, None]
    bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
    return weight.astype(np.float32), bias.astype(np.float32)


class _Graph:
    """The graph as it grows: nodes and numbers in order."""

    def __init__(self, weights: Weights) -> None:
        from onnx import helper, numpy_helper  # noqa: PLC0415 - 0.3 s that only conversion needs

        self._weights, self._helper = weights, helper
        self._array: Any = numpy_helper.from_array
        self._nodes: list[Any] = []
        self._numbers: list[Any] = []

    def made(self) -> bytes:
        """All of it, first node to last."""
        for name, value in (("zero", 0.0), ("six", 6.0), ("p", _POOLING), ("root", 1.0 / _POOLING)):
            self._numbers.append(self._array(np.array(value, np.float32), name))
        here = self._convolved(INPUT, "_conv_stem", "_bn0", stride=2)
        number = 0
        for blocks, first_stride in _STAGES:
            for index in range(blocks):
                here = self._block(here, number, first_stride if index == 0 else 1, residual=index > 0)
                number += 1
        here = self._convolved(here, "_conv_head", "_bn1")
        here = self._node("Pow", [here, "p"], "raised")
        here = self._node("GlobalAveragePool", [here], "mean")
        here = self._node("Pow", [here, "root"], "pooled")
        self._node("Flatten", [here], OUTPUT, axis=1)
        return self._serialised()

    def _block(self, entry: str, number: int, stride: int, *, residual: bool) -> str:
        """Widen, filter each channel by itself, narrow; a block that keeps its shape adds what came in."""
        name, here = f"_blocks.{number}", entry
        if f"{name}._expand_conv.weight" in self._weights:
            here = self._convolved(here, f"{name}._expand_conv", f"{name}._bn0")
        here = self._convolved(here, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride)
        here = self._convolved(here, f"{name}._project_conv", f"{name}._bn2", clipped=False)
        return self._node("Add", [here, entry], f"{name}.sum") if residual else here

    def _convolved(self, entry: str, name: str, norm: str, *, stride: int = 1, clipped: bool = True) -> str:
        weight, bias = folded(self._weights, name, norm)
        self._numbers += [self._array(weight, f"{name}.weight"), self._array(bias, f"{name}.bias")]
        here = self._node(
            "Conv",
            [entry, f"{name}.weight", f"{name}.bias"],
            name,
            auto_pad="SAME_UPPER",
            group=weight.shape[0] if weight.shape[1] == 1 else 1,
            kernel_shape=list(weight.shape[2:]),
            strides=[stride, stride],
        )
        return self._node("Clip", [here, "zero", "six"], f"{name}.clipped") if clipped else here

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._nodes.append(self._helper.make_node(kind, inputs, [output], output, **attributes))
        return output

    def _serialised(self) -> bytes:
        from onnx import TensorProto  # noqa: PLC0415 - as above

        helper = self._helper
        entry = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", 3, "height", "width"])
        result = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", VALUES])
        made = helper.make_graph(self._nodes, "efficientnet-lite0", [entry], [result], self._numbers)
        opset = [helper.make_opsetid("", _OPSET)]
        model = helper.make_model(made, opset_imports=opset, ir_version=_IR)
        return bytes(model.SerializeToString(deterministic=True))
