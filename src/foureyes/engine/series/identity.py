"""Ids of series that outlive re-runs and new arrivals, and people's names that stay with them.

A group keeps the id of the earlier series that it shares most members with, if those are most of either.
Never gives an id twice, however long ago it was.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from foureyes.engine.model import Series

TOGETHER = 2
"""Members of an earlier series that a group must hold to be what became of it."""


class Named(NamedTuple):
    """What became of earlier ids."""

    ids: list[str]
    """Id of each group, in the groups' order."""
    heirs: dict[str, Series]
    """By id, the earlier series whose name a person gave and that this one carries on."""
    aliases: dict[str, str]
    """Earlier ids that are no more, and the id that most of their members have now."""
    vanished: list[Series]
    """Earlier series of which no two members are in any group."""


def identify(
    groups: Sequence[Sequence[str]], previous: Sequence[Series], given_ids: Collection[str] = ()
) -> Named:
    """Match groups to earlier series: the largest overlap first, then the larger series, then the id.

    Args:
        groups: members of each, SHA-256.
        previous: the series that stand now.
        given_ids: ids that series before them had; new groups get others. Asked for one by one.
    """
    group_of = {member: number for number, group in enumerate(groups) for member in group}
    overlaps: list[tuple[int, int, str, int]] = []
    most: dict[str, int] = {}
    for series in previous:
        shared = Counter(group_of[member] for member in series.members if member in group_of)
        if max(shared.values(), default=0) >= TOGETHER:
            most[series.id] = min(shared, key=lambda number: (-shared[number], number))
        overlaps += [(-count, -len(series.members), series.id, number) for number, count in shared.items()]
    kept: dict[int, str] = {}
    standing: set[str] = set()
    sizes = {series.id: len(series.members) for series in previous}
    for shares, _, series_id, number in sorted(overlaps):
        carries_on = -2 * shares > min(sizes[series_id], len(groups[number]))
        if carries_on and number not in kept and series_id not in standing:
            kept[number] = series_id
            standing.add(series_id)
    used = set(sizes)
    ids = []
    for number, group in enumerate(groups):
        ids.append(kept.get(number) or new_id(group, used, given_ids))
        used.add(ids[-1])
    aliases = {old: ids[number] for old, number in sorted(most.items()) if old not in standing}
    vanished = [series for series in previous if series.id not in most]
    return Named(ids, _heirs(previous, set(ids), aliases), aliases, vanished)


def new_id(members: Sequence[str], used: Collection[str], given_ids: Collection[str] = ()) -> str:
    """`S-` and eight base-32 characters of a digest of the smallest member, and a count where taken."""
    count = 0
    while True:
        digest = hashlib.sha256(f"{min(members)} {count}".encode()).digest()
        made = "S-" + base64.b32encode(digest[:5]).decode()
        if made not in used and made not in given_ids:
            return made
        count += 1


def _heirs(previous: Sequence[Series], current: set[str], aliases: dict[str, str]) -> dict[str, Series]:
    """A name stays with its id; the only name among those merged into a nameless id passes to it."""
    named = [series for series in previous if series.named_by_person]
    heirs = {series.id: series for series in named if series.id in current}
    merged: dict[str, list[Series]] = {}
    for series in named:
        if series.id in aliases:
            merged.setdefault(aliases[series.id], []).append(series)
    for series_id, candidates in merged.items():
        if series_id not in heirs and len(candidates) == 1:
            heirs[series_id] = candidates[0]
    return heirs
