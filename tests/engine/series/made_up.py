"""Made-up media, links and rulings for the tests of linking. Media are named by a number."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from foureyes.engine.model import (
    Decision,
    DecisionKind,
    Fact,
    FactName,
    FactValue,
    Linkable,
    MediaKind,
    NearPair,
    Origin,
    Series,
)

NOON = datetime(2020, 6, 1, 12, tzinfo=UTC)


def sha(name: object) -> str:
    return hashlib.sha256(str(name).encode()).hexdigest()


def media(
    name: object,
    *facts: tuple[FactName, FactValue],
    path: str = "",
    kind: MediaKind = MediaKind.PICTURE,
    frames: int = 1,
    origin: Origin = Origin.EXIF,
) -> Linkable:
    stated = tuple(Fact(fact, value, origin) for fact, value in facts)
    return Linkable(sha(name), kind, stated, (path or f"{name}.jpg",), frames)


def shot(
    name: object,
    seconds: float | None = None,
    *,
    model: str = "Modelo 5",
    serial: str = "",
    number: int | None = None,
    at: tuple[float, float] | None = None,
    lens: str = "",
    error: float | None = None,
    path: str = "",
) -> Linkable:
    """A picture by a camera, so many seconds after noon."""
    facts: list[tuple[FactName, FactValue]] = [
        (FactName.CAMERA_MAKER, "Hersteller"),
        (FactName.CAMERA_MODEL, model),
    ]
    if seconds is not None:
        moment = (NOON + timedelta(seconds=seconds)).replace(tzinfo=None)
        facts.append((FactName.CAPTURED_AT, moment.isoformat()))
    if serial:
        facts.append((FactName.BODY_SERIAL, serial))
    if number is not None:
        facts.append((FactName.FILE_NUMBER, number))
    if lens:
        facts.append((FactName.LENS_MODEL, lens))
    if at is not None:
        facts += [(FactName.LATITUDE, at[0]), (FactName.LONGITUDE, at[1])]
    if error is not None:
        facts.append((FactName.GPS_ERROR, error))
    return media(name, *facts, path=path)


def near(
    a: object, b: object, bits: int = 4, *, orientation: int = 0, at_a: float = 0, at_b: float = 0
) -> NearPair:
    first, second = sha(a), sha(b)
    if first > second:
        first, second, at_a, at_b = second, first, at_b, at_a
    return NearPair(first, second, bits, orientation, at_a, at_b)


def decision(
    number: int,
    kind: DecisionKind,
    ruled: Iterable[object],
    anchors: Iterable[object],
    *,
    withdrawn: bool = False,
) -> Decision:
    return Decision(
        id=number,
        kind=kind,
        series=("S-AAAAAAAA",),
        media=tuple(sha(one) for one in ruled),
        anchors=tuple(sha(one) for one in anchors),
        officer="Ines",
        at=NOON + timedelta(hours=number),
        reason="seen side by side",
        withdrawn_at=NOON + timedelta(days=9) if withdrawn else None,
    )


def members(series: Sequence[Series]) -> set[frozenset[str]]:
    return {frozenset(one.members) for one in series}


def group(*names: object) -> frozenset[str]:
    return frozenset(sha(name) for name in names)
