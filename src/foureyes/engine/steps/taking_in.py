"""One unit of a source becomes part files, in a task process: read, sniff, decode in the cage, fingerprint.

Never writes to the catalogue: the driver commits what it finds complete.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, ClassVar

from foureyes.engine import decoding, fingerprints, reading
from foureyes.engine.catalogue import Catalogue, PartWriter, Workspace
from foureyes.engine.decoding import ContentType
from foureyes.engine.errors import ModelUnusable, StorageFull
from foureyes.engine.fingerprints import texts
from foureyes.engine.model import (
    Decoded,
    Digests,
    FactName,
    Fault,
    FaultCode,
    Media,
    Occurrence,
    Outcome,
    TakenIn,
    Unit,
)
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import switching

HEAD_BYTES = 4096
TEXT = "same-text"
"""Kind of link: where it is switched off, no text is read."""
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
    hands = Hands.of(workspace, settings)
    hands.begin(again)
    writer = PartWriter(hands.catalogue.workspace.parts, f"{stem}-{os.getpid()}")
    skipped = 0
    for opened in reading.open_unit(unit, settings):
        stat = (opened.occurrence.path, opened.occurrence.size, opened.occurrence.times.modified_ns)
        taken = not fresh and hands.catalogue.taken(source_id, [stat], retry=(*RETRIED, *again))
        if taken and not hands.lacks_original(source_id, opened.occurrence.path):
            skipped += 1
        else:
            writer.add(hands.take_one(opened.occurrence, opened.stream))
    writer.flush()
    return skipped


class Hands:
    """What a task process keeps between tasks: its caged decoder and its view of the catalogue."""

    _of: ClassVar[dict[Path, Hands]] = {}

    def __init__(self, workspace: Path, settings: EngineSettings) -> None:
        self.settings = settings
        self.catalogue = Catalogue.open(Workspace.open(workspace), settings)
        self.decoder = decoding.Decoder(settings)
        self.begin(())

    def begin(self, again: Collection[FaultCode]) -> None:
        """Start on another unit."""
        self.seen: set[str] = set()
        self.again = again

    @classmethod
    def of(cls, workspace: Path, settings: EngineSettings) -> Hands:
        """Those of this process for this workspace."""
        if workspace not in cls._of:
            cls._of[workspace] = cls(workspace, settings)
        return cls._of[workspace]

    def lacks_original(self, source_id: int, path: str) -> bool:
        """Whether the media of a path that was taken in is to be kept, and is not yet."""
        if not self.settings.keep_originals:
            return False
        sha256 = self.catalogue.content_at(source_id, path)
        return sha256 is not None and not self.catalogue.originals.has(sha256)

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
            if self.settings.keep_originals and not self.catalogue.originals.keep(
                untrusted_fd, digests.sha256
            ):
                return self._changed(occurrence, digests)
        if before is not None and before != _stat(stream):
            return self._changed(occurrence, digests)
        return TakenIn(occurrence, Outcome.MEDIA, digests.sha256, media, _mismatch(occurrence, digests))

    def _changed(self, occurrence: Occurrence, digests: Digests) -> TakenIn:
        self.seen.discard(digests.sha256)
        return TakenIn(occurrence, Outcome.FAULT, fault=Fault(FaultCode.CHANGED, "changed while read"))

    def _media(self, digests: Digests, content: ContentType, untrusted_fd: int) -> Media | None:
        """All that one decode gives; None where this content is known already."""
        if digests.sha256 in self.seen or self.catalogue.known([digests.sha256], retry=self.again):
            return None
        self.seen.add(digests.sha256)
        decoded = self.decoder.decode(untrusted_fd, content)
        if isinstance(decoded, Fault):
            return Media(digests, None, content.format, fault=decoded)
        return _media(digests, decoded, self.makers, self.reader)

    @cached_property
    def makers(self) -> tuple[fingerprints.FingerprintMaker, ...]:
        """The kinds of fingerprints that are made here; networks are loaded with the first media."""
        return fingerprints.makers_of(self.settings)

    @cached_property
    def reader(self) -> texts.Reader | None:
        """Reads text; None where that is switched off, or a network cannot be had: linking says so."""
        if TEXT in switching.off(self.catalogue.workspace).kinds:
            return None
        try:
            return texts.reader_of(self.settings)
        except ModelUnusable:
            return None


def _media(
    digests: Digests,
    decoded: Decoded,
    makers: Sequence[fingerprints.FingerprintMaker],
    reader: texts.Reader | None,
) -> Media:
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
    made = fingerprints.compute(decoded, makers)
    read = reader.rows(decoded.frames, made) if reader else ()
    return replace(
        media,
        thumbnail=shown.thumbnail,
        preview=shown.preview,
        fingerprints=(*made, *read),
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
