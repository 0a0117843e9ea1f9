"""The index of fingerprints: what is held, found in milliseconds, and its near pairs, found once and kept.

Runs and files of pairs are immutable; the manifest names those that count and is replaced by an atomic
rename, so a kill at any moment leaves the index before or after a change. All of it is derived from the
catalogue's fingerprints: damage or another version is reported, and it is made anew. Only `update` writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.catalogue.database import engine_errors
from foureyes.engine.errors import IndexOutdated, UsageError
from foureyes.engine.matching.index.cutting import FARTHEST, permuted
from foureyes.engine.matching.index.joining import Earlier, New, look_up, new_pairs
from foureyes.engine.matching.index.manifest import NAME, Manifest, read_manifest, write_manifest
from foureyes.engine.matching.index.pair_files import once, read_pairs, together, write_pairs
from foureyes.engine.matching.index.runs import Members, Run, merged, run_of, write_run
from foureyes.engine.matching.index.sections import damaged, digest_of
from foureyes.engine.matching.join import LINKING_RADIUS
from foureyes.engine.matching.orientations import LEAST_QUALITY, RowPairs

RATIO = 8
"""A run is merged with all younger ones once they hold an eighth of it: few runs to look into, and each row
is written again about log2(n) times at most."""
_EARLIER_ROWS = (1 << 16, 1 << 19)
"""Rows of the catalogue, at least and at most, that are held at once while the new are compared with them:
16 to 128 MB; more where the new are many, since both sides are sorted for every block."""
_TRIES = 5

Values = NDArray[np.uint8]
Numbers = NDArray[np.int64]


class Hits(NamedTuple):
    """Rows within the radius of a question: arrays of one length, nearest first."""

    number: Numbers
    """Row of the catalogue's fingerprints."""
    owner: Values
    """(n, 32): SHA-256 of the media."""
    at_seconds: NDArray[np.float64]
    distance: Numbers
    orientation: Numbers
    """Which of the question's eight hashes met the upright one that is held; 0 for a question of one hash."""


class Unseen(NamedTuple):
    """Rows that the index has not taken in yet: compared one by one."""

    words: NDArray[np.uint64]
    members: Members

    @classmethod
    def of(
        cls,
        values: Values,
        quality: NDArray[np.integer],
        owners: Values,
        at_seconds: NDArray[np.floating],
        first: int,
    ) -> Self:
        """Upright fingerprints (n, 32) of the rows from number `first` on; see `Index.update`."""
        good = np.flatnonzero(np.asarray(quality) >= LEAST_QUALITY)
        return cls(permuted(values[good]), _members(good, first, owners, at_seconds))

    def search(self, values: Values, radius: int = LINKING_RADIUS) -> Hits:
        """As `Index.search`."""
        from foureyes.engine.matching.index import kernels  # noqa: PLC0415 - Numba takes 0.5 s

        asked, row, distance = kernels.scan(self.words, _questions(values, radius), radius)
        return _told(self.members.taken(row), distance.astype(np.int64), asked)


class Update(NamedTuple):
    """What an update came to."""

    pairs: RowPairs
    """Of the new rows, with each other and with what was held."""
    left_out: int
    """Pairs that are not kept, because others hold their rows together."""


