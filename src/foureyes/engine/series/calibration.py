"""What a score of a signal is worth: curves from scores to likelihood ratios, read from a dated data file.

A curve was fitted to labelled pairs, or states a judgement and says so. Never fits one while linking.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from itertools import pairwise

SHIPPED_NETWORKS = frozenset({"", "scene"})
"""Kinds of scene vectors that the curve of a kind of link is about."""


def curve_of(kind: str, model: str) -> str:
    """Name of the curve of another network than the shipped one."""
    return f"{kind}/{model}"


@dataclass(frozen=True, slots=True)
class Curve:
    """A rising line through knots; flat before the first and behind the last."""

    scores: tuple[float, ...]
    strengths: tuple[float, ...]
    """log10 of the likelihood ratio at each score."""

    def at(self, score: float) -> float:
        """The strength of a score, by a straight line between the two knots around it."""
        after = bisect_right(self.scores, score)
        if after == 0:
            return self.strengths[0]
        if after == len(self.scores):
            return self.strengths[-1]
        low, high = self.scores[after - 1], self.scores[after]
        share = (score - low) / (high - low)
        return self.strengths[after - 1] + share * (self.strengths[after] - self.strengths[after - 1])


@dataclass(frozen=True, slots=True)
class Calibration:
    """A curve for each kind of link that has one."""

    made: str
    """When and from what, for people."""
    curves: Mapping[str, Curve]
    formulas: Mapping[str, Curve] = field(default_factory=dict)
    """For a kind that states its strength by a formula of its own: what that strength came to."""

    def strength(self, kind: str, score: float) -> float:
        """log10 of the likelihood ratio of a score; raises KeyError for a kind without a curve."""
        return round(self.curves[kind].at(score), 2)

    def scene_strength(self, kind: str, model: str, cosine: float) -> float:
        """Of a likeness by a network: each has a curve of its own, and without one says nothing."""
        of_it = kind if model in SHIPPED_NETWORKS else curve_of(kind, model)
        return self.strength(of_it, cosine) if of_it in self.curves else 0.0

    def corrected(self, kind: str, strength: float) -> float:
        """The strength that a formula states, as labelled pairs bear it out; else as it is."""
        curve = self.formulas.get(kind)
        return strength if curve is None else round(curve.at(strength), 2)

    def with_curve(self, kind: str, curve: Curve) -> Calibration:
        """The same with another curve of one kind, beside its formula where it has no curve by score."""
        if kind in self.curves:
            return replace(self, curves={**self.curves, kind: curve})
        return replace(self, formulas={**self.formulas, kind: curve})


@lru_cache(maxsize=1)
def shipped() -> Calibration:
    """The one that came with this version."""
    text = resources.files("foureyes.engine.series").joinpath("calibration.json").read_text("utf-8")
    return from_json(text)


def from_json(text: str) -> Calibration:
    """Read a data file.

    Raises:
        ValueError: it is of another form, or a curve has no knots, or they do not rise.
    """
    data = json.loads(text)
    try:
        curves, formulas = (
            {kind: _curve(kind, one["knots"]) for kind, one in data.get(part, {}).items()}
            for part in ("kinds", "formulas")
        )
        return Calibration(str(data["made"]), curves, formulas)
    except (AttributeError, LookupError, OverflowError, TypeError) as error:
        raise ValueError("a calibration says when it was made, and has kinds with knots") from error


def _curve(kind: str, knots: list[list[float]]) -> Curve:
    scores = tuple(float(score) for score, _ in knots)
    strengths = tuple(float(strength) for _, strength in knots)
    rising = all(one < two for one, two in pairwise(scores))
    finite = all(map(math.isfinite, (*scores, *strengths)))
    if not knots or not finite or not rising or list(strengths) != sorted(strengths):
        raise ValueError(f"the curve of {kind} needs knots that rise")
    return Curve(scores, strengths)
