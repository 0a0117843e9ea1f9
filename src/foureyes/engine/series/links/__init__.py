"""Kinds of links, one file each. They state reasons and their strength; they never group."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from foureyes.engine.model import Link, Linkable, MediaKind, NearPair
from foureyes.engine.series.calibration import Calibration, shipped
from foureyes.engine.series.links.around import Survey
from foureyes.engine.series.links.base import NO_SIGNALS, LinkEvidence, LinkMaker, Signals
from foureyes.engine.series.links.columns import Columns
from foureyes.engine.series.links.corpus import Corpus, Counting, Traits, Wanted, traits_of
from foureyes.engine.series.links.moments import holder
from foureyes.engine.series.links.neighbours import in_file_order
from foureyes.engine.series.links.same_camera import SameCamera
from foureyes.engine.series.links.same_maker_traces import SameMakerTraces
from foureyes.engine.series.links.same_owner import SameOwner
from foureyes.engine.series.links.same_picture import SamePicture
from foureyes.engine.series.links.same_place_time import SamePlaceAndTime
from foureyes.engine.series.links.same_scene import SameScene
from foureyes.engine.series.links.same_sensor import SameSensor
from foureyes.engine.series.links.same_session import SameSession
from foureyes.engine.series.links.same_sound import SameSound
from foureyes.engine.series.links.same_source import SameSource
from foureyes.engine.series.links.same_text import SameText
from foureyes.engine.series.links.same_view import SameView
from foureyes.engine.series.links.shots import Shot, shot_of

LINKS: tuple[LinkMaker, ...] = (
    SamePicture(),
    SameView(),
    SameScene(),
    SameCamera(),
    SameSensor(),
    SamePlaceAndTime(),
    SameSession(),
    SameOwner(),
    SameText(),
    SameMakerTraces(),
    SameSource(),
    SameSound(),
)
"""Every kind, in the order in which reasons are told."""

ONE_FRAME = 3.5
"""What a view says of two films at most where it was found in one frame of each only: title cards, idents and
stock shots are in many. One that is found again and again, in step, is of the films themselves."""

GROUP_OF = {maker.name: maker.group for maker in LINKS}
"""Which independent group a kind of link belongs to."""

__all__ = [
    "GROUP_OF",
    "LINKS",
    "NO_SIGNALS",
    "Columns",
    "Corpus",
    "Counting",
    "LinkEvidence",
    "LinkMaker",
    "Signals",
    "Survey",
    "Traits",
    "Wanted",
    "counted",
    "evidence",
    "propose",
    "traits_of",
]


def evidence(
    linkable: Iterable[Linkable],
    near: Iterable[NearPair],
    signals: Signals = NO_SIGNALS,
    calibration: Calibration | None = None,
    corpus: Corpus | None = None,
    new: frozenset[str] | None = None,
) -> LinkEvidence:
    """Bring what linking is given into one order, whatever order it came in.

    Args:
        linkable: all media; or of a batch the `new` ones and what is around them.
        near: pairs that matching found among them.
        signals: what dearer signals found.
        calibration: of strengths; the shipped one, if not given.
        corpus: counts over all that is held; over `linkable`, if not given.
        new: see `LinkEvidence`.
    """
    media = {one.sha256: one for one in sorted(linkable, key=lambda one: one.sha256)}
    shots = {sha256: shot_of(one) for sha256, one in media.items()}
    ordered = sorted(near, key=lambda pair: (pair.a, pair.b, pair.at_a, pair.at_b))
    return LinkEvidence(
        media,
        shots,
        ordered,
        in_file_order(media),
        signals.sorted(),
        calibration or shipped(),
        corpus=corpus or counted(media.values(), shots, ordered),
        new=new,
    )


def counted(media: Iterable[Linkable], shots: Mapping[str, Shot], near: Iterable[NearPair]) -> Corpus:
    """The counts over some media, of which each shot was read."""
    counting = Counting()
    for one in media:
        counting.add(traits_of(one, shots[one.sha256]))
    suspects = set(counting.suspects().tolist())
    pairs = ((holder(one.a), holder(one.b)) for one in near) if suspects else ()
    return counting.corpus(pair for pair in pairs if suspects.issuperset(pair))


def propose(given: LinkEvidence) -> tuple[Link, ...]:
    """Links of every kind that is not switched off, as strong as the calibration bears out."""
    makers = (maker for maker in LINKS if maker.name not in given.off)
    said = ((maker, link) for maker in makers for link in maker.propose(given))
    lasting = {(view.a, view.b) for view in given.signals.views if view.moments > 1}
    links = [_corrected(link, maker, given, lasting) for maker, link in said]
    of_one_camera = {(link.a, link.b) for link in links if GROUP_OF[link.kind] == "sensor"}
    return tuple(
        link
        for link in links
        if link.strength > 0
        and given.asks(link.a, link.b)
        and not (link.kind == SameScene.name and _is_idle(link, of_one_camera, given))
    )


def _is_idle(link: Link, of_one_camera: Collection[tuple[str, str]], given: LinkEvidence) -> bool:
    """Whether two pictures that look alike are of one camera: whoever holds it photographs one kind of room.

    Added to what the camera says, it joined two places of the development set by 5.1.
    """
    serial = given.shots[link.a].serial
    return (link.a, link.b) in of_one_camera or (bool(serial) and serial == given.shots[link.b].serial)


def _corrected(
    link: Link, maker: LinkMaker, given: LinkEvidence, lasting: Collection[tuple[str, str]]
) -> Link:
    cap = maker.cap
    films = all(given.media[end].kind is MediaKind.VIDEO for end in (link.a, link.b))
    if maker.group == "scene" and films and (link.a, link.b) not in lasting:
        cap = min(cap, ONE_FRAME)
    strength = min(given.calibration.corrected(link.kind, link.strength), cap)
    return link if strength == link.strength else replace(link, strength=strength)
