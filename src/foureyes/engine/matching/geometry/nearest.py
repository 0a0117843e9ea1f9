"""Which places of two pictures look alike: each the other's best, well ahead of the second best.

A place that looks like others of its own picture (a tile, a letter, a brick) has no best one that is well
ahead, and matches nothing. Never looks at where places are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.model import LocalFeatures

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rule:
    """When two descriptors of one method are taken for the same place."""

    cosine: float
    """At least."""
    ratio: float
    """Distance to the best over distance to the second best, at most; in both directions."""


RULES = {"xfeat": Rule(0.82, 0.95), "sift": Rule(0.5, 0.85)}
"""The published one of XFeat (.82) and near that of SIFT (.8); what they come to: `bench/views.py`."""


def alike(a: LocalFeatures, b: LocalFeatures) -> tuple[Numbers, Numbers]:
    """Numbers of keypoints of `a` and, of the same length, of `b`, each pair once.

    Raises:
        ValueError: they were made in different ways.
    """
    if a.method != b.method:
        raise ValueError(f"features of {a.method} cannot be compared with those of {b.method}")
    nothing = np.zeros(0, np.int64)
    if min(len(a), len(b)) < 2:  # noqa: PLR2004 - without a second best there is no ratio
        return nothing, nothing
    rule = RULES[a.method]
    cosines = a.descriptors @ b.descriptors.T
    best_b = cosines.argmax(axis=1)
    best_a = cosines.argmax(axis=0)
    own = np.arange(len(a))
    cosine = cosines[own, best_b]
    mutual = np.flatnonzero((best_a[best_b] == own) & (cosine >= rule.cosine))
    partner = best_b[mutual]
    cosines[mutual, partner] = -1.0
    second = np.maximum(cosines[mutual].max(axis=1), cosines[:, partner].max(axis=0))
    ahead = _distance(cosine[mutual]) <= rule.ratio * _distance(second)
    return mutual[ahead], partner[ahead]


def _distance(cosine: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.sqrt(np.maximum(0.0, 2.0 - 2.0 * cosine)), np.float32)
