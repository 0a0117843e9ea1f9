"""Neighbours on disk, beside the index of fingerprints: derived, and made anew wherever in doubt.

One file, replaced by an atomic rename. What cannot be read, or is of other vectors, is as good as not there.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.catalogue.durable import write_durably
from foureyes.engine.matching.scenes.approximate import EXACT_ROWS, FORM
from foureyes.engine.matching.scenes.exact import KEPT
from foureyes.engine.matching.scenes.neighbours import Neighbours
from foureyes.engine.matching.scenes.scale import SHIPPED, Scale

_FORMAT = 1
_DIGEST = 32


class Held(NamedTuple):
    """What was found of the first rows of a table, and what its cosines mean."""

    near: Neighbours
    scale: Scale


_NOTHING = Held(Neighbours.none(), SHIPPED)


def held_neighbours(
    folder: Path, kind: tuple[str, int], sha256: NDArray[np.uint8], floor: float | None = None
) -> Held:
    """What is held of the first rows of a table; of none where nothing that fits is held.

    Args:
        folder: of the workspace.
        kind: kind and version of the vectors.
        sha256: (n, 32), the media of each row of the table now.
        floor: only what was found down to this cosine; whatever is held, if None.
    """
    try:
        content = _path(folder, kind).read_bytes()
        digest, body = content[:_DIGEST], content[_DIGEST:]
        if hashlib.sha256(body).digest() != digest:
            return _NOTHING
        with np.load(io.BytesIO(body), allow_pickle=False) as stored:
            held = Neighbours(stored["rows"], stored["cosine"], stored["active"])
            scale = Scale(*stored["scale"].tolist()) if "scale" in stored else SHIPPED
            fits = stored["made"].tobytes() == _made(sha256[: len(held.active)], scale.floor)
    except (OSError, ValueError, KeyError, TypeError):
        return _NOTHING
    fits = fits and len(held.active) <= len(sha256) and floor in {None, scale.floor}
    return Held(held, scale) if fits else _NOTHING


def keep_neighbours(
    folder: Path,
    kind: tuple[str, int],
    sha256: NDArray[np.uint8],
    near: Neighbours,
    scale: Scale = SHIPPED,
) -> None:
    """Write what was found of the rows of a table in place of what is held. Raises OSError."""
    folder.mkdir(exist_ok=True)
    body = io.BytesIO()
    made = np.frombuffer(_made(sha256, scale.floor), np.uint8)
    np.savez(body, rows=near.rows, cosine=near.cosine, active=near.active, made=made, scale=np.array(scale))
    content = body.getvalue()
    write_durably(_path(folder, kind), hashlib.sha256(content).digest() + content)


def _path(folder: Path, kind: tuple[str, int]) -> Path:
    return folder / f"{kind[0]}-v{kind[1]}.npz"


def forget_neighbours(folder: Path, kind: tuple[str, int]) -> None:
    """Remove what is held of vectors that linking goes by no longer."""
    _path(folder, kind).unlink(missing_ok=True)


def _made(sha256: NDArray[np.uint8], floor: float) -> bytes:
    """What the neighbours of these rows depend on beside values: of millions, how they were looked for."""
    way = f"{FORM} " if len(sha256) > EXACT_ROWS else ""
    stated = f"{_FORMAT} {floor} {KEPT} {len(sha256)} {way}".encode()
    return hashlib.sha256(stated + np.ascontiguousarray(sha256).tobytes()).digest()
