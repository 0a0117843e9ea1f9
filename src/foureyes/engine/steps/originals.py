"""The bytes of a media once more: from the kept originals, else from a source that still has them.

What is handed out always has the SHA-256 that was asked for. Nothing is decoded here.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

from foureyes.engine import fingerprints, reading
from foureyes.engine.catalogue import Catalogue, OccurrenceRecord, SourceRecord
from foureyes.engine.errors import OriginalAway, UsageError
from foureyes.engine.model import Unit
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.taking_in import HEAD_BYTES

TRIED_AT_MOST = 40
"""Paths of one media that are tried: a picture that lies in ten thousand places is the same in each."""
NAMED_AT_MOST = 3
INSIDE = "!/"


@contextmanager
def original(catalogue: Catalogue, sha256: str, settings: EngineSettings) -> Iterator[int]:
    """A descriptor of the media's bytes, open for reading only, for the length of a `with` block.

    A kept original is taken as it is (`verify` checks it); what lies in a source is digested first.

    Raises:
        UsageError: there is no such media.
        OriginalAway: it was not kept, and no source that held it is there with the same bytes.
        CageError: it lies in an archive, and archives cannot be opened in a cage here.
    """
    with ExitStack() as opened:
        untrusted_fd = catalogue.originals.open(sha256)
        if untrusted_fd is not None:
            opened.callback(os.close, untrusted_fd)
        else:
            untrusted_fd = _from_sources(catalogue, sha256, settings, opened)
        yield untrusted_fd


def _from_sources(catalogue: Catalogue, sha256: str, settings: EngineSettings, opened: ExitStack) -> int:
    if catalogue.media(sha256) is None:
        raise UsageError("There is no such media.")
    records = catalogue.occurrences(sha256)
    sources = {one.id: one for one in catalogue.sources()}
    changed = False
    for record in islice(records, TRIED_AT_MOST):
        source = sources[record.source_id]
        if not Path(source.path).exists():
            continue
        attempt = _held(catalogue, source, record, sha256, settings)
        with suppress(UsageError, OSError):
            untrusted_fd = opened.enter_context(attempt)
            if untrusted_fd is not None:
                return untrusted_fd
            changed = True
    raise OriginalAway(_words(records, sources, changed=changed))


@contextmanager
def _held(
    catalogue: Catalogue,
    source: SourceRecord,
    record: OccurrenceRecord,
    sha256: str,
    settings: EngineSettings,
) -> Iterator[int | None]:
    """The descriptor of one path where its bytes are still the same, else None."""
    found = _stream(source, record, settings)
    with ExitStack() as closing:
        closing.callback(found.close)
        opened = next(found, None)
        if opened is None or opened.stream is None:
            yield None
            return
        digest = fingerprints.DigestPass()
        untrusted_head = opened.stream.read(HEAD_BYTES)
        held = reading.held(
            opened.stream,
            untrusted_head,
            digest.update,
            memory_bytes=settings.memory_bytes,
            spool=catalogue.workspace.parts,
        )
        untrusted_fd = closing.enter_context(held)
        yield untrusted_fd if digest.result().sha256 == sha256 else None


def _stream(
    source: SourceRecord, record: OccurrenceRecord, settings: EngineSettings
) -> Generator[reading.Opened, None, None]:
    """The path as its reader opens it: one item, or none."""
    path = record.occurrence.path
    for unit in _units(source, path, settings):
        for opened in reading.open_unit(unit, settings):
            if opened.occurrence.path == path and opened.stream is not None:
                yield opened
                return


def _units(source: SourceRecord, path: str, settings: EngineSettings) -> Iterator[Unit]:
    """Units that may hold the path and little else, the likeliest first."""
    root = Path(source.path)
    if source.reader == "folder" and root.is_dir():
        pieces = path.split(INSIDE)
        for count in range(len(pieces), 0, -1):
            yield Unit(source.reader, source.path, (INSIDE.join(pieces[:count]),))
    elif source.reader in {"folder", "archive"}:
        yield Unit(source.reader, source.path)
    else:
        for unit in reading.plan(root, settings.reading, allow_uncaged=settings.allow_uncaged):
            yield from _alone(unit, path)


def _alone(unit: Unit, path: str) -> Iterator[Unit]:
    """The part of a unit that holds a path: of a VICS case, the entry that names it."""
    entries = unit.occurrences
    if len(entries) != len(unit.members):
        yield from (replace(unit, members=(one,), occurrences=()) for one in unit.members if path == one)
        return
    for member, entry in zip(unit.members, entries, strict=True):
        if member and (path == entry.path or path.startswith(entry.path + INSIDE)):
            yield replace(unit, members=(member,), occurrences=(entry,))


def _words(records: list[OccurrenceRecord], sources: dict[int, SourceRecord], *, changed: bool) -> str:
    names = list(dict.fromkeys(_shown(record.source) for record in records))
    named = ", ".join(names[:NAMED_AT_MOST]) + (" or another" if len(names) > NAMED_AT_MOST else "")
    away = [one for record in records if not Path((one := sources[record.source_id]).path).exists()]
    if changed and not away:
        return (
            f"The original is not at hand: what lies in {named} now is another content than was taken in. "
            "Restore it there, or take it in again with `foureyes ingest --keep`."
        )
    return (
        f"The original is not at hand: it was not kept. Plug the source {named or 'that held it'} in, or "
        "take it in again with `foureyes ingest --keep`."
    )


def _shown(name: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in name)[:80]
