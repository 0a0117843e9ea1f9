"""The exact join cut into pieces that any executor does, each writing one file of pairs into a store.

Pieces compare distinct rows only, from one file that all processes of a machine map and share; equal rows
come in again at the end. What comes out equals `near_pairs` of the same rows, whatever ran where and was
killed when. It knows neither media nor catalogue; components are found on one machine afterwards.
"""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from foureyes.engine.errors import UsageError, WorkspaceDamaged
from foureyes.engine.matching.equal import Families
from foureyes.engine.matching.join import LINKING_RADIUS
from foureyes.engine.matching.pairs import Pairs
from foureyes.engine.matching.pieces import join_pieces
from foureyes.engine.matching.ring import BLOCKS, RING_BYTES, Share
from foureyes.engine.matching.row_files import digest_of, map_rows
from foureyes.engine.running.base import Executor
from foureyes.engine.running.manifest import (
    MANIFEST,
    Manifest,
    Piece,
    StageProgress,
    StageResult,
    begin,
    held_manifest,
    run_stage,
)
from foureyes.engine.running.scratch import ScratchFolder
from foureyes.engine.running.store import Place, Store, open_store

STAGE = "join"
VERSION = 1
"""Raised when the order of bits in the rings, or what a piece finds, changes: two versions never mix."""
PAIRS = "pairs.parquet"
_LEFT = "ring.npy"
_RIGHT = "other-ring.npy"
_PIECES_AT_MOST = RING_BYTES * BLOCKS
_FEW_ROWS = 100_000
_ROWS_A_CUT = 1 << 24
"""Rows from which on a start is cut up: its piece then takes some ten CPU seconds and 20 bytes a row."""
_DIGEST_KEY = b"foureyes.manifest"
_MAGIC = b"PAR1"
_TAIL_BYTES = 8
_RING_ROW_BYTES = 32
_READ_BYTES = 65_536
"""A file up to so long is read; an empty array cannot be mapped."""


@dataclass(frozen=True, slots=True)
class SpreadJoin:
    """What a spread join came to."""

    stage: StageResult
    rows: int
    others: int | None
    pairs: int | None
    """None while pieces are missing; else so many lie in `pairs.parquet`, sorted by a, then b."""


def spread_join(
    fingerprints: Path,
    place: Place,
    executor: Executor,
    *,
    others: Path | None = None,
    radius: int = LINKING_RADIUS,
    pieces: int | None = None,
    show: Callable[[StageProgress], None] | None = None,
    stop: threading.Event | None = None,
) -> SpreadJoin:
    """Join a file of fingerprints with itself, or with `others`; killed, the same call goes on.

    Args:
        fingerprints: `.npy`, uint8, shape (n, 32). It is copied to `place` first.
        place: an empty folder or prefix, or one where the same join was begun.
        executor: whatever does the pieces; all its machines must reach `place`.
        others: `.npy` as well; without it every pair a < b of the one file.
        radius: bits, 0 to 63.
        pieces: how many tasks, about; by default what the join was begun with, or what suits its size.
        show: called with each progress.
        stop: once set, no more pieces are begun; what is running ends.

    This process needs 80 bytes a row while it prepares and gathers, and room for all pairs at the end.

    Raises:
        UsageError: a file that is no such array, a radius out of range, a place that holds something else.
        StorageFull, SourceLost: what is done stands; the same call goes on.
    """
    given = {_LEFT: fingerprints, **({_RIGHT: others} if others is not None else {})}
    rows = {name: map_rows(path) for name, path in given.items()}
    store = open_store(place)
    manifest = _plan(store, given, max(map(len, rows.values())), radius, pieces)
    begin(store, manifest)
    families = {name: Families.of(values) for name, values in rows.items()}
    with ScratchFolder("foureyes-join-") as folder:
        scratch = folder.path
        for name, values in rows.items():
            _bring_ring(store, name, values, families[name], scratch)
        _prepare()
        result = run_stage(
            store,
            place,
            manifest,
            executor,
            f"{__name__}:join_one",
            settings=(radius, others is not None, str(scratch)),
            is_whole=_is_whole,
            show=show,
            stop=stop,
        )
    found = _merge(store, manifest, families) if result.complete else None
    return SpreadJoin(
        result,
        len(rows[_LEFT]),
        len(rows[_RIGHT]) if others is not None else None,
        len(found.a) if found is not None else None,
    )


def read_pairs(place: Place) -> Pairs:
    """The pairs of a complete join, sorted by a, then b; rows of the files that were given.

    Raises:
        UsageError: there is no join at `place`, or not all of its pieces are there.
    """
    store = open_store(place)
    manifest = held_manifest(store)
    if manifest is None or store.end(PAIRS, 0) is None:
        raise UsageError(f"{place.url} holds no complete join.")
    return _read(store, PAIRS, manifest.digest)


def join_one(
    place: Place,
    digest: str,
    output: str,
    settings: tuple[int, bool, str],
    first_start: int,
    end_start: int,
    first_block: int,
    end_block: int,
) -> int:
    """Do one piece; called by an executor. Returns the number of its pairs of distinct rows."""
    from foureyes.engine.matching.starts import join_from  # noqa: PLC0415 - Numba takes 0.5 s to import

    radius, crossed, scratch = settings
    left = _ring(place, _LEFT, scratch)
    right = _ring(place, _RIGHT, scratch) if crossed else None
    share = Share(range(first_start, end_start), range(first_block, end_block))
    found = Pairs.together([])
    if len(left) and (right is None or len(right)):
        found = join_from(left, right, radius, share, threads=1)
    open_store(place).write(output, _parquet(found, digest))
    return len(found.a)


