"""Checks every kind of link against labelled pairs, and says what its strengths should be.

A kind with a curve is measured by its raw score, one with a formula by the strength that it states. What
stands is moved only where labels contradict it. It puts nothing to use.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from foureyes.engine.model import Link
from foureyes.engine.series import grouping
from foureyes.engine.series.calibration import SHIPPED_NETWORKS, Calibration, Curve, curve_of
from foureyes.engine.series.fitting import (
    Bin,
    Knots,
    Scored,
    Totals,
    cllr,
    differ,
    fit,
    refit,
    reliability,
    value,
)
from foureyes.engine.series.labelling import Labels, scored_by, totals_of
from foureyes.engine.series.links import LINKS, LinkEvidence, propose
from foureyes.engine.series.links.same_scene import SameScene

RULER = 2.0
"""Length of the straight line by which raw scores are read, in lengths of the curve that stands."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How right the strengths of one kind are."""

    cllr: float
    """Cost of its ratios: 0 is perfect, 1 is saying nothing, more is misleading."""
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Refitted:
    """One kind of link, as it stands and as the labels would have it."""

    kind: str
    version: int
    by_score: bool
    """Whether the knots are of a raw score; else of the strength that the formula states."""
    knots: Knots
    true: int
    """Links between media that belong together."""
    false: int
    moved: bool
    """Whether the fitted curve says something else than the one that stands."""
    before: Judged
    after: Judged
    """Of what would be proposed by the fitted curves of all kinds."""


@dataclass(frozen=True, slots=True)
class Recalibrated:
    """What labels say of all kinds."""

    calibration: Calibration
    kinds: tuple[Refitted, ...]
    """Kinds of which some link was labelled."""
    labelled: int
    """Media."""
    totals: Totals


@dataclass(frozen=True, slots=True)
class Crossing:
    """A pair of media that one calibration links and another does not."""

    a: str
    b: str
    before: float
    after: float


def recalibrate(given: LinkEvidence, labels: Labels, made: str) -> Recalibrated:
    """Fit every kind to labels. `given.calibration` is what stands; `made` says when and from what."""
    totals = totals_of(labels)
    stands = given.calibration
    said = scored_by(propose(given), labels)
    measured = scored_by(propose(replace(given, calibration=_measuring(stands))), labels)
    fitted, scores = replace(stands, made=made), []
    for maker in LINKS:
        if not (scored := measured.get(maker.name)):
            continue
        if maker.name in stands.curves:
            scored = _raw(scored, _ruler(stands.curves[maker.name]))
        scores.append((maker, scored))
        knots = refit(_knots(stands, maker.name, maker.cap), scored, totals, cap=maker.cap)
        curve = Curve(tuple(score for score, _ in knots), tuple(level for _, level in knots))
        fitted = fitted.with_curve(maker.name, curve)
    by_network = [_of_network(stands, name, scored, totals) for name, scored in _networks(given, labels)]
    fitted = replace(fitted, curves={**fitted.curves, **_curves_of(by_network)})
    then = scored_by(propose(replace(given, calibration=fitted)), labels)
    kinds = []
    for maker, scored in scores:
        before, after = (_knots(one, maker.name, maker.cap) for one in (stands, fitted))
        kinds.append(
            Refitted(
                maker.name,
                maker.version,
                maker.name in stands.curves,
                after,
                sum(one.true for one in scored),
                sum(not one.true for one in scored),
                differ(before, after, cap=maker.cap),
                _judged(said.get(maker.name, []), totals),
                _judged(then.get(maker.name, []), totals),
            )
        )
    return Recalibrated(fitted, (*kinds, *by_network), len(labels), totals)


def crossings(media: Iterable[str], before: Iterable[Link], after: Iterable[Link]) -> list[Crossing]:
    """Pairs that only one of two calibrations links, those that are new first, the strongest first."""
    numbers = {sha256: number for number, sha256 in enumerate(media)}
    names = list(numbers)
    sides = [
        {(a, b): strength for strength, a, b in grouping.edges_of(links, numbers)}
        for links in (before, after)
    ]
    found = []
    for a, b in sides[0].keys() | sides[1].keys():
        strengths = sides[0].get((a, b), 0.0), sides[1].get((a, b), 0.0)
        if (strengths[0] >= grouping.LINKED) != (strengths[1] >= grouping.LINKED):
            found.append(Crossing(names[a], names[b], *strengths))
    return sorted(found, key=lambda one: (one.after < one.before, -max(one.before, one.after), one.a, one.b))


