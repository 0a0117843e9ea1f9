"""Candidates to views: local features of both are compared, once for ever, and what came of it is kept.

Candidates come from cheaper signals; here they are only verified. Regions that the catalogue keeps as not
counting are left out; where those changed, a pair is compared anew. Killed at any moment, the next run
compares what is left. Never decides what a view is worth, and never looks for candidates.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from foureyes.engine.catalogue import Catalogue
from foureyes.engine.catalogue.lookups import chunks
from foureyes.engine.fingerprints import local
from foureyes.engine.matching import geometry
from foureyes.engine.matching.geometry import View
from foureyes.engine.model import Comparison, Progress, ScenePair, ViewPair, counted
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.ingesting import require_cage
from foureyes.engine.steps.lasting import moments
from foureyes.engine.steps.looks import Look, Shelf, kept_looks
from foureyes.engine.steps.masking import Masks, masks_of, whys

KIND = "view"
VERSION = 5
"""Raised whenever the same two media would come to another outcome: all are compared anew then."""
AT_MOST = 60
"""Comparisons of one media in all: a blank frame is everybody's neighbour."""
BATCH = 128
"""Pairs that are compared between two commits: their looks take 150 MB at most."""
SURER = "sift"
"""The features that repeated patterns do not fool: of 35 pairs of drawn wallpapers that XFeat took for one
wall SIFT found none, of 36 true views between media that nothing else joins all but one."""
SURE = 80
"""Places from which nothing else is tried: of 2,000 unrelated pairs none had more than 10."""
INTERRUPTED = "interrupted, and the next `foureyes link` goes on"
FRAMES = 2
"""Frames of a film around the second of a candidate that are compared."""
_PAGE = 5_000
_MASKED = b'"masks":'


class Viewed(NamedTuple):
    """What verification came to."""

    pairs: tuple[ViewPair, ...]
    notes: tuple[str, ...]
    failed: bool = False
    """Nothing new could be verified."""


class Outcomes(NamedTuple):
    """What all comparisons that are kept came to, in no order."""

    found: Sequence[ViewPair]
    in_vain: Collection[tuple[str, str]]
    """Pairs that share nothing."""


def pairs(
    catalogue: Catalogue,
    settings: EngineSettings,
    candidates: Iterable[ScenePair],
    progress: Callable[[Progress], None] = lambda _: None,
    *,
    at_most: int = AT_MOST,
    stop: threading.Event | None = None,
) -> Viewed:
    """The candidates in which one surface was found, with its matched points.

    Args:
        catalogue: open for writing, or nothing of it is kept.
        settings: of the engine.
        candidates: pairs that may show one scene; the likeliest are compared first.
        progress: told how many pairs are done.
        at_most: comparisons of one media.
        stop: once it is set, no further media is looked at; pairs that can be compared by then are, and what
            is left waits for another call.

    Raises:
        ModelUnusable: the network's file is missing or altered.
        CageError: hostile bytes cannot be caged here and `allow_uncaged` is off.
    """
    chosen, left = _chosen(candidates, at_most)
    masks = masks_of(catalogue, {sha256 for one in chosen for sha256 in (one.a, one.b)})
    came = _kept(catalogue, chosen, masks)
    todo = [one for one in chosen if (one.a, one.b) not in came]
    todo.sort(key=lambda one: (one.a, one.b))
    said = counted(left, "candidate was", "candidates were")
    notes = [f"{said} not compared: one of the two has more than {at_most}"] if left else []
    if todo:
        require_cage(settings)
        wish = stop or threading.Event()
        films = catalogue.film_seconds()
        with Shelf(catalogue, settings, wish) as shelf:
            for done in range(0, len(todo), BATCH):
                if wish.is_set():
                    break
                told = partial(_tell, progress, len(todo), done)
                made = _compared(shelf, todo[done : done + BATCH], masks, told)
                made = [_with_moments(catalogue, shelf, one, films, masks) for one in made]
                if catalogue.writable:
                    catalogue.record_comparisons(made)
                came.update({(one.a, one.b): one for one in made})
            notes += notes_of(shelf)
        waiting = sum((one.a, one.b) not in came for one in todo)
        if wish.is_set() and waiting:
            said = counted(waiting, "candidate is", "candidates are")
            notes.append(f"{said} not compared yet: {INTERRUPTED}")
    found = [view_pair(came[key]) for key in sorted(came) if came[key].score > 0]
    return Viewed(tuple(found), tuple(notes))


