"""Reads a source that is itself one archive: zip, tar, 7z, or a single packed file.

It unpacks nothing to disk. Archives inside folders are opened by the folder reader in the same way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from foureyes.engine.model import Unit
from foureyes.engine.reading.base import Opened
from foureyes.engine.reading.descent import Descent
from foureyes.engine.reading.folder import open_single
from foureyes.engine.reading.loss import Watch
from foureyes.engine.reading.signatures import archive_kind
from foureyes.engine.settings import EngineSettings, ReadingSettings


class ArchiveReader:
    """Takes every file that begins as an archive does."""

    name = "archive"
    version = 1

    def recognises(self, path: Path, untrusted_head: bytes) -> bool:  # noqa: ARG002  the contract's shape
        """Tell by the first bytes, never by the name."""
        return archive_kind(untrusted_head) is not None

    def plan(
        self,
        path: Path,
        settings: ReadingSettings,  # noqa: ARG002  as above
        *,
        allow_uncaged: bool = False,  # noqa: ARG002  as above
    ) -> Iterator[Unit]:
        """Give one unit: members of most archives can only be read in a row."""
        yield Unit(self.name, os.fspath(path), size=path.stat().st_size)

    def open_unit(self, unit: Unit, settings: EngineSettings) -> Iterator[Opened]:
        """Yield every member of the archive."""
        with Descent(settings) as descent:
            yield from open_single(unit.root, Watch(unit.root), descent)
