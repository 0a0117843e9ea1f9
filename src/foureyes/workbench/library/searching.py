"""What is held that is the same picture as a question, for one viewer.

Whatever the viewer may not see is neither given nor counted, nor does it lead to anything else. Records
nothing (`actions.search` does).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from foureyes.engine.matching import LEAST_QUALITY
from foureyes.engine.model import HeldMatch
from foureyes.workbench.access.rules import MediaAsked, Scope, scope_of
from foureyes.workbench.library.holdings import catalogue, same_pictures
from foureyes.workbench.library.questions import FRAMES_AT_MOST, Question
from foureyes.workbench.library.reach import series_ids_of

SHOWN_AT_MOST = 100
LOOKED_THROUGH = 1_000
"""Media that one question is answered with; a popular picture has more copies, and nobody reads them all."""
LOOKED_THROUGH_FOR_OTHERS = 10_000
"""For officers who see part of what is held: what they may not see must not crowd out what they may."""
RADIUS = 31
"""Bits of 256 that differ at most, unless asked otherwise: that of linking."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One media that is the same picture."""

    sha256: str
    distance_bits: int
    """Of 256."""
    orientation: int = 0
    """0 to 7: how the question must be turned to meet it."""
    at_seconds: float = 0.0
    same_file: bool = False
    """Byte for byte."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one search found, of what the viewer sees."""

    hits: Sequence[Hit]
    """The nearest, at most `SHOWN_AT_MOST`."""
    found: int
    """Media in all, those that are set aside left out."""
    set_aside: int
    """Media besides that hash lists set aside."""


def answer(viewer: object, question: Question, radius: int) -> Answer:
    """Everything held that is the same file or, within `radius` bits, the same picture."""
    scope = scope_of(viewer)
    best = {sha256: Hit(sha256, 0, same_file=True) for sha256 in _same_files(scope, question)}
    values = [*question.pdq, *_values_of(best)]
    at_most = LOOKED_THROUGH if scope.everything else LOOKED_THROUGH_FOR_OTHERS
    for matches in same_pictures(values, radius, at_most) if values else []:
        for match in matches:
            if _better(match, best.get(match.sha256)) and scope.covers(_asked(match)):
                best[match.sha256] = Hit(
                    match.sha256, match.distance_bits, match.orientation, match.at_seconds
                )
    aside = catalogue().irrelevant_among(best)
    hits = sorted((hit for hit in best.values() if hit.sha256 not in aside), key=_nearest_first)
    return Answer(hits[:SHOWN_AT_MOST], len(hits), len(aside))


def _same_files(scope: Scope, question: Question) -> list[str]:
    """Media with the digests of the question; the surest digest that is known decides."""
    held = catalogue()
    for kind, value in question.digests.items():
        found = held.by_digest(kind, value)
        if found:
            return [one for one in found if scope.covers(MediaAsked(one, series_ids_of(one)))]
        if len(question.digests) > 1:
            break  # all are of one file: what is not there by SHA-256 is not there by another
    return []


def _values_of(sha256s: Iterable[str]) -> list[bytes]:
    """Fingerprints of held media that are sure enough to be compared; of a video some, spread over it."""
    found = []
    for sha256 in sha256s:
        table = catalogue().fingerprints("pdq", owners=[sha256])
        sure = np.flatnonzero(table.quality >= LEAST_QUALITY)
        step = max(1, -(-len(sure) // FRAMES_AT_MOST))
        found += [table.values[row].tobytes() for row in sure[::step]]
    return found


def _asked(match: HeldMatch) -> MediaAsked:
    return MediaAsked(match.sha256, frozenset(() if match.series_id is None else (match.series_id,)))


def _better(match: HeldMatch, known: Hit | None) -> bool:
    if known is None:
        return True
    return not known.same_file and (match.distance_bits, match.orientation) < (
        known.distance_bits,
        known.orientation,
    )


def _nearest_first(hit: Hit) -> tuple[bool, int, int, str]:
    return not hit.same_file, hit.distance_bits, hit.orientation, hit.sha256
