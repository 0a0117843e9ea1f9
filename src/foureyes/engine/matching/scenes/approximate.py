"""Near vectors among very many, by FAISS: directions first, then only the lists that a query points at.

Vectors are turned to their 256 main directions, sorted into lists around centres, and kept as a byte per
direction. What comes out are candidates: their cosines are taken from the full vectors afterwards. Some near
vectors are missed; `bench/scenes.py` measures how many. The same rows in the same order give the same result.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.catalogue.durable import sync_folder
from foureyes.engine.matching.scenes.exact import KEPT, Found, Rows, Table

EXACT_ROWS = 400_000
"""Up to here all are compared, at 29 ns of one core: 10,000 new vectors take two CPU minutes at most, and all
of them at once a quarter of what taking them in took."""
DIRECTIONS = 256
CANDIDATES = 20 * KEPT
PROBED = 256
"""Lists looked at for one query: at a million 3.5 ms, and 85 % of the nearest from 0.8 on are met."""
_TRAINED_ON = 48
"""Vectors for each centre."""
_ADDED = 1 << 16
_SEED = 5


class Approximate:
    """A way to find near rows (`exact.Search`) that looks at a few thousand of millions."""

    def __init__(self, table: Table, index: Any, threads: int = 1) -> None:
        self._table, self._index, self._threads = table, index, threads

    def __call__(self, queries: Rows, active: NDArray[np.bool_], least: NDArray[np.float32]) -> Found:
        """See `exact.Search`; some near rows are missed."""
        faiss = _faiss()
        faiss.omp_set_num_threads(self._threads)
        only = faiss.SearchParametersIVF(
            nprobe=PROBED, sel=faiss.IDSelectorBitmap(np.packbits(active, bitorder="little"))
        )
        asked = _turned(self._index, self._table.values[queries])
        near, rows = faiss.downcast_index(self._index.index).search(asked, CANDIDATES, params=only)
        del near
        one, place = np.nonzero(rows >= 0)
        query, other = queries[one], rows[one, place]
        apart = self._table.owner[query] != self._table.owner[other]
        query, other = query[apart], other[apart]
        tells = least[other] <= 1.0
        return Found(np.concatenate([query, other[tells]]), np.concatenate([other, query[tells]]))


def search_for(
    folder: Path, kind: tuple[str, int], table: Table, *, threads: int, keep: bool
) -> Approximate | None:
    """A search of an index that is kept in `folder`, or made anew; None where all can be compared.

    Args:
        folder: of the workspace.
        kind: kind and version of the vectors.
        table: all rows. Rows of zeros are in the index too: a row's number is its place in it.
        threads: of the processor.
        keep: write the index where it has grown.
    """
    if len(table.values) <= EXACT_ROWS:
        return None
    faiss = _faiss()
    faiss.omp_set_num_threads(threads)
    path = _path(folder, kind)
    index = _read(path)
    if index is None or not index.ntotal <= len(table.values) <= 2 * index.ntotal:
        index = trained(table.values)
    if index.ntotal < len(table.values):
        fill(index, table.values)
        if keep:
            _keep(path, index)
    return Approximate(table, index, threads)


def forget(folder: Path, kind: tuple[str, int]) -> None:
    """Remove an index that is of other rows."""
    _path(folder, kind).with_suffix(".sha256").unlink(missing_ok=True)


def fill(index: Any, values: NDArray[np.float16]) -> None:
    """Add the rows that the index has not seen."""
    for start in range(index.ntotal, len(values), _ADDED):
        index.add(values[start : start + _ADDED].astype(np.float32))


def trained(values: NDArray[np.float16]) -> Any:
    """An empty index with its directions and centres, learnt from a drawn sample."""
    faiss = _faiss()
    lists = int(2 ** np.round(np.log2(4 * len(values) ** 0.5)))
    sample = np.random.default_rng(_SEED).choice(
        len(values), min(len(values), _TRAINED_ON * lists), replace=False
    )
    directions = min(DIRECTIONS, values.shape[1])
    index = faiss.index_factory(
        values.shape[1], f"PCAR{directions},IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT
    )
    index.train(values[np.sort(sample)].astype(np.float32))
    return index


def _turned(index: Any, values: NDArray[np.float16]) -> NDArray[np.float32]:
    """Vectors in the index's main directions."""
    asked: NDArray[np.float32] = index.chain.at(0).apply(values.astype(np.float32))
    return asked


def _faiss() -> Any:
    """The library, which takes 0.2 s and 60 MB that only millions need; its stubs know half of its calls."""
    import faiss  # noqa: PLC0415 - see above

    return faiss


def _path(folder: Path, kind: tuple[str, int]) -> Path:
    return folder / f"{kind[0]}-v{kind[1]}.ivf"


def _read(path: Path) -> Any | None:
    """The index that is kept there; None where there is none, or it is not as it was written."""
    faiss = _faiss()
    try:
        if path.with_suffix(".sha256").read_text("ascii") != _digest(path):
            return None
        return faiss.read_index(str(path))
    except (OSError, ValueError, RuntimeError):
        return None


def _keep(path: Path, index: Any) -> None:
    """Put an index in place of what is kept. Raises OSError."""
    faiss = _faiss()
    path.parent.mkdir(exist_ok=True)
    temporary, stated = path.with_suffix(".tmp"), path.with_suffix(".sha256")
    faiss.write_index(index, str(temporary))
    stated.unlink(missing_ok=True)
    temporary.replace(path)
    stated.write_text(_digest(path), "ascii")
    sync_folder(path.parent)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