def again(
    catalogue: Catalogue,
    settings: EngineSettings,
    progress: Callable[[Progress], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> Viewed:
    """Compare anew what was compared with other regions left out than now; raises as `pairs` does."""
    candidates = list(outdated(catalogue))
    seen = pairs(catalogue, settings, candidates, progress, at_most=sys.maxsize, stop=stop)
    said = counted(len(candidates), "pair was", "pairs were")
    notes = [f"{said} compared anew: regions were hidden or withdrawn"] if candidates else []
    return Viewed(seen.pairs, (*seen.notes, *notes))


def outdated(catalogue: Catalogue) -> Iterator[ScenePair]:
    """Pairs of which the outcome is of other regions left out than now, as candidates."""
    if not catalogue.any_hidden():
        return
    for one, now in _by_masks(catalogue):
        if not now:
            at_a, at_b = json.loads(one.detail)["at"] if one.detail else (0.0, 0.0)
            yield ScenePair(one.a, one.b, 1.0, at_a, at_b)


def outcomes(catalogue: Catalogue) -> Outcomes:
    """What ever came of comparing what is held, in one pass.

    Where regions were left out and nothing was found, nothing is said of the whole: that is not in vain.
    """
    found, in_vain = [], set()
    for one in catalogue.comparisons(KIND, VERSION):
        if one.score > 0:
            found.append(view_pair(one))
        elif _MASKED not in one.detail:
            in_vain.add((one.a, one.b))
    return Outcomes(found, in_vain)


def kept_views(catalogue: Catalogue, pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], ViewPair]:
    """The views that were found of some pairs."""
    outcomes = catalogue.compared(KIND, VERSION, set(pairs))
    return {pair: view_pair(one) for pair, one in outcomes.items() if one.score > 0}


def in_vain_of(catalogue: Catalogue, pairs: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of some pairs that were compared and share nothing."""
    held = catalogue.compared(KIND, VERSION, set(pairs))
    return {pair for pair, one in held.items() if not one.score and _MASKED not in one.detail}


def left_out(catalogue: Catalogue) -> Iterator[str]:
    """What does not count in views of pairs that were compared, in words."""
    if not catalogue.any_hidden():
        return
    compared, owners = 0, set()
    for one in catalogue.comparisons(KIND, VERSION):
        if _MASKED in one.detail:
            compared += 1
            owners |= {one.a, one.b}
    held = [region for some in catalogue.hidden_of(owners).values() for region in some]
    if held:
        media = len({one.sha256 for one in held})
        yield (
            f"{counted(len(held), 'region')} of {media:,} media ({whys(held)}) "
            f"{'does' if len(held) == 1 else 'do'} not count in views: "
            f"{counted(compared, 'pair was', 'pairs were')} compared without what is hidden"
        )


def view_pair(kept: Comparison) -> ViewPair:
    """The record of an outcome that found something, as it was kept."""
    detail = json.loads(kept.detail)
    return ViewPair(
        kept.a,
        kept.b,
        method=detail["method"],
        inliers=int(kept.score),
        share_a=detail["share"][0],
        share_b=detail["share"][1],
        covers=detail["covers"],
        agrees=detail["agrees"],
        mirrored=detail["mirrored"],
        fixed=detail["fixed"],
        alone=detail["alone"],
        unsure=detail["unsure"],
        moments=detail["moments"],
        points=tuple((x, y, u, v) for x, y, u, v in detail["points"]),
        homography=tuple(detail["homography"]),
        at_a=detail["at"][0],
        at_b=detail["at"][1],
        small=detail["small"],
        hidden=detail.get("hidden", 0),
        hidden_why=detail.get("hidden_why", ""),
    )


def kept_view(catalogue: Catalogue, a: str, b: str) -> ViewPair | None:
    """What an earlier run found of two media; None where it found nothing, or there was none.

    One that left out other regions than now is as none.
    """
    kept = _earlier(catalogue, a, b)
    return view_pair(kept) if kept is not None and kept.score > 0 else None


def was_compared(catalogue: Catalogue, a: str, b: str) -> bool:
    """Whether an earlier run compared two media, whatever came of it."""
    return _earlier(catalogue, a, b) is not None


def best_view(a: Look, b: Look, hidden: tuple[geometry.Boxes, geometry.Boxes] = ((), ())) -> Seen | None:
    """What two looks share, by whichever features find more of it; None where nothing is found.

    An overlay is only told where nothing else is found: more places on a frame say nothing of what is in it.
    """
    upright: list[View] = []
    for one, other in ((a.sift, b.sift), (a.xfeat, b.xfeat)):
        left, right = geometry.without(one, hidden[0]), geometry.without(other, hidden[1])
        if view := geometry.view_of(left, right):
            upright.append(view)
            if view.method == SURER and view.inliers >= SURE and not (view.overlay or view.unsure):
                return Seen(view)
    left, right = geometry.without(a.sift, hidden[0]), geometry.without(b.sift, hidden[1])
    turned = geometry.view_of(left, local.mirrored(right))
    found = upright if turned is None else [*upright, geometry.mirrored_back(turned)]
    best = max(found, key=_rank, default=None)
    if best is None:
        return None
    surer = [view for view in upright if view.method == SURER and not view.overlay]
    unsure = best.unsure or any(view.unsure for view in surer)
    return Seen(best, alone=best.method != SURER and not surer, unsure=unsure)


@dataclass(frozen=True, slots=True)
class Seen:
    """A view, and who saw it."""

    view: View
    alone: bool = False
    """Only the network's features found it: stripes, checks and bricks of any two walls fit each other so."""
    unsure: bool = False
    """It may be a form of one kind, or what stays around other things; in doubt the surer features say."""


def _earlier(catalogue: Catalogue, a: str, b: str) -> Comparison | None:
    pair = (min(a, b), max(a, b))
    kept = catalogue.compared(KIND, VERSION, {pair}).get(pair)
    return kept if kept is not None and _stands(kept, masks_of(catalogue, pair)) else None


def _chosen(candidates: Iterable[ScenePair], at_most: int) -> tuple[list[ScenePair], int]:
    """Each pair once, the likeliest first, each media in so many at most; and how many were left out."""
    best: dict[tuple[str, str], ScenePair] = {}
    for one in candidates:
        held = best.get((one.a, one.b))
        if one.a < one.b and (held is None or one.likeness > held.likeness):
            best[one.a, one.b] = one
    count: Counter[str] = Counter()
    chosen = []
    for one in sorted(best.values(), key=lambda pair: (-pair.likeness, pair.a, pair.b)):
        if max(count[one.a], count[one.b]) < at_most:
            count.update((one.a, one.b))
            chosen.append(one)
    return chosen, len(best) - len(chosen)


def _kept(
    catalogue: Catalogue, chosen: Sequence[ScenePair], masks: Masks
) -> dict[tuple[str, str], Comparison]:
    """Outcomes of earlier runs, with the same regions left out."""
    asked = {(one.a, one.b) for one in chosen}
    held = catalogue.compared(KIND, VERSION, asked)
    return {pair: one for pair, one in held.items() if _stands(one, masks)}


def _by_masks(catalogue: Catalogue) -> Iterator[tuple[Comparison, bool]]:
    """Every outcome, and whether it is of the regions left out that are now."""
    for some in chunks(catalogue.comparisons(KIND, VERSION), _PAGE):
        masks = masks_of(catalogue, {sha256 for one in some for sha256 in (one.a, one.b)})
        for one in some:
            yield one, _stands(one, masks)


def _stands(kept: Comparison, masks: Masks) -> bool:
    """Whether an outcome is of the regions left out that are now; what shared nothing whole stands."""
    if _MASKED not in kept.detail:
        return not kept.score or not masks.named((kept.a, kept.b))
    masked: list[str] = json.loads(kept.detail)["masks"]
    return masked == masks.named((kept.a, kept.b))


def _tell(progress: Callable[[Progress], None], total: int, before: int, some: int) -> None:
    progress(Progress("viewing", before + some, files_total=total))


def _compared(
    shelf: Shelf, batch: Sequence[ScenePair], masks: Masks, told: Callable[[int], None]
) -> list[Comparison]:
    """Outcomes of one batch; a pair of which one cannot be looked at has none, and is asked again later.

    `told`: how many pairs are done. Looks that are missing are half of the work, so half of the pairs; the
    last pair counts with the next batch, for then this one is committed.
    """
    told(0)
    looks = 0

    def looked(made: int, missing: int) -> None:
        nonlocal looks
        looks = (len(batch) - 1) * made // (2 * missing)
        told(looks)

    wanted: dict[str, set[float]] = {}
    for one in batch:
        wanted.setdefault(one.a, set()).add(one.at_a)
        wanted.setdefault(one.b, set()).add(one.at_b)
    shelf.bring({sha256: frozenset(times) for sha256, times in wanted.items()}, frames=FRAMES, told=looked)
    ready = [one for one in batch if shelf.of(one.a, one.at_a) and shelf.of(one.b, one.at_b)]
    return shelf.each(
        lambda one: _outcome(shelf, one, masks),
        ready,
        lambda done: told(looks + (len(batch) - 1 - looks) * done // len(ready)),
    )


def _outcome(shelf: Shelf, pair: ScenePair, masks: Masks) -> Comparison:
    best: tuple[Seen, Look, Look] | None = None
    for a in shelf.of(pair.a, pair.at_a, FRAMES):
        for b in shelf.of(pair.b, pair.at_b, FRAMES):
            seen = best_view(a, b, _hidden_in((a, b), masks))
            if seen and (best is None or _rank(seen.view) > _rank(best[0].view)):
                best = (seen, a, b)
    named = masks.named((pair.a, pair.b))
    said: dict[str, Any] = {"masks": named} if named else {}
    if best is None:
        if named or pair.at_a or pair.at_b:
            said["at"] = [pair.at_a, pair.at_b]
        return Comparison(pair.a, pair.b, KIND, VERSION, 0.0, _packed(said) if said else b"")
    seen, a, b = best
    hidden = [one for look in (a, b) for one in masks.at(look.sha256, look.at_seconds)]
    if hidden:
        said |= {"hidden": len(hidden), "hidden_why": whys(hidden)}
    detail = _packed(_detail(seen, a, b) | said)
    return Comparison(pair.a, pair.b, KIND, VERSION, float(seen.view.inliers), detail)


def _hidden_in(looks: tuple[Look, Look], masks: Masks) -> tuple[geometry.Boxes, geometry.Boxes]:
    a, b = ([one.box for one in masks.at(look.sha256, look.at_seconds)] for look in looks)
    return a, b


def _with_moments(
    catalogue: Catalogue, shelf: Shelf, one: Comparison, films: Mapping[str, float], masks: Masks
) -> Comparison:
    """Of two films, with the number of moments at which they show one view."""
    if not one.score or one.a not in films or one.b not in films:
        return one
    view = view_pair(one)
    if view.fixed or view.unsure:
        return one
    a, b = (kept_looks(catalogue, [sha256]) for sha256 in (one.a, one.b))
    found = moments(
        a,
        b,
        (view.at_a, view.at_b),
        min(films[one.a], films[one.b]),
        lambda pairs: shelf.each(lambda both: _shows(both, masks), pairs),
    )
    return replace(one, detail=_packed(json.loads(one.detail) | {"moments": found}))


def _shows(looks: tuple[Look, Look], masks: Masks) -> bool:
    seen = best_view(*looks, _hidden_in(looks, masks))
    return seen is not None and not (seen.view.overlay or seen.unsure or seen.alone)


def _rank(view: View) -> tuple[bool, int]:
    return (not view.overlay, view.inliers)


def _packed(said: dict[str, Any]) -> bytes:
    return json.dumps(said, separators=(",", ":")).encode()


def _detail(seen: Seen, a: Look, b: Look) -> dict[str, Any]:
    view = seen.view
    return {
        "method": view.method,
        "share": [view.share_a, view.share_b],
        "covers": view.covers,
        "agrees": view.agrees,
        "mirrored": view.mirrored,
        "fixed": view.overlay,
        "alone": seen.alone,
        "unsure": seen.unsure,
        "moments": 1,
        "at": [a.at_seconds, b.at_seconds],
        "small": a.small or b.small,
        "homography": [round(float(one), 6) for one in (view.homography / _size(view)).ravel()],
        "points": view.points(),
    }


def _size(view: View) -> float:
    corner = float(view.homography[2, 2])
    return corner if abs(corner) > 1e-9 else 1.0  # noqa: PLR2004 - as good as nothing


def notes_of(shelf: Shelf) -> Iterator[str]:
    """What could not be looked at as it should, in words."""
    if shelf.small:
        yield (
            f"{counted(len(shelf.small), 'picture was', 'pictures were')} looked at by thumbnail, the "
            "original being away"
        )
    if shelf.away:
        yield f"{len(shelf.away):,} media could not be looked at: no original is at hand"