@lru_cache(maxsize=2)
def _ring(place: Place, name: str, scratch: str) -> NDArray[np.uint64]:
    """A file of distinct rows, fetched once to a machine and mapped once in a process."""
    path = open_store(place).local_path(name, Path(scratch))
    # A private mapping, not a read-only one: kernels are compiled for arrays that could be written.
    mode: Literal["c"] | None = "c" if path.stat().st_size > _READ_BYTES else None
    return np.asarray(np.load(path, mmap_mode=mode, allow_pickle=False), np.uint64)


def _plan(store: Store, given: dict[str, Path], rows: int, radius: int, pieces: int | None) -> Manifest:
    """What is to be done: cut as it was begun, unless somebody asks for a number of pieces."""
    wanted = pieces if pieces is not None else _held_pieces(held_manifest(store)) or _usual_pieces(rows)
    if not 1 <= wanted <= _PIECES_AT_MOST:
        raise UsageError(f"the number of pieces must be 1 to {_PIECES_AT_MOST:,}, not {wanted:,}")
    cut = tuple(
        Piece(
            f"pieces/{number:05d}.parquet",
            (piece.first_start, piece.end_start, piece.first_block, piece.end_block),
        )
        for number, piece in enumerate(join_pieces(rows, radius, wanted))
    )
    inputs = {name: digest_of(path) for name, path in given.items()}
    return Manifest(STAGE, VERSION, {"radius": radius, "pieces": wanted}, inputs, cut)


def _held_pieces(held: Manifest | None) -> int | None:
    pieces = held.parameters.get("pieces") if held is not None else None
    return pieces if isinstance(pieces, int) else None


def _usual_pieces(rows: int) -> int:
    if rows <= _FEW_ROWS:
        return 1
    return min(_PIECES_AT_MOST, RING_BYTES * math.ceil(rows / _ROWS_A_CUT))


def _bring_ring(store: Store, name: str, rows: NDArray[np.uint8], families: Families, scratch: Path) -> None:
    """Put the distinct rows there, bits in the order of the join, unless they are there whole."""
    from foureyes.engine.matching.starts import ring_of  # noqa: PLC0415 - as above

    made = scratch / f"made-{name}"
    if (end := store.end(name, 0)) is None or end.size <= len(families) * _RING_ROW_BYTES:
        np.save(made, ring_of(rows, families.representative))
        store.take_in(name, made)
        made.unlink()


def _prepare() -> None:
    """Have the kernels compiled here once, rather than by every worker at the same time (24 CPU seconds)."""
    from foureyes.engine.matching.starts import join_from  # noqa: PLC0415 - as above

    two = np.zeros((2, 4), np.uint64)
    join_from(two, None, LINKING_RADIUS, Share(range(1)), threads=1)
    join_from(two, two, LINKING_RADIUS, Share(range(1)), threads=1)


def _is_whole(store: Store, name: str) -> bool:
    """Whether a Parquet file ends as one must: its magic, after a footer that fits in."""
    end = store.end(name, _TAIL_BYTES)
    if end is None or end.last[-4:] != _MAGIC:
        return False
    return int.from_bytes(end.last[:4], "little") <= end.size - _TAIL_BYTES - len(_MAGIC)


def _merge(store: Store, manifest: Manifest, families: dict[str, Families]) -> Pairs:
    """All pieces as one file, in order, with equal rows again. Pieces share no pair: nothing is dropped."""
    if _is_whole(store, PAIRS):
        return _read(store, PAIRS, manifest.digest)
    found = Pairs.together(_read(store, piece.output, manifest.digest) for piece in manifest.pieces)
    left, right = families[_LEFT], families.get(_RIGHT)
    merged = left.expand_self(found) if right is None else left.expand_cross(right, found)
    store.write(PAIRS, _parquet(merged, manifest.digest))
    return merged


def _parquet(pairs: Pairs, digest: str) -> bytes:
    table = pa.table(
        {"a": pairs.a, "b": pairs.b, "distance": pairs.distance.astype(np.uint8)},
        metadata={_DIGEST_KEY: digest.encode()},
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", write_page_checksum=True)
    return buffer.getvalue()


def _read(store: Store, name: str, digest: str) -> Pairs:
    where = f"{store.url.rstrip('/')}/{name}"
    try:
        table = pq.read_table(
            io.BytesIO(store.read(name)), page_checksum_verification=True, use_threads=False
        )
    except (pa.ArrowException, OSError, ValueError) as error:
        raise WorkspaceDamaged(f"{where} is damaged: remove it and run again ({error}).") from error
    if (table.schema.metadata or {}).get(_DIGEST_KEY) != digest.encode():
        raise WorkspaceDamaged(f"{where} is of another run than {MANIFEST}: remove it and run again.")
    columns = (table.column(name).to_numpy().astype(np.int64) for name in Pairs._fields)
    return Pairs(*columns)