def to_json(made: Recalibrated, source: str) -> str:
    """The data file: curves as `calibration.from_json` reads them, and the bench that they come from."""
    parts: dict[str, dict[str, object]] = {"kinds": {}, "formulas": {}}
    refitted = {one.kind: one for one in made.kinds}
    for part, curves in (("kinds", made.calibration.curves), ("formulas", made.calibration.formulas)):
        for kind, curve in sorted(curves.items()):
            parts[part][kind] = {
                "from": source if kind in refitted else "as it stood",
                **({"bench": _bench(refitted[kind])} if kind in refitted else {}),
                "version": _version_of(kind),
                "knots": [list(knot) for knot in zip(curve.scores, curve.strengths, strict=True)],
            }
    stated = {
        "made": made.calibration.made,
        "labelled_media": made.labelled,
        "media_with_mates": made.totals.true,
        "false_pairs": made.totals.false,
        **parts,
    }
    return json.dumps(stated, indent=1, ensure_ascii=False) + "\n"


def _version_of(curve: str) -> int:
    """Of the kind of link that a curve is about: one of a network has the kind's name before a slash."""
    kind = curve.partition("/")[0]
    return next((maker.version for maker in LINKS if maker.name == kind), 0)


def _bench(one: Refitted) -> Mapping[str, object]:
    stated = asdict(one)
    return {name: stated[name] for name in ("true", "false", "before", "after")}


def _networks(given: LinkEvidence, labels: Labels) -> Iterator[tuple[str, list[Scored]]]:
    """Of each network that a unit added, with the name of its curve: every likeness of labelled pairs."""
    models = {one.model for one in given.signals.scenes} - SHIPPED_NETWORKS
    for model in sorted(models if SameScene.name not in given.off else ()):
        said = [
            Link(one.a, one.b, model, one.cosine, "") for one in given.signals.scenes if one.model == model
        ]
        if scored := scored_by(said, labels).get(model):
            yield curve_of(SameScene.name, model), scored


def _of_network(stands: Calibration, name: str, scored: Sequence[Scored], totals: Totals) -> Refitted:
    """A curve of cosines: the first one of a network is what the counts give, and no likeness before it."""
    before = _knots(stands, name, 0.0) if name in stands.curves else ()
    cap = SameScene.cap
    after = refit(before, scored, totals, cap=cap) if before else fit(scored, totals, cap=cap)
    sides = [[one._replace(score=value(knots, one.score)) for one in scored] for knots in (before, after)]
    return Refitted(
        name,
        SameScene.version,
        by_score=True,
        knots=after,
        true=sum(one.true for one in scored),
        false=sum(not one.true for one in scored),
        moved=differ(before, after, cap=cap),
        before=_judged(sides[0], totals),
        after=_judged(sides[1], totals),
    )


def _curves_of(made: Iterable[Refitted]) -> dict[str, Curve]:
    return {
        one.kind: Curve(tuple(score for score, _ in one.knots), tuple(level for _, level in one.knots))
        for one in made
        if one.knots
    }


def _measuring(stands: Calibration) -> Calibration:
    """One by which the strength of a link tells its raw score, and formulas say what they said at first."""
    kinds = {maker.name for maker in LINKS}
    return Calibration(
        stands.made, {kind: _ruler(curve) for kind, curve in stands.curves.items() if kind in kinds}
    )


def _ruler(curve: Curve) -> Curve:
    first, length = curve.scores[0], curve.scores[-1] - curve.scores[0]
    return Curve((first, first + RULER * max(length, 1e-6)), (0.0, _longest(curve)))


def _longest(curve: Curve) -> float:
    return max(3.0, curve.strengths[-1])


def _raw(scored: Sequence[Scored], ruler: Curve) -> list[Scored]:
    """Scores from strengths; of what its kind weakens (a small surface, a likeness refuted) a lower one."""
    a_unit = (ruler.scores[1] - ruler.scores[0]) / ruler.strengths[1]
    return [one._replace(score=round(ruler.scores[0] + one.score * a_unit, 6)) for one in scored]


def _knots(stands: Calibration, kind: str, cap: float) -> Knots:
    """What stands: the curve by score or by stated strength; a formula that nobody checked means itself."""
    curve = stands.curves.get(kind) or stands.formulas.get(kind)
    if curve is None:
        return ((0.0, 0.0), (cap, cap))
    return tuple(zip(curve.scores, curve.strengths, strict=True))


def _judged(said: Sequence[Scored], totals: Totals) -> Judged:
    return Judged(round(cllr(said, totals), 4), reliability(said, totals))
