"""A machine's name for a series, made of what holds it: camera, day, place, or the copied file.

Facts are hostile text: what is not printable is dropped and the rest is cut. People's names are not its
business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath

from foureyes.engine.model import Link, MediaKind
from foureyes.engine.series.links.base import LinkEvidence
from foureyes.engine.series.links.shots import Shot

_LONGEST = 60
_MOST = 0.5
_HELD_BY = {"same-picture": "copies of", "same-view": "views of"}
"""By the kind of link that says most of all."""


def name_of(members: Sequence[str], links: Iterable[Link], given: LinkEvidence) -> str:
    """Such as `Canon EOS 600D, 26 Feb 2015` or `copies of bridge.jpg`, `views of box.jpg`."""
    shots = [given.shots[member] for member in members]
    parts = [part for part in (_camera(shots), _days(shots), _place(shots)) if part]
    if parts and (_camera(shots) or _place(shots)):
        return ", ".join(parts)
    said: Counter[str] = Counter()
    for link in links:
        said[link.kind] += round(100 * link.strength)
    word = _HELD_BY.get(said.most_common(1)[0][0] if said else "same-picture", "media with")
    if any(given.media[member].kind is MediaKind.VIDEO for member in members):
        word = "clip and stills of" if word == "copies of" else word
    return f"{word} {_file(members, given)}"


def _camera(shots: Sequence[Shot]) -> str:
    """The camera of most members, where there is one."""
    count = Counter(shot.camera for shot in shots if shot.model)
    if not count:
        return ""
    camera, times = min(count.items(), key=lambda item: (-item[1], item[0]))
    return _clean(camera) if times > _MOST * len(shots) else ""


def _days(shots: Sequence[Shot]) -> str:
    taken = sorted(shot.taken for shot in shots if shot.taken is not None)
    if len(taken) <= _MOST * len(shots):
        return ""
    first, last = (datetime.fromtimestamp(moment, UTC) for moment in (taken[0], taken[-1]))
    if first.date() == last.date():
        return f"{first.day} {first:%b %Y}"
    return f"{first.day} {first:%b %Y} to {last.day} {last:%b %Y}"


def _place(shots: Sequence[Shot]) -> str:
    """Latitude and longitude to about a kilometre, where most members state one."""
    placed = sorted(
        (shot.latitude or 0.0, shot.longitude or 0.0) for shot in shots if shot.latitude is not None
    )
    if len(placed) <= _MOST * len(shots):
        return ""
    latitude, longitude = placed[len(placed) // 2]
    return (
        f"{abs(latitude):.2f} {'N' if latitude >= 0 else 'S'} "
        f"{abs(longitude):.2f} {'E' if longitude >= 0 else 'W'}"
    )


def _file(members: Sequence[str], given: LinkEvidence) -> str:
    """The shortest file name among the members: edits tend to add to it."""
    names = {_clean(PurePosixPath(path).name) for member in members for path in given.media[member].paths}
    return min(names - {""}, key=lambda name: (len(name), name), default="unnamed files")


def _clean(untrusted_text: str) -> str:
    return "".join(one for one in untrusted_text if one.isprintable()).strip()[:_LONGEST]
