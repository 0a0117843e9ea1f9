"""Which held media a batch could be linked with by what they state: its neighbours in every order of links.

Columns of all that is held tell the counts and who may be near; only those are read, and looked at here as
they stand in each order. Whatever links a media of the batch in the whole corpus links it among these too.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.model import Linkable
from foureyes.engine.series.links.columns import Columns
from foureyes.engine.series.links.corpus import Corpus, Traits, Wanted, traits_of
from foureyes.engine.series.links.moments import HolderPair, key_of
from foureyes.engine.series.links.nearby import candidates
from foureyes.engine.series.links.neighbours import place_in_folder
from foureyes.engine.series.links.places import Cell, by_time, nine, seen_from
from foureyes.engine.series.links.same_camera import LATEST_PAUSE
from foureyes.engine.series.links.same_camera import LOOKED_AHEAD as SHOTS_AHEAD
from foureyes.engine.series.links.same_place_time import LOOKED_AHEAD as PLACED_AHEAD
from foureyes.engine.series.links.shots import shot_of
from foureyes.engine.series.links.tallies import Tallies

_PRUNED_AT = 64
"""Media held between two of the batch before those that are not next to either are let go."""
_ANYWHERE = float("inf")

Place = tuple[Any, ...]
"""Where a media stands in an order; its SHA-256 is the last part."""


class Around:
    """Give it every media of the corpus that is not of the batch, then ask who is near."""

    def __init__(self, batch: Mapping[str, tuple[Linkable, Traits]]) -> None:
        """`batch`: its media by SHA-256."""
        self._lines: dict[tuple[object, ...], _Line] = {}
        self.seen_by: dict[Cell, list[Cell]] = {}
        """Of each cell those that see it, of which the orders hold its shots."""
        self._identified: dict[str, _Holders] = {}
        self._folders = {traits.folders[0] for _, traits in batch.values() if traits.folders}
        for cell in sorted({cell for _, traits in batch.values() for cell in _cells_seeing(traits)}):
            for one in nine(cell):
                self.seen_by.setdefault(one, []).append(cell)
        for sha256, (media, traits) in batch.items():
            for identifier in traits.identifiers:
                held = self._identified.setdefault(identifier, _Holders(sha256))
                held.smallest_new = min(held.smallest_new, sha256)
            for key, place in self._orders(media, traits):
                self._lines.setdefault(key, _Line(str(key[0]))).new.append(place)
        for line in self._lines.values():
            line.new.sort()

    def wanted(self, batch: Iterable[Traits]) -> Wanted:
        """The keys under which the corpus is to be counted."""
        return Wanted(batch, self.seen_by)

    def add(self, media: Linkable, traits: Traits) -> None:
        """Look at one media that is not of the batch."""
        moment = key_of(traits.shot)
        for key, place in self._orders(media, traits):
            if (line := self._lines.get(key)) is not None:
                line.add(place, moment)
        for identifier in traits.identifiers:
            if (held := self._identified.get(identifier)) is not None:
                held.add(media.sha256)

    def chosen(self, corpus: Corpus) -> set[str]:
        """SHA-256 of all that is near. `corpus` says which shots are not what they state."""
        found: set[str] = set()
        for key, line in self._lines.items():
            found.update(line.near(corpus.copied_places if key[0] == _PLACED else corpus.copied))
        for identifier, held in self._identified.items():
            if identifier not in corpus.crowded:
                found.update(held.first_and_its_own())
        return found

    def _orders(self, media: Linkable, one: Traits) -> Iterator[tuple[tuple[object, ...], Place]]:
        """The orders in which a media stands, by a kind and a key, and its place in each."""
        yield from self._orders_of_shots(one)
        name = one.shot.sha256
        if one.clock is not None:
            yield ("clock", one.clock[0]), (one.clock[1], name)
        if one.folders and one.folders[0] in self._folders:  # taking a name apart is dear
            yield ("folder", one.folders[0]), place_in_folder(media)
        for owner in one.owners:
            yield ("owner", owner), (one.shot.taken or 0.0, name)
        for series in one.series:
            yield ("series", series), (name,)

    def _orders_of_shots(self, one: Traits) -> Iterator[tuple[tuple[object, ...], Place]]:
        shot, name = one.shot, one.shot.sha256
        timed = (shot.taken is None, shot.taken or 0.0, name)
        if one.run is not None:
            yield (_RUN, *one.run), (shot.taken or 0.0, shot.number or 0, name)
        if one.serial:
            yield (_BODY, one.serial, shot.model.casefold()), timed
        if one.lens_serial:
            yield (_LENS, one.lens_serial), timed
        if one.cell is not None:
            for cell in self.seen_by.get(one.cell, ()):
                yield (_PLACED, *cell), by_time(shot)


_RUN, _BODY, _LENS, _PLACED = "run", "body", "lens", "placed"
_REACH = {_RUN: SHOTS_AHEAD, _BODY: 2, _LENS: 2, _PLACED: PLACED_AHEAD}
"""How many media after it a maker looks at in an order of shots; in all others the next one."""


class _Line:
    """Held media in one order, around the places of the batch in it.

    Of an order of shots nothing is let go: which of them state copied metadata is known after the pass.
    """

    def __init__(self, kind: str) -> None:
        self.new: list[Place] = []
        """Of the batch, rising."""
        self._reach = _REACH.get(kind, 1)
        self._prunes, self._within = kind not in _REACH, LATEST_PAUSE if kind == _RUN else _ANYWHERE
        self._between: dict[int, list[tuple[Place, int]]] = {}
        """Held media with the keys of their moments, by how many of the batch come before."""

    def add(self, place: Place, moment: int) -> None:
        after = bisect(self.new, place)
        if self._within < _ANYWHERE and not self._is_soon(place[0], self.new[max(0, after - 1) : after + 1]):
            return
        held = self._between.setdefault(after, [])
        held.append((place, moment))
        if self._prunes and len(held) >= _PRUNED_AT:
            held.sort()
            held[self._reach : -self._reach] = []

    def near(self, copied: frozenset[int]) -> Iterator[str]:
        for held in self._between.values():
            places = sorted(place for place, moment in held if self._prunes or moment not in copied)
            for place in (*places[: self._reach], *places[-self._reach :]):
                yield place[-1]

    def _is_soon(self, at: float, beside: Sequence[Place]) -> bool:
        return any(abs(at - one[0]) <= self._within for one in beside)


class _Holders:
    """Held media of one identifier: those that it links with the batch."""

    def __init__(self, new: str) -> None:
        self.smallest_new = new
        self._held: list[str] = []

    def add(self, sha256: str) -> None:
        """The smallest of all is linked with each other one: all are kept while that is one of the batch."""
        if sha256 < self.smallest_new:
            self._held = [min([sha256, *self._held[:1]])] if self._found_smaller() else [sha256]
        elif not self._found_smaller():
            self._held.append(sha256)

    def first_and_its_own(self) -> Sequence[str]:
        return self._held

    def _found_smaller(self) -> bool:
        return bool(self._held) and self._held[0] < self.smallest_new


def _cells_seeing(traits: Traits) -> list[Cell]:
    return [] if traits.cell is None else seen_from(traits.cell)


class Survey:
    """What the corpus says of a batch: counts under its keys, and who is near it."""

    def __init__(self, batch: Iterable[Linkable], held: Columns) -> None:
        """`batch`: its media. `held`: the columns of all that is held, those of the batch too."""
        self._batch = {one.sha256: (one, traits_of(one, shot_of(one))) for one in batch}
        self._around = Around(self._batch)
        self._tallies = Tallies(self._around.wanted(traits for _, traits in self._batch.values()))
        self._tallies.add_all(held)
        self._held = held

    def suspects(self) -> NDArray[np.uint64]:
        """Media, by their first 64 bits, of which `corpus` must know which are copies of one picture."""
        return self._tallies.suspects()

    def corpus(self, near: Iterable[HolderPair]) -> Corpus:
        """The counts. `near`: pairs of suspects of one picture."""
        return self._tallies.corpus(near)

    def candidates(self, corpus: Corpus) -> set[str]:
        """SHA-256 of media that may be near."""
        mine = self._held.places_of(self._batch.keys())
        return self._held.names(candidates(self._held, mine, _REACH, self._around.seen_by, corpus))

    def near(self, some: Iterable[Linkable], corpus: Corpus) -> set[str]:
        """Of candidates SHA-256 of those that are near."""
        for one in some:
            self._around.add(one, traits_of(one, shot_of(one)))
        return self._around.chosen(corpus)
