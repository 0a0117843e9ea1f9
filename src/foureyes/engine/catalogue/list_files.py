"""The files of one hash list in the workspace's folder `lists/`: immutable, and whole or not there.

Per list: one file of sorted digests for each kind that it states (`digest_files.py`), one of six bytes a
record (raw category, digests stated, tombstone or not), the raw records in compressed blocks with an index
of the blocks, and the faults in words. What a list is for, and what it causes, is not known here.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import zstandard
from numpy.typing import NDArray

from foureyes.engine.catalogue.digest_files import (
    DigestFile,
    Digests,
    DigestSpill,
    Numbers,
    check_records,
    write_digests,
)
from foureyes.engine.catalogue.durable import sync_folder
from foureyes.engine.catalogue.fingerprint_files import file_digest
from foureyes.engine.errors import WorkspaceDamaged
from foureyes.engine.model import ListBatch, ListFault

WIDTHS = {"sha256": 32, "sha1": 20, "md5": 16, "pdq": 32, "identity": 8}
"""Bytes of each kind of digest; `identity` is the sender's name of the record, see `ListBatch`."""
_BITS = {"sha256": 1, "sha1": 2, "md5": 4, "pdq": 8}
_RECORDS, _RAW, _BLOCKS, _HEAD, _FAULTS = "records", "raw", "blocks", "head", "faults"
_RECORD = np.dtype([("category", "<i4"), ("has", "u1"), ("removed", "?")])
_BLOCK = np.dtype([("first", "<u8"), ("offset", "<u8"), ("size", "<u8")])
_BLOCK_BYTES = 1 << 20
_LEVEL = 1
"""Of zstd: the quickest. The records of a list are read back one at a time, or once, for its export."""
FAULTS_KEPT = 10_000
"""Faults of a list that are kept in words; all are counted."""


@dataclass(frozen=True, slots=True)
class ListFile:
    """One row of the table `hash_list_file`, but for its list."""

    part: str
    name: str
    rows: int
    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class WrittenList:
    """What writing the files of a list came to."""

    files: tuple[ListFile, ...]
    records: int
    removed: int
    faults: int


