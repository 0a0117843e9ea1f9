"""What media state, as numbers in columns: some 200 bytes each, counted and searched without reading any.

Texts are numbers here (`tokens.py`). Who is found by them is read as a media then. Nothing is decided here,
and nothing is kept on a disk.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.model import Linkable
from foureyes.engine.series.links.corpus import Traits, traits_of
from foureyes.engine.series.links.moments import key_of
from foureyes.engine.series.links.neighbours import place_in_folder
from foureyes.engine.series.links.places import Cell, by_time, day_of
from foureyes.engine.series.links.shots import shot_of
from foureyes.engine.series.links.tokens import NONE, token

VERSION = 1
"""Raised whenever the same media would have other columns."""
_AT_ONCE = 20_000
_LATEST = float("inf")
"""Where a media stands that states no time: after all that do."""
_NAME_BYTES = 24
_NUMBER_AT_MOST = 2**62
NO_CELL = -(2**63)
_NO_TIME = -(2**63)
K = TypeVar("K")

Index = NDArray[np.int64]
Column = NDArray[Any]

ROW = np.dtype(
    [
        ("sha256", "u1", 32),
        *(
            (name, "i8")
            for name in ("model", "moment", "run", "serial", "lens_serial", "lens", "cell", "day")
        ),
        *((name, "f8") for name in ("taken", "timed", "at", "clock_at")),
        *((name, "i8") for name in ("clock", "signature", "naming", "folder", "modified", "number")),
        ("name", f"S{_NAME_BYTES}"),
    ]
)
"""`taken` is 0 where no time is stated, `timed` and `at` (of a place) are later than all then."""
CLAIM = np.dtype([("row", "i8"), ("kind", "u1"), ("what", "i8")])


class Kind(IntEnum):
    """What a media may state several of."""

    OWNER = 1
    IDENTIFIER = 2
    SERIES = 3
    FOLDER = 4


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """One array for each field of `ROW`, and for each of `CLAIM`."""

    of_media: Mapping[str, Column]
    of_claims: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.of_media["model"])

    def __getitem__(self, name: str) -> Column:
        return self.of_media[name]

    @property
    def holders(self) -> NDArray[np.uint64]:
        """Each media by its first 64 bits (`moments.holder`)."""
        first = np.ascontiguousarray(self["sha256"][:, :8])
        return first.view(">u8").reshape(-1).astype(np.uint64)

    def names(self, rows: Index) -> set[str]:
        """SHA-256 of some media."""
        return {bytes(one).hex() for one in self["sha256"][rows]}

    def places_of(self, sha256s: Collection[str]) -> NDArray[np.bool_]:
        """(n,): which are of some media."""
        heads = np.array(sorted({int(one[:16], 16) for one in sha256s}), np.uint64)
        held = np.flatnonzero(among(self.holders, heads))
        found = np.zeros(len(self), bool)
        found[[row for row in held.tolist() if bytes(self["sha256"][row]).hex() in sha256s]] = True
        return found

    def claims(self, kind: Kind) -> tuple[Column, Index]:
        """What is stated of one kind, and by whom."""
        mine = self.of_claims["kind"] == kind
        return self.of_claims["what"][mine], self.of_claims["row"][mine]

    def where(self, keep: NDArray[np.bool_]) -> Columns:
        """Those of some media."""
        if keep.all():
            return self
        kept = keep[self.of_claims["row"]]
        claims = {name: column[kept] for name, column in self.of_claims.items()}
        claims["row"] = (np.cumsum(keep) - 1)[claims["row"]]
        return Columns({name: column[keep] for name, column in self.of_media.items()}, claims)

    @classmethod
    def together(cls, parts: Sequence[Columns]) -> Columns:
        """One after the other."""
        parts = [one for one in parts if len(one)] or parts[:1]
        if len(parts) == 1:
            return parts[0]
        starts = np.cumsum([0, *map(len, parts)])
        media = {name: np.concatenate([one[name] for one in parts]) for name in ROW.names or ()}
        claims = {name: np.concatenate([one.of_claims[name] for one in parts]) for name in ("kind", "what")}
        rows = [one.of_claims["row"] + start for one, start in zip(parts, starts, strict=False)]
        return cls(media, {**claims, "row": np.concatenate(rows)})

    @classmethod
    def of(cls, media: Iterable[Linkable]) -> Columns:
        """Of media that are read one after the other; none is kept."""
        parts, waiting = [_made(())], iter(media)
        while some := [(one, traits_of(one, shot_of(one))) for one in islice(waiting, _AT_ONCE)]:
            parts.append(_made(some))
        return cls.together(parts)


def among(column: Column, wanted: Column) -> NDArray[np.bool_]:
    """(n,): which numbers are among some, which rise."""
    if not len(wanted):
        return np.zeros(len(column), bool)
    at = np.minimum(np.searchsorted(wanted, column), len(wanted) - 1)
    return np.asarray(wanted[at] == column)


def groups(column: Column, wanted: Mapping[int, K]) -> Iterator[tuple[K, Index]]:
    """Of each number that is asked for the places at which it stands, if there are any."""
    rows = np.flatnonzero(among(column, np.array(sorted(wanted), np.int64)))
    rows = rows[np.argsort(column[rows], kind="stable")]
    held = column[rows]
    for some in np.split(rows, np.flatnonzero(held[1:] != held[:-1]) + 1) if len(rows) else ():
        yield wanted[int(column[some[0]])], some


def cell_number(cell: Cell) -> int:
    """A cell as one number."""
    return (cell[0] << 32) + cell[1]


def _made(media: Sequence[tuple[Linkable, Traits]]) -> Columns:
    rows = np.array([_row(one, traits) for one, traits in media], ROW)
    claims = [claim for number, (_, one) in enumerate(media) for claim in _claims(number, one)]
    stated = np.array(claims, CLAIM)
    return Columns(
        {name: np.ascontiguousarray(rows[name]) for name in ROW.names or ()},
        {name: np.ascontiguousarray(stated[name]) for name in CLAIM.names or ()},
    )


def _row(media: Linkable, one: Traits) -> tuple[Any, ...]:
    shot = one.shot
    late, at, _ = by_time(shot)
    _, before, number, _, _ = place_in_folder(media) if one.folders else ("", "", 0, "", "")
    name = before.encode("utf-8", "surrogatepass")
    return (
        list(bytes.fromhex(media.sha256)),
        token(shot.model.casefold()),
        key_of(shot),
        NONE if one.run is None else token(*one.run),
        token(one.serial),
        token(one.lens_serial),
        token(shot.lens.casefold()),
        NO_CELL if one.cell is None else cell_number(one.cell),
        day_of(shot),
        shot.taken or 0.0,
        _LATEST if shot.taken is None else shot.taken,
        _LATEST if late else at,
        0.0 if one.clock is None else one.clock[1],
        NONE if one.clock is None else token(one.clock[0]),
        token(one.signature),
        token(one.naming),
        token(one.folders[0]) if one.folders else NONE,
        _NO_TIME if one.modified_ns is None else one.modified_ns,
        min(number, _NUMBER_AT_MOST) if len(name) <= _NAME_BYTES else _NUMBER_AT_MOST,
        name[:_NAME_BYTES],
    )


def _claims(row: int, one: Traits) -> Iterator[tuple[int, int, int]]:
    stated = (
        (Kind.OWNER, one.owners),
        (Kind.IDENTIFIER, one.identifiers),
        (Kind.SERIES, one.series),
        (Kind.FOLDER, one.folders),
    )
    return ((row, int(kind), token(what)) for kind, said in stated for what in said)


def stated_times(columns: Columns, rows: Index) -> NDArray[np.int64]:
    """Of some media those moments of files that are stated."""
    modified = columns["modified"][rows]
    return np.asarray(modified[modified != _NO_TIME])
