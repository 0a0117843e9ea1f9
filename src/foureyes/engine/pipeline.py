"""The table of contents of the engine: read it top to bottom.

`ingest` takes a path in (reading, decoding, fingerprints, catalogue), `link` turns what is known into
series (matching, series). This module alone joins the stages; it never looks into a file itself.
"""

from __future__ import annotations

import errno
import hashlib
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, ClassVar

from foureyes.engine import decoding, fingerprints, matching, reading, running, series
from foureyes.engine.catalogue import Catalogue, LockHolder, PartWriter, Workspace, read_part
from foureyes.engine.decoding import ContentType
from foureyes.engine.errors import CageError, EngineError, StorageFull, UsageError
from foureyes.engine.model import (
    Decision,
    DecisionKind,
    Decoded,
    Digests,
    Explanation,
    FactName,
    Fault,
    FaultCode,
    IngestReport,
    LinkReport,
    Media,
    Occurrence,
    Outcome,
    Progress,
    Series,
    TakenIn,
    Unit,
)
from foureyes.engine.running.cage import cage_available
from foureyes.engine.running.watching import watched
from foureyes.engine.settings import EngineSettings

HEAD_BYTES = 4096
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
RETRIED = (
    FaultCode.NO_RIGHTS,
    FaultCode.VANISHED,
    FaultCode.CHANGED,
    FaultCode.READ_ERROR,
    FaultCode.TASK_DIED,
    FaultCode.MISSING_MEDIA,
)
"""Faults of the moment, not of the bytes: a later run tries these paths again."""
CARRIED_OVER = "foureyes: carried over with a merge"
"""Who named a series where a person's name passed to it from one that is part of it now."""
RULED_MEANWHILE = 3
"""Groupings at most in one linking: who rules while it runs was told that it binds when the writer is done.
A bound, since 34 people may rule faster than a large catalogue is grouped."""


def ingest(
    path: Path,
    workspace: Workspace,
    settings: EngineSettings,
    *,
    source: str | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    with_linking: bool = True,
    stop: threading.Event | None = None,
    on_wait: Callable[[LockHolder | None], None] | None = None,
    again: Collection[FaultCode] = (),
) -> IngestReport:
    """Take in everything under `path`, commit it batch by batch, and link it with what is held.

    Killed at any moment, the same call goes on where it stood. Once `stop` is set, what is in flight ends and
    is committed, and the report says `interrupted`. With `on_wait`, told whom, another writer is waited for.
    What ended with a fault of `again` is tried again, as with `RETRIED`, in archives that are done too.

    Raises:
        UsageError: the path does not exist or cannot be opened.
        NothingToDo: there is nothing in it.
        WorkspaceBusy: another process is writing to the workspace.
        CageError: hostile bytes cannot be caged here and `allow_uncaged` is off.
        SourceLost: the device went away; what was committed stands.
    """
    caged = _require_cage(settings)
    path = path.resolve()
    units = reading.plan(path, settings.reading, allow_uncaged=settings.allow_uncaged)
    why = f"ingest of {path}"
    with Catalogue.open(
        workspace, settings, write=True, purpose=why, wait=on_wait is not None, on_wait=on_wait
    ) as catalogue:
        source_id = catalogue.source(source or path.name, str(path), reading.reader_of(path).name)
        run = _Run(catalogue, source_id, settings, progress, stop or threading.Event(), again)
        run.count_ahead(path)
        run.take_in_all(units)
        linking = link(catalogue, progress) if with_linking and not run.stop.is_set() else None
    return run.report(source or path.name, caged=caged, linking=linking)


def take_in(
    unit: Unit,
    source_id: int,
    workspace: Path,
    settings: EngineSettings,
    stem: str,
    again: Sequence[FaultCode],
    fresh: bool,
) -> int:
    """Take in one unit of a source, in a task process: paths to part files.

    Each part is one Parquet file, complete or absent (atomic rename). Its name begins with `stem` and this
    process: a second attempt never replaces a part of the first that the driver is just committing. Returns
    the number of paths skipped since an earlier run took them in; of a `fresh` source there are none, and
    asking for each would cost 0.5 ms. Raises EngineError where the run must end.
    """
    hands = _Hands.of(workspace, settings)
    hands.begin(again)
    writer = PartWriter(hands.catalogue.workspace.parts, f"{stem}-{os.getpid()}")
    skipped = 0
    for opened in reading.open_unit(unit, settings):
        stat = (opened.occurrence.path, opened.occurrence.size, opened.occurrence.times.modified_ns)
        if not fresh and hands.catalogue.taken(source_id, [stat], retry=(*RETRIED, *again)):
            skipped += 1
        else:
            writer.add(hands.take_one(opened.occurrence, opened.stream))
    writer.flush()
    return skipped


