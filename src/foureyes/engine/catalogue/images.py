"""Thumbnails and previews of media, read from the packs. Where they lie is remembered for a bounded number.

A record is never moved and never rewritten (`packs.py`), so a place that is known stays true.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import RowMapping

from foureyes.engine.catalogue import rows, schema
from foureyes.engine.catalogue.lookups import media_rows
from foureyes.engine.catalogue.packs import Place
from foureyes.engine.catalogue.store import Store
from foureyes.engine.errors import UsageError

PLACES_AT_MOST = 100_000
"""Places kept in memory, about 300 bytes each: what 34 officers look at in a day."""


class Images:
    """Questions about the small pictures of media; `Catalogue` is this and more."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def thumbnail(self, sha256: str) -> bytes:
        """JPEG, longer side 256; empty where there is none. Raises UsageError for unknown media."""
        return self.thumbnails([sha256])[0]

    def thumbnails(self, sha256s: Sequence[str]) -> list[bytes]:
        """Thumbnails in the order asked for. Raises UsageError for unknown media."""
        return self._read(sha256s, "thumbnail", remember=True)

    def thumbnails_now(self, sha256s: Sequence[str]) -> list[bytes] | None:
        """The same where all were read before and lie in memory; None where disk or database must be asked.

        Costs microseconds and waits for nothing: an event loop may call it.
        """
        found: list[bytes] = []
        for sha256 in sha256s:
            known = self._store.thumbnail_places.get(sha256)
            content = self._store.pack_reader.read_now(*known) if known else None
            if content is None:
                return None
            found.append(content)
        return found

    def preview(self, sha256: str) -> bytes:
        """16 x 16 grey WebP; empty where there is none. Raises UsageError for unknown media."""
        return self.previews([sha256])[0]

    def previews(self, sha256s: Sequence[str]) -> list[bytes]:
        """Previews in the order asked for. Raises UsageError for unknown media."""
        return self._read(sha256s, "preview", remember=False)

    def image_at(self, row: RowMapping, name: str) -> bytes:
        """The thumbnail or preview that a row of `media` names; empty where it names none."""
        place = _place(row, name)
        if place is None:
            return b""
        return self._store.pack_reader.read(self._store.pack_file(place.pack_id), place)

    def _read(self, sha256s: Sequence[str], name: str, *, remember: bool) -> list[bytes]:
        digests = [rows.sha256_bytes(sha256) for sha256 in sha256s]
        columns = [schema.media.c[f"{name}_{part}"] for part in ("pack", "offset", "length", "crc")]
        with self._store.database.reading() as connection:
            found = media_rows(connection, digests, *columns)
        for digest in digests:
            if digest not in found:
                raise UsageError(f"No media {digest.hex()} is known.")
        if remember:
            self._remember({digest.hex(): _place(found[digest], name) for digest in digests})
        return [self.image_at(found[digest], name) for digest in digests]

    def _remember(self, places: dict[str, Place | None]) -> None:
        # One statement each on a dict: threads may interleave, a place that is lost is looked up again.
        for sha256, place in places.items():
            if place is not None:
                self._store.thumbnail_places[sha256] = (self._store.pack_file(place.pack_id), place)
        while len(self._store.thumbnail_places) > PLACES_AT_MOST:
            self._store.thumbnail_places.popitem(last=False)


def _place(row: RowMapping, name: str) -> Place | None:
    if row[f"{name}_pack"] is None:
        return None
    return Place(row[f"{name}_pack"], row[f"{name}_offset"], row[f"{name}_length"], row[f"{name}_crc"])
