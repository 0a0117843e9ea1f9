"""Vectors of millions in one plain file, read where they are asked for: derived, and made anew in doubt.

Ten million vectors are 26 GB, more than many machines have; what is compared of each is a tenth of it. Rows
come behind those that are there and are stated once they are on the disk: a killed writer leaves nothing that
counts.
"""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.catalogue.durable import sync_folder, write_durably

_FORM = 1
_BLOCK = 1 << 16
"""Rows read at once: 168 MB."""

Read = Callable[[int, int], NDArray[np.uint8]]


def held_vectors(
    folder: Path, kind: tuple[str, int], sha256: NDArray[np.uint8], read: Read, *, keep: bool
) -> NDArray[np.float16] | None:
    """All rows of a table as they lie on the disk; None where the file lacks some and may not be written.

    Args:
        folder: of the workspace.
        kind: kind and version of the vectors.
        sha256: (n, 32), the media of each row of the table now.
        read: gives the bytes of the vectors of rows from a number to before another, out of the catalogue.
        keep: write what is missing. Raises OSError where the disk is full.
    """
    path, count = folder / f"{kind[0]}-v{kind[1]}.f16", len(sha256)
    width = read(0, 1).shape[1]
    held = _stated(path, sha256, width)
    if held < count:
        if not keep:
            return None
        folder.mkdir(exist_ok=True)
        if not held:
            _forget(path)
        _write(path, held, count, width, read)
        write_durably(_statement(path), _made(sha256, width))
        sync_folder(folder)
    return np.memmap(path, "<f2", mode="r", shape=(count, width // 2))


def ask_singly(values: NDArray[np.float16]) -> None:
    """Tell the system that rows are asked for here and there: else it reads 128 KB from the disk for each."""
    lying: mmap.mmap | None = getattr(values, "_mmap", None)  # numpy gives no other way to it
    if lying is not None:
        lying.madvise(mmap.MADV_RANDOM)


def _stated(path: Path, sha256: NDArray[np.uint8], width: int) -> int:
    """How many first rows of the table the file holds."""
    try:
        stated = _statement(path).read_bytes()
        held = int(stated.partition(b" ")[0])
        fits = held <= len(sha256) and stated == _made(sha256[:held], width)
        return held if fits and path.stat().st_size >= held * width else 0
    except (OSError, ValueError):
        return 0


def _forget(path: Path) -> None:
    """Take the names away: whoever reads the old file reads it to the end."""
    _statement(path).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def _write(path: Path, held: int, count: int, width: int, read: Read) -> None:
    with path.open("r+b" if held else "wb") as stream:
        stream.truncate(held * width)
        stream.seek(held * width)
        for start in range(held, count, _BLOCK):
            stream.write(read(start, min(start + _BLOCK, count)).tobytes())
        stream.flush()
        os.fsync(stream.fileno())


def _statement(path: Path) -> Path:
    return path.with_suffix(".rows")


def _made(sha256: NDArray[np.uint8], width: int) -> bytes:
    """Of which rows a file is."""
    digest = hashlib.sha256(sha256.tobytes()).hexdigest()
    return f"{len(sha256)} {_FORM} {width} {digest}".encode()
