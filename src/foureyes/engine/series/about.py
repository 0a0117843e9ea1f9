"""What a list says of one series beside its size: its span of time, its cameras, its places.

Made from stated facts alone; it neither links nor judges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from foureyes.engine.model import Fact, FactName, Origin

ABOUT = (
    FactName.CAPTURED_AT,
    FactName.CAMERA_MAKER,
    FactName.CAMERA_MODEL,
    FactName.BODY_SERIAL,
    FactName.LATITUDE,
    FactName.LONGITUDE,
)
"""The facts that are needed."""

PLACE_DIGITS = 3
"""Decimals of a degree: about 100 metres, near enough to be one place in a list."""


@dataclass(frozen=True, slots=True)
class About:
    """Stated facts of a series, each as it is shown."""

    first: str
    """Earliest capture time as stated, empty where none is."""
    last: str
    cameras: tuple[str, ...]
    """Maker, model and serial, the commonest first."""
    places: tuple[str, ...]
    """Degrees north and east, the commonest first."""

    @property
    def span(self) -> str:
        """First and last day, one day alone, or nothing."""
        first, last = self.first[:10], self.last[:10]
        return first if first == last else f"{first} to {last}"


def about(facts: Mapping[str, Sequence[Fact]]) -> About:
    """Sum up the facts of a series' members, by SHA-256."""
    times: list[str] = []
    cameras: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for stated in facts.values():
        by_name = {one.name: one.value for one in reversed(stated)}  # the first stated counts
        if FactName.CAPTURED_AT in by_name:
            times.append(str(by_name[FactName.CAPTURED_AT]))
        if camera := _camera(by_name):
            cameras[camera] += 1
        places.update(_places(stated))
    return About(
        first=min(times, default=""),
        last=max(times, default=""),
        cameras=tuple(name for name, _ in cameras.most_common()),
        places=tuple(name for name, _ in places.most_common()),
    )


def _camera(by_name: Mapping[FactName, object]) -> str:
    maker = str(by_name.get(FactName.CAMERA_MAKER, "")).strip()
    model = str(by_name.get(FactName.CAMERA_MODEL, "")).strip()
    serial = str(by_name.get(FactName.BODY_SERIAL, "")).strip()
    name = model if model.lower().startswith(maker.lower()) else f"{maker} {model}".strip()
    return f"{name} no. {serial}" if name and serial else name


def _places(facts: Iterable[Fact]) -> set[str]:
    """Positions of one media, rounded; latitude and longitude of one origin belong together."""
    north: dict[Origin, float] = {}
    east: dict[Origin, float] = {}
    for one in facts:
        if one.name is FactName.LATITUDE:
            north[one.origin] = float(one.value)
        elif one.name is FactName.LONGITUDE:
            east[one.origin] = float(one.value)
    return {
        f"{north[who]:.{PLACE_DIGITS}f}, {east[who]:.{PLACE_DIGITS}f}" for who in north.keys() & east.keys()
    }
