"""One network, loaded: pixels in, numbers out. On one thread of the processor, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.errors import ModelUnusable


class Taken(NamedTuple):
    """What a network says that it takes."""

    name: str
    """Of its first input."""
    numbers: str
    """Such as tensor(float)."""
    shape: tuple[int | None, ...]
    """None where any length will do."""

    @classmethod
    def of(cls, session: Any) -> Taken:
        """Of a session of ONNX Runtime."""
        first = session.get_inputs()[0]
        shape = tuple(one if isinstance(one, int) and one > 0 else None for one in first.shape)
        return cls(str(first.name), str(first.type), shape)

    @property
    def one_by_one(self) -> bool:
        """Whether it was written for one picture at a time."""
        return self.shape[:1] == (1,)


class Network:
    """A network of one input. Its outputs can be had all, or one of them as one vector of each picture."""

    def __init__(self, content: bytes, *, any_shape: bool = False, output: str = "") -> None:
        """Load an ONNX file's bytes. Raises ModelUnusable where they are no network that can be run.

        `any_shape`: what it is asked differs in shape each time, so memory for one shape is not kept for the
        next: with it kept, a reader of text grew by 50 MB over 60 pages, for nothing in time.
        `output`: name of the one that is the vector, where there are several.
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
        self.takes = Taken.of(self._session)
        self._output = output

    def vectors(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """(n, width) of a batch of n pictures in the layout that the network wants.

        Raises ModelUnusable where it wants another layout, or gives something else than vectors.
        """
        name = self._vector_output()
        at_once = [batch[one : one + 1] for one in range(len(batch))] if self.takes.one_by_one else [batch]
        made = np.concatenate([self.outputs(some, [name])[0] for some in at_once])
        pooled = made.ndim > 2 and set(made.shape[2:]) == {1}  # noqa: PLR2004 - of a map of one place
        made = made.reshape(made.shape[:2]) if pooled else made
        if made.ndim != 2 or len(made) != len(batch) or made.shape[1] == 0:  # noqa: PLR2004 - a row for each
            raise ModelUnusable(f"The network gives {made.shape}, not a vector for each picture.")
        if not np.issubdtype(made.dtype, np.number):
            raise ModelUnusable(f"The network gives {made.dtype}, not numbers.")
        return np.asarray(made, np.float32)

    def outputs(self, batch: NDArray[Any], names: Sequence[str] | None = None) -> list[NDArray[Any]]:
        """What it gives of a batch: the outputs of these names, or all in its own order.

        Raises ModelUnusable where it wants another layout.
        """
        try:
            made: list[NDArray[Any]] = self._session.run(names, {self.takes.name: batch})
        except Exception as error:  # as above
            raise ModelUnusable(f"The network does not take these pictures: {_first_line(error)}.") from error
        return made

    def note(self, name: str) -> str:
        """What its makers wrote into its file under a name; empty where they wrote nothing."""
        notes = self._session.get_modelmeta().custom_metadata_map
        return str(notes.get(name, ""))

    def _vector_output(self) -> str:
        names = [str(one.name) for one in self._session.get_outputs()]
        if self._output and self._output not in names:
            raise ModelUnusable(
                f"The network has no output {self._output!r}: its outputs are {', '.join(names)}."
            )
        if len(names) > 1 and not self._output:
            raise ModelUnusable(
                f"The network has {len(names)} outputs ({', '.join(names)}): say which one is the vector."
            )
        return self._output or names[0]


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200].rstrip(".")
