"""The counts of `corpus.py`, taken from columns: under the keys of a batch, without a loop over media.

A test holds them against counting media by media. It proposes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.series.links.columns import (
    NO_CELL,
    Columns,
    Index,
    Kind,
    cell_number,
    groups,
    stated_times,
)
from foureyes.engine.series.links.corpus import Counting, Wanted
from foureyes.engine.series.links.moments import NO_MOMENT
from foureyes.engine.series.links.tokens import NONE, token


class Tallies(Counting):
    """Counts under wanted keys; `add_all` is asked once."""

    def __init__(self, wanted: Wanted) -> None:
        super().__init__(wanted)
        self._keys = wanted

    def add_all(self, held: Columns) -> None:
        """Count all media."""
        self._media += len(held)
        self._add_shots(held)
        self._add_all_traces(held)
        self._add_folders(held)
        self._add_all_claims(held)

    def _add_shots(self, held: Columns) -> None:
        timed, keys = held["moment"] != NO_MOMENT, self._keys
        by_camera, placed = timed & (held["model"] != NONE), timed & (held["cell"] != NO_CELL)
        self._moments.add_all(held["moment"][by_camera], held.holders[by_camera])
        self._places.add_all(held["moment"][placed], held.holders[placed])
        runs = {token(*run): run for run in keys.runs}
        for run, rows in groups(held["run"], runs):
            self._runs.add_all(run, held["taken"][rows], held["moment"][rows])
        for serial, rows in groups(held["serial"], _numbers(keys.serials)):
            for model, moment in _both(held, "model", "moment", rows):
                self._models.add(serial, model, moment)
        for serial, rows in groups(held["lens_serial"], _numbers(keys.lens_serials)):
            for lens, moment in _both(held, "lens", "moment", rows):
                self._lenses.add(serial, lens, moment)
        for cell, rows in groups(held["cell"], {cell_number(one): one for one in keys.cells}):
            moments = held["moment"][rows].tolist()
            for visit, moment in zip(_both(held, "day", "model", rows), moments, strict=True):
                self._visits.add(cell, visit, moment)

    def _add_all_traces(self, held: Columns) -> None:
        wanted = _numbers(self._keys.traces)
        for name, traces in (("signature", self._builds), ("naming", self._namings)):
            holders = {trace: len(rows) for trace, rows in groups(held[name], wanted)}
            traces.add_all(int(np.count_nonzero(held[name] != NONE)), holders)
        for pattern, rows in groups(held["clock"], _numbers(self._keys.patterns)):
            self._patterns.add_all(pattern, held["clock_at"][rows], np.zeros(len(rows), np.int64))

    def _add_folders(self, held: Columns) -> None:
        wanted = _numbers(self._keys.folders)
        for folder, rows in groups(held.claims(Kind.FOLDER)[0], wanted):
            self._folders[folder] += len(rows)
        for folder, rows in groups(held["folder"], wanted):
            times = stated_times(held, rows)
            if len(times):
                self._gaps[folder] = [int(times.min()), int(times.max()), len(times)]

    def _add_all_claims(self, held: Columns) -> None:
        owners, by = held.claims(Kind.OWNER)
        for owner, at in groups(owners, _numbers(self._keys.owners)):
            self._owners[owner] = [len(at)], set(held["model"][by[at]].tolist())
        identifiers, by = held.claims(Kind.IDENTIFIER)
        for identifier, at in groups(identifiers, _numbers(self._keys.identifiers)):
            key = self._identifiers.setdefault(identifier, len(self._identifiers))
            for one in held.holders[by[at]].tolist():
                self._identified.add(key, one)
        for series, at in groups(held.claims(Kind.SERIES)[0], _numbers(self._keys.series)):
            self._called[series] += len(at)


def _numbers(texts: AbstractSet[str]) -> Mapping[int, str]:
    return {token(one): one for one in texts}


def _both(held: Columns, one: str, other: str, rows: Index) -> list[tuple[int, int]]:
    pair: tuple[NDArray[np.int64], NDArray[np.int64]] = (held[one][rows], held[other][rows])
    return list(zip(pair[0].tolist(), pair[1].tolist(), strict=True))
