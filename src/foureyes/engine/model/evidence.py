"""What comparing two media came to, one record for each signal: `series` makes links of them.

Media are named by their SHA-256; `a` < `b` in every record. Times are seconds of a film, 0 for a picture.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScenePair:
    """Two media whose scene vectors are near: they may show one room. Never a reason alone."""

    a: str
    b: str
    cosine: float
    """Of the nearest two vectors, -1 to 1."""
    at_a: float = 0.0
    at_b: float = 0.0
    model: str = ""
    """Kind of the fingerprint that was compared."""
    refuted: bool = False
    """They were compared point by point, and no surface of one was found in the other."""
    as_shipped: float | None = None
    """By another network than the shipped one: the cosine by which that would put the pair in its place."""

    @property
    def likeness(self) -> float:
        """By this pairs of several networks are put in order."""
        return self.cosine if self.as_shipped is None else self.as_shipped


MatchedPoint = tuple[float, float, float, float]
"""One place in both pictures: x and y in `a`, x and y in `b`, 0 to 1 from the upper left."""


@dataclass(frozen=True, slots=True)
class ViewPair:
    """Two media in which the same surface was found, point by point."""

    a: str
    b: str
    method: str
    """Local features that were compared: xfeat, sift."""
    inliers: int
    """Points that agree with one movement of the camera."""
    share_a: float
    """Share of picture `a` that those points span, 0 to 1."""
    share_b: float
    covers: float = 0.0
    """Share that they span of all that both would show, were one movement true of all they show."""
    agrees: float = 1.0
    """Of the cells within that span where both pictures have something to match, the share that matches."""
    mirrored: bool = False
    fixed: bool = False
    """All points lie at the same place of both pictures: a logo, a frame, an overlay; not a view."""
    alone: bool = False
    """Found by one kind of features only, which repeated patterns fool."""
    unsure: bool = False
    """The points may lie on windows or forms of one kind, or on what stays around other things."""
    moments: int = 1
    """Of two films: at how many moments, in step, it was found; 1 where it may be a shot that both have."""
    points: tuple[MatchedPoint, ...] = ()
    """Some of the points, well spread, to be drawn."""
    homography: tuple[float, ...] = ()
    """3 x 3 row by row, from `a` to `b` in the same units as the points; empty where there is none."""
    at_a: float = 0.0
    at_b: float = 0.0
    small: bool = False
    """One of them at least was looked at by its thumbnail: the original was not at hand."""
    hidden: int = 0
    """Regions of both that did not count, such as persons."""
    hidden_why: str = ""
    """What is in them."""


@dataclass(frozen=True, slots=True)
class SensorPair:
    """Two media compared by the noise of the sensor that took them."""

    a: str
    b: str
    pce: float
    """Peak-to-correlation energy with the sign of the peak."""
    pixels: int
    """Pixels that were compared."""


Corners = tuple[tuple[float, float], ...]
"""Four corners from the upper left on, clockwise: x and y, 0 to 1 from the upper left of the picture."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text that was read in a picture."""

    text: str
    """As it was read: untrusted, for it stands in a picture."""
    sure: float
    """How sure the reader is of each letter at the mean, 0 to 1."""
    place: Corners
    at_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class TextPair:
    """Two media in which the same text stands."""

    a: str
    b: str
    text: str
    """The line that says most of what they share, as it was read in `a`."""
    letters: int
    """Of what they share, beyond what two texts share by chance."""
    holders: int
    """Different pictures in which it stands."""
    place_a: Corners
    place_b: Corners
    others: int = 0
    """Further lines that they share."""
    fixed: bool = False
    """It stands at the same place of both frames, as what is laid over a picture does."""
    at_a: float = 0.0
    at_b: float = 0.0


@dataclass(frozen=True, slots=True)
class SoundPair:
    """Two films with a stretch of the same sound. Never a reason alone."""

    a: str
    b: str
    bit_error: float
    """Share of bits of the sub-fingerprints that differ along the stretch, 0 to 1."""
    seconds: float
    """How long the stretch is."""
    at_a: float = 0.0
    at_b: float = 0.0
    share: float = 0.0
    """Of the film that shares more of its sound, how much, 0 to 1."""
    holders: int = 2
    """Films in which it was found, these two among them, copies counted once: the more, the less it says."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome of one dear comparison, kept so that it is not made again."""

    a: str
    b: str
    kind: str
    """What was compared, and how: view, sensor."""
    version: int
    score: float
    """0 where nothing came of it."""
    detail: bytes = b""
    """The rest of the record as the kind's step writes and reads it, a few kilobytes at most."""


@dataclass(frozen=True, slots=True)
class RegionMatch:
    """A media in which the thing inside a region was found again."""

    sha256: str
    inliers: int
    """Points of the thing that agree."""
    place: tuple[tuple[float, float], ...]
    """Its four corners in this media, from the upper left of the region on, 0 to 1; beyond where cut off."""
    at_seconds: float = 0.0
    mirrored: bool = False
    small: bool = False
    """Only the thumbnail could be looked at."""