class Index:
    """An open index. Searching is safe from many threads; only the workspace's one writer updates."""

    def __init__(self, folder: Path, fingerprint: tuple[str, int], radius: int, workers: int) -> None:
        """Use `open`."""
        self._folder, self._workers = folder, workers
        self.manifest = read_manifest(folder) or Manifest(fingerprint, radius)
        self._runs = [Run(folder / file.name, file) for file in self.manifest.runs]

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        fingerprint: tuple[str, int] = ("pdq", 1),
        radius: int = LINKING_RADIUS,
        workers: int = 1,
        write: bool = False,
    ) -> Self:
        """Open the index in `folder`, an empty one where there is none.

        Args:
            folder: the workspace's `index`.
            fingerprint: kind and version of the rows, for a new index.
            radius: bits within which pairs are looked for, for a new index.
            workers: threads that one question may use.
            write: clear away what a killed writer left; only for the holder of the workspace's lock.

        Raises:
            WorkspaceTooNew, IndexOutdated, WorkspaceDamaged: see `read_manifest`; none of it loses anything.
            UsageError: the radius is out of range.
        """
        check_radius(radius)
        with engine_errors():
            folder.mkdir(exist_ok=True)
            for _ in range(_TRIES):
                try:
                    opened = cls(folder, fingerprint, radius, workers)
                except FileNotFoundError as gone:  # a writer has merged runs since the manifest was read
                    missing = Path(str(gone.filename)).name
                    continue
                if write:
                    opened._remove_strays()
                return opened
        raise damaged(missing, "it is missing")

    def current(self) -> bool:
        """Whether nothing was committed since this was opened."""
        return read_manifest(self._folder) == self.manifest

    @property
    def rows(self) -> int:
        """Rows that can be found."""
        return sum(map(len, self._runs))

    @property
    def run_rows(self) -> tuple[int, ...]:
        """Rows of each run, the oldest first."""
        return tuple(map(len, self._runs))

    def warm(self) -> None:
        """Bring into memory all that searches touch, as a process that answers many will want."""
        for run in self._runs:
            run.warm()

    def search(self, values: Values, radius: int = LINKING_RADIUS) -> Hits:
        """Everything held within `radius` bits of one picture, exactly.

        Args:
            values: uint8: 32 bytes, or the eight orientations as (8, 32) or 256 bytes.
            radius: bits, 0 to 63.

        Raises:
            UsageError: another shape or type, or a radius out of range.
        """
        questions = _questions(values, radius)
        return nearest_first([_hits(run, questions, radius, self._workers) for run in self._runs])

    def pairs(self) -> RowPairs:
        """All near pairs of covered rows, each once at its nearest, sorted by a, then b."""
        with engine_errors():
            parts = [read_pairs(self._folder / file.name, file) for file in self.manifest.pair_files]
        return once(together(parts))

    def update(
        self,
        values: Values,
        quality: NDArray[np.integer],
        owners: Values,
        at_seconds: NDArray[np.floating],
        *,
        earlier: Earlier,
        keep: bool = True,
    ) -> Update:
        """Take in the rows that follow the covered ones, and find their pairs; a new manifest commits.

        Args:
            values: uint8 (n, 256): eight orientations a row, the upright one first.
            quality: (n,), 0 to 100; rows below 50 are counted, not indexed.
            owners: uint8 (n, 32), SHA-256 of the media; not compared here.
            at_seconds: (n,).
            earlier: gives values and quality of covered rows: turned ones are not kept here.
            keep: without it only the pairs are found, and nothing is written.

        Raises:
            StorageFull: what was committed before stands.
            UsageError: another shape.
        """
        if values.ndim != 2 or values.shape[1] != 256 or values.dtype != np.uint8:  # noqa: PLR2004 - 8 hashes
            raise UsageError(f"oriented fingerprints must be uint8 of shape (n, 256), not {values.shape}")
        good = np.flatnonzero(np.asarray(quality) >= LEAST_QUALITY)
        numbers = good + self.manifest.watermark
        new = New.of(numbers, values[good], self.manifest.radius)
        blocks = _blocks(earlier, self.manifest.watermark, len(new.upright))
        found = new_pairs(new, self._runs, blocks, self.manifest.radius, self._workers)
        if keep and len(values):
            members = _members(good, self.manifest.watermark, owners, at_seconds)
            with engine_errors():
                self._add(values, good, members, found.pairs, found.left_out, tail_of(values, owners))
                self._merge()
        return Update(found.pairs, found.left_out)

    def verify(self) -> Iterator[str]:
        """Read every file again; names each that is not what was written."""
        for file in (*self.manifest.runs, *self.manifest.pair_files):
            path = self._folder / file.name
            if not path.exists():
                yield f"{file.name} is missing"
            elif path.stat().st_size != file.size or digest_of(path) != file.sha256:
                yield f"{file.name} is not what was written"

    def _add(
        self, values: Values, good: Numbers, members: Members, pairs: RowPairs, left_out: int, tail: str
    ) -> None:
        was = self.manifest
        runs, pair_files, next_file = was.runs, was.pair_files, was.next_file
        if len(good):
            written = write_run(self._path("run", next_file), run_of(values[good, :32], members))
            runs, next_file = (*runs, written), next_file + 1
        if len(pairs.a):
            pair_files = (*pair_files, write_pairs(self._path("pairs", next_file), pairs))
            next_file += 1
        self._commit(
            replace(
                was,
                watermark=was.watermark + len(values),
                tail=tail,
                poor=was.poor + len(values) - len(good),
                left_out=was.left_out + left_out,
                pairs=was.pairs + len(pairs.a),
                next_file=next_file,
                runs=runs,
                pair_files=pair_files,
            )
        )

    def _merge(self) -> None:
        """Merge the youngest runs, and the youngest files of pairs, where they are many for their size."""
        at = due([len(run) for run in self._runs])
        if at is not None:
            number = self.manifest.next_file
            written = write_run(self._path("run", number), merged(self._runs[at:]))
            runs = (*self.manifest.runs[:at], written)
            self._commit(replace(self.manifest, runs=runs, next_file=number + 1))
        files = self.manifest.pair_files
        at = due([file.size for file in files])
        if at is not None:
            number = self.manifest.next_file
            parts = [read_pairs(self._folder / file.name, file) for file in files[at:]]
            kept = (*files[:at], write_pairs(self._path("pairs", number), once(together(parts))))
            self._commit(replace(self.manifest, pair_files=kept, next_file=number + 1))

    def _commit(self, manifest: Manifest) -> None:
        write_manifest(self._folder, manifest)
        gone = self.manifest.names - manifest.names
        opened = {run.written: run for run in self._runs}
        self._runs = [opened.get(file) or Run(self._folder / file.name, file) for file in manifest.runs]
        self.manifest = manifest
        for name in gone:
            (self._folder / name).unlink(missing_ok=True)

    def _path(self, kind: str, number: int) -> Path:
        return self._folder / f"{kind}-{number:08d}"

    def _remove_strays(self) -> None:
        for path in self._folder.iterdir():
            if path.name not in self.manifest.names | {NAME}:
                path.unlink()


