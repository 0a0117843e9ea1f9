"""Counts over all that is held, on which strengths rest: how rare a trace is, how often a model is at work.

They are filled by one pass that keeps no media, so that linking a batch needs nothing else of what it does
not touch. The whole linking counts by the very same code. Counts propose nothing.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.model import FactName, Linkable
from foureyes.engine.series.links.claims import identifiers_of, owners_of
from foureyes.engine.series.links.moments import Crowds, HolderPair, holder, key_of
from foureyes.engine.series.links.places import Cell, Visit, cell_of, visit_of
from foureyes.engine.series.links.shots import Shot
from foureyes.engine.series.links.tokens import NONE, token
from foureyes.engine.series.links.traces import clock_of, naming_of, signature_of

YEAR = 365 * 86_400.0
_RUN_BREAK = 10 * 60.0
"""Seconds without a shot after which the next one is another session, of whatever body."""
_WORTHLESS = {"", "unknown", "none", "n/a", "na", "misc", "other", "others", "unidentified", "new", "test"}
"""Names of series that say nothing."""
_SECOND = 1e9

Run = tuple[str, str, str]
"""Maker, model and clock."""
K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)


class Traits(NamedTuple):
    """What one media states, as far as others are counted that state the same."""

    shot: Shot
    run: Run | None
    cell: Cell | None
    clock: tuple[str, float] | None
    """The pattern of its name, and the moment in it."""
    signature: str
    naming: str
    owners: Mapping[str, FactName]
    identifiers: frozenset[str]
    series: tuple[str, ...]
    """As its sources name them."""
    folders: tuple[str, ...]
    modified_ns: int | None

    @property
    def serial(self) -> str:
        """Of the body; only beside a model."""
        return self.shot.serial if self.shot.model else ""

    @property
    def lens_serial(self) -> str:
        """Of the lens; only beside a model of camera."""
        return self.shot.lens_serial if self.shot.model else ""


class Holders(NamedTuple):
    """Who states the name of one owner."""

    media: int
    models: int
    """Models of camera among them."""


@dataclass(frozen=True, slots=True)
class Rarity:
    """How many media have each trace, and how many have any."""

    holders: Mapping[str, int]
    every: int


@dataclass(frozen=True, slots=True)
class Corpus:
    """What all that is held comes to; of a batch, only under the keys that its media state."""

    media: int = 0
    sessions: Mapping[Run, float] = field(default_factory=dict)
    """How often a model starts a run somewhere, a second."""
    naming_sessions: Mapping[str, float] = field(default_factory=dict)
    """The same by the moments in names, by their pattern."""
    models: Mapping[str, int] = field(default_factory=dict)
    """Models of camera that state a body serial."""
    lenses: Mapping[str, int] = field(default_factory=dict)
    """Models of lens that state a lens serial."""
    visits: Mapping[Cell, frozenset[Visit]] = field(default_factory=dict)
    copied: frozenset[int] = frozenset()
    """Keys of moments (`moments.key_of`) that too many pictures with a camera state."""
    copied_places: frozenset[int] = frozenset()
    """The same among those that state a place."""
    crowded: frozenset[str] = frozenset()
    """Identifiers that too many different pictures state."""
    builds: Rarity = Rarity({}, 0)
    namings: Rarity = Rarity({}, 0)
    owners: Mapping[str, Holders] = field(default_factory=dict)
    called: Mapping[str, int] = field(default_factory=dict)
    """Media in each series that sources name."""
    folders: Mapping[str, int] = field(default_factory=dict)
    gaps: Mapping[str, float] = field(default_factory=dict)
    """Seconds from one time of a file to the next in each folder, if they were spread evenly."""


def traits_of(media: Linkable, shot: Shot) -> Traits:
    """Read what is counted of one media."""
    run = (shot.maker.casefold(), shot.model.casefold(), shot.clock)
    return Traits(
        shot,
        run if shot.model and shot.taken is not None else None,
        cell_of(shot) if shot.latitude is not None else None,
        name_clock(media),
        signature_of(media),
        naming_of(media.paths[0]) if media.paths else "",
        owners_of(media),
        identifiers_of(media),
        series_names(media),
        media.folders,
        media.modified_ns,
    )


def name_clock(media: Linkable) -> tuple[str, float] | None:
    """The moment in a name, with the pattern of the name: phones write local time or UTC."""
    for path in media.paths:
        if (moment := clock_of(path)) is not None:
            return naming_of(path), moment
    return None


def series_names(media: Linkable) -> tuple[str, ...]:
    """Series that sources name, in one spelling."""
    stated = (str(one.value) for one in media.facts if one.name is FactName.SERIES_NAME)
    return tuple(sorted({" ".join(one.casefold().split()) for one in stated} - _WORTHLESS))


class Wanted:
    """The keys that some media state: of all others nothing need be counted."""

    def __init__(self, stated: Iterable[Traits], cells: Iterable[Cell]) -> None:
        """`cells`: those of which visits matter, around the media's own."""
        self.runs: set[Run] = set()
        self.patterns: set[str] = set()
        self.serials: set[str] = set()
        self.lens_serials: set[str] = set()
        self.owners: set[str] = set()
        self.identifiers: set[str] = set()
        self.series: set[str] = set()
        self.folders: set[str] = set()
        self.traces: set[str] = set()
        self.cells = set(cells)
        for one in stated:
            self._add(one)

    def _add(self, one: Traits) -> None:
        if one.run is not None:
            self.runs.add(one.run)
        if one.clock is not None:
            self.patterns.add(one.clock[0])
        self.serials.update({one.serial} - {""})
        self.lens_serials.update({one.lens_serial} - {""})
        self.owners.update(one.owners)
        self.identifiers |= one.identifiers
        self.series.update(one.series)
        self.folders.update(one.folders)
        self.traces |= {one.signature, one.naming} - {""}


