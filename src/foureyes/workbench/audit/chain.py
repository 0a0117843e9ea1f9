"""How entries are hashed, each over the one before. `merkle` puts the same bytes into a tree."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

START = "0" * 64
"""What the first entry names as the one before it."""

FORM = "foureyes-audit-1"
"""Goes into every hash: a later form of entry gets another name."""


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of an entry that its hash covers, all text but the number."""

    id: int
    at: str
    officer: str
    unit: str
    action: str
    thing: str
    detail: str


def written(record: Record, previous: str) -> bytes:
    """What is hashed: a JSON list of the form, the hash before and every field in order."""
    fields = [FORM, previous, record.id, record.at, record.officer, record.unit]
    fields += [record.action, record.thing, record.detail]
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def hash_of(record: Record, previous: str) -> str:
    """SHA-256, hex, of what is written of the entry."""
    return hashlib.sha256(written(record, previous)).hexdigest()
