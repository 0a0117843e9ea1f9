"""Which pairs are worth asking a sensor about: media that something else links, of one model and no serial.

A sensor's word alone never links, so nobody is asked about that nothing else speaks for. Reads claims and
links; it never sees a pixel.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from foureyes.engine.model import FactName, Link, Linkable, MediaKind
from foureyes.engine.series import grouping
from foureyes.engine.series.constrained import ConstrainedGroups
from foureyes.engine.series.hubs import Edge
from foureyes.engine.series.links import GROUP_OF
from foureyes.engine.series.links.base import LinkEvidence
from foureyes.engine.series.links.shots import Shot
from foureyes.engine.series.links.traces import is_edited

TOGETHER = 8
"""Media of one body at most that speak together: from four flat pictures or eight others on, more add little
to a peak and a quarter of a processor second each."""
WORTH_ASKING = 1.0
"""Of other evidence: 3, which is the most that a sensor gives, makes 4 of it."""
SENSOR = "sensor"
SAME_CAMERA = "same-camera"


class Asked(NamedTuple):
    """One question to sensors."""

    a: str
    b: str
    """The pair between the two bodies that most speaks for; a < b."""
    of_a: tuple[str, ...]
    """Media taken to be of one body with `a`, itself the first."""
    of_b: tuple[str, ...]
    strength: float
    """Of what speaks for the pair without a sensor."""


def asked(given: LinkEvidence, links: Iterable[Link], side: int) -> list[Asked]:
    """Questions, the most worth first: pairs of bodies that other evidence brings near.

    Args:
        given: all media; what sensors said before is not looked at.
        links: all that was proposed of other kinds.
        side: pixels that the shorter side of a picture must have.
    """
    fit = [one for one in given.media.values() if is_original(one, side)]
    numbers = {one.sha256: number for number, one in enumerate(fit)}
    between = [one for one in links if one.a in numbers and one.b in numbers]
    bodies, families = ConstrainedGroups(len(fit)), [_family(one, given.shots) for one in fit]
    for link in between:
        a, b = numbers[link.a], numbers[link.b]
        if link.kind == SAME_CAMERA and link.strength >= grouping.LINKED and families[a] == families[b]:
            bodies.join(a, b)
    others = [one for one in between if GROUP_OF.get(one.kind) != SENSOR]
    best: dict[tuple[int, int], Edge] = {}
    for edge in grouping.edges_of(others, numbers):
        strength, a, b = edge
        if not WORTH_ASKING <= strength < grouping.STRONG or bodies.together(a, b):
            continue
        if families[a] == families[b] and _open(given.shots, fit[a], fit[b]):
            best.setdefault(_ordered(bodies.root(a), bodies.root(b)), edge)
    return _questions(fit, bodies, best)


def is_original(media: Linkable, side: int) -> bool:
    """Whether a picture has the size that its camera stated, and no program is named that edits pictures."""
    if media.kind is not MediaKind.PICTURE or media.format != "jpeg" or min(media.width, media.height) < side:
        return False
    sizes = {f"{media.width}x{media.height}", f"{media.height}x{media.width}"}
    stated = {str(one.value) for one in media.facts if one.name is FactName.STATED_SIZE}
    return bool(stated) and stated <= sizes and not is_edited(media)


def _family(media: Linkable, shots: Mapping[str, Shot]) -> tuple[str, str, int, int]:
    """Only media of one model and size are compared, lying or standing."""
    shot = shots[media.sha256]
    return (
        shot.maker.casefold(),
        shot.model.casefold(),
        min(media.width, media.height),
        max(media.width, media.height),
    )


def _open(shots: Mapping[str, Shot], a: Linkable, b: Linkable) -> bool:
    """Whether a model is stated, and serials leave it open whether the body is one."""
    one, other = shots[a.sha256], shots[b.sha256]
    return bool(one.model) and not (one.serial and other.serial)


def _ordered(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def _questions(
    fit: list[Linkable], bodies: ConstrainedGroups, best: Mapping[tuple[int, int], Edge]
) -> list[Asked]:
    """The strongest pair of each two bodies, with those that speak with it."""
    members: dict[int, list[int]] = defaultdict(list)
    wanted = {root for pair in best for root in pair}
    for number in range(len(fit)):
        if (root := bodies.root(number)) in wanted:
            members[root].append(number)

    def speaking(first: int) -> tuple[str, ...]:
        others = [one for one in members[bodies.root(first)] if one != first]
        return tuple(fit[one].sha256 for one in (first, *others[: TOGETHER - 1]))

    made = []
    for strength, one, other in best.values():
        a, b = sorted((one, other), key=lambda number: fit[number].sha256)
        made.append(Asked(fit[a].sha256, fit[b].sha256, speaking(a), speaking(b), strength))
    made.sort(key=lambda one: (-one.strength, one.a, one.b))
    return made
