"""What we hold that is the same picture: the index kept in step with the catalogue, and asked.

An index that lags behind is no reason to miss anything: rows beyond it are compared one by one. A picture
that is asked about is decoded in the cage and not kept.
"""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine import decoding, fingerprints, matching
from foureyes.engine.catalogue import Catalogue, Problem
from foureyes.engine.errors import UsageError, WorkspaceError
from foureyes.engine.fingerprints.pdq import Pdq
from foureyes.engine.matching import index
from foureyes.engine.model import Digests, Fault, HeldMatch
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.ingesting import require_cage
from foureyes.engine.steps.plain import plain_media

KIND = "pdq"
BATCH_ROWS = 1 << 18
"""Rows that one update of the index takes in: 64 MB of fingerprints. What was taken in is committed."""
MATCHES_AT_MOST = 200
"""Held media told of for one question, the nearest first."""
_CHUNK = 1 << 20
_HEAD_BYTES = 4096


class Asked(NamedTuple):
    """A file that is asked about: what it is known by. Holds no pixel."""

    digests: Digests
    values: tuple[bytes, ...]
    """Fingerprints, 8 x 32 bytes each: one of a picture, several of a film."""
    too_plain: int
    """Pictures or frames of it whose fingerprint says too little to be compared."""
    fault: Fault | None = None
    """Why it could not be decoded, or only in part."""


@dataclass(frozen=True, slots=True)
class IndexState:
    """What the index is now, and how far behind."""

    rows: int
    """Fingerprints that it finds."""
    covered: int
    """Rows of the catalogue that it has seen."""
    catalogue_rows: int
    too_plain: int
    """Of those covered: too little in them to be compared."""
    runs: tuple[int, ...]
    """Rows of each run, the oldest first."""
    bytes: int
    pairs: int
    """Near pairs that are stored; of thousands of copies those that hold them together."""
    left_out: int


def match(
    catalogue: Catalogue,
    questions: Sequence[bytes | NDArray[np.uint8]],
    *,
    radius: int = matching.LINKING_RADIUS,
    at_most: int = MATCHES_AT_MOST,
) -> list[list[HeldMatch]]:
    """Of each question what is held within `radius` bits, nearest first; see `pipeline.match`."""
    index.check_radius(radius)
    held = _held(catalogue)
    beyond = held.beyond(catalogue)
    found = []
    for question in questions:
        values = np.frombuffer(question, np.uint8) if isinstance(question, bytes) else question
        parts = [held.opened.search(values, radius), beyond.search(values, radius)]
        found.append(_matches(catalogue, parts, at_most))
    return found


def question_of(path: Path, settings: EngineSettings) -> Asked:
    """What a picture or film on this machine is known by; see `pipeline.question_of`."""
    require_cage(settings)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(f"{path} is no file: name a picture, a video or a hash.")
        with path.open("rb") as stream:
            return _asked(path, stream, settings)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error


def keep_index(
    catalogue: Catalogue, told: Callable[[int, int], None] = lambda _done, _of: None
) -> index.Index:
    """Bring the index up to the catalogue, batch by batch; `told` hears (rows done, of how many)."""
    kept = _open(catalogue, write=True)
    _check_covered(catalogue, kept)
    total = _rows_of(catalogue)[1]
    while kept.manifest.watermark < total:
        told(kept.manifest.watermark, total)
        _take_in(catalogue, kept, min(kept.manifest.watermark + BATCH_ROWS, total), keep=True)
    return kept


def rebuild_index(catalogue: Catalogue, told: Callable[[int, int], None] = lambda _done, _of: None) -> None:
    """Forget the index and make it anew; meanwhile questions compare with every row."""
    index.clear(catalogue.workspace.index)
    keep_index(catalogue, told)


def near_media(catalogue: Catalogue, links: NDArray[np.bool_] | None = None) -> matching.NearMedia:
    """All pairs of media of which some picture or frame lies within 31 bits, in any orientation or negative.

    What the index has found stands: only rows that are new to it are compared, with each other and with all.
    Where the catalogue is open for reading only, what is found is not kept. What is too plain for that pairs
    where size and thumbnail agree.

    Args:
        catalogue: open for writing, or for reading.
        links: (n,): the rows of the catalogue's fingerprints that may link; all, if not given.
    """
    near = found_near(catalogue, links)
    return near.found.told().with_plain(near.plain)


