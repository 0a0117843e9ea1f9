"""What the grid of a series draws from: one compact table, aligned with the pack of previews."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from foureyes.engine.model import Link, MediaKind, Series
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.previews import revision
from foureyes.workbench.library.reach import MARK_LENGTH
from foureyes.workbench.series import outlines

COPY_KINDS = frozenset({"same-picture"})
"""Kinds of link that make two media copies of one picture: a stack."""
SCENE_KINDS = {"same-picture": 0.0, "same-view": 4.0, "same-camera": 4.5, "same-place-and-time": 4.0}
"""Kinds of link that make two media of one scene, from which strength on: a copy; a view that links alone; a
camera's shots within one scene (5; those of the same week have 4); one place within three hours (one place at
another time has at most 3.4)."""
KEPT_AT_MOST = 16
"""Tables kept in memory: one of 5,000 media takes about 2 MB and 0.15 s of CPU to make."""
LEVEL = 6
"""Of gzip: 5,000 rows in 12 ms; 9 takes twice as long for 1 % less."""
KIND_SIGNS = {MediaKind.PICTURE: "p", MediaKind.VIDEO: "v", None: "u"}

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Columns by member, in the order of the pack. Equal only to itself."""

    revision: str
    marks: Sequence[str]
    kinds: str
    """One sign each: p picture, v video, u undecoded."""
    leaders: Sequence[int]
    """Index of the member that stands for the stack; its own where it is no copy."""
    scenes: Sequence[int]
    """Index of the first member of the same scene; its own where it is alone."""
    times: Sequence[str]
    cameras: Sequence[str]
    camera: Sequence[int]
    """Index into `cameras`, -1 where none is named."""
    placed: frozenset[int]
    """Indexes of members with a position."""


@dataclass(frozen=True, slots=True, eq=False)
class SourceColumn:
    """Which source a member came from first; for those alone who may see sources."""

    sources: Sequence[str]
    source: Sequence[int]
    """Index into `sources`, -1 where none is known."""


def grid(members: Sequence[str], links: Iterable[Link]) -> Grid:
    """The table of a series. The newest few are kept: what a media is and states never changes."""
    every = tuple(links)
    copies = tuple((link.a, link.b) for link in every if link.kind in COPY_KINDS)
    scenes = tuple(
        (link.a, link.b) for link in every if link.strength >= SCENE_KINDS.get(link.kind, float("inf"))
    )
    return _grid(tuple(members), copies, scenes)


def packed(series: Series, *, with_sources: bool) -> bytes:
    """The table as gzipped JSON, with sources for those who may see them. The newest few are kept."""
    sources = source_column(series.members) if with_sources else None
    table = grid(series.members, series.links)
    return _packed(series.id, table, sources)


def source_column(members: Sequence[str]) -> SourceColumn:
    """The first source of each member. Kept like the table."""
    return _source_column(tuple(members))


@lru_cache(maxsize=KEPT_AT_MOST)
def _grid(members: tuple[str, ...], copies: tuple[Pair, ...], scenes: tuple[Pair, ...]) -> Grid:
    media = catalogue().media_many(members)
    facts = [media[sha256].facts if sha256 in media else () for sha256 in members]
    named = [outlines.camera_of(stated) for stated in facts]
    cameras = sorted(set(named) - {""})
    place = {name: at for at, name in enumerate(cameras)}
    areas = [media[one].width * media[one].height if one in media else 0 for one in members]
    # A still that is a frame of a clip is no copy of the clip: it is linked, and shown beside it.
    still = {sha256 for sha256, one in media.items() if one.kind is MediaKind.PICTURE}
    folded = [(a, b) for a, b in copies if a in still and b in still]
    return Grid(
        revision=revision(members),
        marks=[sha256[:MARK_LENGTH] for sha256 in members],
        kinds="".join(KIND_SIGNS[media[one].kind if one in media else None] for one in members),
        leaders=leaders(members, areas, folded),
        scenes=leaders(members, [0] * len(members), scenes),
        times=[outlines.time_of(stated)[:19] for stated in facts],
        cameras=cameras,
        camera=[place.get(name, -1) for name in named],
        placed=frozenset(at for at, stated in enumerate(facts) if outlines.position_of(stated)),
    )


@lru_cache(maxsize=2 * KEPT_AT_MOST)
def _packed(series_id: str, table: Grid, sources: SourceColumn | None) -> bytes:
    told: dict[str, object] = {
        "series": series_id,
        "revision": table.revision,
        "marks": table.marks,
        "kinds": table.kinds,
        "leaders": table.leaders,
        "scenes": table.scenes,
        "times": table.times,
        "cameras": table.cameras,
        "camera": table.camera,
    }
    if sources is not None:
        told |= {"sources": sources.sources, "source": sources.source}
    return gzip.compress(json.dumps(told, separators=(",", ":")).encode(), LEVEL)


@lru_cache(maxsize=KEPT_AT_MOST)
def _source_column(members: tuple[str, ...]) -> SourceColumn:
    held = catalogue().paths_of(members)
    first = [held[one][0][0] if held.get(one) else "" for one in members]
    sources = sorted(set(first) - {""})
    place = {name: at for at, name in enumerate(sources)}
    return SourceColumn(sources, [place.get(name, -1) for name in first])


def leaders(members: Sequence[str], areas: Sequence[int], joined: Iterable[Pair]) -> list[int]:
    """Groups of joined members: for each the index of the largest of its group, the first of equals."""
    at = {sha256: index for index, sha256 in enumerate(members)}
    root = list(range(len(members)))

    def find(index: int) -> int:
        while root[index] != index:
            root[index] = root[root[index]]
            index = root[index]
        return index

    for a, b in joined:
        if a in at and b in at:
            root[find(at[a])] = find(at[b])
    best: dict[int, int] = {}
    for index in range(len(members)):
        group = find(index)
        if group not in best or areas[index] > areas[best[group]]:
            best[group] = index
    return [best[find(index)] for index in range(len(members))]
