"""What the grid of a series draws from: one compact table, aligned with the pack of previews."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from foureyes.engine.model import Link, MediaKind
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.reach import MARK_LENGTH
from foureyes.workbench.series import outlines

COPY_KINDS = frozenset({"same-picture"})
"""Kinds of link that make two media copies of one picture: a stack."""
KEPT_AT_MOST = 16
"""Tables kept in memory: one of 5,000 media takes about 2 MB and 0.25 s of CPU to make."""
KIND_SIGNS = {MediaKind.PICTURE: "p", MediaKind.VIDEO: "v", None: "u"}


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns by member, in the order of the pack."""

    marks: Sequence[str]
    kinds: str
    """One sign each: p picture, v video, u undecoded."""
    leaders: Sequence[int]
    """Index of the member that stands for the stack; its own where it is no copy."""
    times: Sequence[str]
    cameras: Sequence[str]
    camera: Sequence[int]
    """Index into `cameras`, -1 where none is named."""


def grid(members: Sequence[str], links: Iterable[Link]) -> Grid:
    """The table of a series. The newest few are kept: what a media is and states never changes."""
    copies = tuple((link.a, link.b) for link in links if link.kind in COPY_KINDS)
    return _grid(tuple(members), copies)


@lru_cache(maxsize=KEPT_AT_MOST)
def _grid(members: tuple[str, ...], copies: tuple[tuple[str, str], ...]) -> Grid:
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
        marks=[sha256[:MARK_LENGTH] for sha256 in members],
        kinds="".join(KIND_SIGNS[media[one].kind if one in media else None] for one in members),
        leaders=leaders(members, areas, folded),
        times=[outlines.time_of(stated)[:19] for stated in facts],
        cameras=cameras,
        camera=[place.get(name, -1) for name in named],
    )


def leaders(members: Sequence[str], areas: Sequence[int], copies: Iterable[tuple[str, str]]) -> list[int]:
    """Stacks: for each member the index of the largest copy of its picture, the first of equals."""
    at = {sha256: index for index, sha256 in enumerate(members)}
    root = list(range(len(members)))

    def find(index: int) -> int:
        while root[index] != index:
            root[index] = root[root[index]]
            index = root[index]
        return index

    for a, b in copies:
        if a in at and b in at:
            root[find(at[a])] = find(at[b])
    best: dict[int, int] = {}
    for index in range(len(members)):
        stack = find(index)
        if stack not in best or areas[index] > areas[best[stack]]:
            best[stack] = index
    return [best[find(index)] for index in range(len(members))]
