"""Fingerprints in Parquet files: one new file per commit, kind, version and width, merged when many.

A file is written once and never changed; the table `fingerprint_file` says which ones count. Rows are
(SHA-256 of the media, value, quality, second of a video). Files of level 0 come from commits; every 64
files of one level are merged into one of the next, so that a million small batches leave some hundred
files and each row is copied at most twice. Read by level, the highest first, then by number, rows
stand in the order in which they came and keep their place for ever: the index counts on it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from foureyes.engine.catalogue import schema
from foureyes.engine.catalogue.durable import sync_folder
from foureyes.engine.errors import WorkspaceDamaged
from foureyes.engine.model import Fingerprint, counted

MERGE_FILES = 64
_TOP_LEVEL = 2
_SHA256 = 32
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class FingerprintTable:
    """All fingerprints of one kind and version, a row each, in the order in which they came."""

    kind: str
    version: int
    sha256: NDArray[np.uint8]
    """(n, 32): the media that each row belongs to; a video has many rows."""
    values: NDArray[np.uint8]
    """(n, width)."""
    quality: NDArray[np.int16]
    at_seconds: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.sha256)


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row of the table `fingerprint_file`."""

    id: int
    name: str
    kind: str
    version: int
    width: int
    level: int
    rows: int
    size: int
    sha256: bytes


Owned = tuple[bytes, Fingerprint]
"""The SHA-256 of a media, and one of its fingerprints."""


def recorded_files(
    connection: Connection, kind: str | None = None, version: int | None = None
) -> list[FileRow]:
    """The files that count, in the order of their rows, which merging keeps."""
    table = schema.fingerprint_file
    query = sa.select(table).order_by(table.c.level.desc(), table.c.id)
    if kind is not None:
        query = query.where(table.c.kind == kind)
    if version is not None:
        query = query.where(table.c.version == version)
    return [FileRow(**row) for row in connection.execute(query).mappings()]


def write_files(folder: Path, next_id: int, owned: Sequence[Owned]) -> list[FileRow]:
    """Write one durable file of each kind, version and width; they count once their rows are committed."""
    groups: dict[tuple[str, int, int], list[Owned]] = {}
    for sha256, fingerprint in owned:
        key = (fingerprint.kind, fingerprint.version, len(fingerprint.value))
        groups.setdefault(key, []).append((sha256, fingerprint))
    files = []
    for number, ((kind, version, width), rows) in enumerate(sorted(groups.items()), start=next_id):
        name = _file_name(kind, version, number)
        sink = pa.BufferOutputStream()
        _write_table(sink, _table(rows, width))
        content = sink.getvalue()
        digest = hashlib.sha256(content).digest()
        with (folder / f"{name}.tmp").open("wb") as stream:
            stream.write(content)
            _flush(stream)
        (folder / f"{name}.tmp").replace(folder / name)
        files.append(FileRow(number, name, kind, version, width, 0, len(rows), len(content), digest))
    if files:
        sync_folder(folder)
    return files


def merge_candidates(files: Sequence[FileRow]) -> list[list[FileRow]]:
    """Groups of files of one kind, version, width and level that are due to be merged."""
    groups: dict[tuple[str, int, int, int], list[FileRow]] = {}
    for file in files:
        if file.level < _TOP_LEVEL:
            groups.setdefault((file.kind, file.version, file.width, file.level), []).append(file)
    return [group for group in groups.values() if len(group) >= MERGE_FILES]


