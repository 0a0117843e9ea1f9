"""Reads the SQLite form of the RDS by SQLite itself, in a cage where no file can be opened.

A connection is opened on an empty file before the worker is sealed; its descriptor is closed by the sealing.
Inside, the list's descriptor is put in that place. Read-only and without locks: a journal beside the list is
not seen, and nothing is written. A worker reads one database in its life, since SQLite remembers pages.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

import numpy as np

from foureyes.engine.exchange.hash_lists.base import ROWS_AT_MOST, Trouble, Unreadable
from foureyes.engine.exchange.hash_lists.columns import MD5, SHA1, SHA256, Rows
from foureyes.engine.model import ListBatch

MAGIC = b"SQLite format 3\x00"
_DIGESTS = (("sha256", SHA256, 64), ("sha1", SHA1, 40), ("md5", MD5, 32))
_TABLES = ("METADATA", "FILE")
"""Full editions hold each file once in METADATA, and FILE is a view; minimal ones have FILE alone."""
_LOWEST, _HIGHEST = 24, 60
"""Where the descriptor is to be: above whatever a worker holds, and below its limit of 64."""
_place: dict[str, tuple[sqlite3.Connection, int]] = {}


def prepare() -> None:
    """Open a connection on an empty file, and note the descriptor that SQLite holds."""
    with tempfile.NamedTemporaryFile() as file, _low_numbers_taken():
        ours = file.fileno()
        connection = sqlite3.connect(f"file:{file.name}?mode=ro&nolock=1", uri=True, isolation_level=None)
        status = os.fstat(ours)
        for descriptor in range(_LOWEST, _HIGHEST):
            with suppress(OSError):
                if descriptor != ours and os.path.samestat(os.fstat(descriptor), status):
                    _place["database"] = (connection, descriptor)
                    return
    connection.close()


@contextmanager
def _low_numbers_taken() -> Iterator[None]:
    """Hold every free descriptor below `_LOWEST` meanwhile, so that SQLite gets a higher one."""
    taken = [os.open(os.devnull, os.O_RDONLY)]
    while taken[-1] < _LOWEST:
        taken.append(os.open(os.devnull, os.O_RDONLY))
    try:
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)


def read(untrusted_fd: int) -> Iterator[ListBatch | Trouble]:
    """Give every row with a digest. Raises Unreadable where it is no RDS."""
    try:
        connection, descriptor = _place.pop("database")
    except KeyError:
        raise Unreadable("a database can be read only once by a worker, and only as a file") from None
    if fcntl.fcntl(untrusted_fd, fcntl.F_DUPFD_CLOEXEC, descriptor) != descriptor:
        raise Unreadable("a database cannot be put where SQLite looks for it: no cage on this system")
    try:
        yield from _rows_of(connection)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise Unreadable(f"its database is damaged, or no RDS ({type(error).__name__})") from None


def _rows_of(connection: sqlite3.Connection) -> Iterator[ListBatch | Trouble]:
    connection.text_factory = bytes
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    table, names = _table(connection)
    wanted = [(name, bit, digits) for name, bit, digits in _DIGESTS if name in names]
    columns = ", ".join(f'"{name}"' for name, _, _ in wanted)
    cursor = connection.execute(f'SELECT {columns} FROM "{table}"')  # noqa: S608 - names of our own list
    record = 0
    while found := _fetched(cursor, record):
        rows, bad = Rows(), {}
        lines = [_line(row) for row in found]
        ends = np.cumsum([len(line) for line in lines])
        rows.ends[: len(found)] = ends
        rows.starts[1 : len(found)] = ends[:-1]
        for number, row in enumerate(found):
            for (_, bit, digits), value in zip(wanted, row, strict=True):
                if value and not _take(rows, number, bit, digits, value):
                    bad[number] = f"a digest that is not {digits} hexadecimal digits"
        text = np.frombuffer(b"".join(lines), np.uint8)
        yield from rows.settled(len(found), text, partial(_place_of, record), bad)
        record += len(found)


def _place_of(before: int, row: int) -> tuple[int, int]:
    """Rows have no lines: their number stands for both."""
    return before + row + 1, before + row + 1


def _fetched(cursor: sqlite3.Cursor, record: int) -> list[tuple[object, ...]]:
    try:
        return cursor.fetchmany(ROWS_AT_MOST)
    except sqlite3.DatabaseError:
        raise Unreadable(f"its database is damaged behind row {record:,}") from None


def _table(connection: sqlite3.Connection) -> tuple[str, set[str]]:
    """The table that holds the digests, and the names of its columns."""
    for table in _TABLES:
        names = {
            bytes(row[1]).decode("utf-8", "replace").lower()
            for row in connection.execute(f"PRAGMA table_info({table})")
        }
        if names & {name for name, _, _ in _DIGESTS}:
            return table, names
    raise Unreadable("a SQLite database, but without the tables of an RDS (METADATA or FILE)")


def _line(row: tuple[object, ...]) -> bytes:
    """The digests of a row as text: a database has no other form that could be kept byte for byte."""
    return b",".join(value if isinstance(value, bytes) else b"" for value in row)


def _take(rows: Rows, number: int, bit: int, digits: int, value: object) -> bool:
    if not isinstance(value, bytes) or len(value) != digits:
        return False
    try:
        rows.put(number, bit, bytes.fromhex(value.decode("ascii")))
    except ValueError:
        return False
    return True
