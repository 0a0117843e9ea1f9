"""Which films sound the same for a while: sub-fingerprints made where they are missing, and compared.

The sound of a film that is held is heard once, in the cage, when it is linked for the first time, and what
comes of it is kept. Comparing is done anew each time, for what a sound says depends on all who hold it; of a
batch only what its films share is. Never decides what a stretch is worth.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np

from foureyes.engine.catalogue import Catalogue
from foureyes.engine.decoding import CannotRender, ContentType, Family, Renderer
from foureyes.engine.errors import CageError, OriginalAway, UsageError
from foureyes.engine.fingerprints import sound
from foureyes.engine.matching import sounds
from foureyes.engine.matching.scenes import Stacks
from foureyes.engine.model import FactName, Fingerprint, Media, NearPair, Progress, SoundPair, counted
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.caged_threads import CagedThreads
from foureyes.engine.steps.ingesting import require_cage
from foureyes.engine.steps.originals import original

KIND, VERSION = sound.Sound.name, sound.Sound.version
BATCH = 32
"""Films that are heard before what was made is committed: half a minute of one core where they last three."""

COPIED = 0.5
"""Share of its frames from which a film is a copy of another or cut from it: no opening is half of one."""

Told = Callable[[Progress], None]


class Heard(NamedTuple):
    """What listening came to."""

    pairs: tuple[SoundPair, ...]
    """Of each two films that share a stretch the longest one, a < b."""
    notes: tuple[str, ...]
    """What people should know: films that could not be heard, sounds that everybody has."""


def pairs(
    catalogue: Catalogue,
    settings: EngineSettings,
    films: Collection[str],
    copies: Iterable[NearPair] = (),
    progress: Told = lambda _: None,
    stop: threading.Event | None = None,
    new: Collection[str] | None = None,
) -> Heard:
    """What films sound the same for a while, those that were never heard before too.

    Args:
        catalogue: open for writing, or nothing is heard: only what was kept is compared.
        settings: how the cage is built, and how many are heard at once.
        films: those that may link: no other is heard.
        copies: near pairs of fingerprints: of films that are copies, one counts as a holder.
        progress: told how many were heard.
        stop: once it is set, those that are in flight are the last; the next linking hears the others.
        new: media of which the pairs are asked for; of all, if not given.
    """
    notes: list[str] = []
    if catalogue.writable and (unheard := lacking(catalogue, films)):
        notes += _hear(catalogue, settings, unheard, progress, stop)
    found = kept(catalogue, copies, new)
    return Heard(found.pairs, (*notes, *found.notes))


def kept(catalogue: Catalogue, copies: Iterable[NearPair] = (), new: Collection[str] | None = None) -> Heard:
    """What those films sound of that were heard: no sound is decoded. `new`: see `pairs`."""
    table = catalogue.fingerprints(KIND, VERSION)
    if len(table) == 0:
        return Heard((), ())
    owners, owner = np.unique(np.ascontiguousarray(table.sha256).view("S32").reshape(-1), return_inverse=True)
    names = [bytes(one).hex() for one in owners.view(np.uint8).reshape(-1, 32)]
    mine = None if new is None else [number for number, one in enumerate(names) if one in new]
    if mine is not None and not mine:
        return Heard((), ())
    order = np.lexsort((table.at_seconds, owner))
    items, counts = sound.unpacked(table.values[order])
    held = np.bincount(owner, weights=counts[np.argsort(order)], minlength=len(names)).astype(np.int64)
    first = order[np.searchsorted(owner[order], np.arange(len(names)))]
    tracks = sounds.Tracks(items, np.concatenate([[0], np.cumsum(held)]))
    shared = sounds.shared(tracks, mine)
    holders = dict(
        zip(shared.stretches, sounds.holders(shared.stretches, _stacks(names, copies)), strict=True)
    )
    found = [
        _pair(one, holders[one], names, held.tolist(), table.at_seconds[first].tolist())
        for one in sounds.nearest(shared.stretches)
        if mine is None or one.a in mine or one.b in mine
    ]
    return Heard(tuple(sorted(found, key=lambda one: (one.a, one.b))), tuple(_common(shared.common)))


def lacking(catalogue: Catalogue, films: Collection[str]) -> list[str]:
    """Of some films those with sound that were never heard, sorted."""
    held = {
        bytes(one).hex() for one in np.unique(catalogue.fingerprints(KIND, VERSION, width=0).sha256, axis=0)
    }
    return sorted(catalogue.facts_of(sorted(set(films) - held), (FactName.AUDIO_CODEC,)))


def _stacks(names: Sequence[str], copies: Iterable[NearPair]) -> list[int]:
    """Of each film a number that all its copies have too."""
    stacks = Stacks(
        (one.a, one.b)
        for one in copies
        if one.shared is not None and max(one.shared.share_a, one.shared.share_b) >= COPIED
    )
    number: dict[str, int] = {}
    return [number.setdefault(stacks.first(name), len(number)) for name in names]


def _pair(
    one: sounds.Stretch, holders: int, names: Sequence[str], held: Sequence[int], starts: Sequence[float]
) -> SoundPair:
    seconds = (one.length - 1) * sound.STEP + sound.SPAN
    return SoundPair(
        names[one.a],
        names[one.b],
        one.bit_error,
        round(seconds, 2),
        at_a=round(starts[one.a] + one.at_a * sound.STEP, 2),
        at_b=round(starts[one.b] + one.at_b * sound.STEP, 2),
        share=round(one.length / min(held[one.a], held[one.b]), 4),
        holders=holders,
    )


def _hear(
    catalogue: Catalogue,
    settings: EngineSettings,
    films: Sequence[str],
    progress: Told,
    stop: threading.Event | None,
) -> Iterator[str]:
    """Hear films and keep what they sound of; gives in words what was left out."""
    done = 0
    with _Listeners(catalogue, settings) as listeners:
        try:
            require_cage(settings)
            for done in range(0, len(films), BATCH):
                if stop is not None and stop.is_set():
                    break
                progress(Progress("listening", done, files_total=len(films)))
                some = films[done : done + BATCH]
                owned = [(sha256, one) for sha256, made in listeners.hear(some) for one in made]
                if owned:
                    catalogue.record_fingerprints(owned)
        except CageError as error:
            yield (
                f"{error} Without it no sound is heard: "
                f"{counted(len(films) - done, 'film was', 'films were')} not"
            )
    if listeners.away:
        yield f"{counted(listeners.away, 'film was', 'films were')} not heard: no original is at hand"
    if listeners.mute:
        yield f"the sound of {counted(listeners.mute, 'film')} cannot be decoded"


@dataclass(slots=True)
class _Listeners:
    """Threads that hear films, each with its caged worker."""

    catalogue: Catalogue
    settings: EngineSettings
    away: int = 0
    mute: int = 0
    _threads: CagedThreads[Renderer] = field(init=False)

    def __enter__(self) -> Self:
        self._threads = CagedThreads(lambda: Renderer(self.settings), self.settings.workers)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.__exit__(kind, error, trace)

    def hear(self, films: Sequence[str]) -> list[tuple[str, list[Fingerprint]]]:
        """What each of some films sounds of; without those of which the original is not at hand."""
        media = self.catalogue.media_many(films)
        heard = self._threads.each(self._heard, [media[one] for one in films if one in media])
        self.away += sum(made is None for _, made in heard)
        self.mute += sum(made is not None and not made[1] for _, made in heard)
        return [(sha256, made[0]) for sha256, made in heard if made is not None]

    def _heard(self, media: Media) -> tuple[str, tuple[list[Fingerprint], bool] | None]:
        """Values of one film, and whether they came of sound; an empty one where it cannot be decoded."""
        sha256 = media.digests.sha256
        try:
            with original(self.catalogue, sha256, self.settings) as untrusted_fd:
                start, pieces = self._threads.worker().sound(
                    untrusted_fd, ContentType(Family.VIDEO, media.format)
                )
                return sha256, (sound.Sound().make(pieces, start), True)
        except OriginalAway:
            return sha256, None
        except (CannotRender, UsageError):
            return sha256, (sound.Sound().make(()), False)


def _common(films: int) -> Iterator[str]:
    if films:
        yield (
            f"sounds that more than {sounds.HOLDERS_AT_MOST} films hold were left out: "
            f"{counted(films, 'film holds', 'films hold')} some"
        )
