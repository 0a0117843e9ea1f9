"""Made-up media, links and rulings for the tests of linking. Media are named by a number."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
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
    SharedFrames,
    SharedStretch,
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


def lying(
    name: object,
    path: str,
    *facts: tuple[FactName, FactValue],
    origin: Origin = Origin.JPEG,
    modified: float | None = None,
    source: int = 1,
) -> Linkable:
    """A JPEG of 800 x 600 in a folder of a source, without a word of its camera unless facts say one."""
    return replace(
        media(name, *facts, path=path, origin=origin),
        format="jpeg",
        width=800,
        height=600,
        modified_ns=None if modified is None else int(modified * 1e9),
        folders=(f"{source}:{path.rpartition('/')[0]}",),
    )


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
    a: object,
    b: object,
    bits: int = 4,
    *,
    orientation: int = 0,
    at_a: float = 0,
    at_b: float = 0,
    shared: SharedFrames | None = None,
    plain: bool = False,
) -> NearPair:
    """A pair as matching tells it; `shared` is given as seen from `a`."""
    first, second = sha(a), sha(b)
    if first > second:
        first, second, at_a, at_b = second, first, at_b, at_a
        shared = None if shared is None else turned(shared)
    return NearPair(first, second, bits, orientation, at_a, at_b, shared, plain)


def turned(shared: SharedFrames) -> SharedFrames:
    """The same, seen from the other film."""
    return SharedFrames(
        seen_a=shared.seen_b,
        of_a=shared.of_b,
        seen_b=shared.seen_a,
        of_b=shared.of_a,
        share_a=shared.share_b,
        share_b=shared.share_a,
        seconds_a=shared.seconds_b,
        seconds_b=shared.seconds_a,
        stretches=tuple(
            SharedStretch(one.b_from, one.b_to, one.a_from, one.a_to, one.frames) for one in shared.stretches
        ),
    )


def sharing(
    seen: tuple[int, int], of: tuple[int, int], stretch: tuple[float, float, float, float] | None = None
) -> SharedFrames:
    """Films with a frame each second that share some: so many of a's of so many, and of b's."""
    runs = () if stretch is None else (SharedStretch(*stretch, frames=min(seen)),)
    return SharedFrames(
        seen_a=seen[0],
        of_a=of[0],
        seen_b=seen[1],
        of_b=of[1],
        share_a=seen[0] / of[0],
        share_b=seen[1] / of[1],
        seconds_a=of[0],
        seconds_b=of[1],
        stretches=runs,
    )


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
