"""Whether two films share a view for longer than a moment: found again at other moments, in step.

A title card, an ident or a stock shot is in many films for some seconds; a copy that was cropped, framed or
painted over shows the other film's picture all along. It starts from one moment, and looks for no candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from foureyes.engine.steps.looks import NEAR_SECONDS, Look

MOMENTS = 8
"""Further moments that are compared, evenly over all that both films have in step."""
APART = 2.0
"""Seconds that the moments found must span at least."""
TENTH = 0.1
"""Of the shorter film that they must span, as same-picture asks of films that link."""
HALF = 0.5
"""Of the moments compared that must be found: an opening of films is less of any of them."""


def in_step(
    a: Sequence[Look], b: Sequence[Look], at: tuple[float, float], at_most: int = MOMENTS
) -> list[tuple[Look, Look]]:
    """Looks of two films that are as far from a moment of each; those of the moment itself are left out."""
    if not b:
        return []
    pairs = []
    for one in sorted(a, key=lambda look: look.at_seconds):
        due = one.at_seconds - at[0] + at[1]
        other = min(b, key=lambda look: abs(look.at_seconds - due))
        off = abs(other.at_seconds - due)
        if off <= NEAR_SECONDS and abs(one.at_seconds - at[0]) > NEAR_SECONDS:
            pairs.append((one, other))
    step = max(1.0, len(pairs) / at_most)
    return [pairs[int(number * step)] for number in range(min(at_most, len(pairs)))]


def moments(
    a: Sequence[Look],
    b: Sequence[Look],
    at: tuple[float, float],
    shorter: float,
    found: Callable[[Iterable[tuple[Look, Look]]], Sequence[bool]],
) -> int:
    """At how many moments the films show one view; 1 where that is too few of them, or too short.

    Args:
        a: looks of one film.
        b: of the other.
        at: the moment of each at which it was found.
        shorter: seconds of the shorter film.
        found: of pairs of looks, which show one view.
    """
    tried = in_step(a, b, at)
    hits = [one.at_seconds for (one, _), seen in zip(tried, found(tried), strict=True) if seen]
    times = [at[0], *hits]
    enough = len(times) >= HALF * (1 + len(tried))
    lasts = max(times) - min(times) >= max(APART, TENTH * shorter)
    return len(times) if enough and lasts else 1
