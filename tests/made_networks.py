"""Small networks in ONNX files: the colours of 4 x 4 fields of a picture of 32 x 32, as a vector of 48 numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

SIDE, VALUES = 32, 48
MEAN = (127.0, 127.0, 127.0)
ENDS: dict[str, tuple[tuple[str, Any], ...]] = {
    "nan": (("Mul", np.float32("nan")),),
    "zeros": (("Mul", np.float32(0)),),
    "same": (("Mul", np.float32(0)), ("Add", np.arange(1, VALUES + 1, dtype=np.float32))),
    "map": (("Unsqueeze", np.array([2, 3])),),
}
"""What is done to the vector at last."""
OTHER_LAYOUT = {"nchw": "nhwc-uint8", "nhwc": "nchw", "nhwc-uint8": "nchw"}


def network(
    path: Path,
    layout: str = "nchw",
    *,
    count: int | str = "n",
    gives: str = "vector",
    outputs: tuple[str, ...] = ("vector",),
) -> Path:
    """Write one.

    Args:
        path: its file.
        layout: as `settings.SceneModel` has it.
        count: of pictures at once; a name for any.
        gives: `vector`, or what is none: `nan`, `same`, `zeros`, `number`; or `map`, a vector all the same.
        outputs: names; all give the same.
    """
    chain = _Chain()
    if layout == "nhwc-uint8":
        chain.add("Cast", to=TensorProto.FLOAT)
        chain.add("Sub", np.float32(127))
    if layout != "nchw":
        chain.add("Transpose", perm=[0, 3, 1, 2])
    chain.add("AveragePool", kernel_shape=[8, 8], strides=[8, 8])
    if gives == "number":
        chain.add("ReduceMean", axes=[1, 2, 3], keepdims=0)
    else:
        chain.add("Flatten", axis=1)
    for kind, value in ENDS.get(gives, ()):
        chain.add(kind, value)
    shape = [count, 3, SIDE, SIDE] if layout == "nchw" else [count, SIDE, SIDE, 3]
    entry = TensorProto.UINT8 if layout == "nhwc-uint8" else TensorProto.FLOAT
    graph = helper.make_graph(
        [*chain.nodes, *(helper.make_node("Identity", [chain.end], [name]) for name in outputs)],
        "colours",
        [helper.make_tensor_value_info("pixels", entry, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        chain.numbers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString(deterministic=True))
    return path


class _Chain:
    """Nodes, each of which takes what the one before it gives."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.numbers: list[Any] = []
        self.end = "pixels"

    def add(self, kind: str, *values: Any, **attributes: Any) -> None:
        """Put a node at the end, with further inputs that are constant."""
        names = [f"constant{len(self.numbers) + number}" for number in range(len(values))]
        self.numbers += [
            numpy_helper.from_array(np.asarray(value), name)
            for name, value in zip(names, values, strict=True)
        ]
        made = f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, [self.end, *names], [made], **attributes))
        self.end = made
