"""Hash lists made up for tests, as a reader of lists would hand them over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.catalogue import made_up
from foureyes.engine.model import NO_CATEGORY, ListBatch, ListKind, NewList


@dataclass(frozen=True)
class Record:
    """One record of a list; empty where it states no such digest."""

    sha256: bytes = b""
    sha1: bytes = b""
    md5: bytes = b""
    pdq: bytes = b""
    category: int = NO_CATEGORY
    removed: bool = False
    identity: int = 0
    raw: bytes = b""


def meta(name: str = "list", kind: ListKind = ListKind.KNOWN, version: str = "") -> NewList:
    return NewList(name, kind, "digests", "ana", origin="made up", handling_code="H1", version=version)


def of_media(
    seed: int, digest: str = "sha1", category: int = NO_CATEGORY, *, removed: bool = False
) -> Record:
    """A record of the media that `made_up.media` makes of a seed, by one of its digests or its PDQ."""
    media = made_up.media(seed)
    if digest == "pdq":
        return Record(pdq=media.fingerprints[0].value[:32], category=category, removed=removed)
    value = bytes.fromhex(getattr(media.digests, digest))
    return Record(category=category, removed=removed, **{digest: value})  # type: ignore[arg-type]  # a digest by its name


def batch(*records: Record) -> ListBatch:
    has = [
        sum(bit for bit, value in ((1, one.sha256), (2, one.sha1), (4, one.md5), (8, one.pdq)) if value)
        for one in records
    ]
    raws = [one.raw or repr(one).encode() for one in records]
    return ListBatch(
        sha256=_column([one.sha256 for one in records], 32),
        sha1=_column([one.sha1 for one in records], 20),
        md5=_column([one.md5 for one in records], 16),
        pdq=_column([one.pdq for one in records], 32),
        has=np.array(has, np.uint8),
        category=np.array([one.category for one in records], np.int32),
        removed=np.array([one.removed for one in records], bool),
        raw=b"".join(raws),
        raw_end=np.cumsum([len(raw) for raw in raws], dtype=np.int64),
        identity=np.array([one.identity for one in records], np.uint64),
    )


def _column(values: Sequence[bytes], width: int) -> NDArray[np.uint8]:
    content = b"".join(value.ljust(width, b"\0") for value in values)
    return np.frombuffer(content, np.uint8).reshape(-1, width)


def many(count: int) -> list[ListBatch]:
    """Records of all kinds of digests in batches of forty; every fifth by the PDQ of made-up media."""
    kinds = ("sha256", "sha1", "md5", "sha1", "pdq")
    records = [of_media(seed, kinds[seed % 5], category=seed % 4) for seed in range(count)]
    return [batch(*records[at : at + 40]) for at in range(0, count, 40)]
