"""Records of the model as rows of the tables, and back. Hostile text and numbers are made storable here.

No row is read or written here; this is only the translation.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.engine import RowMapping

from foureyes.engine.errors import UsageError
from foureyes.engine.model import (
    Digests,
    Fact,
    FactValue,
    Fault,
    FaultCode,
    Media,
    MediaKind,
    Occurrence,
    Outcome,
    Times,
)

_TEXT_LENGTH = 4000
KINDS = {MediaKind.PICTURE: 1, MediaKind.VIDEO: 2}
OUTCOMES = {Outcome.MEDIA: 1, Outcome.OTHER: 2, Outcome.FAULT: 3}
_KIND_OF = {number: kind for kind, number in KINDS.items()}
OUTCOME_OF = {number: outcome for outcome, number in OUTCOMES.items()}

_INT64 = 2**63
_INT32 = 2**31
_DETAIL_LENGTH = 200
_TEXT_LENGTH = 1000


def digest_key(digest: bytes) -> int:
    """First 64 bits of a digest as a signed number: what the indexes hold."""
    return int.from_bytes(digest[:8], "big", signed=True)


def path_bytes(untrusted_path: str) -> bytes:
    """The exact name on disk. Lone surrogates that no disk can have gave (JSON can) still get bytes."""
    try:
        return untrusted_path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return untrusted_path.encode("utf-8", "surrogatepass")


def path_key(source_id: int, untrusted_path: str) -> int:
    """What a path of one source is found by."""
    return digest_key(hashlib.sha256(b"%d/" % source_id + path_bytes(untrusted_path)).digest())


def name_key(untrusted_path: str) -> int:
    """What the last component of a path is found by, whatever its case."""
    name = storable_text(untrusted_path).rpartition("/")[2].casefold()
    return digest_key(hashlib.sha256(name.encode()).digest())


def storable_text(untrusted_text: str) -> str:
    """Text that both databases take: no NUL, no lone surrogates; those are written out as escapes."""
    if "\0" in untrusted_text:
        untrusted_text = untrusted_text.replace("\0", "\\x00")
    try:
        untrusted_text.encode()
    except UnicodeEncodeError:
        return untrusted_text.encode("utf-8", "backslashreplace").decode()
    return untrusted_text


def stated(text: str, complaint: str, length: int = _TEXT_LENGTH) -> str:
    """What a person says, as it is kept. Raises UsageError where it is nothing, or too long."""
    said = storable_text(text).strip()
    if not said:
        raise UsageError(complaint)
    if len(said) > length:
        raise UsageError(f"That text has {len(said)} characters; at most {length} are kept.")
    return said


def path_columns(untrusted_path: str) -> dict[str, str | bytes | None]:
    """The path as text, and its exact bytes only where the text does not say it all."""
    text = storable_text(untrusted_path)
    return {"path": text, "path_raw": None if text == untrusted_path else path_bytes(untrusted_path)}


def path_of(row: RowMapping) -> str:
    """The path as it was handed in."""
    raw = row["path_raw"]
    return str(row["path"]) if raw is None else bytes(raw).decode("utf-8", "surrogateescape")


def int64(value: int | None) -> int | None:
    """The value, or None where no database could hold it (a stated size of 10^30, say)."""
    return value if value is not None and -_INT64 <= value < _INT64 else None


def words_of(facts: Iterable[Fact]) -> set[str]:
    """All words that the rows of these facts need."""
    return {word for fact in facts for word in (fact.name.value, fact.origin.value)}


def fact_rows(
    owner: str, owner_id: int, facts: Iterable[Fact], words: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Rows of `fact` (owner `media_id`) or `occurrence_fact` (owner `occurrence_id`)."""
    return [
        {
            owner: owner_id,
            "ordinal": ordinal,
            "name": words[fact.name.value],
            "origin": words[fact.origin.value],
            **_value_columns(fact.value),
        }
        for ordinal, fact in enumerate(facts)
    ]