def content_of(files: Iterable[ListFile]) -> bytes:
    """One digest over all files of a list: two lists of the same records have the same."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda one: one.part):
        digest.update(file.part.encode() + b"\0" + file.sha256)
    return digest.digest()


def write_list(
    folder: Path,
    list_id: int,
    batches: Iterable[ListBatch],
    faults: Sequence[ListFault],
    progress: Callable[[int], None],
    head: bytes = b"",
) -> WrittenList:
    """Write the files of a list, durably; they count once their rows are committed.

    Memory is bounded whatever the length of the list. `faults` is read after the last batch. Raises
    UsageError where the list has more records than can be numbered. `head` is what stood before the first
    record, such as the names of columns.
    """
    with ExitStack() as opened:
        writer = _Writer(folder, list_id, opened)
        for batch in batches:
            writer.add(batch)
            progress(writer.records)
        return writer.end(faults, head)


class _Writer:
    """Takes batches one after the other and keeps their parts apart."""

    def __init__(self, folder: Path, list_id: int, opened: ExitStack) -> None:
        self._folder, self._list_id = folder, list_id
        self.records = self._removed = self._raw_bytes = 0
        self._spills = {
            kind: opened.enter_context(DigestSpill(self._path(f"{kind}.spill"), width))
            for kind, width in WIDTHS.items()
        }
        self._streams: dict[str, BinaryIO] = {
            part: opened.enter_context(self._path(part).open("wb")) for part in (_RECORDS, _RAW, _BLOCKS)
        }
        self._blocks = 0
        self._packer = zstandard.ZstdCompressor(level=_LEVEL)

    def add(self, batch: ListBatch) -> None:
        """Take the next records."""
        check_records(self.records + len(batch))
        for kind, bit in _BITS.items():
            rows = np.flatnonzero(batch.has & bit)
            digests: Digests = getattr(batch, kind)
            self._spills[kind].add(digests if len(rows) == len(batch) else digests[rows], rows + self.records)
        if batch.identity is not None:
            rows = np.flatnonzero(batch.identity)
            self._spills["identity"].add(_identity_bytes(batch.identity[rows]), rows + self.records)
        columns = np.empty(len(batch), _RECORD)
        columns["category"], columns["has"], columns["removed"] = batch.category, batch.has, batch.removed
        self._streams[_RECORDS].write(columns.tobytes())
        self._add_raw(batch)
        self.records += len(batch)
        self._removed += int(np.count_nonzero(batch.removed))

    def end(self, faults: Sequence[ListFault], head: bytes) -> WrittenList:
        """Sort, flush and name everything."""
        for stream in self._streams.values():
            stream.flush()
            os.fsync(stream.fileno())
        files = [
            self._named(_RECORDS, self.records),
            self._named(_RAW, self.records),
            self._named(_BLOCKS, self._blocks),
            *self._write_digests(),
        ]
        if head:
            files.append(self._small(_HEAD, head, 1))
        if faults:
            kept = [[one.record, one.line, one.detail] for one in faults[:FAULTS_KEPT]]
            files.append(self._small(_FAULTS, json.dumps(kept).encode(), len(kept)))
        sync_folder(self._folder)
        return WrittenList(tuple(files), self.records, self._removed, len(faults))

    def _write_digests(self) -> Iterator[ListFile]:
        for kind, spill in self._spills.items():
            if spill.rows:
                write_digests(self._path(kind), spill)
                spill.close()
                yield self._named(kind, spill.rows)

    def _small(self, part: str, content: bytes, rows: int) -> ListFile:
        with self._path(part).open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        return self._named(part, rows)

    def _add_raw(self, batch: ListBatch) -> None:
        """Append the raw records in blocks of about a megabyte, each with the lengths of its records."""
        ends = batch.raw_end
        first = begin = 0
        while first < len(batch):
            after = int(np.searchsorted(ends, begin + _BLOCK_BYTES, "right"))
            after = max(after, first + 1)
            lengths = np.diff(ends[first:after], prepend=begin).astype("<u4")
            end = int(ends[after - 1])
            content = np.uint32(len(lengths)).tobytes() + lengths.tobytes() + batch.raw[begin:end]
            packed = self._packer.compress(content)
            block = np.array([(self.records + first, self._raw_bytes, len(packed))], _BLOCK)
            self._streams[_BLOCKS].write(block.tobytes())
            self._streams[_RAW].write(packed)
            self._raw_bytes += len(packed)
            self._blocks += 1
            first, begin = after, end

    def _path(self, part: str) -> Path:
        return self._folder / f"{_name(self._list_id, part)}.tmp"

    def _named(self, part: str, rows: int) -> ListFile:
        name = _name(self._list_id, part)
        digest, size = file_digest(self._path(part))
        self._path(part).replace(self._folder / name)
        return ListFile(part, name, rows, size, digest)


class HeldList:
    """The files of one list, open for search; nothing is held in memory but what a question touches."""

    def __init__(self, folder: Path, list_id: int, files: Sequence[ListFile]) -> None:
        self.id = list_id
        self._folder = folder
        self._files = {file.part: file for file in files}
        self.records = self._files[_RECORDS].rows
        self._digests: dict[str, DigestFile] = {}
        self._columns: NDArray[np.void] | None = None

    def digests(self, kind: str) -> DigestFile | None:
        """Sorted digests of a kind of `WIDTHS`; None where no record states one."""
        file = self._files.get(kind)
        if file is None:
            return None
        if kind not in self._digests:
            self._digests[kind] = DigestFile(self._folder / file.name, WIDTHS[kind], file.rows)
        return self._digests[kind]

    def categories(self, records: Numbers) -> NDArray[np.int32]:
        """Raw categories of records, `NO_CATEGORY` where none is stated."""
        return np.asarray(self._record_columns()["category"][records], np.int32)

    def removed(self, records: Numbers) -> NDArray[np.bool_]:
        """Which of the records are tombstones."""
        return np.asarray(self._record_columns()["removed"][records], bool)

    def tombstones(self) -> Numbers:
        """Records that take others back."""
        return np.flatnonzero(self._record_columns()["removed"])

    def taken_back(self, later: Sequence[HeldList]) -> NDArray[np.bool_] | None:
        """Which records count no more: shape (records,), None where all do.

        A tombstone counts for nothing itself and takes back each record that shares its identity or one of
        its digests: those before it in its own list, and all of the versions before that list.
        """
        dead: NDArray[np.bool_] | None = None
        for other in (self, *later):
            tombs = other.tombstones()
            if not len(tombs):
                continue
            if dead is None:
                dead = np.zeros(self.records, bool)
            if other is self:
                dead[tombs] = True
            for kind in WIDTHS:
                self._bury(dead, kind, other, tombs)
        return dead

    def _bury(self, dead: NDArray[np.bool_], kind: str, other: HeldList, tombs: Numbers) -> None:
        mine, theirs = self.digests(kind), other.digests(kind)
        if mine is None or theirs is None:
            return
        digests, records = theirs.of_records(tombs)
        found = mine.find(digests)
        reached = found.record < records[found.row] if other is self else slice(None)
        dead[found.record[reached]] = True

    def standing(self, kind: str, dead: NDArray[np.bool_] | None) -> tuple[Digests, Numbers]:
        """The distinct digests of a kind that records hold which count, and the last such record of each."""
        file = self.digests(kind)
        if file is None:
            return np.empty((0, WIDTHS[kind]), np.uint8), np.empty(0, np.int64)
        digests, records = file.all()
        if dead is not None:
            digests, records = digests[~dead[records]], records[~dead[records]]
        last = np.ones(len(digests), bool)
        last[:-1] = (digests[1:] != digests[:-1]).any(axis=1)
        return digests[last], records[last]

    def raw(self, record: int) -> bytes:
        """One record as it stood in the file. Raises IndexError for a number that no record has."""
        if not 0 <= record < self.records:
            raise IndexError(record)
        blocks = self._blocks()
        block = int(np.searchsorted(blocks["first"], record, "right")) - 1
        return self._unpacked(blocks[block])[record - int(blocks["first"][block])]

    def all_raw(self) -> Iterator[bytes]:
        """Every record as it stood in the file, in its order."""
        for block in self._blocks():
            yield from self._unpacked(block)

    def head(self) -> bytes:
        """What stood before the first record; empty where nothing did, or where it was not kept."""
        file = self._files.get(_HEAD)
        return b"" if file is None else (self._folder / file.name).read_bytes()

    def faults(self) -> list[ListFault]:
        """Records that could not be taken, the first 10,000 of them."""
        file = self._files.get(_FAULTS)
        if file is None:
            return []
        stated = json.loads((self._folder / file.name).read_bytes())
        return [ListFault(record, line, detail) for record, line, detail in stated]

    def _blocks(self) -> NDArray[np.void]:
        return np.fromfile(self._folder / self._files[_BLOCKS].name, _BLOCK)

    def _unpacked(self, block: np.void) -> list[bytes]:
        with (self._folder / self._files[_RAW].name).open("rb") as stream:
            packed = os.pread(stream.fileno(), int(block["size"]), int(block["offset"]))
        try:
            content = zstandard.ZstdDecompressor().decompress(packed)
        except zstandard.ZstdError as error:
            raise WorkspaceDamaged(
                f"The list file {self._files[_RAW].name} is damaged: run `foureyes verify`."
            ) from error
        count = int(np.frombuffer(content, "<u4", 1)[0])
        ends = np.cumsum(np.frombuffer(content, "<u4", count, 4), dtype=np.int64) + 4 * (count + 1)
        begins = [4 * (count + 1), *ends[:-1].tolist()]
        return [content[begin:end] for begin, end in zip(begins, ends.tolist(), strict=True)]

    def _record_columns(self) -> NDArray[np.void]:
        if self._columns is None:
            path = self._folder / self._files[_RECORDS].name
            if path.stat().st_size != self.records * _RECORD.itemsize:
                raise WorkspaceDamaged(f"The list file {path.name} is damaged: run `foureyes verify`.")
            self._columns = np.memmap(path, _RECORD, "r") if self.records else np.empty(0, _RECORD)
        return self._columns


def _name(list_id: int, part: str) -> str:
    return f"{list_id:06d}-{part}"


def _identity_bytes(identity: NDArray[np.uint64]) -> Digests:
    return identity.astype(">u8").view(np.uint8).reshape(-1, WIDTHS["identity"])
