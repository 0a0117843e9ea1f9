"""Near fingerprints told as near media: what the catalogue holds in, what links are made of out.

Pictures pair by their one fingerprint, films by how much of each is in the other; frames that the corpus
itself shows to be titles link nothing. Media are only names here. Never decides whether two media belong
together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.alike import spread
from foureyes.engine.matching.join import LINKING_RADIUS
from foureyes.engine.matching.orientations import (
    INVERSE,
    LEAST_QUALITY,
    NEGATIVE,
    NEIGHBOURS,
    Index,
    RowPairs,
    row_pairs,
    worth_keeping,
)
from foureyes.engine.matching.plain import PlainMedia
from foureyes.engine.matching.titles import FILMS, Shares, Titles, Weights, shares, titles
from foureyes.engine.matching.videos import Timeline, shared_frames
from foureyes.engine.model import NearPair, counted


class NearMedia(NamedTuple):
    """Pairs of media, and what took no part in them; all counts are for reports."""

    pairs: list[NearPair]
    """a < b, sorted."""
    poor_quality: int
    """Pictures and frames whose fingerprint says too little to be compared by it."""
    left_out: int
    """Pairs of copies not given, because others hold their media together already."""
    title_frames: int = 0
    """Frames that link nothing because many films of different content show them."""
    title_films: int = 0
    """Films that show one of those."""
    plain: PlainMedia | None = None
    """What the stricter matcher made of media that are too plain throughout; its pairs are in `pairs`."""

    def with_plain(self, plain: PlainMedia) -> NearMedia:
        """The same with what the stricter matcher found."""
        pairs = sorted([*self.pairs, *plain.pairs], key=lambda pair: (pair.a, pair.b))
        return self._replace(pairs=pairs, plain=plain)

    def notes(self) -> Iterator[str]:
        """What was not used, in words: nothing is dropped silently."""
        if self.poor_quality:
            yield (
                f"{counted(self.poor_quality, 'picture or frame is', 'pictures and frames are')} too "
                "plain for PDQ (quality below 50)"
            )
        if self.plain is not None:
            yield from self.plain.notes()
        if self.title_frames:
            frames = counted(self.title_frames, "title frame")
            films = counted(self.title_films, "film")
            yield f"{frames} seen in {films} {'links' if self.title_frames == 1 else 'link'} nothing"
        if self.left_out:
            yield (
                f"{counted(self.left_out, 'more pair of copies is', 'more pairs of copies are')} not "
                "listed: others hold their media together"
            )


@dataclass(frozen=True, slots=True, eq=False)
class FoundMedia:
    """All near pairs of media in arrays: records are made only of those that somebody asks for."""

    media: NDArray[np.uint8]
    """(m, 32): SHA-256, rising."""
    poor_quality: int
    pairs: RowPairs
    shared: Shares
    best: Index
    """Of each two media, the number of their nearest pair of rows."""
    kept: Index
    """Of those, the ones that are told."""
    line: Timeline
    stopped: Titles | None = None

    def told(self, touching: NDArray[np.bool_] | None = None) -> NearMedia:
        """The pairs, of all media or of those (m,) that touch some; counts are of all."""
        kept = self.kept
        if touching is not None:
            kept = kept[touching[self.shared.owner_a[kept]] | touching[self.shared.owner_b[kept]]]
        told = _told(self.pairs, self.shared, self.best, kept, self.line, self.media)
        left_out = len(self.best) - len(self.kept)
        titles = (0, 0) if self.stopped is None else (self.stopped.frames, self.stopped.films)
        return NearMedia(told, self.poor_quality, left_out, *titles)

    def places(self, sha256s: Collection[str]) -> NDArray[np.bool_]:
        """(m,): which media are among some."""
        asked = np.array(sorted(bytes.fromhex(one) for one in sha256s), "S32")
        return np.isin(np.ascontiguousarray(self.media).view("S32").reshape(-1), asked)

    def between(self, media: NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
        """Pairs told of, both of which are among some media; here media go by their first 64 bits."""
        first = self.media[:, :8].copy().view(">u8").reshape(-1).astype(np.uint64)
        among = np.isin(first, media)
        a, b = self.shared.owner_a[self.kept], self.shared.owner_b[self.kept]
        both = among[a] & among[b]
        yield from zip(first[a[both]].tolist(), first[b[both]].tolist(), strict=True)

    def stood_for(self, also: Iterable[NearPair], but: Collection[str], within: int) -> NDArray[np.uint8]:
        """(k, 32): media that are copies of one that comes before them; a negative stands for nothing.

        Args:
            also: further pairs.
            but: media whose pairs do not count.
            within: bits at most between two copies.
        """
        from scipy.sparse import coo_array  # noqa: PLC0415 -- a third of a second that other commands save
        from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 -- as above

        more = [(one.a, one.b) for one in also if one.distance_bits <= within]
        nearest = self.best[self.kept]
        copy = (self.pairs.distance[nearest] <= within) & (self.pairs.orientation[nearest] != NEGATIVE)
        kept = self.kept[copy]
        keys = np.ascontiguousarray(self.media).view("S32").reshape(-1)
        ends_of = [np.array([bytes.fromhex(pair[end]) for pair in more], "S32") for end in (0, 1)]
        a = np.concatenate([self.shared.owner_a[kept], np.searchsorted(keys, ends_of[0])])
        b = np.concatenate([self.shared.owner_b[kept], np.searchsorted(keys, ends_of[1])])
        barred = self.places(but)
        counts = ~(barred[a] | barred[b])
        count = len(self.media)
        ends = (a[counts], b[counts])
        graph = coo_array((np.ones(len(ends[0]), np.int8), ends), shape=(count, count))
        labels = connected_components(graph, directed=False)[1]
        others = np.ones(count, bool)
        others[np.unique(labels, return_index=True)[1]] = False
        return self.media[others]


def near_media(
    sha256: NDArray[np.uint8],
    values: NDArray[np.uint8],
    quality: NDArray[np.integer],
    at_seconds: NDArray[np.floating],
    *,
    radius: int = LINKING_RADIUS,
    title_films: int = FILMS,
    film_seconds: Mapping[str, float] | None = None,
) -> NearMedia:
    """Pairs of media with a near picture or frame, in any orientation, from their fingerprints.

    Args:
        sha256: uint8, shape (n, 32): the media of each row; a video has several rows.
        values: uint8, shape (n, 256).
        quality: shape (n,), 0 to 100.
        at_seconds: shape (n,), when in its video a row is.
        radius: bits, 0 to 255.
        title_films: see `media_pairs`.
        film_seconds: see `media_pairs`.

    The order of rows does not matter. What is left out of thousands of copies, see `media_pairs`.
    """
    if len(sha256) == 0:
        return NearMedia([], 0, 0)
    order = _by_media(sha256, at_seconds)
    values, quality = np.asarray(values)[order], np.asarray(quality)[order]
    found = row_pairs(values, quality, radius=radius)
    at = np.asarray(at_seconds)[order]
    return media_pairs(sha256[order], quality, at, found, title_films=title_films, film_seconds=film_seconds)


def media_pairs(
    sha256: NDArray[np.uint8],
    quality: NDArray[np.integer],
    at_seconds: NDArray[np.floating],
    pairs: RowPairs,
    *,
    neighbours: int = NEIGHBOURS,
    title_films: int = FILMS,
    film_seconds: Mapping[str, float] | None = None,
) -> NearMedia:
    """The same from pairs of rows that were found before (by `row_pairs`, or held by an index).

    Args:
        sha256: uint8, shape (n, 32): the media of each row.
        quality: shape (n,); rows below 50 must be in no pair.
        at_seconds: shape (n,).
        pairs: rows near each other, a < b. Rows of equal hashes may all be paired, or each with one of them.
        neighbours: at most about so many pairs of one media, beside those that hold families together.
        title_films: a frame that so many films of different content show links nothing.
        film_seconds: how long films are, by SHA-256 in hexadecimal: what their last frame stands for.

    Of a frame that is in more than 16 films, 16 are compared with all the others (`alike.HUBS`).
    """
    return found_media(
        sha256,
        quality,
        at_seconds,
        pairs,
        neighbours=neighbours,
        title_films=title_films,
        film_seconds=film_seconds,
    ).told()


def found_media(
    sha256: NDArray[np.uint8],
    quality: NDArray[np.integer],
    at_seconds: NDArray[np.floating],
    pairs: RowPairs,
    *,
    neighbours: int = NEIGHBOURS,
    title_films: int = FILMS,
    film_seconds: Mapping[str, float] | None = None,
) -> FoundMedia:
    """The same, before records are made of it: see `media_pairs`."""
    if len(sha256) == 0:
        return _nothing()
    order = _by_media(sha256, at_seconds)
    pairs = _renumbered(pairs, order)
    sha256, fit = sha256[order], np.asarray(quality)[order] >= LEAST_QUALITY
    new = np.r_[True, (sha256[1:] != sha256[:-1]).any(axis=1)]
    owner = np.cumsum(new) - 1
    media = sha256[new]
    line = Timeline.made(owner, np.asarray(at_seconds)[order], fit, _lasting(media, owner, film_seconds))
    in_film = (np.diff(line.start) > 1)[owner]
    weights = Weights.of(owner, line.end - line.begin, fit)
    found = spread(pairs, in_film) if len(pairs.a) else pairs
    found = found.where(owner[found.a] != owner[found.b])
    stopped = titles(found, weights, in_film, title_films)
    found = found.where(stopped.kept)
    line = line._replace(counts=fit & ~stopped.row)
    shared = shares(found, weights)
    best = _nearest(found, shared)
    kept = _worth_telling(found, best, shared, len(weights.frames_of), neighbours)
    return FoundMedia(media, int((~fit).sum()), found, shared, best, kept, line, stopped)


def _nothing() -> FoundMedia:
    none, no = np.empty(0, np.int64), np.empty(0)
    shared = Shares(none, none, none, no, no)
    line = Timeline(np.zeros(1, np.int64), no, no, np.empty(0, bool))
    return FoundMedia(
        np.empty((0, 32), np.uint8), 0, RowPairs(none, none, none, none), shared, none, none, line
    )


def nearest_bits(upright: NDArray[np.uint8], turned: NDArray[np.uint8]) -> int | None:
    """Bits of 256 between the nearest of two media's fingerprints, (n, 256) and (m, 256), in any orientation.

    None where either has none.
    """
    if not len(upright) or not len(turned):
        return None
    differing = upright[:, None, None, :32] ^ turned.reshape(1, len(turned), 8, 32)
    return int(np.bitwise_count(differing).sum(axis=-1, dtype=np.int64).min())


def orientation_of(upright: NDArray[np.uint8], turned: NDArray[np.uint8], radius: int) -> int | None:
    """Which of the eight hashes of a second picture meets the upright one of a first, 0 to 7; None beyond.

    Of (1, 256) each: of a film there is no one orientation.
    """
    if len(upright) != 1 or len(turned) != 1:
        return None
    bits = np.bitwise_count(upright[0, :32] ^ turned.reshape(8, 32)).sum(axis=-1, dtype=np.int64)
    best = int(bits.argmin())
    return best if bits[best] <= radius else None


def _by_media(sha256: NDArray[np.uint8], at_seconds: NDArray[np.floating]) -> Index:
    """Rows sorted by media, then by time."""
    words = np.ascontiguousarray(sha256).view(">u8").reshape(-1, 4)
    return np.lexsort((at_seconds, words[:, 3], words[:, 2], words[:, 1], words[:, 0])).astype(np.int64)


def _lasting(
    media: NDArray[np.uint8], owner: Index, film_seconds: Mapping[str, float] | None
) -> NDArray[np.floating]:
    """Seconds of each media; 0 for pictures, of which there are millions, and where nothing is known."""
    seconds = np.zeros(len(media))
    if film_seconds:
        for film in np.flatnonzero(np.bincount(owner) > 1).tolist():
            seconds[film] = film_seconds.get(_name(media, film), 0.0)
    return seconds


def _name(media: NDArray[np.uint8], number: int) -> str:
    return bytes(media[number]).hex()


def _renumbered(pairs: RowPairs, order: Index) -> RowPairs:
    """The pairs by the places of their rows in `order`."""
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    a, b = place[pairs.a], place[pairs.b]
    orientation = np.where(a > b, INVERSE[pairs.orientation], pairs.orientation)
    return RowPairs(np.minimum(a, b), np.maximum(a, b), np.asarray(pairs.distance, np.int64), orientation)


def _nearest(pairs: RowPairs, shared: Shares) -> Index:
    """Number of the nearest pair of rows of each two media, the earliest of equals."""
    order = np.lexsort((pairs.orientation, pairs.b, pairs.a, pairs.distance, shared.group))
    ordered = shared.group[order]
    return order[np.r_[True, ordered[1:] != ordered[:-1]]] if len(order) else order


def _worth_telling(pairs: RowPairs, best: Index, shared: Shares, media: int, neighbours: int) -> Index:
    """Which two media are told of: those that share most, and whatever holds families together."""
    apart = 1 - np.maximum(shared.share_a, shared.share_b)
    doubt = pairs.distance[best] + np.floor(256 * np.clip(apart, 0, 1)).astype(np.int64)
    edges = RowPairs(shared.owner_a, shared.owner_b, doubt, np.zeros(len(best), np.int64))
    return np.flatnonzero(worth_keeping(edges, media, neighbours))


def _told(
    pairs: RowPairs, shared: Shares, best: Index, kept: Index, line: Timeline, media: NDArray[np.uint8]
) -> list[NearPair]:
    by_group = np.argsort(shared.group, kind="stable")
    bounds = np.searchsorted(shared.group[by_group], np.arange(len(best) + 1))
    several = np.diff(line.start) > 1
    told = []
    for number in kept.tolist():
        one, two = int(shared.owner_a[number]), int(shared.owner_b[number])
        nearest = int(best[number])
        a, b = int(pairs.a[nearest]), int(pairs.b[nearest])
        share = None
        if several[one] or several[two]:
            rows = by_group[bounds[number] : bounds[number + 1]]
            share = shared_frames(pairs.a[rows], pairs.b[rows], one, two, line)
        told.append(
            NearPair(
                _name(media, one),
                _name(media, two),
                int(pairs.distance[nearest]),
                int(pairs.orientation[nearest]),
                float(line.begin[a]),
                float(line.begin[b]),
                share,
            )
        )
    return told
