"""Writes a VICS 2.0 hash set out of records as they were read, byte for byte.

It never makes up a field and never drops one: what a record holds is what is written.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from foureyes.engine.errors import HashListError
from foureyes.engine.model import ListBatch

_CONTEXT = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/{profile}/$metadata#Media"
_PROFILES = ("Default", "US", "UK", "CUSTOM")


def records_of(batch: ListBatch) -> Iterator[bytes]:
    """Give each record of a batch as it stood in the file."""
    start = 0
    for end in batch.raw_end.tolist():
        yield batch.raw[start:end]
        start = end


def write_vics(records: Iterable[bytes], path: Path, *, data_model: str = "Default") -> int:
    """Write a hash set of raw VICS records, whole or not at all; give how many there are.

    `data_model` is the profile named in the file: Default, US, UK or CUSTOM. Raises HashListError where a
    record is no JSON object by its ends (one of a CSV list, say), OSError.
    """
    if data_model not in _PROFILES:
        raise HashListError(f"no VICS data model {data_model!r}; known: {', '.join(_PROFILES)}")
    count = 0
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            context = _CONTEXT.format(profile=data_model)
            file.write(f'{{"@odata.context":"{context}",\n"value":['.encode())
            for record in records:
                file.write(b",\n" if count else b"\n")
                file.write(_checked(record, count + 1))
                count += 1
            file.write(b"\n]}\n")
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return count


def _checked(record: bytes, number: int) -> bytes:
    if not (record.startswith(b"{") and record.endswith(b"}")):
        raise HashListError(f"record {number:,} is no VICS record")
    return record
