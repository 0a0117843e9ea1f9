"""Two media show one picture: a copy, an edit, a turned one, a negative, a still or clip of a film.

It rests on PDQ alone, and only on what matching has already found within its radius. Films link by how much
of them is shared: a clip that shares one passing frame with another is a hint, not a link.
"""

from __future__ import annotations

from collections.abc import Iterator

from foureyes.engine.model import Link, Linkable, MediaKind, NearPair, SharedFrames
from foureyes.engine.series.links.base import LinkEvidence

_TURNED = (
    "",
    ", rotated by 90 degrees",
    ", rotated by 180 degrees",
    ", rotated by 270 degrees",
    ", flipped top to bottom",
    ", mirrored",
    ", mirrored on a diagonal",
    ", mirrored on a diagonal",
    ", as a negative",
)
_NEGATIVE = 8
_AS_NEGATIVE = 4.9
"""Strength at most of a negative: stripes and checks that lie half a period further are the negative of
themselves, so one such pair joins no two grown groups."""

_DIGITS = 12
"""Of a SHA-256, as the command shows media."""
_BITS = 256
_RADIUS = 31
_AT_RADIUS = 4.0
"""Strength at 31 bits. Chance says far more (unrelated pairs of quality 50 are 128 bits apart with deviation
8); what limits it is pictures alike by make, such as forms and screens."""
_PLAIN = 4.0
"""Equal thumbnails say that the pixels are equal; a plain picture may still be a scan of any empty page. It
links two, and never joins grown groups."""
_PASSING_FRAME = 2.5
"""Strength where films share one frame: shown to people, and joins only with other evidence."""
_TENTH, _HALF = 0.1, 0.5
"""Of the film that shares more of itself. From a tenth on films link, for one opening or title is less of any
film of a minute; beyond half they are worth what two pictures are: no opening is half of a film, and of two
films that share nothing no compilation has more than half in each. Every re-encoded or cut film measured
shared 88 to 100 %, one under a large drawing 6 to 19 %."""
_OF_A_PART = 4.9
"""Strength at most of up to half a film, and of a still, which is a moment of it: a compilation shows moments
of two series, and one such pair joins no two grown groups."""
_SHARED_AT_LEAST = 2
_IN_STEP_AT_LEAST = 8
"""Frames in step from which the stretch that they span counts as shared, with the frames between them that a
drawing or subtitles spoil: two or three frames run in step by chance where little moves."""


class SamePicture:
    """Member of the link family."""

    name = "same-picture"
    version = 3
    group = "pixels"
    cap = 6.0

    def propose(self, evidence: LinkEvidence) -> Iterator[Link]:
        """One link for each two media that matching found near, by their strongest pair."""
        best: dict[tuple[str, str], Link] = {}
        for pair in evidence.near:
            if pair.a != pair.b and pair.a in evidence.media and pair.b in evidence.media:
                link = self._link(evidence.media[pair.a], evidence.media[pair.b], pair)
                held = best.get((link.a, link.b))
                if held is None or link.strength > held.strength:
                    best[link.a, link.b] = link
        for key in sorted(best):
            yield best[key]

    def _link(self, a: Linkable, b: Linkable, pair: NearPair) -> Link:
        most = _AS_NEGATIVE if pair.orientation == _NEGATIVE else self.cap
        strength = _by_bits(most, pair.distance_bits)
        words = f"{pair.distance_bits} of {_BITS} bits differ{_TURNED[pair.orientation]}"
        videos = [side for side in (a, b) if side.kind is MediaKind.VIDEO]
        if pair.plain:
            strength = _PLAIN
            words = f"too plain to compare, but of one size and with one thumbnail; {words}"
        elif len(videos) == 1:
            at = pair.at_a if videos[0].sha256 == pair.a else pair.at_b
            strength = _by_bits(min(most, _OF_A_PART), pair.distance_bits)
            words = f"still matches the clip at {_clock(at)}: {words}"
        elif videos and pair.shared is not None:
            strength = _strength_of_films(pair.shared, most, pair.distance_bits)
            words = f"{_shared_words(pair.shared, pair)}; nearest frames: {words}"
        return Link(a.sha256, b.sha256, self.name, round(strength, 2), words, self.version)


def _by_bits(most: float, bits: int) -> float:
    """From what no bit apart is worth down to what the radius is."""
    return most - (most - _AT_RADIUS) * bits / _RADIUS


def _strength_of_films(shared: SharedFrames, most: float, bits: int) -> float:
    """From a passing frame's over what a tenth and half are worth to that of one picture."""
    if min(shared.of_a, shared.of_b) == 1:
        return _by_bits(most, bits)
    if min(shared.seen_a, shared.seen_b) < _SHARED_AT_LEAST:
        return _PASSING_FRAME
    share = _share(shared)
    if share < _TENTH:
        return _PASSING_FRAME + (_AT_RADIUS - _PASSING_FRAME) * share / _TENTH
    if share > _HALF:
        return _by_bits(most, bits)
    of_half = _by_bits(min(most, _OF_A_PART), bits)
    return _AT_RADIUS + (of_half - _AT_RADIUS) * (share - _TENTH) / (_HALF - _TENTH)


def _share(shared: SharedFrames) -> float:
    """How much of the one that shares more: of its frames and of its time, whichever is less.

    A still shot is one frame for minutes, a moving one four hundred in seconds: neither alone may decide.
    """
    in_frames = max(shared.seen_a / max(1, shared.of_a), shared.seen_b / max(1, shared.of_b))
    by_frames = min(in_frames, max(shared.share_a, shared.share_b))
    runs = [one for one in shared.stretches if one.frames >= _IN_STEP_AT_LEAST]
    in_step = max(
        sum(one.a_to - one.a_from for one in runs) / max(shared.seconds_a, 1e-9),
        sum(one.b_to - one.b_from for one in runs) / max(shared.seconds_b, 1e-9),
    )
    return min(1.0, max(by_frames, in_step))


def _shared_words(shared: SharedFrames, pair: NearPair) -> str:
    """Such as: 62 % of 13e290f217e1 is in ab25d9b0652a, 0:10-0:25 at 1:10-1:25; 8 % of ab25d9b0652a.

    Films go by the first digits of their SHA-256: whoever shows a link may show either of them first.
    """
    a, b = pair.a[:_DIGITS], pair.b[:_DIGITS]
    words = f"{_percent(shared.share_a)} of {a} is in {b}"
    if shared.stretches:
        places = [
            f"{_clock(one.a_from)}-{_clock(one.a_to)} at {_clock(one.b_from)}-{_clock(one.b_to)}"
            for one in shared.stretches
        ]
        words += f", {', '.join(places)}"
    else:
        words += f", {_clock(pair.at_a)} at {_clock(pair.at_b)}"
    frames = min(shared.seen_a, shared.seen_b)
    return f"{words}; {_percent(shared.share_b)} of {b} ({frames} {'frame' if frames == 1 else 'frames'})"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %" if share >= 0.01 else "under 1 %"  # noqa: PLR2004 - one per cent


def _clock(seconds: float) -> str:
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
