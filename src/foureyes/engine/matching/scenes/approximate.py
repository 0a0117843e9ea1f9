"""Near vectors among very many: compared by their main directions first, the likeliest then in full.

FAISS sorts vectors into lists around centres and keeps a byte for each of their 256 main directions. Queries
are taken many at a time: a list is unpacked once for all that point at it, and compared with them by one
product of matrices, some ten times as fast as one by one. What comes out are candidates: their cosines are
taken from the full vectors afterwards. Some near vectors are missed; `bench/scenes.py` measures how many. The
same rows in the same order give the same result.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.catalogue.durable import sync_folder
from foureyes.engine.matching.scenes.exact import KEPT, Found, Rows, Table
from foureyes.engine.matching.scenes.vectors import ask_singly

EXACT_ROWS = 400_000
"""Up to here all are compared, at 29 ns of one core: 10,000 new vectors take two CPU minutes at most, and all
of them at once a quarter of what taking them in took."""
DIRECTIONS = 256
CANDIDATES = 20 * KEPT
"""Rows of which full cosines are taken."""
LOOKED_AT = 2_500_000
"""Rows compared by their directions, at 4 ns of one core: of fewer all are, of more those in the lists next
to a query. So a query costs about the same among ten millions as among three."""
FORM = 2
"""Of what is kept: an index of another form is made anew."""
_FIRST = 16
"""Lists looked at first: what the nearest in them reach is asked of all others."""
_WAITING = 1 << 22
"""Rows held before the likeliest are chosen among them: 84 MB."""
_TRAINED_ON = 48
"""Vectors for each centre."""
_TURNED_BY = 1 << 16
"""Vectors from which directions are learnt."""
_ADDED = 1 << 16
_SEED = 5


class _Reached(NamedTuple):
    """Rows whose product with a query reaches what was asked."""

    query: Rows
    row: Rows
    product: NDArray[np.float32]

    @classmethod
    def none(cls) -> _Reached:
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))


class Approximate:
    """A way to find near rows (`exact.Search`) that compares a fifth of each vector, of millions not all."""

    at_once = 2048
    """Queries for which a list is unpacked once."""

    def __init__(self, table: Table, index: Any, threads: int = 1) -> None:
        self._table, self._index, self._threads = table, index, threads
        self._lists = _faiss().downcast_index(index.index)
        ask_singly(table.values)

    def __call__(self, queries: Rows, active: NDArray[np.bool_], least: NDArray[np.float32]) -> Found:
        """See `exact.Search`; some near rows are missed."""
        _faiss().omp_set_num_threads(self._threads)
        query, row, _ = self._candidates(_turned(self._index, self._table.values[queries]), active, queries)
        query, tells = queries[query], least[row] <= 1.0
        return Found(np.concatenate([query, row[tells]]), np.concatenate([row, query[tells]]))

    def _candidates(self, asked: NDArray[np.float32], active: NDArray[np.bool_], queries: Rows) -> _Reached:
        """The likeliest rows of each query, of all in its lists."""
        scaled, apart_by = self._for_bytes(asked), self._apart_by(asked)
        least = self._asked_of_all(scaled, apart_by, active)
        owner, own = self._table.owner, self._table.owner[queries]
        lists = self._lists.nlist * LOOKED_AT // max(self._lists.ntotal, LOOKED_AT)
        found, waiting = [_Reached.none()], 0
        for number, here in _pointed_at(apart_by, lists):
            rows, product = self._products(number, scaled[here], active)
            place, column = np.divmod(np.flatnonzero(product >= least[here, None]), max(len(rows), 1))
            query, row = here[place], rows[column]
            apart = own[query] != owner[row]
            found.append(_Reached(query[apart], row[apart], product[place, column][apart]))
            waiting += len(found[-1].query)
            if waiting > _WAITING:
                found, waiting = [_likeliest(found, least)], 0
        return _likeliest(found, least)

    def _apart_by(self, asked: NDArray[np.float32]) -> NDArray[np.float32]:
        """How far queries are from the centres of all lists, up to a number for each query."""
        centres = _faiss().downcast_index(self._lists.quantizer).reconstruct_n(0, self._lists.nlist)
        apart: NDArray[np.float32] = np.einsum("ij,ij->i", centres, centres) / 2 - asked @ centres.T
        return apart

    def _asked_of_all(
        self, scaled: NDArray[np.float32], apart_by: NDArray[np.float32], active: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """For each query what the last candidate of its first lists reaches: it is asked of all others."""
        best = np.full((len(scaled), _FIRST, CANDIDATES), -np.inf, np.float32)
        seen = np.zeros(len(scaled), np.int64)
        for number, pointing in _pointed_at(apart_by, _FIRST):
            here = pointing[seen[pointing] < _FIRST]  # more where centres are equally far
            _, product = self._products(number, scaled[here], active)
            if product.shape[1] > CANDIDATES:
                product = np.partition(product, -CANDIDATES, axis=1)[:, -CANDIDATES:]
            best[here, seen[here], : product.shape[1]] = product
            seen[here] += 1
        last: NDArray[np.float32] = np.partition(best.reshape(len(scaled), -1), -CANDIDATES, axis=1)
        return last[:, -CANDIDATES] - np.float32(1e-4)  # sums in another order

    def _for_bytes(self, asked: NDArray[np.float32]) -> NDArray[np.float32]:
        """Queries whose products with the bytes of rows are those with the rows, less one number for each."""
        _, span = _faiss().vector_to_array(self._lists.sq.trained).reshape(2, -1)
        scaled: NDArray[np.float32] = asked * (span / 255)
        return scaled

    def _products(
        self, number: int, scaled: NDArray[np.float32], active: NDArray[np.bool_]
    ) -> tuple[Rows, NDArray[np.float32]]:
        """Rows of a list that take part, and their products with queries."""
        faiss, lists, width = _faiss(), self._lists.invlists, self._lists.code_size
        if (size := lists.list_size(number)) == 0:
            return np.empty(0, np.int64), np.empty((len(scaled), 0), np.float32)
        rows = faiss.rev_swig_ptr(lists.get_ids(number), size)
        codes = faiss.rev_swig_ptr(lists.get_codes(number), size * width).reshape(size, width)
        part = active[rows]
        if not part.all():
            rows, codes = rows[part], codes[part]
        return rows, scaled @ codes.astype(np.float32).T


def _pointed_at(apart_by: NDArray[np.float32], lists: int) -> Iterator[tuple[int, Rows]]:
    """Each list that is among so many nearest of a query, and of which queries."""
    count = apart_by.shape[1]
    lists = min(max(lists, 1), count)
    farthest = np.partition(apart_by, lists - 1, axis=1)[:, lists - 1, None]
    number, query = np.nonzero((apart_by <= farthest).T)
    bounds = np.searchsorted(number, np.arange(count + 1))
    for one in np.flatnonzero(np.diff(bounds)).tolist():
        yield one, query[bounds[one] : bounds[one + 1]]


def _likeliest(found: list[_Reached], least: NDArray[np.float32]) -> _Reached:
    """The candidates of each query among what was found; what the last one reaches is asked from now on."""
    query, row, product = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((row, -product, query))
    starts = np.flatnonzero(np.diff(query[order], prepend=-1))
    place = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    last = order[place == CANDIDATES - 1]
    least[query[last]] = product[last]
    kept = order[place < CANDIDATES]
    return _Reached(query[kept], row[kept], product[kept])


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
    lists = int(2 ** np.round(np.log2(len(values) ** 0.5)))
    count = min(len(values), _TRAINED_ON * lists)
    sample = np.sort(np.random.default_rng(_SEED).choice(len(values), count, replace=False))
    turn = _directions(values[sample[:: -(-count // _TURNED_BY)]].astype(np.float32))
    centres = faiss.IndexFlatL2(turn.d_out)
    index = faiss.IndexIVFScalarQuantizer(
        centres, turn.d_out, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    seen = [
        turn.apply(values[sample[start : start + _ADDED]].astype(np.float32))
        for start in range(0, count, _ADDED)
    ]
    index.train(np.concatenate(seen))
    return faiss.IndexPreTransform(turn, index)


def _directions(sample: NDArray[np.float32]) -> Any:
    """The turn to the main directions. Nothing is centred: products stay those of the vectors."""
    faiss = _faiss()
    directions = min(DIRECTIONS, sample.shape[1])
    _, axes = np.linalg.eigh(sample.T @ sample)
    turn = faiss.LinearTransform(sample.shape[1], directions, False)
    faiss.copy_array_to_vector(np.ascontiguousarray(axes[:, ::-1].T[:directions]).reshape(-1), turn.A)
    turn.is_trained = True
    turn.set_is_orthonormal()
    return turn


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
        if path.with_suffix(".sha256").read_text("ascii") != _stated(path):
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
    stated.write_text(_stated(path), "ascii")
    sync_folder(path.parent)


def _stated(path: Path) -> str:
    """Form and digest of an index. Those of the first form were stated by their digest alone."""
    with path.open("rb") as stream:
        return f"{FORM} {hashlib.file_digest(stream, 'sha256').hexdigest()}"