def _value_columns(value: FactValue) -> dict[str, FactValue | None]:
    text: str | None = None
    whole: int | None = None
    real: float | None = None
    if isinstance(value, str):
        text = storable_text(value)[:_TEXT_LENGTH]
    elif isinstance(value, int):
        whole = int64(int(value))
        text = None if whole is not None else str(value)[:_TEXT_LENGTH]
    elif math.isfinite(value):
        real = value
    else:
        text = str(value)
    return {"value_text": text, "value_int": whole, "value_real": real}


def fault_columns(fault: Fault | None, words: Mapping[str, int]) -> dict[str, int | str | None]:
    """Columns `fault_code` and `fault_detail`."""
    if fault is None:
        return {"fault_code": None, "fault_detail": None}
    return {
        "fault_code": words[fault.code.value],
        "fault_detail": storable_text(fault.detail)[:_DETAIL_LENGTH],
    }


def fault_of(row: RowMapping, texts: Mapping[int, str]) -> Fault | None:
    """The fault that a row of `media` or `occurrence` holds."""
    if row["fault_code"] is None:
        return None
    return Fault(FaultCode(texts[row["fault_code"]]), str(row["fault_detail"]))


def media_columns(media: Media, words: Mapping[str, int]) -> dict[str, Any]:
    """Columns of `media` but for its id and what lies in packs."""
    sha256 = bytes.fromhex(media.digests.sha256)
    duration = media.duration_seconds
    return {
        "sha_key": digest_key(sha256),
        "sha256": sha256,
        "sha1": bytes.fromhex(media.digests.sha1),
        "md5": bytes.fromhex(media.digests.md5),
        "size": media.digests.size,
        "kind": None if media.kind is None else KINDS[media.kind],
        "format": words[media.format],
        "width": min(media.width, _INT32 - 1),
        "height": min(media.height, _INT32 - 1),
        "duration": float(duration) if duration is not None and math.isfinite(duration) else None,
        **fault_columns(media.fault, words),
    }


def media_of(
    row: RowMapping, texts: Mapping[int, str], facts: tuple[Fact, ...], thumbnail: bytes, preview: bytes
) -> Media:
    """The record of one media; fingerprints are asked for by kind, not here."""
    return Media(
        digests=Digests(
            sha256=bytes(row["sha256"]).hex(),
            sha1=bytes(row["sha1"]).hex(),
            md5=bytes(row["md5"]).hex(),
            size=row["size"],
        ),
        kind=media_kind(row["kind"]),
        format=texts[row["format"]],
        width=row["width"],
        height=row["height"],
        duration_seconds=row["duration"],
        thumbnail=thumbnail,
        preview=preview,
        facts=facts,
        fault=fault_of(row, texts),
    )


def media_kind(number: int | None) -> MediaKind | None:
    """The kind behind its number; None for content that could not be decoded."""
    return None if number is None else _KIND_OF[number]


def occurrence_columns(source_id: int, occurrence: Occurrence) -> dict[str, Any]:
    """Columns of `occurrence` that reading found out."""
    return {
        "source_id": source_id,
        "path_key": path_key(source_id, occurrence.path),
        "name_key": name_key(occurrence.path),
        **path_columns(occurrence.path),
        "size": int64(occurrence.size),
        "created_ns": int64(occurrence.times.created_ns),
        "modified_ns": int64(occurrence.times.modified_ns),
        "accessed_ns": int64(occurrence.times.accessed_ns),
    }


def occurrence_of(row: RowMapping, texts: Mapping[int, str], facts: tuple[Fact, ...] = ()) -> Occurrence:
    """The occurrence that a row holds."""
    return Occurrence(
        path=path_of(row),
        size=row["size"],
        times=Times(row["created_ns"], row["modified_ns"], row["accessed_ns"]),
        facts=facts,
        fault=fault_of(row, texts),
    )


def sha256_bytes(sha256: str) -> bytes:
    """The 32 bytes of a digest in hex. Raises ValueError for anything else."""
    digest = bytes.fromhex(sha256)
    if len(digest) != hashlib.sha256().digest_size:
        raise ValueError(f"not a SHA-256: {sha256!r}")
    return digest
