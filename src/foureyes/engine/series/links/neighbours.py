"""Pairs on which weak reasons are looked for: files next to each other, and pairs that a dearer signal found.

A weak reason never links alone, so it is told only where it may be one of several: the number of such links
grows with media and with what other signals found, never with pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from foureyes.engine.model import Linkable
from foureyes.engine.series.links.traces import counter_of

if TYPE_CHECKING:
    from foureyes.engine.series.links.base import LinkEvidence

Pair = tuple[str, str]


def in_file_order(media: Mapping[str, Linkable]) -> list[str]:
    """SHA-256 of all media that lie somewhere, by folder, then by name with its number as a number."""
    return sorted(
        (one.sha256 for one in media.values() if one.folders), key=lambda one: place_in_folder(media[one])
    )


def pairs(given: LinkEvidence) -> Iterator[Pair]:
    """Pairs (a < b), each once: what dearer signals found, then each file with the next of its folder.

    Without copies of one picture, here and below: those share build, name and folder for being copies.
    """
    seen = {(one.a, one.b) for one in given.near}
    for pair in found_pairs(given):
        seen.add(pair)
        yield pair
    for one, other in pairwise(given.file_order):
        pair = (min(one, other), max(one, other))
        if not given.asks(*pair):
            continue
        if given.media[one].folders[0] == given.media[other].folders[0] and pair not in seen:
            yield pair


def found_pairs(given: LinkEvidence) -> Iterator[Pair]:
    """Pairs (a < b), each once, that a dearer signal found."""
    signals = given.signals
    found = (signals.scenes, signals.views, signals.sensors, signals.sounds, signals.texts)
    held = ((one.a, one.b) for some in found for one in some if _is_asked(given, one.a, one.b))
    copies = {(one.a, one.b) for one in given.near}
    yield from (pair for pair in dict.fromkeys(held) if pair not in copies)


def _is_asked(given: LinkEvidence, a: str, b: str) -> bool:
    return a in given.media and b in given.media and given.asks(a, b)


def place_in_folder(media: Linkable) -> tuple[str, str, int, str, str]:
    """Its first folder, then by name with its number as a number."""
    name = PurePosixPath(media.paths[0]).name if media.paths else ""
    before, number = counter_of(name) or (name, 0)
    return media.folders[0], before, number, name, media.sha256
