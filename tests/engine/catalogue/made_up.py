"""Results of tasks made up from a seed: the same seed gives the same bytes, in any process."""

from __future__ import annotations

import hashlib
import random

from foureyes.engine.model import (
    Digests,
    Fact,
    FactName,
    Fault,
    FaultCode,
    Fingerprint,
    Media,
    MediaKind,
    Occurrence,
    Origin,
    Outcome,
    TakenIn,
    Times,
)


def media(seed: int, *, video: bool = False, facts: int = 6) -> Media:
    chance = random.Random(seed)
    content = chance.randbytes(64)
    names = [FactName.CAMERA_MODEL, FactName.BODY_SERIAL, FactName.SOFTWARE, FactName.KEYWORD]
    stated = [Fact(chance.choice(names), f"value {chance.randrange(50)}", Origin.EXIF) for _ in range(facts)]
    stated.append(Fact(FactName.LATITUDE, chance.uniform(-90, 90), Origin.EXIF))
    stated.append(Fact(FactName.FILE_NUMBER, chance.randrange(10_000), Origin.MAKER_NOTE))
    frames = 4 if video else 1
    return Media(
        digests=Digests(
            hashlib.sha256(content).hexdigest(),
            hashlib.sha1(content).hexdigest(),  # noqa: S324 - a digest of made-up bytes
            hashlib.md5(content).hexdigest(),  # noqa: S324 - as above
            chance.randrange(1, 10_000_000),
        ),
        kind=MediaKind.VIDEO if video else MediaKind.PICTURE,
        format="mp4" if video else "jpeg",
        width=chance.randrange(1, 8000),
        height=chance.randrange(1, 8000),
        duration_seconds=chance.uniform(1, 100) if video else None,
        thumbnail=chance.randbytes(chance.randrange(2_000, 8_000)),
        preview=chance.randbytes(88),
        facts=tuple(stated),
        fingerprints=tuple(
            Fingerprint("pdq", 1, chance.randbytes(256), chance.randrange(101), 2.0 * frame)
            for frame in range(frames)
        ),
    )


def taken(path: str, seed: int, *, video: bool = False) -> TakenIn:
    record = media(seed, video=video)
    occurrence = Occurrence(path, record.digests.size, Times(modified_ns=1_700_000_000_000_000_000 + seed))
    return TakenIn(occurrence, Outcome.MEDIA, record.digests.sha256, record)


def known(path: str, seed: int) -> TakenIn:
    """The same content met once more, by a task that the catalogue told so."""
    record = media(seed)
    occurrence = Occurrence(path, record.digests.size, Times(modified_ns=1_700_000_000_000_000_000 + seed))
    return TakenIn(occurrence, Outcome.MEDIA, record.digests.sha256)


def other(path: str) -> TakenIn:
    return TakenIn(Occurrence(path, 10, Times(modified_ns=5)), Outcome.OTHER)


def fault(path: str, code: FaultCode = FaultCode.NO_RIGHTS) -> TakenIn:
    return TakenIn(Occurrence(path, 7, Times(modified_ns=5)), Outcome.FAULT, fault=Fault(code, "made up"))


def undecodable(path: str, seed: int) -> TakenIn:
    digests = media(seed).digests
    damaged = Fault(FaultCode.DAMAGED, "ends early")
    record = Media(digests, None, "jpeg", fault=damaged)
    occurrence = Occurrence(path, digests.size, Times(modified_ns=9))
    return TakenIn(occurrence, Outcome.FAULT, digests.sha256, record, damaged)


def batches(seed: int, count: int, size: int) -> list[list[TakenIn]]:
    """Batches as an ingest gives them: new media, copies, videos, faults and passed-over files."""
    chance = random.Random(seed)
    made = []
    for batch in range(count):
        items = []
        for number in range(size):
            path = f"folder {batch}/IMG_{number:04d}.jpg"
            # Few different seeds, so that contents repeat within and across batches.
            content = chance.randrange((batch + 1) * size)
            kind = chance.randrange(20)
            if kind == 0:
                items.append(other(path))
            elif kind == 1:
                items.append(fault(path))
            elif kind == 2:
                items.append(undecodable(path, 1_000_000 + chance.randrange(5)))
            else:
                items.append(taken(path, content, video=content % 10 == 0))
        made.append(items)
    return made
