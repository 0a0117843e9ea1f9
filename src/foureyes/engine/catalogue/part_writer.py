"""Collects what a task finds out and writes it as part files, each small enough to be committed at once."""

from __future__ import annotations

from pathlib import Path

from foureyes.engine.catalogue.database import engine_errors
from foureyes.engine.catalogue.parts import write_part
from foureyes.engine.model import TakenIn

PART_ITEMS = 200
"""Media take about a second of work for 200: what is lost when the process is killed."""
PART_BYTES = 64 * 1024**2


class PartWriter:
    """Writes `stem-000000.parquet`, `stem-000001.parquet` …, each complete or absent."""

    def __init__(self, folder: Path, stem: str) -> None:
        self._folder, self._stem = folder, stem
        self._items: list[TakenIn] = []
        self._bytes = self._written = 0

    def add(self, item: TakenIn) -> None:
        """Keep one item; write a part when there are enough."""
        self._items.append(item)
        self._bytes += _weight(item)
        if len(self._items) >= PART_ITEMS or self._bytes >= PART_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is left. Raises StorageFull."""
        if self._items:
            with engine_errors():
                write_part(self._folder / f"{self._stem}-{self._written:06d}.parquet", self._items)
            self._written += 1
            self._items, self._bytes = [], 0


def _weight(item: TakenIn) -> int:
    """Bytes that count in a part: the thumbnail and the fingerprints."""
    if item.media is None:
        return 0
    return len(item.media.thumbnail) + sum(len(one.value) for one in item.media.fingerprints)
