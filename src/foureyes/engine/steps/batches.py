"""Linking what came since the last linking: its media with what is near them, and the series it touches.

Links between media that were held before stand as they were stored, with the strength that they had. What is
read as objects grows with the batch, never with what is held. Whether a batch may be linked by itself is
decided in `due.py`, what belongs together in `series`.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from foureyes.engine import series
from foureyes.engine.catalogue import Catalogue, GivenIds, Part
from foureyes.engine.model import (
    Decision,
    DecisionKind,
    Link,
    Linkable,
    LinkReport,
    Progress,
    Series,
    ViewPair,
    counted,
)
from foureyes.engine.series.decisions import in_force
from foureyes.engine.series.grouping import LINKED, edges_of
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import stated
from foureyes.engine.steps.batch_evidence import Looked, look
from foureyes.engine.steps.due import Batch
from foureyes.engine.steps.linking import keep_names
from foureyes.engine.steps.viewing import kept_views

PART_AT_MOST = 4
"""One of so many media that are held may hang together with a batch; with more, all is linked anew."""
VIEW = "same-view"

Told = Callable[[Progress], None]


class Around(NamedTuple):
    """All that hangs together with a batch: whatever links and rulings reach from it."""

    media: frozenset[str]
    links: Sequence[Link]
    """All links among them, those of the batch too."""
    before: Sequence[Series]
    """The series that they are in."""


def link(
    catalogue: Catalogue,
    batch: Batch,
    progress: Told = lambda _: None,
    settings: EngineSettings | None = None,
    stop: threading.Event | None = None,
) -> LinkReport | None:
    """Link a batch and write what changed; None where it turns out that everything is to be linked anew.

    Once `stop` is set, dearer signals end what is in flight, and the next linking looks at everything.
    """

    def together(links: Sequence[Link]) -> list[Collection[str]]:
        """Media that are in one group, by links of the batch that are not written yet."""
        around, ends = _around(catalogue, batch, links), {end for one in links for end in (one.a, one.b)}
        if around is None:
            return [ends]  # nothing is open between them: the whole linking that follows asks
        built = _grown(catalogue, batch, around, (), {})
        rest = ends - around.media
        homes: dict[str, list[str]] = defaultdict(list)
        for sha256, home in catalogue.series_ids_of(rest).items():
            homes[home].append(sha256)
        return [*(one.members for one in built.series), *homes.values()]

    looked = look(catalogue, batch, together, progress, settings, stop)
    if looked is None:
        return None
    progress(Progress("linking"))
    around = _around(catalogue, batch, looked.links)
    if around is None:
        return None
    built = _grown(catalogue, batch, around, looked.views, looked.media)
    keep_names(catalogue, built.series)
    progress(Progress("writing"))
    part = Part(
        media=batch.media,
        links=looked.links,
        grouped=around.media,
        series=built.series,
        before=[one.id for one in around.before],
        aliases=built.aliases,
    )
    by = replace(batch.by, looked=batch.by.looked and looked.done, stated=looked.stated)
    written = catalogue.replace_part(part, by)
    stated.forget(catalogue, but=looked.stated)
    totals = catalogue.series_totals()
    notes = (*looked.notes, *built.notes, *_words(batch, looked, around))
    return LinkReport(
        series=totals.series,
        media_in_series=totals.media,
        largest=totals.largest,
        links={kind: count for kind, count in sorted(written.links.items()) if count},
        notes=notes,
        whole=False,
    )


def _words(batch: Batch, looked: Looked, around: Around) -> Iterable[str]:
    yield (
        f"linked what came since the last linking: {len(batch.media):,} media, with {looked.around:,} near "
        f"by; {counted(len(around.media), 'media was', 'media were')} grouped anew. Strengths between "
        "others stand as they were: `foureyes link --whole` links everything anew"
    )


def _around(catalogue: Catalogue, batch: Batch, links: Sequence[Link]) -> Around | None:
    """Walk from the batch along links that count, rulings and series, as far as they reach.

    None where that is too much of what is held.
    """
    at_most = catalogue.newest_media() // PART_AT_MOST
    mine: dict[str, list[Link]] = defaultdict(list)
    for one in links:
        mine[one.a].append(one)
        mine[one.b].append(one)
    ruled = _ruled(batch.decisions)
    strong = {end for pair in _linking(links) for end in pair}
    waiting = strong | batch.ruled | (batch.media & ruled.keys())
    waiting |= {*catalogue.series_ids_of(batch.media)} | _let_go(catalogue, batch)
    media: set[str] = set()
    held: dict[tuple[str, str, str], Link] = {}
    homes: set[str] = set()
    while waiting:
        media |= waiting
        if len(media) > at_most:
            return None
        stored = [one for one in catalogue.links_of_many(waiting) if not {one.a, one.b} & batch.media]
        found = [*stored, *(one for sha256 in waiting for one in mine.get(sha256, ()))]
        held |= {(one.a, one.b, one.kind): one for one in found}
        reached = {end for pair in _linking(found) for end in pair}
        reached.update(*(ruled.get(one, ()) for one in waiting))
        new = {*catalogue.series_ids_of(waiting).values()} - homes
        homes |= new
        reached.update(*(one.members for one in catalogue.series_with(new)))
        waiting = reached - media
    inside = [one for key, one in sorted(held.items()) if one.a in media and one.b in media]
    return Around(frozenset(media), inside, catalogue.series_with(homes))


def _linking(links: Sequence[Link]) -> Iterable[tuple[str, str]]:
    """Pairs that are linked strongly enough to join."""
    names = sorted({end for one in links for end in (one.a, one.b)})
    numbers = {sha256: number for number, sha256 in enumerate(names)}
    return ((names[a], names[b]) for strength, a, b in edges_of(links, numbers) if strength >= LINKED)


def _let_go(catalogue: Catalogue, batch: Batch) -> set[str]:
    """Media that links of the batch as they are stored join: those may not be found again."""
    return {end for pair in _linking(catalogue.links_of_many(batch.media)) for end in pair}


def _ruled(decisions: Sequence[Decision]) -> Mapping[str, set[str]]:
    """Of each media that rulings in force name, all that those name."""
    named: dict[str, set[str]] = {}
    for one in in_force(decisions):
        if one.kind is not DecisionKind.NEGATIVE:
            everyone = {*one.media, *one.anchors}
            for sha256 in everyone:
                named.setdefault(sha256, set()).update(everyone)
    return named


def _grown(
    catalogue: Catalogue,
    batch: Batch,
    around: Around,
    views: Sequence[ViewPair],
    known: Mapping[str, Linkable],
) -> series.Built:
    """The series of all that hangs together with a batch."""
    rest = around.media - known.keys()
    held = [*catalogue.linkable_of(rest, series.FACTS), *(known[one] for one in around.media & known.keys())]
    pairs = {(one.a, one.b) for one in around.links if one.kind == VIEW}
    found = {(one.a, one.b): one for one in (*kept_views(catalogue, pairs).values(), *views)}
    signals = series.Signals(views=[found[pair] for pair in sorted(found)])
    given = series.evidence(held, (), signals, corpus=series.Corpus())
    names = given.media.keys()
    links = [one for one in around.links if one.a in names and one.b in names]
    return series.build(given, batch.decisions, around.before, GivenIds(catalogue), links=links)