def clear(folder: Path) -> None:
    """Forget the index: all its files go, the manifest first. It is derived and can be made anew."""
    with engine_errors():
        folder.mkdir(exist_ok=True)
        (folder / NAME).unlink(missing_ok=True)
        for path in folder.iterdir():
            path.unlink()


def check_radius(radius: int) -> None:
    """Raises UsageError where the radius is out of range."""
    if not 0 <= radius <= FARTHEST:
        raise UsageError(f"The radius must be 0 to {FARTHEST} bits, not {radius}.")


def not_of_these_rows() -> IndexOutdated:
    """The error where the catalogue does not hold what the index has seen (restored from a copy, say)."""
    return IndexOutdated(
        "The index is not of these fingerprints: make it anew with `foureyes index --rebuild`. It holds "
        "nothing that the fingerprints do not."
    )


def tail_of(values: Values, owners: Values) -> str:
    """What the last of some rows is known by, when the catalogue is asked for it again."""
    return hashlib.sha256(owners[-1:].tobytes() + values[-1:].tobytes()).hexdigest() if len(values) else ""


def due(sizes: Sequence[int]) -> int | None:
    """From which file on they are to be merged: the oldest that is not `RATIO` times all that follow."""
    for at in range(len(sizes) - 1):
        if sizes[at] < RATIO * sum(sizes[at + 1 :]):
            return at
    return None


def _blocks(earlier: Earlier, rows: int, new: int) -> Iterator[tuple[Numbers, Values]]:
    least, most = _EARLIER_ROWS
    step = min(max(new, least), most)
    for first in range(0, rows if new else 0, step):
        values, quality = earlier(first, min(first + step, rows))
        good = np.flatnonzero(np.asarray(quality) >= LEAST_QUALITY)
        yield first + good, values[good]


def _hits(run: Run, questions: NDArray[np.uint64], radius: int, workers: int) -> Hits:
    asked, row, distance = look_up(run, questions, radius, workers)
    which, place = run.members_of(row)
    return _told(run.members.taken(place), distance[which], asked[which])


def _told(members: Members, distance: Numbers, orientation: Numbers) -> Hits:
    number, at_seconds = members.number.astype(np.int64), members.at_seconds.astype(np.float64)
    return Hits(number, members.owner, at_seconds, distance, orientation)


def _members(good: Numbers, first: int, owners: Values, at_seconds: NDArray[np.floating]) -> Members:
    """Who has the rows at the places `good` behind number `first`."""
    number = (good + first).astype(np.uint32)
    return Members(
        number, np.ascontiguousarray(owners[good]), np.asarray(at_seconds)[good].astype(np.float32)
    )


def _questions(values: Values, radius: int) -> NDArray[np.uint64]:
    check_radius(radius)
    if values.dtype != np.uint8 or values.size not in {32, 256}:
        raise UsageError(f"a question is 32 or 8 x 32 bytes, not {values.dtype} {values.shape}")
    return permuted(values.reshape(-1, 32))


def nearest_first(parts: Sequence[Hits]) -> Hits:
    """All hits; a row that was met in several orientations comes once, at its nearest."""
    if not parts:
        nought = np.empty(0, np.int64)
        return Hits(nought, np.empty((0, 32), np.uint8), np.empty(0), nought, nought)
    hits = Hits(
        np.concatenate([part.number for part in parts]),
        np.concatenate([part.owner for part in parts]),
        np.concatenate([part.at_seconds for part in parts]),
        np.concatenate([part.distance for part in parts]),
        np.concatenate([part.orientation for part in parts]),
    )
    order = np.lexsort((hits.orientation, hits.distance, hits.number))
    number = hits.number[order]
    order = order[np.r_[True, number[1:] != number[:-1]]] if len(order) else order
    order = order[np.lexsort((hits.number[order], hits.distance[order]))]
    return Hits(
        hits.number[order],
        hits.owner[order],
        hits.at_seconds[order],
        hits.distance[order],
        hits.orientation[order],
    )
