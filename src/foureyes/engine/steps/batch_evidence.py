"""What speaks for links of a batch: its media and those near them, counts over all, and dearer signals.

Columns of what all media state tell the counts and who may be near; only those are read as objects then. The
dearer signals are asked of pairs that touch the batch. Nothing is written but what comparisons came to.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine import series
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.model import (
    Link,
    Linkable,
    NearPair,
    Progress,
    ScenePair,
    SensorPair,
    SoundPair,
    TextPair,
    ViewPair,
)
from foureyes.engine.series import LinkEvidence, Signals
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import (
    calibrating,
    due,
    hearing,
    networks,
    scenes,
    sensing,
    stated,
    switching,
    texts,
    viewing,
)
from foureyes.engine.steps.due import Batch
from foureyes.engine.steps.finding import Near, found_near, not_asked
from foureyes.engine.steps.linking import collecting_seldom, kept_apart, left_out
from foureyes.engine.steps.listed import linking_rows
from foureyes.engine.steps.signals import (
    SCENE,
    SENSOR,
    SOUND,
    TEXT,
    VIEW,
    brought_near,
    by_rounds,
    of_those_that_link,
)

STAGE = "looking around"
_TOLD_EVERY = 50_000

Told = Callable[[Progress], None]
Found = NearPair | ScenePair | ViewPair | SoundPair | TextPair
Together = Callable[[Sequence[Link]], Sequence[Collection[str]]]
"""Media that are in one group, by links of a batch that are not written yet."""


class Looked(NamedTuple):
    """What was found of a batch."""

    links: Sequence[Link]
    """All links of its media."""
    views: Sequence[ViewPair]
    media: Mapping[str, Linkable]
    """Its media and those near them, that were read for it."""
    around: int
    """How many are near."""
    notes: tuple[str, ...]
    stated: tuple[str, ...]
    """Files that hold what all media state now."""
    done: bool = True
    """Whether all dearer signals looked at it; else the next linking looks at everything."""


def look(
    catalogue: Catalogue,
    batch: Batch,
    together: Together,
    progress: Told,
    settings: EngineSettings | None,
    stop: threading.Event | None = None,
) -> Looked | None:
    """All links of the batch; None where fingerprints came late that only a whole linking compares."""
    own, off = calibrating.in_use(catalogue.workspace), switching.off(catalogue.workspace)
    if not batch.media:
        return Looked((), (), {}, 0, (*own.notes, *off.notes), batch.since.by.stated)
    if due.came_late(catalogue, batch.since, {"pdq"}, batch.media):
        return None
    progress(Progress("matching"))
    rows = linking_rows(catalogue, batch.nothing)
    near = found_near(catalogue, rows)
    told = near.touching(batch.media)
    seen = _scenes(catalogue, batch, near, (rows, off.kinds), progress, settings, stop)
    if settings is not None and due.came_late(catalogue, batch.since, due.scene_kinds(settings), batch.media):
        return None
    before = {(one.a, one.b) for one in catalogue.links_of_many(batch.media)}
    views = viewing.kept_views(catalogue, before | {(one.a, one.b) for one in seen.pairs})
    silent = scenes.silent(catalogue, rows)
    anew = _Anew(catalogue, batch, near, silent)
    also = brought_near(Signals(scenes=seen.pairs, views=list(views.values())))
    others = Signals(
        sounds=[] if SOUND in off.kinds else anew.sounds(settings, progress, stop),
        texts=anew.texts(also) if _reads(off.kinds, settings) else [],
    )
    found: list[Found] = [*told.pairs, *seen.pairs, *views.values(), *others.sounds, *others.texts]
    corpus, held, files = _surveyed(catalogue, batch, near, found, progress)
    given = replace(
        series.evidence(
            held.values(), told.pairs, calibration=own.calibration, corpus=corpus, new=batch.media
        ),
        off=off.kinds,
    )
    asked = _Asked(catalogue, together, progress, settings, silent, stop)
    looked = asked.signals(replace(given, signals=others), seen.pairs, views, before)
    mute = 0 if rows is None else int(np.count_nonzero(~rows))
    looking = networks.stated(catalogue.workspace).notes
    notes = (
        *own.notes,
        *off.notes,
        *looking,
        *kept_apart(batch.nothing, mute),
        *left_out(told),
        *not_asked(catalogue),
        *seen.notes,
    )
    links = series.propose(replace(given, signals=looked))
    around = len(held.keys() - batch.media)
    return Looked(links, looked.views, held, around, (*notes, *asked.notes), files, asked.done)


def _reads(off: frozenset[str], settings: EngineSettings | None) -> bool:
    return TEXT not in off and (settings is None or settings.texts.on)


def _scenes(
    catalogue: Catalogue,
    batch: Batch,
    near: Near,
    going_by: tuple[NDArray[np.bool_] | None, frozenset[str]],
    progress: Told,
    settings: EngineSettings | None,
    stop: threading.Event | None,
) -> scenes.Scenes:
    rows, off = going_by
    if settings is None:
        return scenes.Scenes(scenes.kept(catalogue, batch.media), ())
    if off >= {SCENE, VIEW}:
        return scenes.Scenes((), ())
    return scenes.pairs(
        catalogue,
        settings,
        stood_for=near.stood_for(catalogue.film_seconds(), scenes.COPY_BITS),
        touching=batch.media,
        links=rows,
        progress=progress,
        stop=stop,
    )


@dataclass(frozen=True, slots=True)
class _Anew:
    """What depends on all who hold any: sounds and texts, compared as far as the batch is in them."""

    catalogue: Catalogue
    batch: Batch
    near: Near
    silent: Collection[str]

    def sounds(
        self, settings: EngineSettings | None, progress: Told, stop: threading.Event | None
    ) -> list[SoundPair]:
        """Pairs that touch the batch; its films are heard first, as far as that is wanted."""
        films = self.catalogue.film_seconds().keys()
        copies = self.near.touching(films).pairs if films else []
        if settings is None:
            return list(hearing.kept(self.catalogue, copies, self.batch.media).pairs)
        mine = [one for one in films if one in self.batch.media]
        heard = hearing.pairs(self.catalogue, settings, mine, copies, progress, stop, self.batch.media)
        return list(heard.pairs)

    def texts(self, also: Iterable[tuple[str, str]]) -> list[TextPair]:
        """Pairs that touch the batch: what was read while it was taken in."""
        stood_for = self.near.stood_for(self.catalogue.film_seconds())
        idle = {bytes(one).hex() for one in stood_for} | set(self.silent)
        return texts.kept(self.catalogue, silent=idle, also=also, new=self.batch.media)


def _surveyed(
    catalogue: Catalogue,
    batch: Batch,
    near: Near,
    found: Iterable[Found],
    progress: Told,
) -> tuple[series.Corpus, dict[str, Linkable], tuple[str, ...]]:
    """The counts, the media of the batch with those near them, and the files that hold what all state."""
    mine = {one.sha256: one for one in catalogue.linkable_of(batch.media, series.FACTS)}
    progress(Progress(STAGE))
    with collecting_seldom():
        held = stated.kept(catalogue, batch.since.by.stated, batch.media, mine.values())
        if held is None:
            held = stated.anew(catalogue, _every(catalogue, progress))
        survey = series.Survey(mine.values(), held.columns)
        corpus = survey.corpus(near.between(survey.suspects()))
        some = catalogue.linkable_of(survey.candidates(corpus), series.FACTS)
        read = {one.sha256: one for one in some}
    around = survey.near(read.values(), corpus) | {end for one in found for end in (one.a, one.b)}
    others = catalogue.linkable_of(around - read.keys() - mine.keys(), series.FACTS)
    chosen = {sha256: read[sha256] for sha256 in around & read.keys()}
    return corpus, mine | chosen | {one.sha256: one for one in others}, held.files


def _every(catalogue: Catalogue, progress: Told) -> Iterator[Linkable]:
    total = catalogue.newest_media()
    for number, one in enumerate(catalogue.linkable(series.FACTS)):
        if number % _TOLD_EVERY == 0:
            progress(Progress(STAGE, number, files_total=total))
        yield one


class _Asked:
    """The dearer signals, asked of the pairs of a batch."""

    def __init__(
        self,
        catalogue: Catalogue,
        together: Together,
        progress: Told,
        settings: EngineSettings | None,
        silent: Collection[str],
        stop: threading.Event | None,
    ) -> None:
        self._catalogue, self._together, self._progress = catalogue, together, progress
        self._settings, self._silent, self._stop = settings, silent, stop or threading.Event()
        self.notes: tuple[str, ...] = ()
        self._failed = False

    @property
    def done(self) -> bool:
        """Whether all of them have looked."""
        return not self._failed and not self._stop.is_set()

    def signals(
        self,
        given: LinkEvidence,
        near: Sequence[ScenePair],
        kept: Mapping[tuple[str, str], ViewPair],
        stored: Collection[tuple[str, str]],
    ) -> Signals:
        """What they say, those of earlier linkings too."""
        views = dict(kept)
        if self._settings is not None and VIEW not in given.off:
            views |= self._viewed(given, near, self._settings)
        in_vain = viewing.in_vain_of(self._catalogue, {(one.a, one.b) for one in near})
        refuted = [replace(one, refuted=(one.a, one.b) in in_vain) for one in near]
        signals = of_those_that_link(
            replace(given.signals, scenes=refuted, views=list(views.values())), self._silent
        )
        sensors = self._sensors(replace(given, signals=signals), stored)
        return of_those_that_link(replace(signals, sensors=sensors), self._silent)

    def _viewed(
        self, given: LinkEvidence, near: Sequence[ScenePair], settings: EngineSettings
    ) -> dict[tuple[str, str], ViewPair]:
        def together(found: Sequence[ViewPair]) -> Iterable[Collection[str]]:
            told = replace(given.signals, scenes=near, views=found)
            return self._together(series.propose(replace(given, signals=told)))

        seen = by_rounds(self._catalogue, settings, near, together, self._progress, self._stop)
        self.notes += seen.notes
        self._failed = seen.failed
        return {(one.a, one.b): one for one in seen.pairs}

    def _sensors(self, given: LinkEvidence, stored: Collection[tuple[str, str]]) -> Sequence[SensorPair]:
        links = series.propose(given)
        pairs = {(one.a, one.b) for one in links} | set(stored)
        told = {(one.a, one.b): one for one in sensing.kept_of(self._catalogue, pairs)}
        if self._settings is not None and SENSOR not in given.off:
            ends = {end for one in links for end in (one.a, one.b)}
            known = [one for one in self._catalogue.links_of_many(ends) if _within(given, one)]
            asked = sensing.pairs(
                self._catalogue, self._settings, given, (*known, *links), self._progress, self._stop
            )
            told |= {(one.a, one.b): one for one in asked}
        return [told[pair] for pair in sorted(told)]


def _within(given: LinkEvidence, link: Link) -> bool:
    """Whether both ends were read, and the link is not one that was proposed anew."""
    return link.a in given.media and link.b in given.media and not given.asks(link.a, link.b)
