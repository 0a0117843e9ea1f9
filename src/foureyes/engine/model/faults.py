"""Why a file gave no media. A fault is a result: recorded, listed and counted, never raised."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaultCode(StrEnum):
    """Stable codes; `docs/reference/faults.md` lists each with what to do."""

    EMPTY = "empty"
    NO_RIGHTS = "no-rights"
    VANISHED = "vanished"
    CHANGED = "changed-while-read"
    READ_ERROR = "read-error"
    SPECIAL_FILE = "special-file"
    SYMBOLIC_LINK = "symbolic-link"
    BAD_NAME = "bad-name"
    ENCRYPTED = "encrypted"
    ARCHIVE_DAMAGED = "archive-damaged"
    ARCHIVE_BOMB = "archive-bomb"
    ARCHIVE_PATH = "archive-path"
    NESTED_TOO_DEEP = "nested-too-deep"
    TOO_LARGE = "too-large"
    MISSING_MEDIA = "missing-media"
    HASH_MISMATCH = "hash-mismatch"
    BAD_RECORD = "bad-record"
    DAMAGED = "damaged"
    UNSUPPORTED = "unsupported"
    TOO_MANY_PIXELS = "too-many-pixels"
    OUT_OF_MEMORY = "out-of-memory"
    TIMED_OUT = "timed-out"
    CRASHED = "decoder-crashed"
    TOO_MUCH_OUTPUT = "too-much-output"
    FORBIDDEN = "decoder-forbidden"
    """The decoder tried what the cage forbids."""
    TASK_DIED = "task-died"


@dataclass(frozen=True, slots=True)
class Fault:
    """One recorded reason, in a code for machines and words for people."""

    code: FaultCode
    detail: str = ""
    """At most 200 characters, printable, with nothing in it that came unfiltered from the file."""
