"""What links are made from, of all media or of some: facts, paths, folders. Read by pages, none is kept.

Why media belong together is decided elsewhere. Nothing is written here.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection, Row

from foureyes.engine.catalogue import rows, schema
from foureyes.engine.catalogue.asking import Asking
from foureyes.engine.catalogue.fact_rows import all_facts, within
from foureyes.engine.catalogue.hits import irrelevant_media
from foureyes.engine.catalogue.lookups import chunks
from foureyes.engine.model import FactName, Linkable

PAGE = 5000
"""Media read at once."""
_PER_FRAME = "pdq"

Numbers = NDArray[np.uint64]


class Linkables(Asking):
    """Questions of linking about media; `Catalogue` is this and more."""

    def linkable(self, names: Collection[FactName]) -> Iterator[Linkable]:
        """All media with what links are made from, in the order in which they came.

        Facts of these names, paths, folders, number of frames. Media that are set aside as irrelevant are not
        among them, nor those that no path holds any more.
        """
        frames, set_aside = self._frames(), self._set_aside()
        table, last = schema.media, 0
        while True:
            with self._store.database.reading() as connection:
                page = sa.select(*_COLUMNS).where(table.c.id > last).order_by(table.c.id).limit(PAGE)
                found = connection.execute(page).all()
                if not found:
                    return
                last = found[-1].id
                made = self._made(connection, found, names, frames)
            yield from (one for one in made if one.sha256 not in set_aside)

    def linkable_of(self, sha256s: Collection[str], names: Collection[FactName]) -> Iterator[Linkable]:
        """The same of some media; those that are not held are left out."""
        frames, set_aside, table = self._frames(), self._set_aside(), schema.media
        for chunk in chunks(sorted(set(sha256s) - set_aside)):
            wanted = {rows.sha256_bytes(one) for one in chunk}
            keys = [rows.digest_key(one) for one in wanted]
            with self._store.database.reading() as connection:
                found = connection.execute(sa.select(*_COLUMNS).where(table.c.sha_key.in_(keys))).all()
                held = [row for row in found if bytes(row.sha256) in wanted]
                made = self._made(connection, held, names, frames)
            yield from made

    def _made(
        self, connection: Connection, page: Sequence[Row[Any]], names: Collection[FactName], frames: Numbers
    ) -> list[Linkable]:
        texts = self._store.words.texts(connection)
        ids = [row.id for row in page]
        facts = all_facts(connection, ids, names, texts)
        places, counts = _places(connection, ids), _counted(page, frames)
        return [
            Linkable(
                bytes(row.sha256).hex(),
                rows.media_kind(row.kind),
                tuple(facts.get(row.id, ())),
                tuple(sorted(here.paths)),
                count,
                format=texts[row.format],
                width=row.width,
                height=row.height,
                modified_ns=min(here.modified, default=None),
                folders=tuple(sorted(here.folders)),
            )
            for row, count in zip(page, counts, strict=True)
            if (here := places.get(row.id)) is not None
        ]

    def _set_aside(self) -> frozenset[str]:
        with self._store.database.reading() as connection:
            return irrelevant_media(connection)

    def _frames(self) -> Numbers:
        """The media of every fingerprint by its first 64 bits, sorted: 8 bytes a fingerprint."""
        return np.sort(_first_bits(self.fingerprints(_PER_FRAME, width=0).sha256))


_COLUMNS = tuple(schema.media.c[name] for name in ("id", "sha256", "kind", "format", "width", "height"))


class _Places(NamedTuple):
    """Where one media lies."""

    paths: list[str]
    folders: set[str]
    modified: list[int]


def _counted(page: Sequence[Row[Any]], frames: Numbers) -> list[int]:
    """How many fingerprints each media of a page has."""
    asked = _first_bits(np.frombuffer(b"".join(bytes(row.sha256) for row in page), np.uint8).reshape(-1, 32))
    found = np.searchsorted(frames, asked, side="right") - np.searchsorted(frames, asked)
    counts: list[int] = found.tolist()
    return counts


def _first_bits(sha256: NDArray[np.uint8]) -> Numbers:
    return sha256[:, :8].copy().view(">u8").reshape(-1).astype(np.uint64)


def _places(connection: Connection, ids: Sequence[int]) -> Mapping[int, _Places]:
    table = schema.occurrence
    columns = (table.c.media_id, table.c.source_id, table.c.path, table.c.path_raw, table.c.modified_ns)
    found: dict[int, _Places] = defaultdict(lambda: _Places([], set(), []))
    for condition in within(table.c.media_id, ids):
        for number, source, path, raw, modified in connection.execute(
            sa.select(*columns).where(condition)
        ).all():
            whole, here = rows.path_as_it_was(path, raw), found[number]
            here.paths.append(whole)
            here.folders.add(sys.intern(f"{source}:{whole.rpartition('/')[0]}"))
            if modified is not None:
                here.modified.append(modified)
    return found