def link(catalogue: Catalogue, progress: Callable[[Progress], None] = lambda _: None) -> LinkReport:
    """Turn everything that the catalogue knows into links and series, obeying people's decisions."""
    progress(Progress("matching"))
    near = near_media(catalogue)
    progress(Progress("linking"))
    evidence = series.evidence(catalogue.linkable(series.FACTS), near.pairs)
    for _ in range(RULED_MEANWHILE):
        ruled = catalogue.decisions()
        built = series.build(evidence, ruled, catalogue.all_series(), catalogue.series_ids_given())
        _keep_names(catalogue, built.series)
        catalogue.replace_linking(built.series, built.links, built.aliases)
        if catalogue.decisions() == ruled:
            break
    sizes = [len(one.members) for one in built.series]
    return LinkReport(
        series=len(sizes),
        media_in_series=sum(sizes),
        largest=max(sizes, default=0),
        links=dict(Counter(one.kind for one in built.links)),
        notes=(*_left_out(near), *built.notes),
    )


def _keep_names(catalogue: Catalogue, built: Sequence[Series]) -> None:
    """Record names that passed to another id with a merge: the next run looks names up by id alone.

    Before the merge is written, so that no kill between the two loses a name; the heir's id stands already.
    """
    given = catalogue.series_names()
    for one in built:
        if one.named_by_person and given.get(one.id) != one.name:
            catalogue.rename_series(one.id, one.name, CARRIED_OVER)


def near_media(catalogue: Catalogue) -> matching.NearMedia:
    """All pairs of media of which some picture or frame lies within 31 bits, in any orientation."""
    table = catalogue.fingerprints("pdq")
    return matching.near_media(table.sha256, table.values, table.quality, table.at_seconds)


def _left_out(near: matching.NearMedia) -> Iterator[str]:
    """What matching did not use, in words: nothing is dropped silently."""
    if near.poor_quality:
        yield f"{near.poor_quality:,} pictures and frames are too plain to be compared (PDQ quality below 50)"
    if near.left_out:
        yield f"{near.left_out:,} more pairs of copies are not listed: others hold the same media together"


def about(catalogue: Catalogue, members: Sequence[str]) -> series.About:
    """Span, cameras and places of some media, as they state them."""
    return series.about(catalogue.facts_of(members, series.ABOUT))


def explain(catalogue: Catalogue, a: str, b: str) -> Explanation:
    """Say hop by hop why two media are in one series, or what is nearest to linking them."""
    home_a, home_b = catalogue.series_of(a), catalogue.series_of(b)
    together = home_a is not None and home_b is not None and home_a.id == home_b.id
    bits = None if together else nearest_bits(catalogue, a, b)
    return series.explain(a, b, catalogue, nearest_bits=bits)


def nearest_bits(catalogue: Catalogue, a: str, b: str) -> int | None:
    """Bits of 256 between the nearest fingerprints of two media, of those that are compared; else None."""
    tables = (catalogue.fingerprints("pdq", owners=[one]) for one in (a, b))
    upright, turned = (table.values[table.quality >= matching.LEAST_QUALITY] for table in tables)
    return matching.nearest_bits(upright, turned)


def decide(
    catalogue: Catalogue,
    kind: DecisionKind,
    series_ids: Sequence[str],
    media: Sequence[str],
    *,
    officer: str,
    reason: str,
) -> Decision:
    """Record a person's ruling. It binds from the next `link` on, until it is withdrawn.

    Raises UsageError where it rules on nothing: a split that leaves nothing behind, say.
    """
    held = [one for series_id in series_ids if (one := catalogue.series(series_id)) is not None]
    if len(held) < len(series_ids):
        raise UsageError("A decision is about series that exist: one of these does not.")
    members = {sha for one in held for sha in one.members}
    if kind is DecisionKind.SPLIT and not set(media) < members:
        raise UsageError("A split names some members of the series, and leaves some behind.")
    if kind is DecisionKind.MERGE and len(set(series_ids)) < 2:  # noqa: PLR2004 -- two is what merging means
        raise UsageError("Merging needs two different series.")
    anchors = tuple(sorted(members - set(media)))
    return catalogue.record_decision(
        kind, series=series_ids, media=media, anchors=anchors, officer=officer, reason=reason
    )