class Counting:
    """Counts in the making: give it every media once, then ask for the corpus."""

    def __init__(self, wanted: Wanted | None = None) -> None:
        """Count all, or only what is stated under wanted keys; moments are counted of all, 32 bytes each."""
        self._wanted = wanted
        self._media = 0
        self._moments, self._places, self._identified = Crowds(), Crowds(), Crowds()
        self._identifiers: dict[str, int] = {}
        self._runs = _Times[Run]()
        self._patterns = _Times[str]()
        self._models = _Stated[str, int]()
        self._lenses = _Stated[str, int]()
        self._visits = _Stated[Cell, Visit]()
        self._builds, self._namings = _Traces(), _Traces()
        self._owners: dict[str, tuple[list[int], set[int]]] = {}
        self._called: Counter[str] = Counter()
        self._folders: Counter[str] = Counter()
        self._gaps: dict[str, list[int]] = {}

    def add(self, one: Traits) -> None:
        """Count one media."""
        self._media += 1
        self._add_shot(one)
        self._add_traces(one)
        self._add_claims(one)

    def suspects(self) -> NDArray[np.uint64]:
        """Media (`moments.holder`) of which `corpus` must know which are copies of one picture."""
        crowds = (self._moments, self._places, self._identified)
        return np.unique(np.concatenate([one.suspects() for one in crowds]))

    def corpus(self, near: Iterable[HolderPair]) -> Corpus:
        """What was counted. `near`: pairs of suspects that show one picture."""
        pairs = list(near)
        copied, places = self._moments.copied(pairs), self._places.copied(pairs)
        crowded = self._identified.copied(pairs)
        return Corpus(
            media=self._media,
            sessions=self._runs.rates(copied),
            naming_sessions=self._patterns.rates(frozenset()),
            models={one: len(stated) for one, stated in self._models.without(copied)},
            lenses={one: len(stated - {NONE}) for one, stated in self._lenses.without(copied)},
            visits=dict(self._visits.without(places)),
            copied=copied,
            copied_places=places,
            crowded=frozenset(one for one, key in self._identifiers.items() if key in crowded),
            builds=self._builds.rarity(),
            namings=self._namings.rarity(),
            owners={
                name: Holders(count[0], len(models - {NONE}))
                for name, (count, models) in self._owners.items()
            },
            called=self._called,
            folders=self._folders,
            gaps={name: (last - first) / _SECOND / many for name, (first, last, many) in self._gaps.items()},
        )

    def _add_shot(self, one: Traits) -> None:
        shot, wanted, key = one.shot, self._wanted, key_of(one.shot)
        if shot.model:
            if key:
                self._moments.add(key, holder(shot.sha256))
            if one.run is not None and (wanted is None or one.run in wanted.runs):
                self._runs.add(one.run, shot.taken or 0.0, key)
            if shot.serial and (wanted is None or shot.serial in wanted.serials):
                self._models.add(shot.serial, token(shot.model.casefold()), key)
            if shot.lens_serial and (wanted is None or shot.lens_serial in wanted.lens_serials):
                self._lenses.add(shot.lens_serial, token(shot.lens.casefold()), key)
        if one.cell is not None:
            if key:
                self._places.add(key, holder(shot.sha256))
            if wanted is None or one.cell in wanted.cells:
                self._visits.add(one.cell, visit_of(shot), key)

    def _add_traces(self, one: Traits) -> None:
        wanted = self._wanted
        self._builds.add(one.signature, wanted)
        self._namings.add(one.naming, wanted)
        if one.clock is not None and (wanted is None or one.clock[0] in wanted.patterns):
            self._patterns.add(*one.clock, 0)
        for folder in one.folders:
            if wanted is None or folder in wanted.folders:
                self._folders[folder] += 1
        if one.folders and one.modified_ns is not None:
            folder, at = one.folders[0], one.modified_ns
            if wanted is None or folder in wanted.folders:
                gap = self._gaps.setdefault(folder, [at, at, 0])
                gap[:] = min(gap[0], at), max(gap[1], at), gap[2] + 1

    def _add_claims(self, one: Traits) -> None:
        wanted = self._wanted
        for owner in one.owners:
            if wanted is None or owner in wanted.owners:
                count, models = self._owners.setdefault(owner, ([0], set()))
                count[0] += 1
                models.add(token(one.shot.model.casefold()))
        for identifier in one.identifiers:
            if wanted is None or identifier in wanted.identifiers:
                key = self._identifiers.setdefault(identifier, len(self._identifiers))
                self._identified.add(key, holder(one.shot.sha256))
        for name in one.series:
            if wanted is None or name in wanted.series:
                self._called[name] += 1


