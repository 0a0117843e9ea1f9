"""Hash lists, what they say of media, and what changed because of an arrival.

A list is read in batches of columns: thirteen million records as objects would take minutes and gigabytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

NO_CATEGORY = -1
"""Stands in `ListBatch.category` where a record states none: uncategorised, never category 0."""


class ListKind(StrEnum):
    """What a hash list is for."""

    KNOWN = "known"
    """Seen before, with a category: told to people."""
    IRRELEVANT = "irrelevant"
    """Known to say nothing (files of operating systems, say): drops out of linking and of people's sight."""
    NEGATIVE = "negative"
    """Logos, memes, blank frames: its fingerprints link nothing; the media stay in sight."""


class Digest(StrEnum):
    """How a record of a list met a media, the surest first."""

    SHA256 = "sha256"
    SHA1 = "sha1"
    MD5 = "md5"
    PDQ = "pdq"


@dataclass(frozen=True, slots=True, eq=False)
class ListBatch:
    """Some thousand records of one list as columns of one length n; a row of zeros where not `has`."""

    sha256: NDArray[np.uint8]
    """(n, 32)."""
    sha1: NDArray[np.uint8]
    """(n, 20)."""
    md5: NDArray[np.uint8]
    """(n, 16)."""
    pdq: NDArray[np.uint8]
    """(n, 32), upright."""
    has: NDArray[np.uint8]
    """(n,): sum of 1 (SHA-256), 2 (SHA-1), 4 (MD5), 8 (PDQ)."""
    category: NDArray[np.int32]
    """(n,): the raw code as stated; `NO_CATEGORY` where none is."""
    removed: NDArray[np.bool_]
    """(n,): tombstones: whoever sent the list takes this record back."""
    raw: bytes
    """All records as they stood in the file, one after the other, fields unknown to us included."""
    raw_end: NDArray[np.int64]
    """(n,): where in `raw` each record ends."""
    identity: NDArray[np.uint64] | None = None
    """(n,): 64 bits of a digest of the name that the sender gave the record, 0 where it has none. A tombstone
    that states no digest takes back the records of this identity; None where the format names no records."""

    def __len__(self) -> int:
        return len(self.has)


@dataclass(frozen=True, slots=True)
class ListFault:
    """A record of a list that could not be taken; its number and line count from 1."""

    record: int
    line: int
    detail: str


@dataclass(frozen=True, slots=True)
class NewList:
    """What is stated of a list when it is added; see `HashList`."""

    name: str
    kind: ListKind
    format: str
    officer: str
    origin: str = ""
    handling_code: str = "H1"
    version: str = ""
    jurisdiction: str = ""


@dataclass(frozen=True, slots=True)
class HashList:
    """A list that is held, or was until it was withdrawn."""

    id: int
    name: str
    kind: ListKind
    format: str
    """Member of the family of formats that read it: vics, icse, ncmec, nsrl, digests, pdq."""
    origin: str
    """Who made it, in words."""
    handling_code: str
    """H0 to H3."""
    version: str
    jurisdiction: str
    """Names the table that says what its raw category codes mean."""
    records: int
    faults: int
    officer: str
    added_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_reason: str | None = None
    removed: int = 0
    """How many of the records are tombstones."""


@dataclass(frozen=True, slots=True)
class ListHit:
    """A record of a list met a media that is held."""

    sha256: str
    list_id: int
    by: Digest
    category: int | None
    """Raw code of the record; None where it states none."""
    meaning: str | None
    """What the list's jurisdiction means by it; None where it is not in the table."""
    distance_bits: int = 0
    orientation: int = 0


class ChangeKind(StrEnum):
    """What an arrival or a ruling did to what was held before."""

    LIST_ADDED = "list-added"
    LIST_WITHDRAWN = "list-withdrawn"
    LISTED = "listed"
    """A media is on a list now."""
    UNLISTED = "unlisted"
    """A media is no longer on a list, because the list was withdrawn."""
    MATCHED = "matched"
    """A media that was held before has a near one among the new."""
    SERIES_NEW = "series-new"
    SERIES_GREW = "series-grew"
    SERIES_SHRANK = "series-shrank"
    SERIES_MERGED = "series-merged"
    SERIES_GONE = "series-gone"
    RULED_NEGATIVE = "ruled-negative"
    RULING_WITHDRAWN = "ruling-withdrawn"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed; `id` rises, so that "since" is a number or a time."""

    id: int
    at: datetime
    kind: ChangeKind
    sha256: str | None
    series_id: str | None
    list_id: int | None
    detail: str
    """In words, for people."""
