"""One network, loaded: pixels in, numbers out. On one thread of the processor, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.errors import ModelUnusable


class Network:
    """A network of one input. Its outputs can be had all, or the first as one vector of each picture."""

    def __init__(self, content: bytes, *, any_shape: bool = False) -> None:
        """Load an ONNX file's bytes. Raises ModelUnusable where they are no network that can be run.

        `any_shape`: what it is asked differs in shape each time, so memory for one shape is not kept for the
        next: with it kept, a reader of text grew by 50 MB over 60 pages, for nothing in time.
        """
        import onnxruntime  # noqa: PLC0415 - 0.1 s of each start that only networks need

        onnxruntime.set_default_logger_severity(4)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = not any_shape
        try:
            self._session: Any = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its errors share no base of their own
            raise ModelUnusable(f"The network cannot be loaded: {_first_line(error)}.") from error
        self._input = str(self._session.get_inputs()[0].name)
        self._output = str(self._session.get_outputs()[0].name)

    def vectors(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """(n, width) of a batch of n pictures in the layout that the network wants.

        Raises ModelUnusable where it wants another layout, or gives something else than vectors.
        """
        (made,) = self.outputs(batch, [self._output])
        if made.ndim != 2 or len(made) != len(batch):  # noqa: PLR2004 - a row for each picture
            raise ModelUnusable(f"The network gives {made.shape}, not a vector for each picture.")
        return np.asarray(made, np.float32)

    def outputs(self, batch: NDArray[Any], names: Sequence[str] | None = None) -> list[NDArray[Any]]:
        """What it gives of a batch: the outputs of these names, or all in its own order.

        Raises ModelUnusable where it wants another layout.
        """
        try:
            made: list[NDArray[Any]] = self._session.run(names, {self._input: batch})
        except Exception as error:  # as above
            raise ModelUnusable(f"The network does not take these pictures: {_first_line(error)}.") from error
        return made

    def note(self, name: str) -> str:
        """What its makers wrote into its file under a name; empty where they wrote nothing."""
        notes = self._session.get_modelmeta().custom_metadata_map
        return str(notes.get(name, ""))


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200].rstrip(".")
