"""Hash lists taken in from a file, told with their meaning, and given back as a file.

It joins the readers of `exchange/` and the catalogue; what lists hit is found in `listed.py`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from foureyes.engine.catalogue import Catalogue
from foureyes.engine.errors import HashListError, UsageError
from foureyes.engine.exchange import hash_lists
from foureyes.engine.model import HashList, ListBatch, ListFault, ListHit, NewList, Progress
from foureyes.engine.settings import EngineSettings

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
    told = _Told(progress, faults)
    return catalogue.add_list(stated, _with_records(batches), faults, told)


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
        return _write_lines(catalogue.raw_records(list_id), path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def _write_lines(records: Iterable[bytes], path: Path) -> int:
    count = 0
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            for record in records:
                file.write(record.rstrip(b"\r\n") + b"\n")
                count += 1
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return count


def _with_records(batches: Iterable[ListBatch]) -> Iterator[ListBatch]:
    """Without the empty batches by which a reader says that it is at work."""
    return (batch for batch in batches if len(batch))


class _Told:
    """Turns numbers of records into progress."""

    def __init__(self, progress: Callable[[Progress], None], faults: list[ListFault]) -> None:
        self._progress, self._faults = progress, faults

    def __call__(self, records: int) -> None:
        self._progress(Progress("records", files=records, faults=len(self._faults)))
