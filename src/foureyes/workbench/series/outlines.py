"""The outline of a series: span of time, cameras and places, read from the facts of its members."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from foureyes.engine.model import Fact, FactName, Origin
from foureyes.workbench.library.holdings import catalogue

NAMES = (
    FactName.CAPTURED_AT,
    FactName.GPS_TIME,
    FactName.CAMERA_MAKER,
    FactName.CAMERA_MODEL,
    FactName.BODY_SERIAL,
    FactName.LATITUDE,
    FactName.LONGITUDE,
)
PLACE_DIGITS = 3
"""Decimals of a degree that make one place: 0.001 is at most 111 m. For counting only."""
KEPT_AT_MOST = 20_000

Facts = Mapping[str, tuple[Fact, ...]]


@dataclass(frozen=True, slots=True)
class Place:
    """Positions within about 100 m of each other, and how many media state one of them."""

    latitude: float
    longitude: float
    media: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What the facts of the members say together. Times are ISO 8601 as stated; empty where none is."""

    first: str
    last: str
    dated: int
    """Members with a time of capture."""
    cameras: tuple[tuple[str, int], ...]
    """Camera and number of media, most first."""
    places: tuple[Place, ...]


def camera_of(facts: Iterable[Fact]) -> str:
    """Maker, model and body serial in words; empty where the file names no camera."""
    stated: dict[FactName, str] = {}
    for fact in facts:
        stated.setdefault(fact.name, str(fact.value).strip())
    maker, model = stated.get(FactName.CAMERA_MAKER, ""), stated.get(FactName.CAMERA_MODEL, "")
    named = model if maker and model.lower().startswith(maker.lower().split()[0]) else f"{maker} {model}"
    serial = stated.get(FactName.BODY_SERIAL, "")
    return " ".join([named.strip(), f"no. {serial}" if serial else ""]).strip()


def time_of(facts: Iterable[Fact]) -> str:
    """Time of capture as stated, else the GPS time; empty where there is none."""
    stated = {fact.name: str(fact.value) for fact in reversed(list(facts))}
    return stated.get(FactName.CAPTURED_AT) or stated.get(FactName.GPS_TIME, "")


def position_of(facts: Iterable[Fact]) -> tuple[float, float] | None:
    """Degrees north and east, both from the same origin; None where none is stated."""
    by_origin: dict[Origin, dict[FactName, float]] = {}
    for fact in facts:
        if fact.name in {FactName.LATITUDE, FactName.LONGITUDE}:
            by_origin.setdefault(fact.origin, {})[fact.name] = float(fact.value)
    for stated in by_origin.values():
        if FactName.LATITUDE in stated and FactName.LONGITUDE in stated:
            return stated[FactName.LATITUDE], stated[FactName.LONGITUDE]
    return None


def outline(members: Sequence[str], facts: Facts) -> Outline:
    """The outline of these members."""
    stated = [facts.get(sha256, ()) for sha256 in members]
    times = sorted(filter(None, map(time_of, stated)))
    cameras = Counter(filter(None, map(camera_of, stated)))
    places: dict[tuple[float, float], list[tuple[float, float]]] = {}
    for position in filter(None, map(position_of, stated)):
        cell = (round(position[0], PLACE_DIGITS), round(position[1], PLACE_DIGITS))
        places.setdefault(cell, []).append(position)
    return Outline(
        first=times[0] if times else "",
        last=times[-1] if times else "",
        dated=len(times),
        cameras=tuple(cameras.most_common()),
        places=tuple(
            Place(sum(at[0] for at in near) / len(near), sum(at[1] for at in near) / len(near), len(near))
            for near in sorted(places.values(), key=lambda near: -len(near))
        ),
    )


class Kept:
    """Outlines by a key that changes with the series: facts of a media never change once it is known."""

    def __init__(self) -> None:
        self._outlines: dict[Hashable, Outline] = {}
        self._by_members: dict[bytes, Outline] = {}
        self._lock = threading.Lock()
        self._making = threading.Lock()

    def of(
        self, keys: Sequence[Hashable], members: Callable[[], Mapping[Hashable, Sequence[str]]]
    ) -> dict[Hashable, Outline]:
        """Outlines by key; `members` (of each key) is asked only where one is not known yet."""
        known = self._known(keys)
        if len(known) == len(set(keys)):
            return known
        # One at a time: after a grouping, every page would otherwise read the facts of all media at once.
        with self._making:
            known = self._known(keys)
            missing = [key for key in keys if key not in known]
            if missing:
                known |= self._made(missing, members())
        return known

    def forget(self) -> None:
        """Ask for members anew: series changed in a way that a key may not show.

        Outlines of series whose members stayed the same are found again by those.
        """
        with self._lock:
            self._outlines.clear()

    def _known(self, keys: Sequence[Hashable]) -> dict[Hashable, Outline]:
        with self._lock:
            return {key: self._outlines[key] for key in keys if key in self._outlines}

    def _made(
        self, missing: Sequence[Hashable], held: Mapping[Hashable, Sequence[str]]
    ) -> dict[Hashable, Outline]:
        digests = {key: hashlib.sha256("".join(sorted(held[key])).encode()).digest() for key in missing}
        new = [key for key in missing if digests[key] not in self._by_members]
        if new:
            facts = catalogue().facts_of([one for key in new for one in held[key]], NAMES)
            fresh = {digests[key]: outline(held[key], facts) for key in new}
            if len(self._by_members) + len(fresh) > KEPT_AT_MOST:
                self._by_members = {}
            self._by_members |= fresh
        made = {key: self._by_members[digests[key]] for key in missing if digests[key] in self._by_members}
        with self._lock:
            if len(self._outlines) + len(made) > KEPT_AT_MOST:
                self._outlines.clear()
            self._outlines.update(made)
        return made


kept = Kept()
