"""One ingest as its driver sees it: hands units out, commits the parts that come back, counts.

Never opens a file of a source: tasks do (`taking_in.py`).
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from foureyes.engine import reading, running
from foureyes.engine.catalogue import Catalogue, read_part
from foureyes.engine.errors import CageError, EngineError
from foureyes.engine.model import Fault, FaultCode, IngestReport, LinkReport, Outcome, Progress, TakenIn, Unit
from foureyes.engine.running.cage import cage_available
from foureyes.engine.running.watching import watched
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.taking_in import RETRIED


class Run:
    """One ingest: hands units out, commits parts as they appear, counts."""

    def __init__(
        self,
        catalogue: Catalogue,
        source_id: int,
        settings: EngineSettings,
        progress: Callable[[Progress], None],
        stop: threading.Event,
        again: Collection[FaultCode],
    ) -> None:
        self.catalogue, self.source_id, self.settings = catalogue, source_id, settings
        self.progress, self.stop, self.again = progress, stop, list(again)
        self.files = self.skipped = self.bytes = self.media_new = 0
        self.outcomes: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.to_try_again: set[str] = set()
        self.fresh = not any(one.id == source_id and one.occurrences for one in catalogue.sources())
        self.kept_before = catalogue.originals.count()
        self._totals: tuple[int, int] | None = None
        self._started = time.monotonic()

    def count_ahead(self, path: Path) -> None:
        """Count files and bytes beside the work, so that the time left can be told."""

        def count() -> None:
            files = size = 0
            with suppress(EngineError, OSError):  # whoever takes in meets the same, and says so
                allowed = self.settings.allow_uncaged
                for unit in reading.plan(path, self.settings.reading, allow_uncaged=allowed):
                    files += max(len(unit.members), len(unit.occurrences))
                    size += unit.size
                self._totals = (files, size)

        threading.Thread(target=count, name="count ahead", daemon=True).start()

    def take_in_all(self, units: Iterable[Unit]) -> None:
        """Take in all units; one whose process died twice is halved until the one poisonous path is named."""
        while died := self._round(units):
            self.fresh = False
            units = [half for unit in died for half in reading.halves(unit)]

    def _round(self, units: Iterable[Unit]) -> list[Unit]:
        """Hand out the units, commit what comes; those whose process died come back."""
        handed: dict[str, Unit] = {}
        died: list[Unit] = []
        with running.make_executor("local", self.settings.workers) as executor:
            for result in watched(executor, self._tasks(units, handed), self.stop):
                self._commit_parts()
                if result is None:
                    self._say_how_far()
                    continue
                unit = handed.pop(result.id)
                if result.error is None:
                    self.skipped += int(str(result.value))
                    self._mark_done(unit, result.id)
                elif reading.halves(unit):
                    died.append(unit)
                else:
                    self._commit([TakenIn(reading.blamed(unit), Outcome.FAULT, fault=result.error)])
        return died

    def _tasks(self, units: Iterable[Unit], handed: dict[str, Unit]) -> Iterator[running.Task]:
        """Tasks of the units that are not done; a unit's id is the same on every planning."""
        workspace = self.catalogue.workspace.path
        done = set() if self.again else self.catalogue.units_done(self.source_id)
        for unit in units:
            key = _unit_key(self.source_id, unit, keep=self.settings.keep_originals)
            if key in done:
                self.skipped += 1
                continue
            handed[key] = unit
            arguments = (unit, self.source_id, workspace, self.settings, key, self.again, self.fresh)
            yield running.Task(key, "foureyes.engine.steps.warm:take_in", arguments)

    def _mark_done(self, unit: Unit, key: str) -> None:
        """A whole archive need not be unpacked again to find that all of it is known."""
        if not unit.members and key not in self.to_try_again:
            self.catalogue.mark_unit(self.source_id, key)

    def _commit_parts(self) -> None:
        """Commit every complete part file and say how far it is."""
        for part in sorted(self.catalogue.workspace.parts.glob("*.parquet")):
            items = read_part(part)
            self._commit(items)
            part.unlink()
            if any(item.fault and item.fault.code in RETRIED for item in items):
                self.to_try_again.add(part.name.partition("-")[0])

    def _commit(self, items: Sequence[TakenIn]) -> None:
        self.media_new += self.catalogue.commit(self.source_id, items).media
        self.files += len(items)
        self.bytes += sum(item.occurrence.size or 0 for item in items)
        self.outcomes.update(item.outcome.value for item in items)
        self.faults.update(fault.code.value for item in items if (fault := _fault_of(item)))
        self._say_how_far()

    def _say_how_far(self) -> None:
        files, size = self._totals or (None, None)
        done, seconds = self.files + self.skipped, time.monotonic() - self._started
        faults = self.faults.total()
        self.progress(Progress("taking in", done, self.bytes, files, size, faults, seconds))

    def report(self, source: str, *, caged: bool, linking: LinkReport | None) -> IngestReport:
        """What it came to."""
        return IngestReport(
            source=source,
            files=self.files,
            skipped=self.skipped,
            bytes=self.bytes,
            media_new=self.media_new,
            outcomes=dict(self.outcomes),
            faults=dict(self.faults),
            seconds=time.monotonic() - self._started,
            caged=caged,
            interrupted=self.stop.is_set(),
            linking=linking,
            kept=self.catalogue.originals.count() - self.kept_before,
        )


def _unit_key(source_id: int, unit: Unit, *, keep: bool) -> str:
    """Names a unit's work: the same paths of the same source give the same key on every run.

    A unit that is a whole archive is another one once the archive has changed, and where its media are kept.
    """
    parts = [str(source_id), unit.reader, unit.root, *unit.members, *(one.path for one in unit.occurrences)]
    if not unit.members:
        with suppress(OSError):
            stat = Path(unit.root).stat()
            parts += [str(stat.st_size), str(stat.st_mtime_ns)]
    if keep:
        parts.append("originals kept")
    text = "\0".join(parts)
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:24]


def require_cage(settings: EngineSettings) -> bool:
    """Whether hostile bytes are caged here; refuses to go on without unless told to."""
    report = cage_available()
    if not report.sealed and not settings.allow_uncaged:
        raise CageError(report.reason)
    return report.sealed


def _fault_of(item: TakenIn) -> Fault | None:
    return item.fault or (item.media.fault if item.media else None)
