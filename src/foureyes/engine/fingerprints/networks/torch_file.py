"""Reads the weights of a file that PyTorch saved, without PyTorch and without running what is in it.

The form is that of `torch.save` before version 1.6: five pickles, then the numbers. A pickle can name any
function to be called; here four names are known, each stands for something of our own, and all else is
refused before it is looked up. The file is still only read where its SHA-256 is the pinned one.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.errors import ModelUnusable

Weights = Mapping[str, NDArray[Any]]

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_COUNT_BYTES = 8
_TYPES = {
    ("torch", "FloatStorage"): np.dtype("<f4"),
    ("torch", "LongStorage"): np.dtype("<i8"),
}


class _Storage(NamedTuple):
    """A run of numbers by its key; the numbers themselves come after the pickles."""

    key: str
    dtype: np.dtype[Any]
    length: int


class _Tensor(NamedTuple):
    """A view of a storage."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Refusing(pickle.Unpickler):
    """A pickle of plain values only."""

    def find_class(self, module: str, name: str, /) -> Any:
        raise ModelUnusable(f"The weights file asks for {module}.{name}: it is not what it should be.")

    def persistent_load(self, pid: Any, /) -> Any:
        raise ModelUnusable(f"The weights file refers to {str(pid)[:40]}: it is not what it should be.")


class _Restricted(_Refusing):
    """The pickle of names and tensors: four names are known, none of them runs anything of the file's."""

    def find_class(self, module: str, name: str, /) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuilt
        if (module, name) in _TYPES:
            return _TYPES[module, name]
        return super().find_class(module, name)

    def persistent_load(self, pid: Any, /) -> Any:
        match pid:
            case ("storage", np.dtype() as dtype, str(key), "cpu", int(length), None):
                return _Storage(key, dtype, length)
        return super().persistent_load(pid)


def read_weights(untrusted: bytes) -> Weights:
    """Arrays by name. Raises ModelUnusable for anything that is not plainly a file of weights."""
    stream = io.BytesIO(untrusted)
    try:
        _check_head(stream)
        named = _Restricted(stream).load()
        storages = _storages(stream, _Refusing(stream).load(), named)
        return {str(name): _array(tensor, storages) for name, tensor in named.items()}
    except ModelUnusable:
        raise
    except Exception as error:
        raise ModelUnusable(f"The weights file cannot be read: {type(error).__name__}.") from error


def _check_head(stream: io.BytesIO) -> None:
    """The first three pickles: that it is such a file, of such a version, with such numbers."""
    if _Refusing(stream).load() != _MAGIC or _Refusing(stream).load() != _PROTOCOL:
        raise ModelUnusable("The weights file is of another form.")
    if _Refusing(stream).load().get("little_endian") is not True:
        raise ModelUnusable("The weights file has another order of bytes.")


def _rebuilt(
    storage: _Storage, offset: int, shape: Sequence[int], strides: Sequence[int], *_: Any
) -> _Tensor:
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


def _storages(
    stream: io.BytesIO, keys: Sequence[str], named: Mapping[str, _Tensor]
) -> dict[str, NDArray[Any]]:
    """The numbers of each storage, in the order of their keys: a count of 8 bytes, then they."""
    known = {tensor.storage.key: tensor.storage for tensor in named.values()}
    found = {}
    for key in keys:
        storage = known[key]
        count = int.from_bytes(stream.read(_COUNT_BYTES), "little")
        content = stream.read(count * storage.dtype.itemsize)
        if count != storage.length or len(content) != count * storage.dtype.itemsize:
            raise ModelUnusable("The weights file is cut short.")
        found[key] = np.frombuffer(content, storage.dtype)
    return found


def _array(tensor: _Tensor, storages: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """A copy of the view, which must lie within its storage."""
    numbers = storages[tensor.storage.key]
    last = tensor.offset + sum(
        (side - 1) * step for side, step in zip(tensor.shape, tensor.strides, strict=True)
    )
    if min((tensor.offset, *tensor.shape, *tensor.strides), default=0) < 0 or last >= len(numbers):
        raise ModelUnusable("The weights file has a tensor beyond its numbers.")
    step = numbers.itemsize
    view = np.lib.stride_tricks.as_strided(
        numbers[tensor.offset :], tensor.shape, [one * step for one in tensor.strides], writeable=False
    )
    return np.ascontiguousarray(view)
