"""Tells the moments of real shots from metadata that was copied onto other pictures.

Edits of one exposure state one moment to its last digit, and so do foreign pictures that were given its
metadata. What tells them apart is how many different pictures state it; pixels are asked for nothing else.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.series.constrained import ConstrainedGroups
from foureyes.engine.series.links.shots import Shot
from foureyes.engine.series.links.tokens import anew

EXPOSURES_AT_MOST = 3
"""Different pictures that may state one moment: an exposure, a hard edit of it, a second one. More than that
(cameras that tell bursts apart state fractions or numbers) is metadata copied from one file to others."""

Moment = tuple[str, str, str, float | None, int | None]
NO_MOMENT = 0
"""Key of the shots that state no time: those are never taken for copied."""
Holder = int
"""A media by the first 64 bits of its SHA-256, as the catalogue's own index knows it."""
HolderPair = tuple[Holder, Holder]


def moment_of(shot: Shot) -> Moment:
    """Camera, clock, time in full and number: equal only for one exposure, or for copied metadata."""
    return shot.model, shot.serial, shot.clock, shot.taken, shot.number if shot.counted else None


def key_of(shot: Shot) -> int:
    """A moment in 64 bits: two of ten million share a key in one of 300,000 corpora, and two are no crowd."""
    if shot.taken is None:
        return NO_MOMENT
    model, serial, clock, taken, number = moment_of(shot)
    return anew(model, serial, clock, str(taken), str(number))


def holder(sha256: str) -> Holder:
    """A media in 64 bits."""
    return int(sha256[:16], 16)


def without_copied(shots: Iterable[Shot], copied: Collection[int]) -> list[Shot]:
    """Leave out shots whose moment too many different pictures state."""
    return [shot for shot in shots if not copied or key_of(shot) not in copied]


class Crowds:
    """Keys and who holds them, 16 bytes each; tells which ones more pictures hold than one exposure has."""

    def __init__(self) -> None:
        self._keys, self._holders = array("q"), array("Q")

    def add(self, key: int, one: Holder) -> None:
        """Note a holder."""
        self._keys.append(key)
        self._holders.append(one)

    def add_all(self, keys: NDArray[np.int64], holders: NDArray[np.uint64]) -> None:
        """Note many, all that there are of these keys: those that cannot be a crowd are let go."""
        held, counts = np.unique(keys, return_counts=True)
        many = held[counts > EXPOSURES_AT_MOST]
        crowded = np.isin(keys, many) if len(many) else np.zeros(len(keys), bool)
        self._keys.frombytes(np.ascontiguousarray(keys[crowded]).tobytes())
        self._holders.frombytes(np.ascontiguousarray(holders[crowded]).tobytes())

    def suspects(self) -> NDArray[np.uint64]:
        """Holders of keys that so many hold that it matters which of them are copies of one picture."""
        return np.unique(self._crowded()[1])

    def copied(self, near: Iterable[HolderPair]) -> frozenset[int]:
        """Keys that too many different pictures hold, copies of one picture counted once.

        `near`: pairs of suspects that show one picture; others are passed over.
        """
        keys, holders = self._crowded()
        if not len(keys):
            return frozenset()
        everyone = np.unique(holders).tolist()
        numbers = {one: number for number, one in enumerate(everyone)}
        pictures = ConstrainedGroups(len(numbers))
        for a, b in near:
            if a in numbers and b in numbers:
                pictures.join(numbers[a], numbers[b])
        seen: dict[int, set[int]] = {}
        for key, one in zip(keys.tolist(), holders.tolist(), strict=True):
            seen.setdefault(key, set()).add(pictures.root(numbers[one]))
        return frozenset(key for key, roots in seen.items() if len(roots) > EXPOSURES_AT_MOST)

    def _crowded(self) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        keys, holders = np.array(self._keys, np.int64), np.array(self._holders, np.uint64)
        held, counts = np.unique(keys, return_counts=True)
        crowded = np.isin(keys, held[counts > EXPOSURES_AT_MOST])
        return keys[crowded], holders[crowded]