def merge_files(folder: Path, group: Sequence[FileRow], next_id: int) -> FileRow:
    """Write one durable file with the rows of all; the old ones go once the new one is committed.

    Raises:
        WorkspaceDamaged: one of them is not what was recorded.
    """
    first = group[0]
    name = _file_name(first.kind, first.version, next_id)
    temporary = folder / f"{name}.tmp"
    with temporary.open("wb") as stream:
        with pq.ParquetWriter(stream, _schema(first.width), **_PLAIN) as writer:
            at_most = max(1, min(_GROUP_ROWS, _GROUP_BYTES // max(1, first.width)))
            for tables in _batched(folder, group, at_most):
                writer.write_table(pa.concat_tables(tables).combine_chunks(), row_group_size=at_most)
        _flush(stream)
    digest, size = file_digest(temporary)
    temporary.replace(folder / name)
    sync_folder(folder)
    rows = sum(file.rows for file in group)
    return FileRow(next_id, name, first.kind, first.version, first.width, first.level + 1, rows, size, digest)


def read_table(
    folder: Path,
    files: Sequence[FileRow],
    kind: str,
    version: int,
    width: int | None = None,
    owners: Sequence[bytes] | None = None,
    between: tuple[int, int | None] = (0, None),
) -> FingerprintTable:
    """All rows of the files, or those of `owners`; of each value its first `width` bytes only, where given.

    `between`: the first row and the one after the last, counted over all files; not with `owners`.

    Raises:
        FileNotFoundError: a writer has merged a file meanwhile; ask for the list of files again.
        WorkspaceDamaged: a file cannot be read, or its values differ in width from the others.
    """
    widths = {file.width for file in files}
    if len(widths) > 1:
        raise WorkspaceDamaged(f"Fingerprints {kind} version {version} have several widths: {widths}.")
    full = widths.pop() if widths else 0
    kept = full if width is None else min(width, full)
    if owners is not None and files:
        return _table_of(folder, files, (kind, version, full, kept), owners)
    held = sum(file.rows for file in files)
    first = min(between[0], held)
    last = held if between[1] is None else max(first, min(between[1], held))
    count = last - first
    table = FingerprintTable(
        kind,
        version,
        sha256=np.empty((count, _SHA256), np.uint8),
        values=np.empty((count, kept), np.uint8),
        quality=np.empty(count, np.int16),
        at_seconds=np.empty(count, np.float64),
    )
    start = begin = 0
    for file in files:
        if begin < last and begin + file.rows > first:
            start = _fill(table, start, _parquet(folder / file.name), full, (first - begin, last - begin))
        begin += file.rows
    if start != count:
        raise WorkspaceDamaged(
            f"Fingerprints {kind}: {counted(start, 'row')} of {count} that were committed."
        )
    return table


def file_digest(path: Path) -> tuple[bytes, int]:
    """SHA-256 and size of a file, read in pieces."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.digest(), size


def remove_strays(folder: Path, recorded: Sequence[FileRow]) -> None:
    """Remove the files that no transaction recorded.

    Raises:
        WorkspaceDamaged: a recorded file is missing.
    """
    names = {file.name for file in recorded}
    present = {path.name for path in folder.iterdir()}
    if missing := sorted(names - present):
        raise WorkspaceDamaged(
            f"{len(missing)} fingerprint file(s) are missing ({missing[0]}): restore them from a copy."
        )
    for name in present - names:
        (folder / name).unlink()


def insert_files(connection: Connection, files: Sequence[FileRow]) -> None:
    """Record new files in the open transaction."""
    if files:
        connection.execute(schema.fingerprint_file.insert(), [_columns(file) for file in files])


def delete_files(connection: Connection, files: Sequence[FileRow]) -> None:
    """Forget merged files in the open transaction."""
    ids = [file.id for file in files]
    connection.execute(schema.fingerprint_file.delete().where(schema.fingerprint_file.c.id.in_(ids)))


_PLAIN: Mapping[str, Any] = {"compression": "NONE", "use_dictionary": False, "write_statistics": False}
"""Fingerprints are as random as bits get: packing them costs time and saves nothing."""
_GROUP_ROWS = 1 << 16
_GROUP_BYTES = 1 << 27
"""128 MB: a row group holds fewer rows where values are wide, as it is read whole for a single row of it. One
of a sensor takes 2.4 MB."""


def _columns(file: FileRow) -> dict[str, Any]:
    return {name: getattr(file, name) for name in FileRow.__slots__}


def _file_name(kind: str, version: int, number: int) -> str:
    return f"{re.sub('[^a-z0-9]+', '-', kind.lower())}-v{version}-{number:010d}.parquet"


def _schema(width: int) -> pa.Schema:
    return pa.schema(
        [
            pa.field("sha256", pa.binary(_SHA256), nullable=False),
            pa.field("value", pa.binary(width), nullable=False),
            pa.field("quality", pa.int16(), nullable=False),
            pa.field("at_seconds", pa.float64(), nullable=False),
        ]
    )


def _table(rows: Sequence[Owned], width: int) -> pa.Table:
    columns = [
        pa.array([sha256 for sha256, _ in rows], pa.binary(_SHA256)),
        pa.array([fingerprint.value for _, fingerprint in rows], pa.binary(width)),
        pa.array([fingerprint.quality for _, fingerprint in rows], pa.int16()),
        pa.array([fingerprint.at_seconds for _, fingerprint in rows], pa.float64()),
    ]
    return pa.Table.from_arrays(columns, schema=_schema(width))


def _write_table(sink: Any, table: pa.Table) -> None:
    pq.write_table(table, sink, **_PLAIN)


def _flush(stream: Any) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _batched(folder: Path, group: Sequence[FileRow], at_most: int) -> Iterator[list[pa.Table]]:
    """Row groups of the files, some at a time, joined until there are so many rows; each file checked first.

    No file is held whole: of merged ones of a sensor each has 2.5 GB.
    """
    waiting: list[pa.Table] = []
    rows = 0
    for file in group:
        if file_digest(folder / file.name)[0] != file.sha256:
            raise WorkspaceDamaged(f"The fingerprint file {file.name} is damaged: run `foureyes verify`.")
        with _parquet(folder / file.name) as parquet:
            for number in range(parquet.num_row_groups):
                waiting.append(parquet.read_row_group(number))
                rows += len(waiting[-1])
                if rows >= at_most:
                    yield waiting
                    waiting, rows = [], 0
    if waiting:
        yield waiting


def _parquet(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, memory_map=True)
    except pa.ArrowInvalid as error:
        raise WorkspaceDamaged(f"The fingerprint file {path.name} is damaged: {error}.") from error


def _fill(
    table: FingerprintTable, start: int, parquet: pq.ParquetFile, width: int, between: tuple[int, int]
) -> int:
    """Copy those rows of one file that lie between two of its row numbers; values only where any are kept."""
    kept = table.values.shape[1]
    columns = None if kept else ["sha256", "quality", "at_seconds"]
    begin = 0
    with parquet:
        for number in range(parquet.num_row_groups):
            count = int(parquet.metadata.row_group(number).num_rows)
            first, last = max(between[0] - begin, 0), min(between[1] - begin, count)
            begin += count
            if first >= last:
                continue
            rows = parquet.read_row_group(number, columns).combine_chunks()
            end = start + last - first
            if end > len(table):
                return end
            table.sha256[start:end] = _fixed(rows["sha256"], _SHA256)[first:last]
            if kept:
                table.values[start:end] = _fixed(rows["value"], width)[first:last, :kept]
            table.quality[start:end] = rows["quality"].to_numpy()[first:last]
            table.at_seconds[start:end] = rows["at_seconds"].to_numpy()[first:last]
            start = end
    return start


def _table_of(
    folder: Path, files: Sequence[FileRow], shape: tuple[str, int, int, int], owners: Sequence[bytes]
) -> FingerprintTable:
    """Rows of some media: row groups without any are left after their first column."""
    kind, version, full, kept = shape
    import pyarrow.compute as pc  # noqa: PLC0415 - 60 ms of each start that only this question needs

    wanted = pa.array(sorted(owners), pa.binary(_SHA256))
    found: list[pa.Table] = []
    for file in files:
        with _parquet(folder / file.name) as parquet:
            for number in range(parquet.num_row_groups):
                here = pc.is_in(parquet.read_row_group(number, ["sha256"])["sha256"], value_set=wanted)
                if pc.any(here).as_py():
                    found.append(parquet.read_row_group(number).filter(here))
    rows = pa.concat_tables(found).combine_chunks() if found else _schema(full).empty_table()
    return FingerprintTable(
        kind,
        version,
        sha256=_fixed(rows["sha256"], _SHA256),
        values=_fixed(rows["value"], full)[:, :kept],
        quality=rows["quality"].to_numpy(),
        at_seconds=rows["at_seconds"].to_numpy(),
    )


def _fixed(column: pa.ChunkedArray, width: int) -> NDArray[np.uint8]:
    chunks = [
        np.frombuffer(chunk.buffers()[1], np.uint8, len(chunk) * width, chunk.offset * width)
        for chunk in column.chunks
    ]
    return (np.concatenate(chunks) if len(chunks) != 1 else chunks[0]).reshape(-1, width)
