"""Neighbours on disk, beside the index of fingerprints: derived, and made anew wherever in doubt.

One file, replaced by an atomic rename. What cannot be read, or is of other vectors, is as good as not there.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.catalogue.durable import write_durably
from foureyes.engine.matching.scenes.approximate import EXACT_ROWS, FORM
from foureyes.engine.matching.scenes.exact import FLOOR, KEPT
from foureyes.engine.matching.scenes.neighbours import Neighbours

_FORMAT = 1
_DIGEST = 32


def held_neighbours(folder: Path, kind: tuple[str, int], sha256: NDArray[np.uint8]) -> Neighbours:
    """What is held of the first rows of a table; of none where nothing that fits is held.

    Args:
        folder: of the workspace.
        kind: kind and version of the vectors.
        sha256: (n, 32), the media of each row of the table now.
    """
    try:
        content = _path(folder, kind).read_bytes()
        digest, body = content[:_DIGEST], content[_DIGEST:]
        if hashlib.sha256(body).digest() != digest:
            return Neighbours.none()
        with np.load(io.BytesIO(body), allow_pickle=False) as stored:
            held = Neighbours(stored["rows"], stored["cosine"], stored["active"])
            fits = stored["made"].tobytes() == _made(sha256[: len(held.active)])
    except (OSError, ValueError, KeyError):
        return Neighbours.none()
    return held if fits and len(held.active) <= len(sha256) else Neighbours.none()


def keep_neighbours(folder: Path, kind: tuple[str, int], sha256: NDArray[np.uint8], near: Neighbours) -> None:
    """Write what was found of the rows of a table in place of what is held. Raises OSError."""
    folder.mkdir(exist_ok=True)
    body = io.BytesIO()
    made = np.frombuffer(_made(sha256), np.uint8)
    np.savez(body, rows=near.rows, cosine=near.cosine, active=near.active, made=made)
    content = body.getvalue()
    write_durably(_path(folder, kind), hashlib.sha256(content).digest() + content)


def _path(folder: Path, kind: tuple[str, int]) -> Path:
    return folder / f"{kind[0]}-v{kind[1]}.npz"


def _made(sha256: NDArray[np.uint8]) -> bytes:
    """What the neighbours of these rows depend on beside values: of millions, how they were looked for."""
    way = f"{FORM} " if len(sha256) > EXACT_ROWS else ""
    stated = f"{_FORMAT} {FLOOR} {KEPT} {len(sha256)} {way}".encode()
    return hashlib.sha256(stated + np.ascontiguousarray(sha256).tobytes()).digest()
