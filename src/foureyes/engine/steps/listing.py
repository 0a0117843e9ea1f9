"""Hash lists taken in from a file, told with their meaning, and given back as a file.

It joins the readers of `exchange/` and the catalogue; what lists hit is found in `listed.py`.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from foureyes.engine.catalogue import Catalogue, HeldList
from foureyes.engine.errors import HashListError, UsageError
from foureyes.engine.exchange import hash_lists
from foureyes.engine.exchange.hash_lists.opening import opened, untrusted_head
from foureyes.engine.model import HashList, ListBatch, ListFault, ListHit, NewList, Progress
from foureyes.engine.settings import EngineSettings

_FRAMED = (b"{", b"<")
_IMAGES = re.compile(rb"<(?:\w+:)?(?:image|deletedImage)\b")
_VIDEOS = re.compile(rb"<(?:\w+:)?(?:video|deletedVideo)\b")
_FAULTS_HELD = 1_000_000
"""Faults of one list that are held in memory and told of; a list with more is no list."""


class Reading(NamedTuple):
    """How the file of a list is to be read."""

    format: str | None = None
    """Told by the first bytes where None."""
    profile: str = "vics"
    """The jurisdiction whose table says what the codes mean."""
    strict: bool = False
    """Refuse the list at the first broken record."""


def add_list(
    catalogue: Catalogue,
    path: Path,
    meta: NewList,
    settings: EngineSettings,
    reading: Reading,
    progress: Callable[[Progress], None],
    on_fault: Callable[[ListFault], None],
) -> HashList:
    """Read a list in the cage and store it; see `pipeline.add_list`."""
    faults: list[ListFault] = []

    def faulty(fault: ListFault) -> None:
        if len(faults) >= _FAULTS_HELD:
            raise HashListError(f"{path}: more than {_FAULTS_HELD:,} records cannot be taken: refused")
        faults.append(fault)
        on_fault(fault)

    batches = hash_lists.read(
        path,
        format=reading.format,
        profile=reading.profile,
        strict=reading.strict,
        allow_uncaged=settings.allow_uncaged,
        on_fault=faulty,
    )
    stated = replace(
        meta,
        format=reading.format or hash_lists.sniff(path),
        jurisdiction=meta.jurisdiction or reading.profile,
    )
    records = _with_records(batches)
    first = next(records, None)
    head = b"" if first is None else _head(path, first)
    return catalogue.add_list(
        stated, chain([] if first is None else [first], records), faults, _Told(progress, faults), head=head
    )


def list_hits(catalogue: Catalogue, sha256: str) -> list[ListHit]:
    """The lists in force that a media is on, with what each means by its category."""
    return list(with_meaning(catalogue, catalogue.list_hits(sha256)))


def with_meaning(catalogue: Catalogue, hits: Iterable[ListHit]) -> Iterator[ListHit]:
    """The same hits with the words of each list's jurisdiction; none where it has no table here."""
    tables = {one.id: one.jurisdiction for one in catalogue.lists(active_only=False)}
    known = set(hash_lists.jurisdictions())
    for hit in hits:
        table = tables[hit.list_id]
        yield replace(hit, meaning=hash_lists.meaning(table, hit.category)) if table in known else hit


def export_list(catalogue: Catalogue, list_id: int, path: Path) -> int:
    """Write the records of a list as they came to a file, whole or not at all; gives their number."""
    one = catalogue.hash_list(list_id)
    if path.exists():
        raise UsageError(f"{path} is there already: name a new file.")
    try:
        if one.format == "vics":
            return hash_lists.write_vics(catalogue.raw_records(list_id), path)
        _write_whole(path, _file_of(catalogue.held_list(list_id)))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error
    return one.records


def _head(path: Path, first: ListBatch) -> bytes:
    """What stands before the first record of a table: comments and the names of its columns.

    JSON and XML are given back in a frame of our own, so of those it is empty.
    """
    record = first.raw[: int(first.raw_end[0])]
    if record.startswith(_FRAMED):
        return b""
    with opened(path) as untrusted_fd:
        head = untrusted_head(path, untrusted_fd)
    return head[: max(head.find(record), 0)]


def _file_of(held: HeldList) -> Iterator[bytes]:
    """The pieces of a file of all records of a list, in the form that they came in."""
    first = held.raw(0)
    if first.startswith(b"{"):
        yield b"["
        for number, record in enumerate(held.all_raw()):
            yield (b",\n" if number else b"\n") + record
        yield b"\n]\n"
    elif first.startswith(b"<"):
        yield b'<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">\n'
        for group, names in ((b"images", _IMAGES), (b"videos", _VIDEOS)):
            yield b"<" + group + b">\n"
            yield from (record + b"\n" for record in held.all_raw() if names.match(record))
            yield b"</" + group + b">\n"
        yield b"</queryResult>\n"
    else:
        yield held.head()
        yield from (record.rstrip(b"\r\n") + b"\n" for record in held.all_raw())


def _write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file that is there whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _with_records(batches: Iterable[ListBatch]) -> Iterator[ListBatch]:
    """Without the empty batches by which a reader says that it is at work."""
    return (batch for batch in batches if len(batch))


class _Told:
    """Turns numbers of records into progress."""

    def __init__(self, progress: Callable[[Progress], None], faults: list[ListFault]) -> None:
        self._progress, self._faults = progress, faults

    def __call__(self, records: int) -> None:
        self._progress(Progress("records", files=records, faults=len(self._faults)))
