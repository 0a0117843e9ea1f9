"""The dearer signals, one after the other: scenes alike, views, films heard, texts compared, sensors.

Each costs more than the one before and is asked of fewer pairs: only where the cheaper ones leave it open
whether two media belong together. Nothing decides here, and what was compared once is not compared again.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine import series
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.errors import CageError, ModelUnusable
from foureyes.engine.matching.scenes import LIKELY
from foureyes.engine.model import MediaKind, Progress, ScenePair, ViewPair, counted
from foureyes.engine.series import LinkEvidence, Signals
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import hearing, scenes, sensing, texts, viewing

SCENE, VIEW, SENSOR = "same-scene", "same-view", "same-sensor"
SOUND, TEXT = "same-sound", "same-text"
"""Kinds of links: of one that is switched off nothing is looked for."""
BETWEEN = 3
"""Pairs that are verified between the same two groups, of other members each: the likeliest come first."""
OF_ONE = 4
"""Pairs that are verified of one media in one linking, the likeliest first."""
ROUNDS = 4
"""Times that open pairs are looked for: what the last round joined is open no more, and each media's next
likely ones are."""

Told = Callable[[Progress], None]


class Found(NamedTuple):
    """What the dearer signals came to."""

    evidence: LinkEvidence
    """The evidence that was given, with what they found."""
    notes: tuple[str, ...]
    """What people should know: what was not looked at, and why."""
    looked: bool = False
    """Whether all of them that are on looked at what is new."""


def added(
    catalogue: Catalogue,
    settings: EngineSettings | None,
    given: LinkEvidence,
    rows: NDArray[np.bool_] | None,
    progress: Told = lambda _: None,
    stop: threading.Event | None = None,
) -> Found:
    """Evidence with what the dearer signals say of it.

    Args:
        catalogue: open for writing, or nothing new is kept.
        settings: how to look; None to look at nothing, and to go by what was found before.
        given: all media, and the near pairs of fingerprints.
        rows: (n,), the rows of the catalogue's PDQ that may link; all, if not given.
        progress: told how far each of them is.
        stop: once it is set, what is in flight ends and is kept, and the rest is left for the next linking.
    """
    silent = scenes.silent(catalogue, rows)
    if settings is None:
        return _as_before(catalogue, given, silent)
    near, seen, views = scenes.Scenes((), ()), viewing.Viewed((), ()), list[ViewPair]()
    heard = hearing.Heard((), ())
    if not given.off >= {SCENE, VIEW}:  # views are looked for among scenes
        near = scenes.pairs(catalogue, settings, copies=given.near, links=rows, progress=progress, stop=stop)
    if VIEW not in given.off:
        told = replace(given, signals=Signals(scenes=near.pairs))
        seen = verified(catalogue, settings, told, progress, stop)
    outcomes = viewing.outcomes(catalogue)
    if VIEW not in given.off:
        views = list({(one.a, one.b): one for one in (*outcomes.found, *seen.pairs)}.values())
    if SOUND not in given.off:
        films = [sha256 for sha256, one in given.media.items() if one.kind is MediaKind.VIDEO]
        heard = hearing.pairs(catalogue, settings, films, given.near, progress, stop)
    looked = _refuted(near.pairs, outcomes.in_vain)
    found = Signals(scenes=looked, views=views, sounds=heard.pairs)
    read = _read(catalogue, settings, replace(given, signals=found), silent, progress, stop)
    found = replace(found, texts=read.pairs)
    told = replace(given, signals=of_those_that_link(found, silent))
    signals = told.signals
    if SENSOR not in given.off:
        sensors = sensing.pairs(catalogue, settings, told, series.propose(told), progress, stop)
        signals = of_those_that_link(replace(signals, sensors=sensors), silent)
    return Found(
        replace(told, signals=signals),
        (*near.notes, *seen.notes, *heard.notes, *read.notes),
        _is_done(seen, stop),
    )


def open_pairs(pairs: Iterable[ScenePair], groups: Iterable[Collection[str]]) -> list[ScenePair]:
    """Of pairs that look alike those that are worth verifying, the likeliest first.

    Args:
        pairs: of a pair that several networks name the likeliest counts.
        groups: media that are together already: between them nothing is open.
    """
    home = {sha256: number for number, group in enumerate(groups) for sha256 in group}
    between: Counter[tuple[object, object]] = Counter()
    asked: set[tuple[tuple[object, object], str]] = set()
    of_one: Counter[str] = Counter()
    chosen: list[ScenePair] = []
    named: set[tuple[str, str]] = set()
    for one in sorted(pairs, key=lambda pair: (-pair.likeness, pair.a, pair.b, pair.model)):
        if (one.a, one.b) in named:
            continue
        named.add((one.a, one.b))
        left, right = home.get(one.a, one.a), home.get(one.b, one.b)
        key = (left, right) if str(left) <= str(right) else (right, left)
        if left == right or between[key] >= BETWEEN or max(of_one[one.a], of_one[one.b]) >= OF_ONE:
            continue
        if one.likeness < LIKELY and min(of_one[one.a], of_one[one.b]) > 0:
            continue
        if {left, right}.isdisjoint((one.a, one.b)) and not asked.isdisjoint(((key, one.a), (key, one.b))):
            continue  # two groups are joined by several members of each
        asked.update(((key, one.a), (key, one.b)))
        between[key] += 1
        of_one.update((one.a, one.b))
        chosen.append(one)
    return chosen


def verified(
    catalogue: Catalogue,
    settings: EngineSettings,
    told: LinkEvidence,
    progress: Told = lambda _: None,
    stop: threading.Event | None = None,
) -> viewing.Viewed:
    """What came of the open pairs, and of pairs of which other regions are hidden now."""
    decisions = catalogue.decisions()

    def together(found: Sequence[ViewPair]) -> Iterable[Collection[str]]:
        given = replace(told, signals=replace(told.signals, views=found).sorted())
        return [one.members for one in series.build(given, decisions, (), ()).series]

    seen = by_rounds(catalogue, settings, told.signals.scenes, together, progress, stop, again=True)
    notes = (*seen.notes, *viewing.left_out(catalogue), *_outdated(catalogue))
    return seen._replace(notes=notes)


def by_rounds(
    catalogue: Catalogue,
    settings: EngineSettings,
    near: Sequence[ScenePair],
    together: Callable[[Sequence[ViewPair]], Iterable[Collection[str]]],
    progress: Told,
    stop: threading.Event | None,
    *,
    again: bool = False,
) -> viewing.Viewed:
    """What came of the open pairs, round by round: what was joined leaves its candidates to others.

    Args:
        catalogue: open for writing, or nothing new is kept.
        settings: of the engine.
        near: pairs that look alike.
        together: the groups that stand once some views are known.
        progress: told how far each round is.
        stop: once it is set, no further round begins.
        again: compare pairs of which other regions are hidden now as well.
    """
    anew, found, notes = viewing.Viewed((), ()), dict[tuple[str, str], ViewPair](), dict[str, None]()
    try:
        if again:
            anew = viewing.again(catalogue, settings, progress, stop)
        for _ in range(ROUNDS):
            asked = open_pairs(near, together(list(found.values())))
            seen = viewing.pairs(catalogue, settings, asked, progress, stop=stop)
            notes |= dict.fromkeys(seen.notes)
            before = len(found)
            found |= {(one.a, one.b): one for one in seen.pairs}
            if len(found) == before or (stop is not None and stop.is_set()):
                break
    except (CageError, ModelUnusable) as error:
        why = f"{error} Views were not verified: media that only look alike stay apart"
        return viewing.Viewed((*anew.pairs, *found.values()), (*anew.notes, *notes, why), failed=True)
    return viewing.Viewed((*anew.pairs, *found.values()), (*anew.notes, *notes))


def _as_before(catalogue: Catalogue, given: LinkEvidence, silent: Collection[str]) -> Found:
    """With what earlier linkings found."""
    outcomes = viewing.outcomes(catalogue)
    near = _refuted(scenes.kept(catalogue), outcomes.in_vain)
    sounds = () if SOUND in given.off else hearing.kept(catalogue, given.near).pairs
    signals = Signals(scenes=near, views=outcomes.found, sensors=sensing.kept(catalogue), sounds=sounds)
    if TEXT not in given.off:
        near_too = brought_near(signals)
        read = texts.kept(catalogue, copies=given.near, silent=silent, also=near_too)
        signals = replace(signals, texts=read)
    told = replace(given, signals=of_those_that_link(signals, silent))
    return Found(told, tuple(_outdated(catalogue)))


def _refuted(pairs: Sequence[ScenePair], in_vain: Collection[tuple[str, str]]) -> list[ScenePair]:
    """Pairs that look alike, with what a closer look showed."""
    return [replace(one, refuted=(one.a, one.b) in in_vain) for one in pairs]


def of_those_that_link(signals: Signals, silent: Collection[str]) -> Signals:
    """In order, without what is said of media that link nothing."""
    return Signals(
        scenes=[one for one in signals.scenes if one.a not in silent and one.b not in silent],
        views=[one for one in signals.views if one.a not in silent and one.b not in silent],
        sensors=[one for one in signals.sensors if one.a not in silent and one.b not in silent],
        sounds=[one for one in signals.sounds if one.a not in silent and one.b not in silent],
        texts=signals.texts,  # of media that are silent none was compared
    ).sorted()


def brought_near(signals: Signals) -> Iterator[tuple[str, str]]:
    """Pairs that scenes and views are about."""
    found: Iterator[ScenePair | ViewPair] = chain(signals.scenes, signals.views)
    return ((one.a, one.b) for one in found)


def _read(
    catalogue: Catalogue,
    settings: EngineSettings,
    told: LinkEvidence,
    silent: Collection[str],
    progress: Told,
    stop: threading.Event | None,
) -> texts.Texts:
    """What texts say, where that is not switched off."""
    if TEXT in told.off:
        return texts.Texts((), ())
    near_too = brought_near(told.signals)
    return texts.pairs(
        catalogue,
        settings,
        copies=told.near,
        silent=silent,
        also=near_too,
        progress=progress,
        stop=stop,
    )


def _outdated(catalogue: Catalogue) -> Iterator[str]:
    """Views that stand though other regions are hidden now, in words."""
    if count := sum(1 for _ in viewing.outdated(catalogue)):
        yield (
            f"{counted(count, 'pair was', 'pairs were')} compared before regions were hidden or "
            "withdrawn: see `foureyes link`"
        )


def _is_done(seen: viewing.Viewed, stop: threading.Event | None) -> bool:
    return not seen.failed and not (stop is not None and stop.is_set())
