"""Files of named arrays: written once, durable and digested while written, mapped when read.

A file is complete or absent. The first page is a line of JSON that says where each array lies; arrays begin
at page borders. It knows nothing of what the arrays mean.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.catalogue.durable import sync_folder
from foureyes.engine.errors import WorkspaceDamaged

FORMAT = 1
_PAGE = 4096
_CHUNK = 1 << 24
_POPULATE_READ = 22
"""MADV_POPULATE_READ of Linux 5.14, which Python 3.11 does not name."""


class Section(NamedTuple):
    """One array of a file; made only when its turn to be written comes."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    make: Callable[[], NDArray[Any]]

    @classmethod
    def of(cls, name: str, array: NDArray[Any]) -> Section:
        """An array that is there already."""
        return cls(name, array.dtype.str, array.shape, lambda: array)

    @property
    def size(self) -> int:
        """Bytes."""
        return int(np.dtype(self.dtype).itemsize * np.prod(self.shape, dtype=np.int64))


class Written(NamedTuple):
    """What the manifest keeps of a file."""

    name: str
    size: int
    sha256: str


def write_sections(path: Path, kind: str, sections: Sequence[Section]) -> Written:
    """Write one durable file; nothing but a temporary one is left where that fails (OSError)."""
    header, size = _layout(kind, sections)
    digest = hashlib.sha256()
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as stream:

        def put(content: memoryview) -> None:
            for at in range(0, len(content), _CHUNK):
                digest.update(content[at : at + _CHUNK])
                stream.write(content[at : at + _CHUNK])

        put(memoryview(header))
        for section in sections:
            array = np.ascontiguousarray(section.make())
            if (array.dtype.str, array.shape) != (section.dtype, section.shape):
                raise ValueError(f"{section.name} is {array.dtype.str} {array.shape}, not as laid out")
            put(memoryview(array.reshape(-1).view(np.uint8).data))
            put(memoryview(bytes(-section.size % _PAGE)))
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync_folder(path.parent)
    return Written(path.name, size, digest.hexdigest())


def _layout(kind: str, sections: Sequence[Section]) -> tuple[bytes, int]:
    places: dict[str, tuple[str, tuple[int, ...], int]] = {}
    at = _PAGE
    for section in sections:
        places[section.name] = (section.dtype, section.shape, at)
        at += section.size + -section.size % _PAGE
    header = json.dumps({"foureyes-index": FORMAT, "kind": kind, "size": at, "arrays": places}).encode()
    if len(header) >= _PAGE:
        raise ValueError("the description of the arrays is longer than a page")
    return header.ljust(_PAGE, b"\n"), at


class Sections:
    """A mapped file. Its arrays stay readable after the file is unlinked, as long as this lives."""

    def __init__(self, path: Path, kind: str, written: Written) -> None:
        """Map a file that the manifest names.

        Raises:
            FileNotFoundError: it was merged away; read the manifest again.
            WorkspaceDamaged: it is not what was written: cut short, of another kind or version.
        """
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size != written.size:
                raise damaged(path.name, f"{size:,} bytes of {written.size:,}")
            self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            header = json.loads(self._map[:_PAGE])
            stated = (header["foureyes-index"], header["kind"], header["size"])
            arrays: Mapping[str, Any] = header["arrays"]
        except (ValueError, KeyError, TypeError) as error:
            raise damaged(path.name, "its first page cannot be read") from error
        if stated != (FORMAT, kind, size):
            raise damaged(path.name, f"it states {stated}")
        self._places = {name: int(at) for name, (_, _, at) in arrays.items()}
        self.flat: NDArray[np.uint32] = np.frombuffer(self._map, np.uint32)
        """The whole file, for kernels that go from array to array; see `place`."""
        self._arrays = {
            name: np.frombuffer(self._map, dtype, int(np.prod(shape, dtype=np.int64)), at).reshape(shape)
            for name, (dtype, shape, at) in arrays.items()
        }

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name]

    def place(self, name: str) -> int:
        """Where in the file an array begins, in bytes."""
        return self._places[name]

    def warm(self, *names: str) -> None:
        """Bring arrays into memory at once, where the kernel can; else they come page by page as asked."""
        for name in names:
            with suppress(OSError):  # an older kernel
                self._map.madvise(_POPULATE_READ, self._places[name], self._arrays[name].nbytes)


def digest_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def damaged(name: str, how: str) -> WorkspaceDamaged:
    """The error for an index that is not what was written. Nothing is lost: it can be made anew."""
    return WorkspaceDamaged(
        f"The index is damaged ({name}: {how}). Nothing is lost: `foureyes index --rebuild` makes it anew "
        "from the fingerprints."
    )