class _Times(Generic[K]):
    """Moments under each key, with the keys of those moments, 16 bytes each."""

    def __init__(self) -> None:
        self._held: dict[K, tuple[array[float], array[int]]] = {}

    def add(self, key: K, at: float, moment: int) -> None:
        times, moments = self._held.setdefault(key, (array("d"), array("q")))
        times.append(at)
        moments.append(moment)

    def add_all(self, key: K, at: NDArray[np.float64], moment: NDArray[np.int64]) -> None:
        times, moments = self._held.setdefault(key, (array("d"), array("q")))
        times.frombytes(at.tobytes())
        moments.frombytes(moment.tobytes())

    def rates(self, copied: frozenset[int]) -> dict[K, float]:
        """How often a run begins a second, over a year at least; without moments that were copied."""
        rates = {}
        barred = np.array(sorted(copied), np.int64)
        for key, (times, moments) in self._held.items():
            held = np.array(times)
            if len(barred):
                held = held[~np.isin(np.array(moments, np.int64), barred)]
            if len(held):
                held.sort()
                starts = 1 + int(np.count_nonzero(np.diff(held) > _RUN_BREAK))
                rates[key] = starts / max(YEAR, float(held[-1] - held[0]))
        return rates


class _Stated(Generic[K, V]):
    """Values stated under each key, with the keys of the moments of those who state them."""

    def __init__(self) -> None:
        self._held: dict[K, dict[V, set[int]]] = defaultdict(dict)

    def add(self, key: K, value: V, moment: int) -> None:
        self._held[key].setdefault(value, set()).add(moment)

    def without(self, copied: frozenset[int]) -> Iterator[tuple[K, frozenset[V]]]:
        """The values under each key that not only copied moments state."""
        for key, values in self._held.items():
            yield key, frozenset(value for value, moments in values.items() if not moments <= copied)


class _Traces:
    """Traces of makers, and who has any."""

    def __init__(self) -> None:
        self._holders: Counter[str] = Counter()
        self._every = 0

    def add(self, trace: str, wanted: Wanted | None) -> None:
        if trace:
            self._every += 1
            if wanted is None or trace in wanted.traces:
                self._holders[trace] += 1

    def add_all(self, every: int, holders: Mapping[str, int]) -> None:
        self._every += every
        self._holders.update(holders)

    def rarity(self) -> Rarity:
        return Rarity(self._holders, self._every)
