"""Files of fingerprints as NumPy writes them: `.npy`, uint8, shape (n, 32), mapped and never changed.

No pickle is ever opened, and no size is believed that the file does not have.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from foureyes.engine.errors import UsageError
from foureyes.engine.model import counted

ROW_BYTES = 32
_HEADER_CHARACTERS = 512
"""Of an array of bytes a header has some 70; a longer one is not even parsed."""


def map_rows(path: Path) -> NDArray[np.uint8]:
    """The rows of a file, shape (n, 32), mapped from the disk; what is written to them stays in memory.

    Raises:
        UsageError: no such file, no rights, or anything but n x 32 bytes in rows.
    """
    try:
        with path.open("rb") as stream:
            shape, begin = _shape(stream, path)
            size = stream.seek(0, 2)
    except FileNotFoundError as error:
        raise UsageError(f"{path} does not exist.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    if size != begin + shape[0] * ROW_BYTES:
        raise UsageError(
            f"{path} is cut off or damaged: its header tells of {counted(shape[0], 'fingerprint')}, "
            f"{begin + shape[0] * ROW_BYTES:,} bytes in all, but it has {size:,}."
        )
    if shape[0] == 0:
        return np.empty(shape, np.uint8)
    return np.memmap(
        path, np.uint8, "c", begin, shape
    )  # kernels are compiled for arrays that could be written


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _shape(untrusted_stream: IO[bytes], path: Path) -> tuple[tuple[int, int], int]:
    """Shape and where the rows begin."""
    try:
        version = npy.read_magic(untrusted_stream)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, by_columns, kind = read(untrusted_stream, max_header_size=_HEADER_CHARACTERS)
    except OSError:
        raise
    except Exception as error:
        raise UsageError(f"{path} is no .npy file of NumPy ({type(error).__name__}).") from error
    if kind != np.uint8 or len(shape) != 2 or shape[1] != ROW_BYTES or shape[0] < 0 or by_columns:  # noqa: PLR2004  rows and columns
        raise UsageError(
            f"{path} holds {kind} of shape {shape}{' by columns' if by_columns else ''}; "
            "fingerprints are uint8 of shape (n, 32), row by row."
        )
    return (int(shape[0]), ROW_BYTES), untrusted_stream.tell()
