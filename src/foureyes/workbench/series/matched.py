"""Matched points of two media that are looked at side by side, as verification found them.

Gives places and words, never a pixel, and decides nothing about who may see the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foureyes.engine import pipeline
from foureyes.engine.model import MediaKind, ViewPair
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.queries import LookedAt
from foureyes.workbench.library.reach import MARK_LENGTH

NEAR_SECONDS = 0.75
"""A frame of a film so near to the one that was compared shows the points where they are."""
ONE_PER_CENT = 0.01


@dataclass(frozen=True, slots=True)
class Moment:
    """One of the two: a picture, or a film at a second."""

    looked_at: LookedAt
    at_seconds: float

    @property
    def sha256(self) -> str:
        """Of the media."""
        return self.looked_at.sha256

    @property
    def named(self) -> str:
        """As addresses of compare name it."""
        mark = self.sha256[:MARK_LENGTH]
        return f"{mark}@{self.at_seconds:.3f}" if self.at_seconds else mark

    def shows(self, at_seconds: float) -> bool:
        """Whether what is looked at is the frame that was compared."""
        film = self.looked_at.media.kind is MediaKind.VIDEO
        return not film or abs(self.at_seconds - at_seconds) <= NEAR_SECONDS

    def at(self, at_seconds: float) -> Moment:
        """The same film at another second."""
        film = self.looked_at.media.kind is MediaKind.VIDEO
        return Moment(self.looked_at, round(at_seconds, 3) if film else 0.0)


@dataclass(frozen=True, slots=True)
class Matched:
    """What is known of the points of two media."""

    state: str
    """found, nothing, or unknown where the two were never compared."""
    words: str = ""
    points: Sequence[tuple[float, float, float, float]] = ()
    """x and y in the first, x and y in the second, 0 to 1 from the upper left."""
    moments: tuple[Moment, Moment] | None = None
    """Where the points are of other frames than those that are looked at: those. Then none are drawn."""


def matched(first: Moment, second: Moment) -> Matched:
    """What an earlier verification came to."""
    view = pipeline.view_of(catalogue(), first.sha256, second.sha256)
    if view is not None:
        return of_view(view, first, second)
    if pipeline.was_viewed(catalogue(), first.sha256, second.sha256):
        return Matched("nothing", nothing())
    return Matched("unknown")


def of_view(view: ViewPair, first: Moment, second: Moment) -> Matched:
    """The points as they lie in the two, in their order."""
    turned = view.a != first.sha256
    at_first, at_second = (view.at_b, view.at_a) if turned else (view.at_a, view.at_b)
    points = [(u, v, x, y) if turned else (x, y, u, v) for x, y, u, v in view.points]
    words = _words(view, turned=turned)
    if first.shows(at_first) and second.shows(at_second):
        return Matched("found", words, points)
    return Matched("found", words, points, (first.at(at_first), second.at(at_second)))


def nothing() -> str:
    """What is said of two that were compared in vain."""
    return _("They were compared, and no surface of one was found in the other.")


def _words(view: ViewPair, *, turned: bool) -> str:
    shares = (view.share_b, view.share_a) if turned else (view.share_a, view.share_b)
    said = ngettext(
        "%(count)s point agrees over %(first)s and %(second)s",
        "%(count)s points agree over %(first)s and %(second)s",
        view.inliers,
    ) % {"count": view.inliers, "first": _percent(shares[0]), "second": _percent(shares[1])}
    more = []
    if view.mirrored:
        more.append(_("mirrored"))
    if view.fixed:
        more.append(_("all at the same place of both: a logo or a frame, no view"))
    if view.hidden:
        without = ngettext(
            "without %(count)s hidden region (%(why)s)",
            "without %(count)s hidden regions (%(why)s)",
            view.hidden,
        )
        more.append(without % {"count": view.hidden, "why": view.hidden_why})
    if view.small:
        more.append(_("seen by a thumbnail, as the original is not at hand"))
    return ", ".join([said, *more])


def _percent(share: float) -> str:
    return f"{round(share * 100)} %" if share >= ONE_PER_CENT else "< 1 %"