class _Hands:
    """What a task process keeps between tasks: its caged decoder and its view of the catalogue."""

    _of: ClassVar[dict[Path, _Hands]] = {}

    def __init__(self, workspace: Path, settings: EngineSettings) -> None:
        self.settings = settings
        self.catalogue = Catalogue.open(Workspace.open(workspace), settings)
        self.decoder = decoding.Decoder(settings)
        self.begin(())

    def begin(self, again: Collection[FaultCode]) -> None:
        self.seen: set[str] = set()
        self.again = again

    @classmethod
    def of(cls, workspace: Path, settings: EngineSettings) -> _Hands:
        if workspace not in cls._of:
            cls._of[workspace] = cls(workspace, settings)
        return cls._of[workspace]

    def take_one(self, occurrence: Occurrence, stream: BinaryIO | None) -> TakenIn:
        """One path: its fault, that it is no media, or its media."""
        if stream is None or occurrence.fault is not None:
            return TakenIn(occurrence, Outcome.FAULT, fault=occurrence.fault)
        try:
            return self._take_stream(occurrence, stream)
        except reading.StreamFault as ended:
            return TakenIn(occurrence, Outcome.FAULT, fault=ended.fault)
        except OSError as error:
            if error.errno in NO_SPACE:
                raise StorageFull(f"The disk of {self.catalogue.workspace.path} is full.") from error
            return TakenIn(occurrence, Outcome.FAULT, fault=reading.fault_of(error))

    def _take_stream(self, occurrence: Occurrence, stream: BinaryIO) -> TakenIn:
        untrusted_head = stream.read(HEAD_BYTES)
        if not untrusted_head:
            return TakenIn(occurrence, Outcome.FAULT, fault=Fault(FaultCode.EMPTY, "the file holds no bytes"))
        content = decoding.sniff(untrusted_head)
        if not content.is_media:
            return TakenIn(occurrence, Outcome.OTHER)
        digest = fingerprints.DigestPass()
        before = _stat(stream)
        spool = self.catalogue.workspace.parts
        with reading.held(
            stream, untrusted_head, digest.update, memory_bytes=self.settings.memory_bytes, spool=spool
        ) as untrusted_fd:
            digests = digest.result()
            media = self._media(digests, content, untrusted_fd)
        if before is not None and before != _stat(stream):
            self.seen.discard(digests.sha256)
            return TakenIn(occurrence, Outcome.FAULT, fault=Fault(FaultCode.CHANGED, "changed while read"))
        return TakenIn(occurrence, Outcome.MEDIA, digests.sha256, media, _mismatch(occurrence, digests))

    def _media(self, digests: Digests, content: ContentType, untrusted_fd: int) -> Media | None:
        """All that one decode gives; None where this content is known already."""
        if digests.sha256 in self.seen or self.catalogue.known([digests.sha256], retry=self.again):
            return None
        self.seen.add(digests.sha256)
        decoded = self.decoder.decode(untrusted_fd, content)
        if isinstance(decoded, Fault):
            return Media(digests, None, content.format, fault=decoded)
        return _media(digests, decoded)


def _media(digests: Digests, decoded: Decoded) -> Media:
    """Fingerprints and renditions, made outside the cage from raw pixels."""
    media = Media(
        digests=digests,
        kind=decoded.kind,
        format=decoded.format,
        width=decoded.width,
        height=decoded.height,
        facts=decoded.facts,
        fault=decoded.fault,
        duration_seconds=next(
            (float(one.value) for one in decoded.facts if one.name is FactName.DURATION), None
        ),
    )
    if not decoded.frames:
        return media
    shown = fingerprints.render(decoded)
    return replace(
        media,
        thumbnail=shown.thumbnail,
        preview=shown.preview,
        fingerprints=fingerprints.compute(decoded),
    )


def _stat(stream: BinaryIO) -> tuple[int, int] | None:
    """Size and time of change of a file on disk; None for a member of an archive."""
    try:
        stat = os.fstat(stream.fileno())
    except (OSError, AttributeError):
        return None
    return stat.st_size, stat.st_mtime_ns


def _mismatch(occurrence: Occurrence, digests: Digests) -> Fault | None:
    """A fault where the source states another digest than the bytes have."""
    made = {FactName.STATED_MD5: digests.md5, FactName.STATED_SHA1: digests.sha1}
    wrong = [one.name.value for one in occurrence.facts if one.name in made and made[one.name] != one.value]
    return Fault(FaultCode.HASH_MISMATCH, f"the bytes have another {' and '.join(wrong)}") if wrong else None


class _Run:
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
            key = _unit_key(self.source_id, unit)
            if key in done:
                self.skipped += 1
                continue
            handed[key] = unit
            arguments = (unit, self.source_id, workspace, self.settings, key, self.again, self.fresh)
            yield running.Task(key, "foureyes.engine.pipeline:take_in", arguments)

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
        )


def _unit_key(source_id: int, unit: Unit) -> str:
    """Names a unit's work: the same paths of the same source give the same key on every run.

    A unit that is a whole archive is another one once the archive has changed.
    """
    parts = [str(source_id), unit.reader, unit.root, *unit.members, *(one.path for one in unit.occurrences)]
    if not unit.members:
        with suppress(OSError):
            stat = Path(unit.root).stat()
            parts += [str(stat.st_size), str(stat.st_mtime_ns)]
    text = "\0".join(parts)
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:24]


def _fault_of(item: TakenIn) -> Fault | None:
    return item.fault or (item.media.fault if item.media else None)


def _require_cage(settings: EngineSettings) -> bool:
    """Whether hostile bytes are caged here; refuses to go on without unless told to."""
    report = cage_available()
    if not report.sealed and not settings.allow_uncaged:
        raise CageError(report.reason)
    return report.sealed