class Near(NamedTuple):
    """All near media, before records are made of their pairs."""

    found: matching.FoundMedia
    plain: matching.PlainMedia

    def touching(self, sha256s: Collection[str]) -> matching.NearMedia:
        """The pairs that touch some media; counts are of all."""
        mine = [one for one in self.plain.pairs if one.a in sha256s or one.b in sha256s]
        told = self.found.told(self.found.places(sha256s)).with_plain(self.plain._replace(pairs=mine))
        return told._replace(plain=self.plain)

    def stood_for(self, but: Collection[str], within: int = matching.LINKING_RADIUS) -> NDArray[np.uint8]:
        """(k, 32): media that are copies, of so many bits at most, of one before them; `but` has none."""
        return self.found.stood_for(self.plain.pairs, but, within)

    def between(self, media: NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
        """Pairs within some media, known by their first 64 bits."""
        some = set(media.tolist())
        yield from self.found.between(media)
        plain = ((int(one.a[:16], 16), int(one.b[:16], 16)) for one in self.plain.pairs)
        yield from (pair for pair in plain if some.issuperset(pair))


def found_near(catalogue: Catalogue, links: NDArray[np.bool_] | None = None) -> Near:
    """As `near_media`, before records are made of it."""
    pairs = row_pairs(catalogue)
    table = catalogue.fingerprints(KIND, width=0, to_row=None if links is None else len(links))
    may = np.ones(len(table), bool) if links is None else links
    sha256, quality = table.sha256[may], table.quality[may]
    near = matching.found_media(
        sha256,
        quality,
        table.at_seconds[may],
        index.among(pairs, may),
        film_seconds=catalogue.film_seconds(),
    )
    return Near(near, plain_media(catalogue, sha256, quality))


def row_pairs(catalogue: Catalogue) -> matching.RowPairs:
    """All near pairs of rows of the catalogue's fingerprints; see `near_media`."""
    if catalogue.writable:
        return keep_index(catalogue).pairs()
    held = _open(catalogue)
    _check_covered(catalogue, held)
    return index.together([held.pairs(), _take_in(catalogue, held, None, keep=False)])


def not_asked(catalogue: Catalogue) -> Iterator[str]:
    """What an index from before negatives does not know, in words; a person decides when it is made anew."""
    manifest = _open(catalogue).manifest
    if manifest.watermark and manifest.hashes < matching.HASHES:
        yield (
            "the index is from before negatives: two media that were held then are not known as picture and "
            "negative until `foureyes index --rebuild`"
        )


def index_state(catalogue: Catalogue) -> IndexState:
    """What the index is now."""
    held = _open(catalogue)
    manifest = held.manifest
    return IndexState(
        rows=held.rows,
        covered=manifest.watermark,
        catalogue_rows=_rows_of(catalogue)[1],
        too_plain=manifest.poor,
        runs=held.run_rows,
        bytes=manifest.size,
        pairs=manifest.pairs,
        left_out=manifest.left_out,
    )


def index_problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Whatever of the index is not what was written, or not of this catalogue."""
    try:
        held = _open(catalogue)
        _check_covered(catalogue, held)
    except WorkspaceError as error:
        yield Problem("index", str(error))
        return
    for said in held.verify():
        yield Problem("index", f"{said}: `foureyes index --rebuild`")


def _rows_of(catalogue: Catalogue) -> tuple[int, int]:
    """Newest version of the fingerprint, and how many rows of it are held."""
    kinds = [(version, rows) for kind, version, rows in catalogue.fingerprint_kinds() if kind == KIND]
    return max(kinds, default=(Pdq.version, 0))


def _open(catalogue: Catalogue, *, write: bool = False) -> index.Index:
    version, _ = _rows_of(catalogue)
    folder = catalogue.workspace.index
    return index.Index.open(folder, fingerprint=(KIND, version), workers=2, write=write)


def _check_covered(catalogue: Catalogue, held: index.Index) -> None:
    if not _covers(catalogue, held):
        raise index.not_of_these_rows()


def _covers(catalogue: Catalogue, held: index.Index) -> bool:
    """Whether the catalogue still holds the rows that the index has seen."""
    manifest = held.manifest
    if manifest.watermark == 0:
        return True
    last = catalogue.fingerprints(KIND, from_row=manifest.watermark - 1, to_row=manifest.watermark)
    return (last.kind, last.version) == manifest.fingerprint and (
        index.tail_of(last.values, last.sha256) == manifest.tail
    )


def _take_in(catalogue: Catalogue, held: index.Index, to_row: int | None, *, keep: bool) -> matching.RowPairs:
    def earlier(first: int, last: int) -> tuple[NDArray[np.uint8], NDArray[np.integer]]:
        rows = catalogue.fingerprints(KIND, from_row=first, to_row=last)
        return rows.values, rows.quality

    new = catalogue.fingerprints(KIND, from_row=held.manifest.watermark, to_row=to_row)
    values = new.values.reshape(len(new), Pdq.value_bytes)
    return held.update(values, new.quality, new.sha256, new.at_seconds, earlier=earlier, keep=keep).pairs


@dataclass(slots=True)
class _Held:
    """An open index, and the rows of the catalogue that it has not seen yet."""

    opened: index.Index
    last: int = -1
    unseen: index.Unseen | None = None

    def beyond(self, catalogue: Catalogue) -> index.Unseen:
        """The rows beyond the index, read again where there are more."""
        _, total = _rows_of(catalogue)
        if self.unseen is None or self.last != total:
            rows = catalogue.fingerprints(KIND, width=32, from_row=self.opened.manifest.watermark)
            self.unseen = index.Unseen.of(
                rows.values.reshape(len(rows), 32),
                rows.quality,
                rows.sha256,
                rows.at_seconds,
                self.opened.manifest.watermark,
            )
            self.last = total
        return self.unseen


_open_ones: dict[Path, _Held] = {}
_opening = threading.Lock()


def _held(catalogue: Catalogue) -> _Held:
    """The index of a workspace as it is now, opened once per process and again when it has changed."""
    folder = catalogue.workspace.index
    with _opening:
        held = _open_ones.get(folder)
        if held is None or not held.opened.current():
            opened = _open(catalogue)
            _check_covered(catalogue, opened)
            held = _open_ones[folder] = _Held(opened)
        return held


def _matches(catalogue: Catalogue, parts: Sequence[index.Hits], at_most: int) -> list[HeldMatch]:
    """One match for each media that was met, at its nearest."""
    hits = index.nearest_first(parts)
    best: dict[str, int] = {}
    for number, owner in enumerate(hits.owner):
        if len(best) == at_most:
            break
        best.setdefault(bytes(owner).hex(), number)
    matches = []
    for sha256, number in best.items():
        series = catalogue.series_of(sha256)
        matches.append(
            HeldMatch(
                sha256,
                int(hits.distance[number]),
                int(hits.orientation[number]),
                float(hits.at_seconds[number]),
                None if series is None else series.id,
                None if series is None else series.name,
            )
        )
    return matches


def _asked(path: Path, stream: BinaryIO, settings: EngineSettings) -> Asked:
    digest = fingerprints.DigestPass()
    untrusted_head = stream.read(_HEAD_BYTES)
    content = decoding.sniff(untrusted_head)
    if not content.is_media:
        raise UsageError(f"{path} is no picture or video: name one, or a hash of 64, 40 or 32 digits.")
    digest.update(untrusted_head)
    while untrusted_chunk := stream.read(_CHUNK):
        digest.update(untrusted_chunk)
    with decoding.Decoder(settings) as decoder:
        decoded = decoder.decode(stream.fileno(), content)
    if isinstance(decoded, Fault):
        return Asked(digest.result(), (), 0, decoded)
    made = [one for one in fingerprints.compute(decoded) if one.kind == KIND]
    values = tuple(one.value for one in made if one.quality >= matching.LEAST_QUALITY)
    return Asked(digest.result(), values, len(made) - len(values), decoded.fault)
