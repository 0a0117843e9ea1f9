"""Which frames of a film to look at, where not all can be: those that differ most, by their PDQ.

It compares frames of one film, never media.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foureyes.engine.fingerprints.pdq import HASH_BYTES, Pdq
from foureyes.engine.model import Fingerprint, Frame

SAME_BITS = 31
"""Within these, a frame is the same picture as one that was chosen: it would show nothing new."""
_LEAST_QUALITY = 50
"""Below this PDQ says nothing: a blank frame, a fade."""


def most_different(frames: Sequence[Frame], made: Sequence[Fingerprint], at_most: int) -> list[Frame]:
    """Frames in their order: the first, then each time the one that is farthest from all chosen ones.

    It ends when every other frame is the same picture as a chosen one. So a film of one room gives a few,
    a film of many scenes gives some of each, and a cut of three seconds is not passed over for a minute of
    the same view. Frames that PDQ says nothing of are left out, if there are any others.
    """
    telling = {
        one.at_seconds: one.value[:HASH_BYTES]
        for one in made
        if one.kind == Pdq.name and one.quality >= _LEAST_QUALITY
    }
    held = [frame for frame in frames if frame.at_seconds in telling]
    if not held:
        return [frames[len(frames) // 2]]
    hashes = np.array([np.frombuffer(telling[frame.at_seconds], np.uint64) for frame in held])
    nearest = np.full(len(held), np.iinfo(np.int64).max)
    chosen: list[int] = []
    while len(chosen) < min(at_most, len(held)):
        farthest = int(nearest.argmax())
        if chosen and nearest[farthest] <= SAME_BITS:
            break
        chosen.append(farthest)
        apart = np.bitwise_count(hashes ^ hashes[farthest]).sum(axis=1, dtype=np.int64)
        nearest = np.minimum(nearest, apart)
    return [held[number] for number in sorted(chosen)]
